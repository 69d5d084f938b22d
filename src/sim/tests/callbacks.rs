//! What reaches the bot, in which order, and how often it is tried.

use super::*;
use crate::sim::world::group::JoinScene;
use crate::sim::world::{CHAOYANG, DEALERS, STAFF};

#[tokio::test]
async fn a_failed_callback_is_sent_four_times_and_then_lost() {
    use Answer::*;
    let stage = Stage::new([Silence, Status(302), Refused, Status(500)]);
    stage.say(DEALERS, "zhao.lei", "在吗", false);
    let report = stage.reports(1).await.remove(0);
    assert_eq!((report.attempts, report.received, report.status.as_str()), (4, false, "500"));
    assert_eq!(stage.bot.pauses.lock().unwrap().len(), 3);
    assert_eq!(stage.world.read(|state| state.waiting_callbacks()), 0);
}

#[tokio::test]
async fn only_200_counts_and_each_attempt_is_signed_afresh() {
    let mut stage = Stage::new([Answer::Status(204), Answer::Silence]);
    stage.say(DEALERS, "zhao.lei", "在吗", false);
    let report = stage.reports(1).await.remove(0);
    assert_eq!((report.attempts, report.received, report.kind.as_str()), (3, true, "group-robot"));
    let mut plaintexts = Vec::new();
    let mut nonces = Vec::new();
    for _ in 0..3 {
        let request = stage.next().await;
        assert_eq!(request.answer_within, Duration::from_secs(5));
        nonces.push(query(&request.url, "nonce"));
        plaintexts.push(open(&stage.world, &request));
    }
    assert!(plaintexts.windows(2).all(|pair| pair[0] == pair[1]), "the same message each time");
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), 3);
}

