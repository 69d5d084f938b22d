//! A campaign over real HTTP: ops are shown it and agree by a tap, it posts, a store sells out, it ends.

use zhanggui::decision::CampaignOrder;
use zhanggui::web::control::{self, Answer, OrderCampaign};

use crate::support::{Town, text_of};

const GIFTS: &str = r#"
[[campaign]]
id = "gifts"
title = "年货礼盒"
approval = { by = "ops" }
groups = { profiles = ["dealers"] }

[[campaign.step]]
id = "noon"
title = "午间"
cron = "0 12 * * *"
post = "greeting-rain"
"#;

impl Town {
    async fn with_campaign() -> Self {
        let mut town = Self::open().await;
        std::fs::create_dir_all(town.file("config/campaigns")).expect("a folder");
        std::fs::write(town.file("config/campaigns/test.toml"), "# nothing yet\n").expect("a file");
        let news = town.change_campaign(GIFTS).await;
        assert!(news.contains("新增活动「年货礼盒」"), "{news}");
        town
    }

    /// Ops hear what is new, and are shown what they are to agree to, with a card below it.
    async fn change_campaign(&mut self, text: &str) -> String {
        std::fs::write(self.file("config/campaigns/test.toml"), text).expect("a file");
        let mut texts = Vec::new();
        for _ in 0..3 {
            let sent = self.sent("message/send").await;
            assert_eq!(sent["touser"], "lin.yun", "{sent:#}");
            match sent["msgtype"].as_str() {
                Some("text") => texts.push(text_of(&sent).to_owned()),
                kind => assert_eq!(kind, Some("template_card"), "{sent:#}"),
            }
        }
        let shown = texts.iter().position(|text| text.starts_with("请看一下活动「年货礼盒」"));
        texts.remove(shown.expect("they are shown it"));
        texts.concat()
    }

    async fn order_campaign(&self, order: CampaignOrder) -> Answer {
        let asked = OrderCampaign { campaign: "gifts".into(), order, by: "lin.yun".into() };
        control::call(&self.file("bot"), "campaign", &asked).await.expect("answered")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_agree_by_a_tap_then_it_posts_until_it_is_sold_out() {
    let town = Town::with_campaign().await;
    let card = town.card("lin.yun").await;

    // Started again before the tap: nobody is asked twice.
    let mut town = town.close().await.open().await;
    town.tap("lin.yun", &card, "agree").await;
    let update = town.sent("message/update_template_card").await;
    assert!(update.to_string().contains("正在进行"), "{update:#}");
    town.clock_strikes(12, 0).await;
    let post = town.sent("appchat/send").await;
    assert!(text_of(&post).contains("雨"), "{post:#}");

    town.ask("lin.yun", "售罄 年货").await;
    assert_eq!(town.answered().await, "text");
    town.clock_strikes(12, 0).await;
    town.reason("scheduled_posts/ended").await;
    assert!(town.order_campaign(CampaignOrder::Restocked { store: None }).await.done);
    town.clock_strikes(12, 0).await;
    town.sent("appchat/send").await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_agreed_to_is_told_and_not_posted() {
    let mut town = Town::with_campaign().await;
    town.advance("65m").await;
    let reminder = town.told_ops().await;
    assert!(reminder.starts_with("提醒：活动「年货礼盒」"), "{reminder}");
    town.clock_strikes(12, 0).await;
    let told = town.told_ops().await;
    assert!(told.contains("还没有等到运营同意"), "{told}");

    // The words are changed after somebody has agreed: asked anew.
    let answer = town.order_campaign(CampaignOrder::Agree).await;
    assert!(answer.done && answer.told.contains("下一条"), "{answer:?}");
    let news = town.change_campaign(&GIFTS.replace("12 * * *", "13 * * *")).await;
    assert!(news.contains("年货礼盒·午间"), "{news}");
    town.clock_strikes(13, 0).await;
    let told = town.told_ops().await;
    assert!(told.contains("内容改过"), "{told}");
    let answer = town.order_campaign(CampaignOrder::End).await;
    assert!(answer.done, "{answer:?}");
    town.finish().await;
}
