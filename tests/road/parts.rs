//! Parts of every kind over real HTTP: the outbox, the hands and the simulated platform. What the
//! rules would decide stands in the outbox already.

use serde_json::json;
use zhanggui::decision::{Act, Action, Hand, Part};
use zhanggui::sim::world::DEALERS;

use crate::support::office::{Stage, until};

fn appchat(part: Part) -> Action {
    let hand = Hand::Appchat { app: "assistant".into() };
    let act = Act::Post { part, mentions: Vec::new() };
    Action { group: Some(DEALERS.into()), ..Action::new(hand, act) }
}

fn webhook(part: Part) -> Action {
    Action { hand: Hand::Webhook { id: "dealers".into() }, ..appchat(part) }
}

fn tell(part: Part) -> Action {
    Action::new(Hand::App { app: "assistant".into() }, Act::Tell { to: "lin.yun".into(), part })
}

fn kinds<T>(messages: &[(String, T)]) -> Vec<&str> {
    messages.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_arrives_by_every_hand_that_can() {
    let stage = Stage::build().await;
    let office = stage.open();
    let link = Part::Link {
        title: "中秋预售".into(),
        description: "限量".into(),
        url: "https://shop.example.com/m".into(),
        picture: Some(stage.file("月饼.png")),
    };
    let video =
        Part::Video { file: stage.file("开箱.mp4"), title: "开箱".into(), description: String::new() };
    let parts = [
        Part::text("早安"),
        Part::Markdown { text: "**早安**".into() },
        stage.image(),
        Part::File { file: stage.file("价目表.pdf") },
        link,
        video,
    ];
    let in_group = parts.iter().cloned().map(appchat).chain(parts.iter().take(5).cloned().map(webhook));
    let in_private = parts.iter().cloned().chain([stage.mini_program()]).map(tell);
    office.decide(&stage, "1", in_group.chain(in_private).collect()).await;
    office.all_sent().await;

    let said = stage.in_group();
    let by_robot = ["text", "markdown", "image", "file", "news"];
    assert_eq!(kinds(&said), [&by_robot[..], &["video"], &by_robot[..]].concat());
    for (kind, attached) in said.iter().filter(|(kind, _)| ["image", "news"].contains(&kind.as_str())) {
        let picture = attached.as_ref().and_then(|attached| attached.picture.as_deref());
        assert!(picture.is_some_and(|path| path.starts_with("/sim/media/")), "{kind}: {attached:?}");
    }
    let told = stage.told("lin.yun");
    assert_eq!(kinds(&told), [&by_robot[..], &["video", "news"]].concat());
    assert_eq!(told[6].1, "山谷小铺");
    assert!(stage.calls().iter().all(|(_, code)| *code == Some(0)), "{:?}", stage.calls());
    assert_eq!(stage.times("media/upload"), 3, "image, file and video, once each");
    assert_eq!((stage.times("media/uploadimg"), stage.times("webhook/upload_media")), (1, 1));
    office.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_uploaded_once_in_three_days_also_over_a_restart() {
    let stage = Stage::build().await;
    let mut office = stage.open();
    for (number, (hours, uploads)) in [(0, 1), (1, 1), (60, 1), (12, 2)].into_iter().enumerate() {
        stage.pass(hours);
        office.decide(&stage, &number.to_string(), vec![appchat(stage.image())]).await;
        office.all_sent().await;
        assert_eq!((stage.in_group().len(), stage.times("media/upload")), (number + 1, uploads));
        office.close().await;
        office = stage.open();
    }
    office.close().await;
    stage.close().await;
}

/// The platform has the file and the bot does not know: it sends the file again and the message once.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_upload_and_message_loses_nothing() {
    let stage = Stage::build().await;
    let office = stage.open();
    stage.fault("media/upload", "lost-answer").await;
    office.decide(&stage, "1", vec![appchat(stage.image())]).await;
    until("the upload", || stage.times("media/upload") == 1).await;
    office.kill().await;
    assert!(stage.in_group().is_empty());

    let office = stage.open();
    office.all_sent().await;
    assert_eq!(kinds(&stage.in_group()), ["image"]);
    let calls = stage.calls().into_iter().map(|(path, code)| format!("{path} {code:?}")).collect::<Vec<_>>();
    assert_eq!(calls, ["media/upload None", "media/upload Some(0)", "appchat/send Some(0)"]);
    office.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_hand_can_post_comes_to_a_person_with_its_card() {
    let stage = Stage::build().await;
    let office = stage.open();
    let person = Hand::StaffTask { app: "assistant".into() };
    let program = Action { fallback: vec![person.clone()], ..appchat(stage.mini_program()) };
    office.decide(&stage, "1", vec![program]).await;
    until("the card", || kinds(&stage.told("lin.yun")).contains(&"card")).await;
    office.all_sent().await;
    assert_eq!(kinds(&stage.told("lin.yun")), ["news", "card"]);

    let image = Action { fallback: vec![person], ..appchat(stage.image()) };
    stage.write("月饼.png", b"\x89PNG\r\n\x1a\n something else");
    office.decide(&stage, "2", vec![image]).await;
    until("the second card", || stage.told("lin.yun").len() == 4).await;
    office.all_sent().await;
    let told = stage.told("lin.yun");
    assert_eq!(kinds(&told[2..]), ["text", "card"]);
    assert!(told[2].1.contains("月饼.png") && told[2].1.contains("被改过或删掉了"), "{told:?}");
    let mut cards = stage.world().read(|state| {
        let cards = state.cards.values();
        cards.map(|card| (card.sent_at, card.content["horizontal_content_list"].clone())).collect::<Vec<_>>()
    });
    cards.sort_by_key(|(at, _)| *at);
    let rows = |number: usize| &cards[number].1;
    assert_eq!(rows(0)[0], json!({"keyname": "小程序", "value": "山谷小铺"}));
    assert_eq!(rows(0)[1], json!({"keyname": "页面", "value": "pages/index"}));
    assert_eq!(rows(1)[0], json!({"keyname": "图片", "value": "月饼.png"}));
    assert!(stage.in_group().is_empty());
    office.close().await;
    stage.close().await;
}
