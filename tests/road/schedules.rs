//! A post at its time: to the group where a hand can post, else to the owner, once, and with proof.

use serde_json::json;
use zhanggui::decision::Order;
use zhanggui::sim::world::{CHAOYANG, DEALERS};
use zhanggui::store::{PostRecord, PostStatus};
use zhanggui::web::control::{self, OrderSchedule};

use crate::support::{Town, text_of};

const EVERY_DAY: &str = r#"
[[schedule]]
id = "noon"
title = "午间问候"
cron = "0 12 * * *"
groups = { profiles = ["dealers", "direct-sale"] }
post = "greeting-rain"
missed = { catch_up_within = "30m" }
"#;

impl Town {
    async fn with_schedule(text: &str) -> Self {
        let mut town = Self::open().await;
        std::fs::create_dir_all(town.file("config/schedules")).expect("a folder");
        std::fs::write(town.file("config/schedules/test.toml"), "# nothing yet\n").expect("a file");
        let told = town.change_file("config/schedules/test.toml", |_| text.to_owned()).await;
        assert!(told.contains("新增排期「午间问候」"), "{told}");
        town
    }

    fn posts(&self) -> Vec<PostRecord> {
        let (from, to) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
        self.reader().posts(from, to, Some("noon")).expect("the journal can be read")
    }

    async fn outcome(&self, chat: &str, wanted: &str) -> PostStatus {
        let found = async || {
            let outcome =
                self.posts().iter().rev().find(|post| post.group.as_str() == chat)?.outcome().clone();
            (outcome.name() == wanted).then_some(outcome)
        };
        self.until(wanted, found).await
    }

    async fn order(&self, order: Order) {
        let asked = OrderSchedule { schedule: "noon".into(), order, by: "lin.yun".into() };
        let answer = control::call(&self.file("bot"), "schedule", &asked).await.expect("answered");
        assert!(answer.done, "{}", answer.told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_time_a_post_goes_out_once_and_the_owner_confirms_it() {
    let mut town = Town::with_schedule(EVERY_DAY).await;
    town.clock_strikes(11, 59).await;
    assert!(town.posts().is_empty());
    town.clock_strikes(12, 0).await;
    // The dealers' group hears it from the app at once.
    let post = town.sent("appchat/send").await;
    assert!(text_of(&post).contains("雨"), "{post:#}");
    town.outcome(DEALERS, "posted").await;
    // The customers' owner is asked to send it, after what goes to the same owner was gathered.
    town.advance("6s").await;
    let asked = town.sent("externalcontact/add_msg_template").await;
    assert_eq!(
        (&asked["chat_type"], &asked["chat_id_list"]),
        (&json!("group"), &json!([CHAOYANG])),
        "{asked:#}"
    );
    assert_eq!(town.outcome(CHAOYANG, "asked").await, PostStatus::Asked { whom: "王敏".into() });

    // Started again a few minutes later: the same occurrence.
    let mut town = town.close().await.open().await;
    town.advance("1m").await;
    town.ask("li.na", "早安").await;
    assert_eq!(town.answered().await, "text");
    assert_eq!(town.posts().len(), 2);

    let task = town.get("/sim/mass-sends").await["items"][0]["msgid"].as_str().expect("a task").to_owned();
    town.post(&format!("/sim/mass-sends/{task}/confirm"), json!({})).await;
    town.advance("5m").await;
    let PostStatus::PostedBy { name, .. } = town.outcome(CHAOYANG, "posted_by").await else { unreachable!() };
    assert_eq!(name, "王敏");
    town.skip(&["externalcontact/get_groupmsg_task", "externalcontact/get_groupmsg_send_result"]).await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pauses_it_hears_nothing_and_who_slept_is_told_once() {
    let mut town =
        Town::with_schedule(&EVERY_DAY.replace("\"dealers\", \"direct-sale\"", "\"dealers\"")).await;
    town.order(Order::Pause).await;
    town.clock_strikes(12, 0).await;
    town.outcome(DEALERS, "not_posted").await;
    assert_eq!(
        town.reasons("scheduled_posts/paused").await,
        2,
        "the order, and the group that heard nothing"
    );
    town.order(Order::Resume).await;

    // The machine sleeps over the next noon, and wakes too late.
    town.advance("26h").await;
    let told = town.told_ops().await;
    assert!(told.contains("午间问候") && told.contains("1 个群"), "{told}");
    town.clock_strikes(12, 0).await;
    let post = town.sent("appchat/send").await;
    assert!(text_of(&post).contains("雨"));
    assert_eq!(post["text"]["mentioned_list"], json!(null));
    town.finish().await;
}