#[tokio::test]
async fn a_group_keeps_its_order_through_failures() {
    let mut stage = Stage::new([Answer::Silence, Answer::Status(503)]);
    for number in 0..5 {
        stage.say(DEALERS, "zhao.lei", &number.to_string(), false);
    }
    stage.reports(5).await;
    let mut heard = Vec::new();
    for _ in 0..7 {
        let request = stage.next().await;
        heard.push(xml::texts(&open(&stage.world, &request)).unwrap()["Text/Content"].clone());
    }
    assert_eq!(heard, ["0", "0", "0", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn the_old_robot_hears_every_sentence() {
    let mut stage = Stage::new([]);
    let said = stage.say(DEALERS, "zhao.lei", "加V：]]><Event>", false);
    let request = stage.next().await;
    assert!(request.url.starts_with("http://bot/callback/wecom/dealers-robot?"));
    let texts = xml::texts(&open(&stage.world, &request)).unwrap();
    for (path, text) in [
        ("ChatId", DEALERS),
        ("ChatType", "group"),
        ("From/UserId", "zhao.lei"),
        ("From/Name", "赵磊"),
        ("MsgType", "text"),
        ("MsgId", &said.msgid),
        ("Text/Content", "加V：]]><Event>"),
    ] {
        assert_eq!(texts[path], text, "{path}");
    }
}

#[tokio::test]
async fn the_smart_robot_hears_what_mentions_it() {
    let mut stage = Stage::new([]);
    stage.say(STAFF, "li.na", "不是对机器人说的", false);
    let said = stage.say(STAFF, "li.na", "话术 月饼", true);
    let request = stage.next().await;
    let body: Value = serde_json::from_str(&open(&stage.world, &request)).unwrap();
    let url = body["response_url"].as_str().unwrap();
    assert!(url.starts_with("http://platform/cgi-bin/aibot/response?response_code="));
    let expected = json!({"msgid": said.msgid, "aibotid": "helper", "chatid": STAFF, "chattype": "group",
        "from": {"userid": "li.na"}, "response_url": url, "msgtype": "text",
        "text": {"content": "@小掌柜 话术 月饼"}});
    assert_eq!(body, expected);
    assert_eq!(stage.reports(1).await.len(), 1, "the first sentence was not heard");
}

#[tokio::test]
async fn nobody_to_mention_in_a_customer_group() {
    let stage = Stage::new([]);
    let content = Content::read("text", json!("在吗")).unwrap();
    let refused = stage.world.step(|step| people::say(step, CHAOYANG, "wm-liu.shu", content, true));
    assert!(refused.is_err());
}

#[tokio::test]
async fn customer_group_events_chain_their_versions() {
    let mut stage = Stage::new([]);
    let newcomer =
        people::Newcomer { id: "wm-he.xiaoyu".into(), name: None, scene: JoinScene::QrCode, invitor: None };
    stage.world.step(|step| people::join(step, CHAOYANG, newcomer)).unwrap();
    stage.world.step(|step| people::leave(step, CHAOYANG, "wm-he.xiaoyu", false)).unwrap();
    let mut events = Vec::new();
    for _ in 0..2 {
        let request = stage.next().await;
        events.push(xml::texts(&open(&stage.world, &request)).unwrap());
    }
    assert_eq!((events[0]["UpdateDetail"].as_str(), events[0]["JoinScene"].as_str()), ("add_member", "3"));
    assert_eq!((events[1]["UpdateDetail"].as_str(), events[1]["QuitScene"].as_str()), ("del_member", "1"));
    assert_eq!(events[0]["CurMemVer"], events[1]["LastMemVer"]);
    let version = stage.world.read(|state| state.groups[CHAOYANG].member_version.clone());
    assert_eq!(events[1]["CurMemVer"], version);
}

#[tokio::test]
async fn owners_change_groups_and_the_event_carries_no_value() {
    let mut stage = Stage::new([]);
    let edit = people::GroupEdit {
        name: Some("新名字".into()),
        notice: Some("不发广告".into()),
        owner: Some("li.na".into()),
        dismiss: true,
    };
    stage.world.step(|step| people::change_group(step, CHAOYANG, edit)).unwrap();
    let mut heard = Vec::new();
    for _ in 0..4 {
        let request = stage.next().await;
        let texts = xml::texts(&open(&stage.world, &request)).unwrap();
        assert!(!texts.values().any(|text| text == "新名字"));
        heard.push(texts.get("UpdateDetail").unwrap_or(&texts["ChangeType"]).clone());
    }
    assert_eq!(heard, ["change_name", "change_owner", "change_notice", "dismiss"]);
}

#[tokio::test]
async fn joining_an_internal_group_makes_no_event() {
    let stage = Stage::new([]);
    let newcomer: people::Newcomer = serde_json::from_value(json!({"id": "wu.ming"})).unwrap();
    stage.world.step(|step| people::join(step, DEALERS, newcomer)).unwrap();
    assert_eq!(stage.world.read(|state| state.waiting_callbacks()), 0);
}

#[tokio::test]
async fn a_private_message_and_a_window_opened() {
    let mut stage = Stage::new([]);
    let content = Content::read("text", json!("帮助")).unwrap();
    let said = stage.world.step(|step| people::tell(step, "li.na", "app:assistant", content)).unwrap();
    let request = stage.next().await;
    assert!(request.body.contains("<AgentID><![CDATA[1000002]]></AgentID>"));
    let texts = xml::texts(&open(&stage.world, &request)).unwrap();
    assert_eq!((texts["Content"].as_str(), texts["MsgId"].as_str()), ("帮助", said.msgid.as_str()));
    assert!(said.msgid.parse::<i64>().is_ok(), "a 64-bit integer");
    assert_eq!((texts["ToUserName"].as_str(), texts["AgentID"].as_str()), (CORP, "1000002"));
    stage.world.step(|step| people::open_window(step, "li.na", "app:assistant")).unwrap();
    let request = stage.next().await;
    assert_eq!(xml::texts(&open(&stage.world, &request)).unwrap()["Event"], "enter_agent");
    let content = Content::read("text", json!("你好")).unwrap();
    let customer = stage.world.step(|step| people::tell(step, "wm-liu.shu", "app:assistant", content));
    assert!(customer.is_err(), "customers have no window with an app");
}

#[tokio::test]
async fn a_hanging_bot_holds_up_its_own_lane_only() {
    #[derive(Clone)]
    struct Hanging(mpsc::UnboundedSender<String>);
    impl Transport for Hanging {
        async fn send(&self, request: Outgoing) -> Result<Answered, String> {
            let _ = self.0.send(request.url.clone());
            if request.url.contains("dealers-robot") { never().await } else { Ok((200, String::new())) }
        }
    }
    let world = World::demo(Clock::system());
    let (sender, mut seen) = mpsc::unbounded_channel();
    let stop = watch::Sender::new(false);
    let poster = tokio::spawn(Poster::new(world.clone(), Hanging(sender)).run(stop.subscribe()));
    for (chat, from, mention) in [(DEALERS, "zhao.lei", false), (STAFF, "li.na", true)] {
        let content = Content::read("text", json!("在吗")).unwrap();
        world.step(|step| people::say(step, chat, from, content, mention)).unwrap();
    }
    let urls = [seen.recv().await.unwrap(), seen.recv().await.unwrap()];
    assert!(urls.iter().any(|url| url.contains("/callback/aibot/helper")));
    stop.send_replace(true);
    poster.await.unwrap();
    assert_eq!(world.read(|state| state.waiting.len()), 1, "what hangs is kept for the next start");
}
