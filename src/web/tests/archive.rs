//! The archive ear.

use axum::http::Request;

use super::*;
use crate::channels::wecom::archive::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};

const NOW: i64 = 1_700_000_000;

fn request(method: &str, path: &str, key: &str, seconds: i64, body: &str) -> Request<Body> {
    let signature = sign(&SecretString::from(key), &seconds.to_string(), body.as_bytes());
    Request::builder()
        .method(method)
        .uri(format!("/ears/archive/{CORP}{path}"))
        .header(TIMESTAMP_HEADER, seconds)
        .header(SIGNATURE_HEADER, signature)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn batch(after: u64, seqs: impl IntoIterator<Item = u64>) -> String {
    let message = |seq: u64| {
        serde_json::json!({"seq": seq, "message": {
            "msgid": format!("m{seq}"), "action": "send", "from": "wmGuest", "tolist": ["lin.yun"],
            "roomid": "wrGroup", "msgtime": 1_700_000_000_000_i64, "msgtype": "text",
            "text": {"content": format!("第 {seq} 条")},
        }})
    };
    serde_json::json!({"after": after, "messages": seqs.into_iter().map(message).collect::<Vec<_>>()})
        .to_string()
}

async fn post(house: &House, body: &str) -> (u16, String) {
    let answer = house.send(request("POST", "", ARCHIVE_KEY, NOW, body)).await;
    (answer.status.as_u16(), answer.body)
}

fn told(status: u16, seq: u64) -> (u16, String) {
    (status, format!("{{\"seq\":{seq}}}"))
}

#[tokio::test]
async fn a_batch_is_accepted_in_order_and_moves_the_cursor() {
    let house = House::at(NOW);
    assert_eq!(post(&house, &batch(0, [3, 4, 9])).await, told(200, 9));
    assert_eq!(post(&house, &batch(9, 10..=209)).await, told(200, 209));
    let keys = house.memory.keys();
    assert_eq!(keys.len(), 203);
    let seqs = [3, 4, 9].into_iter().chain(10..=209);
    assert!(keys.iter().zip(seqs).all(|(key, seq)| key.ends_with(&format!("m{seq}"))), "{keys:?}");
    let cursor = house.send(request("GET", "/cursor", ARCHIVE_KEY, NOW, "")).await;
    assert_eq!((cursor.status.as_u16(), cursor.body), told(200, 209));
}

#[tokio::test]
async fn a_puller_ahead_is_sent_back_and_a_repeat_is_harmless() {
    let house = House::at(NOW);
    assert_eq!(post(&house, &batch(5, [6])).await, told(409, 0));
    assert_eq!(post(&house, &batch(0, [1, 2])).await, told(200, 2));
    assert_eq!(post(&house, &batch(0, [1])).await, told(200, 2));
    assert_eq!(post(&house, &batch(1, [2, 3])).await, told(200, 3));
    assert_eq!(post(&house, &batch(3, [])).await, told(200, 3));
    assert_eq!(house.memory.keys().len(), 3);
}

#[tokio::test]
async fn the_cursor_stays_when_a_message_was_not_stored() {
    let house = House::at(NOW);
    *house.memory.refuse.lock().unwrap() = Some(Refused::Storage);
    assert_eq!(post(&house, &batch(0, [1, 2])).await, (503, "storage".into()));
    assert_eq!(*house.memory.cursor.lock().unwrap(), 0);
    *house.memory.refuse.lock().unwrap() = None;
    assert_eq!(post(&house, &batch(0, [1, 2])).await, told(200, 2));
}

#[tokio::test]
async fn only_the_pullers_own_fresh_batches_are_taken() {
    let house = House::at(NOW);
    let body = batch(0, [1]);
    for (key, seconds, cause) in
        [("another key, also long", NOW, "wrong_signature"), (ARCHIVE_KEY, NOW - 601, "wrong_time")]
    {
        for (method, path, body) in [("POST", "", body.as_str()), ("GET", "/cursor", "")] {
            let answer = house.send(request(method, path, key, seconds, body)).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::FORBIDDEN, cause));
        }
    }
    let unsigned = house.post(&format!("/ears/archive/{CORP}"), body.clone()).await;
    assert_eq!((unsigned.status, unsigned.body.as_str()), (StatusCode::FORBIDDEN, "wrong_signature"));
    let stranger = house.post("/ears/archive/ww1", body).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(house.memory.keys(), [""; 0]);
}

#[tokio::test]
async fn what_is_not_a_batch_is_a_bad_request() {
    let house = House::at(NOW);
    for body in ["", "{}", "[]", &batch(0, [2, 2]), &batch(7, [7]), &batch(0, 1..=1001)] {
        assert_eq!(post(&house, body).await, (400, "broken_body".into()), "{body:.60}");
    }
}

#[tokio::test]
async fn an_unknown_kind_of_message_is_stored_raw() {
    let house = House::at(NOW);
    let body =
        r#"{"after":0,"messages":[{"seq":1,"message":{"msgid":"x","action":"send","msgtype":"hologram"}}]}"#;
    assert_eq!(post(&house, body).await, told(200, 1));
    let events = house.memory.events.lock().unwrap();
    assert!(matches!(&events[0].kind, EventKind::Unknown { name } if name == "hologram"), "{events:?}");
    assert!(events[0].raw.as_ref().is_some_and(|raw| raw.contains("hologram")));
}
