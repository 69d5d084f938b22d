//! The puller: late, in order, signed, and led by the ear's cursor.

use super::*;
use crate::sim::archive::Puller;
use crate::sim::wire::archive_signature;
use crate::sim::world::CHAOYANG;

/// The next request of the kind, its signature checked.
async fn next(stage: &mut Stage, method: Method) -> (Outgoing, Value) {
    let request = stage.next().await;
    assert_eq!(request.method, method);
    let header = |name: &str| request.headers.iter().find(|(header, _)| *header == name).unwrap().1.clone();
    let key = stage.world.read(|state| state.archive.hmac_key.clone());
    let timestamp: i64 = header("x-zhanggui-timestamp").parse().unwrap();
    assert_eq!(header("x-zhanggui-signature"), archive_signature(key.expose(), timestamp, &request.body));
    let body = serde_json::from_str(&request.body).unwrap_or(Value::Null);
    (request, body)
}

fn stage(answers: impl IntoIterator<Item = Answer>) -> Stage {
    let stage = Stage::new(answers);
    tokio::spawn(Puller::new(stage.world.clone(), stage.bot.clone()).run(stage.stop.subscribe()));
    stage
}

fn seq(number: u64) -> Answer {
    Answer::Body(json!({"seq": number}).to_string())
}

fn seqs(stage: &Stage) -> Vec<u64> {
    stage.world.read(|state| state.archive.messages.iter().map(|message| message.seq).collect())
}

#[tokio::test]
async fn messages_arrive_late_and_in_order() {
    let mut stage = stage([seq(0)]);
    stage.say(CHAOYANG, "wm-liu.shu", "老板在吗", false);
    let said = stage.say(CHAOYANG, "wm-zhou.jie", "加V：abc12345", false);
    let (request, _) = next(&mut stage, Method::GET).await;
    assert_eq!(request.url, format!("http://bot/ears/archive/{CORP}/cursor"));
    assert!(stage.seen.try_recv().is_err(), "nothing is visible yet");
    stage.world.move_clock(jiff::SignedDuration::from_secs(4));
    let (request, body) = next(&mut stage, Method::POST).await;
    assert_eq!(request.url, format!("http://bot/ears/archive/{CORP}"));
    let sent: Vec<u64> =
        body["messages"].as_array().unwrap().iter().map(|message| message["seq"].as_u64().unwrap()).collect();
    assert_eq!((&body["after"], sent), (&json!(0), seqs(&stage)));
    let last = &body["messages"][1]["message"];
    assert_eq!((&last["msgid"], &last["roomid"]), (&json!(said.msgid), &json!(CHAOYANG)));
    assert!(said.msgid.ends_with("_external"));
    assert_eq!(last["text"]["content"], "加V：abc12345");
    assert!(!last["tolist"].as_array().unwrap().contains(&json!("wm-zhou.jie")));
}

#[tokio::test]
async fn the_ear_decides_where_to_go_on() {
    // The cursor is unknown at first, then ahead (409), then the batch is stored.
    let mut stage = stage([Answer::Status(503), seq(0)]);
    let first = stage.say(CHAOYANG, "wm-liu.shu", "一", false);
    stage.say(CHAOYANG, "wm-liu.shu", "二", false);
    let stored = seqs(&stage);
    stage.bot.answers.lock().unwrap().push_back(Answer::Refused);
    stage.bot.answers.lock().unwrap().push_back(seq(stored[0]));
    stage.bot.answers.lock().unwrap().push_back(seq(stored[1]));
    stage.world.move_clock(jiff::SignedDuration::from_secs(4));
    next(&mut stage, Method::GET).await;
    next(&mut stage, Method::GET).await;
    let (_, lost) = next(&mut stage, Method::POST).await;
    assert_eq!(lost["messages"].as_array().unwrap().len(), 2);
    next(&mut stage, Method::GET).await;
    let (_, rest) = next(&mut stage, Method::POST).await;
    assert_eq!((&rest["after"], rest["messages"].as_array().unwrap().len()), (&json!(stored[0]), 1));
    assert_eq!(rest["messages"][0]["message"]["text"]["content"], "二");
    let recalled = stage.world.step(|step| people::recall(step, CHAOYANG, &first.msgid)).unwrap();
    stage.world.move_clock(jiff::SignedDuration::from_secs(8));
    let (_, last) = next(&mut stage, Method::POST).await;
    let message = &last["messages"][0]["message"];
    assert_eq!((&message["msgid"], &message["action"]), (&json!(recalled.msgid), &json!("recall")));
    assert_eq!(message["revoke"]["pre_msgid"], json!(first.msgid));
}
