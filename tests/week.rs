//! A week of the playground: every post of a new group's first week, once and at its moment, however fast
//! the clock goes.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use zhanggui::app::Playground;
use zhanggui::sim::world::Playing;
use zhanggui::store::{PostStatus, Reader};

/// As fast as the bot can.
const TAKES: &str = "1s";
const CHINA: TimeZone = TimeZone::fixed(Offset::constant(8));
const OWNER: &str = "wang.min";

/// Whole day, the hours between which it is said, and how it begins; the playbook of the example brand. People take
/// four minutes to tap; on the fifth day the owner forgets, and is reminded.
const FIRST_WEEK: [(i64, &str, &str, &str); 9] = [
    (0, "09:04", "09:10", "大家好，山谷小铺朝阳店的群今天开张了"),
    (0, "19:34", "19:40", "群里人多了，说几条规矩"),
    (1, "16:34", "16:40", "四点多了，问一句：今晚谁家还没想好吃什么"),
    (2, "15:04", "15:10", "问个不用动脑子的：打开冰箱看一眼"),
    (3, "10:04", "10:10", "鸡蛋羹老是蜂窝眼"),
    (3, "10:52", "10:58", "刚才有街坊问起，我一起说一遍"),
    (4, "11:35", "11:41", "老有人问我货从哪儿来"),
    (6, "10:04", "10:10", "柜台上摆了试吃"),
    (6, "20:04", "20:10", "群开了一个星期"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_in_seconds_posts_everything_once_and_at_its_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let playground = Playground::start(folder.path(), listener).await.expect("a playground");
    let page = Page { origin: format!("http://{}", playground.address), client: client() };
    let mut playing = playground.world().playing();
    playing.wait_for(|playing| *playing == Playing::Stopped).await.expect("somebody plays");

    let week = page.post("/sim/week", json!({ "takes": TAKES })).await;
    page.refuses("/sim/week", json!({}), "正在放一周").await;
    page.refuses("/sim/clock", json!({ "advance": "5m" }), "时钟自己在走").await;
    playing.wait_for(|playing| *playing == Playing::Stopped).await.expect("it ends");

    let state = page.get("/sim/state").await;
    let until: Timestamp = moment(&week["until"]);
    assert!(moment(&state["now"]) >= until, "it ended at {}", state["now"]);
    assert_eq!(state["week"]["playing"], false);
    let chat = week["chat_id"].as_str().expect("a group");
    let group = page.get(&format!("/sim/groups/{chat}")).await;
    let said: Vec<(Timestamp, &str)> = said_by_owner(&group);
    let first = until.to_zoned(CHINA).date().saturating_sub(7.days());
    for (day, from, to, begins) in FIRST_WEEK {
        let times: Vec<Timestamp> =
            said.iter().filter(|(_, text)| text.starts_with(begins)).map(|(at, _)| *at).collect();
        let [at] = times[..] else { panic!("“{begins}” was said {} times: {said:#?}", times.len()) };
        let (from, to) = (at_time(first, day, from), at_time(first, day, to));
        assert!(from <= at && at <= to, "“{begins}” was said at {at}, not between {from} and {to}");
    }
    assert!(said.iter().any(|(_, text)| text.contains("何小雨，欢迎")), "a newcomer was welcomed: {said:#?}");
    let warned = said.iter().filter(|(_, text)| text.starts_with("路过的人，这")).count();
    assert_eq!(warned, 2, "the advertiser heard it twice: {said:#?}");

    assert_proven(&playground.house.reader);
    playground.stop().await;
}

/// Of each line of the playbook it is known who was asked and when it came, whether by a tap or by a card.
fn assert_proven(reader: &Reader) {
    let plan = Some("playbook:first-seven-days");
    let lines = reader.posts(Timestamp::MIN, Timestamp::MAX, plan).expect("read");
    assert_eq!(lines.len(), FIRST_WEEK.len() + 1, "the key person's dinner is the tenth: {lines:#?}");
    for line in &lines {
        assert!(matches!(line.outcome(), PostStatus::PostedBy { .. }), "{line:#?}");
        assert!(line.course.handed.is_some() && line.course.seen.is_some(), "{line:#?}");
    }
    let late = lines.iter().filter(|line| line.late_by() > Some(SignedDuration::from_mins(10)));
    assert_eq!(late.count(), 1, "the one that the owner forgot: {lines:#?}");
}

fn moment(value: &Value) -> Timestamp {
    value.as_str().expect("a moment").parse().expect("RFC 3339")
}

fn at_time(first: Date, day: i64, time: &str) -> Timestamp {
    let time: jiff::civil::Time = time.parse().expect("a time");
    first.saturating_add(day.days()).to_datetime(time).to_zoned(CHINA).expect("in range").timestamp()
}

fn said_by_owner(group: &Value) -> Vec<(Timestamp, &str)> {
    let messages = group["messages"].as_array().expect("messages").iter();
    let owners = messages.filter(|message| message["from"] == OWNER);
    owners.map(|message| (moment(&message["at"]), message["content"].as_str().unwrap_or_default())).collect()
}

struct Page {
    origin: String,
    client: reqwest::Client,
}

impl Page {
    async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}{path}", self.origin)).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.origin)).body(body.to_string());
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {:?}", answer.text().await);
        answer.json().await.expect("JSON")
    }

    async fn refuses(&self, path: &str, body: Value, why: &str) {
        let request = self.client.post(format!("{}{path}", self.origin)).body(body.to_string());
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 409, "{path}");
        let text = answer.text().await.expect("text");
        assert!(text.contains(why), "{path}: {text}");
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}
