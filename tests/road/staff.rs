//! Staff ask for scripts: in private, and by mentioning the robot in their group.

use jiff::Timestamp;
use zhanggui::sim::world::STAFF;
use zhanggui::store::UsesBy;

use crate::support::{Town, text_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_keyword_in_private_is_answered_at_once() {
    let mut town = Town::open().await;
    for (keyword, expected) in [("早安", "山谷小铺朝阳店开门了"), ("早 安", "山谷小铺朝阳店开门了")]
    {
        town.ask("li.na", keyword).await;
        assert_eq!(town.answered().await, "text");
        let said = town.said_to("li.na").await;
        assert!(said.iter().any(|said| said.contains(expected)), "{keyword}: {said:#?}");
    }
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_of_two_parts_comes_as_two_messages_in_order() {
    let mut town = Town::open().await;
    town.ask("li.na", "煲汤").await;
    let (first, second) = (town.sent("message/send").await, town.sent("message/send").await);
    assert!(text_of(&first).contains("今天菌菇齐了"), "{first:#}");
    assert!(text_of(&second).contains("一个不会失手的汤"), "{second:#}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_staff_gets_no_script() {
    let mut town = Town::open().await;
    town.ask("wu.ming", "早安").await;
    assert_eq!(town.answered().await, "text");
    let said = town.last_said_to("wu.ming").await;
    assert!(said.contains("话术只提供给登记在门店里的伙伴") && !said.contains("开门了"), "{said}");
    town.reason("staff_scripts/not_staff").await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn help_lists_the_keywords_and_a_miss_offers_the_nearest() {
    let mut town = Town::open().await;
    town.ask("wang.min", "帮助").await;
    let (mut help, mut parts) = (String::new(), 0);
    // Longer than an answer may be, it comes as messages.
    while !help.contains("没列出来的发关键词就能找到") {
        parts += 1;
        help += text_of(&town.sent("message/send").await);
    }
    assert!(help.starts_with("发送关键词就能拿到话术") && help.contains("· 早安") && parts <= 3, "{help}");

    town.ask("wang.min", "早安安").await;
    assert_eq!(town.answered().await, "text");
    let said = town.last_said_to("wang.min").await;
    assert!(said.contains("您要的是不是") && said.contains("早安"), "{said}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_robot_answers_in_the_staff_group_when_it_is_mentioned() {
    let mut town = Town::open().await;
    town.say(STAFF, "li.na", "早安").await;
    town.mention(STAFF, "li.na", "早安").await;
    assert_eq!(town.answered().await, "stream");
    let group = town.group(STAFF).await;
    let messages = group["messages"].as_array().expect("a list");
    let by_bots: Vec<_> = messages.iter().filter(|message| message["by"] == "bot").collect();
    assert_eq!(by_bots.len(), 1, "only the mention is answered");
    let said = by_bots[0]["content"].as_str().expect("a text");
    assert!(said.contains("山谷小铺朝阳店开门了"), "{said}");

    town.join(STAFF, "wu.ming").await;
    town.mention(STAFF, "wu.ming", "早安").await;
    assert_eq!(town.answered().await, "stream");
    town.reason("staff_scripts/not_staff").await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offered_script_is_posted_once_and_counted() {
    let mut town = Town::open().await;
    town.ask("zhao.lei", "早安").await;
    assert_eq!(town.answered().await, "text");
    assert_eq!(town.sent("message/send").await["msgtype"], "template_card");
    let card = town.card("zhao.lei").await;
    // The card stays as it is, as on a phone that has no network: it can be tapped again.
    town.fault("message/update_template_card", "60020").await;
    town.tap("zhao.lei", &card, "group0").await;
    let mut calls =
        [town.next_call("the post and the card").await, town.next_call("the post and the card").await];
    calls.sort_by_key(|call| call["path"].as_str().map(str::to_owned));
    assert_eq!(calls[0]["path"], "/cgi-bin/appchat/send");
    assert!(text_of(&calls[0]["body"]).contains("山谷小铺通州店开门了"), "{calls:#?}");
    town.tap("zhao.lei", &card, "group0").await;
    let grey = town.sent("message/update_template_card").await;
    assert!(
        grey["button"]["replace_name"].as_str().is_some_and(|label| label.ends_with("发到群")),
        "{grey:#}"
    );
    town.reason("staff_tasks/already_closed").await;
    let counts = town.reader().uses(Timestamp::MIN, UsesBy::Script).expect("the uses can be read");
    let counts: Vec<_> =
        counts.iter().map(|count| (count.of.as_deref(), count.given, count.posted, count.pasted)).collect();
    assert_eq!(counts, [(Some("greeting-morning"), 1, 1, 0)]);
    town.finish().await;
}

impl Town {
    /// Everything that the app has said in words, oldest first.
    async fn said_to(&self, person: &str) -> Vec<String> {
        let messages = self.private(person).await;
        let by_the_app = messages.iter().filter(|message| message["from"] == "app:assistant");
        by_the_app.filter_map(|message| message["content"].as_str()).map(str::to_owned).collect()
    }

    async fn last_said_to(&self, person: &str) -> String {
        self.said_to(person).await.pop().unwrap_or_else(|| panic!("{person} heard nothing"))
    }
}
