//! Moments over real HTTP: from the operator's socket to tasks of the platform, published by some, reminded for
//! the others, with likes and comments read back; through restarts and lost answers.

use jiff::SignedDuration;
use serde_json::{Value, json};
use zhanggui::decision::{
    Act, Action, Hand, MomentFigures, MomentOrder, MomentPerson, MomentRequest, MomentTask, Part,
};
use zhanggui::store::MomentRow;
use zhanggui::web::control::{Answer, AskMoment, call};

use crate::support::office::{Stage, until};
use crate::support::{Town, text_of};

const ADD: &str = "externalcontact/add_moment_task";
const CANCEL: &str = "externalcontact/cancel_moment_task";
/// The same words for everybody.
const SCRIPT: &str = "moments-tasting";

fn order(moment: &str) -> MomentOrder {
    let hours = SignedDuration::from_hours;
    MomentOrder {
        moment: moment.into(),
        script: SCRIPT.into(),
        stores: vec!["chaoyang".into()],
        regions: Vec::new(),
        staff: Vec::new(),
        at_most: None,
        answers: Default::default(),
        deadline: hours(24),
        remind_after: Some(hours(4)),
    }
}

impl Town {
    /// Asks the running bot as `zhanggui moment` does.
    async fn moment(&self, request: MomentRequest) -> Answer {
        let asked = AskMoment { request, by: "lin.yun".into() };
        call(&self.file("bot"), "moment", &asked).await.expect("the bot answers")
    }

    async fn send_moment(&self, order: MomentOrder) -> Answer {
        self.moment(MomentRequest::Send(order)).await
    }

    fn tasks_of(&self, moment: &str) -> Vec<MomentRow> {
        self.reader().tasks_of_moment(moment).expect("they can be read")
    }

    /// The only task of this moment, once the platform has made it, with the platform's id.
    async fn made(&self, moment: &str) -> String {
        self.advance("15s").await;
        let id = async || self.tasks_of(moment).first().and_then(|row| row.moment_id.clone());
        self.until("the moment to be made", id).await
    }

    async fn publish(&self, id: &str, user: &str) {
        self.post(&format!("/sim/moments/{id}/publish"), json!({ "user": user })).await;
    }

    async fn echo(&self, id: &str, kind: &str, user: &str, by: &str) {
        self.post(&format!("/sim/moments/{id}/{kind}"), json!({ "user": user, "by": by })).await;
    }

    fn figures(&self, moment: &str) -> MomentFigures {
        MomentFigures::of(self.tasks_of(moment).iter().flat_map(|row| &row.task.people))
    }

    /// Likes and comments of everybody together, once they are as many.
    async fn echoes(&self, moment: &str, wanted: (usize, usize)) {
        let told = async || {
            let all = self.figures(moment).all();
            ((all.likes, all.comments) == wanted).then_some(())
        };
        self.until(&format!("{wanted:?} likes and comments"), told).await;
    }
}

fn receiver(body: &Value) -> &str {
    body["touser"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_publishes_another_is_reminded_and_what_came_of_it_is_told_once() {
    let mut town = Town::open().await;
    let told = town.send_moment(order("first")).await;
    assert!(told.done && told.told.contains("请 2 人发朋友圈"), "{told:?}");
    let body = town.sent(ADD).await;
    assert_eq!(body["visible_range"]["sender_list"]["user_list"], json!(["wang.min", "li.na"]));
    assert!(body["text"]["content"].as_str().expect("words").starts_with("昨天三十把椅子"), "{body:#}");
    let again = town.send_moment(order("first")).await;
    assert!(again.done && again.told.contains("不再重复"), "{again:?}");

    let id = town.made("first").await;
    town.publish(&id, "wang.min").await;
    town.echo(&id, "like", "wang.min", "wm-chen.ayi").await;
    town.echo(&id, "comment", "wang.min", "wm-liu.shu").await;
    town.advance("3m").await;
    town.reason("moments/published").await;
    town.echoes("first", (1, 1)).await;

    // A restart changes nothing: nothing is asked for again, and what is to come comes.
    let mut town = town.close().await.open().await;
    town.echo(&id, "like", "wang.min", "li.na").await;
    town.advance("4h").await;
    let reminder = town.sent("message/send").await;
    assert_eq!(receiver(&reminder), "li.na");
    assert!(text_of(&reminder).contains("「品鉴会第二天」"), "{reminder:#}");
    town.echoes("first", (2, 1)).await;

    let mut town = town.close().await.open().await;
    town.advance("20h").await;
    assert_eq!(town.sent(CANCEL).await["moment_id"], id);
    let news = town.told_ops().await;
    assert!(news.contains("请了 2 人，1 人发了，收到 2 个赞、1 条评论。"), "{news}");
    assert!(news.contains("没发的：李娜（山谷小铺朝阳店）"), "{news}");
    let moments = town.get("/sim/moments").await;
    assert_eq!(moments["items"][0]["cancelled"], true, "nobody can publish it any more: {moments:#}");

    // Whoever likes it the next day is counted, and nobody is told again.
    town.echo(&id, "like", "wang.min", "wm-zhou.jie").await;
    town.advance("13h").await;
    town.echoes("first", (3, 1)).await;
    town.advance("3d").await;
    let followed = async || town.tasks_of("first").iter().all(|row| row.next_at.is_none()).then_some(());
    town.until("the moment to be left alone", followed).await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_looked_up_and_nothing_is_asked_for_twice() {
    let mut town = Town::open().await;
    town.fault(ADD, "lost-answer").await;
    let order = MomentOrder { remind_after: None, ..order("lost") };
    assert!(town.send_moment(order).await.done);
    town.failed(ADD, None).await;
    // Stopping waits until the client has given up: nobody knows what became of it.
    let mut town = town.close().await.open().await;
    town.advance("2m").await;
    let id = async || town.tasks_of("lost").first().and_then(|row| row.moment_id.clone());
    let id = town.until("the moment to be found", id).await;
    town.publish(&id, "wang.min").await;
    town.publish(&id, "li.na").await;
    town.advance("24h").await;
    let news = town.told_ops().await;
    assert!(news.contains("请了 2 人，2 人发了"), "{news}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_never_heard_of_is_told_and_not_repeated() {
    let mut town = Town::open().await;
    town.fault(ADD, "timeout").await;
    assert!(town.send_moment(order("unheard")).await.done);
    town.failed(ADD, None).await;
    let mut town = town.close().await.open().await;
    for _ in 0..8 {
        let before = town.tasks_of("unheard")[0].clone();
        town.advance("6m").await;
        let looked = async || (before.end.is_some() || town.tasks_of("unheard")[0] != before).then_some(());
        town.until("another look", looked).await;
    }
    let news = town.told_ops().await;
    assert!(news.contains("没有建成的") && news.contains("查不到"), "{news}");
    town.finish().await;
}

/// In the simulated corp 通州店 has one person whom it knows and one whom it does not, 河西店 nobody.
#[tokio::test(flavor = "multi_thread")]
async fn stores_whose_task_is_not_made_are_told_once_while_the_others_go_on() {
    let mut town = Town::open().await;
    let path = "bot-scripts/moments/daily.toml";
    town.change_file(path, |text| text.replace("昨天三十把椅子", "昨天{{ store.name }}三十把椅子")).await;
    let everywhere = MomentOrder { stores: Vec::new(), remind_after: None, ..order("three") };
    let told = town.send_moment(everywhere).await;
    assert!(told.told.contains("请 6 人发朋友圈，内容有 3 种"), "{told:?}");
    for _ in 0..3 {
        town.sent(ADD).await;
    }
    town.advance("15s").await;
    let news = town.told_ops().await;
    assert!(news.contains("有 2 人收不到") && news.contains("· 山谷小铺河西店（2 人）"), "{news}");
    town.advance("1h").await;
    let cancelled = town.moment(MomentRequest::Cancel { moment: "three".into() }).await;
    assert!(cancelled.done, "{cancelled:?}");
    for _ in 0..2 {
        town.sent(CANCEL).await;
    }
    let over = town.told_ops().await;
    assert!(over.contains("由 lin.yun 取消：请了 4 人，0 人发了"), "{over}");
    assert!(over.contains("发不了的") && over.contains("sun.jia（山谷小铺通州店）"), "{over}");
    let again = town.moment(MomentRequest::Cancel { moment: "three".into() }).await;
    assert!(again.done && again.told.contains("已经结束"), "{again:?}");
    let unknown = town.moment(MomentRequest::Cancel { moment: "never".into() }).await;
    assert!(!unknown.done && unknown.told.contains("没有叫 never"), "{unknown:?}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_can_be_made_again_under_its_name() {
    let mut town = Town::open().await;
    let wrong = MomentOrder { script: "moments-tastin".into(), ..order("again") };
    let refused = town.send_moment(wrong).await;
    assert!(!refused.done && refused.told.contains("moments-tasting"), "{refused:?}");
    assert!(town.send_moment(order("again")).await.done);
    town.sent(ADD).await;
    town.made("again").await;
    let cancel = MomentRequest::Cancel { moment: "again".into() };
    assert!(town.moment(cancel).await.done);
    town.advance("1m").await;
    town.sent(CANCEL).await;
    town.told_ops().await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_goes_up_by_the_upload_of_moments() {
    let mut town = Town::open().await;
    let png = b"\x89PNG\r\n\x1a\n a table for thirty";
    let media = town.file("bot-scripts/moments/media");
    std::fs::create_dir_all(&media).expect("a folder");
    std::fs::write(media.join("长桌.png"), png).expect("a file");
    let path = "bot-scripts/moments/daily.toml";
    let picture = "\n[[script.message]]\nkind = \"image\"\nfile = \"media/长桌.png\"\n";
    town.change_file(path, |text| format!("{text}{picture}")).await;
    assert!(town.send_moment(order("picture")).await.done);
    town.sent("media/upload_attachment").await;
    let body = town.sent(ADD).await;
    assert_eq!(body["attachments"][0]["msgtype"], "image", "{body:#}");
    let id = town.made("picture").await;
    town.publish(&id, "wang.min").await;
    town.publish(&id, "li.na").await;
    town.advance("24h").await;
    assert!(town.told_ops().await.contains("2 人发了"));
    town.finish().await;
}

/// The platform has taken it and the bot does not know: it finds the moment and makes no second one.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_asking_and_hearing_asks_for_nothing_twice() {
    let stage = Stage::build().await;
    let office = stage.open();
    stage.fault(ADD, "lost-answer").await;
    let task = MomentTask {
        moment: "killed".into(),
        title: "卸货的早上".into(),
        script: "moments-unloading".into(),
        variant: None,
        parts: vec![Part::text("早上卸货"), stage.image()],
        people: ["wang.min", "li.na"].map(|id| MomentPerson::new(id.into(), "朝阳店")).into(),
        remind_at: None,
        ends_at: stage.clock.now() + SignedDuration::from_hours(8),
    };
    let action = Action::new(Hand::App { app: "assistant".into() }, Act::Moment(Box::new(task)));
    office.decide(&stage, "moment", vec![action]).await;
    until("the asking", || stage.times(ADD) == 1).await;
    office.kill().await;

    let office = stage.open();
    let row = |office: &crate::support::office::Office| {
        office.reader.tasks_of_moment("killed").expect("read").remove(0)
    };
    until("the doubt", || office.reader.outbox_open().expect("read") == 0).await;
    assert!(row(&office).moment_id.is_none() && row(&office).asked_at.is_some());
    stage.pass_by(SignedDuration::from_mins(2));
    until("the finding", || row(&office).moment_id.is_some()).await;
    assert_eq!((stage.times(ADD), stage.times("media/upload_attachment")), (1, 1));
    office.close().await;
    stage.close().await;
}
