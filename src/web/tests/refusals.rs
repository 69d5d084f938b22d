//! Wrong callbacks: each cause has its status and its log line, and no line has the payload.

use super::*;

const NOW: i64 = 1_700_000_000;
const APP: &str = "/callback/wecom/assistant";
const SECRET_WORDS: &str = "只有群里的人知道的话";

/// Sends, and checks the status and the one log line.
async fn refused(house: &House, path: &str, body: &str, status: u16, cause: &str) -> Answer {
    let logged = Logged::start();
    let answer = house.post(path, body.to_owned()).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, cause));
    let lines = logged.take();
    let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
    assert!(line.contains(&format!("cause=\"{cause}\"")), "{line}");
    for secret in [SECRET_WORDS, TOKEN, KEY, "lin.yun", "msg_signature=", &body[..body.len().min(40)]] {
        assert!(secret.is_empty() || !line.contains(secret), "{secret} in {line}");
    }
    answer
}

fn platform() -> Credentials {
    credentials(&[TOKEN], &[KEY], CORP)
}

fn signed(id: &str) -> (String, String) {
    callback(APP, &platform(), &app_message(id, SECRET_WORDS), NOW)
}

#[tokio::test]
async fn a_wrong_signature_is_forbidden() {
    let house = House::at(NOW);
    let (path, body) = signed("1");
    for (path, body) in [
        (path.replace("msg_signature=", "msg_signature=0"), body.clone()),
        (path.replace("nonce=n", "nonce=m"), body.clone()),
        (path.clone(), body.replace("==]]", "=A]]").replace("CDATA[", "CDATA[A")),
    ] {
        refused(&house, &path, &body, 403, "wrong_signature").await;
    }
    assert_eq!(house.memory.keys(), [""; 0]);
}

#[tokio::test]
async fn an_old_or_future_timestamp_is_forbidden_with_its_own_cause() {
    let (path, body) = signed("1");
    for (now, status) in [(NOW - 601, 403), (NOW - 599, 200), (NOW + 599, 200), (NOW + 602, 403)] {
        let house = House::at(now);
        if status == 200 {
            assert_eq!(house.post(&path, body.clone()).await.status, StatusCode::OK);
        } else {
            refused(&house, &path, &body, 403, "wrong_time").await;
        }
    }
}

#[tokio::test]
async fn an_unknown_id_is_not_found_and_cannot_fake_a_log_line() {
    let house = House::at(NOW);
    let (path, body) = signed("1");
    refused(&house, &path.replace("assistant", "helper"), &body, 404, "unknown_id").await;
    refused(&house, &path.replace("assistant", "x%0AINFO%20fake%1b[1m"), &body, 404, "unknown_id").await;
    let answer = refused(&house, &path.replace("wecom", "aibot"), &body, 404, "unknown_id").await;
    assert_eq!(answer.headers["connection"], "close", "its body was not read");
}

#[tokio::test]
async fn a_broken_query_is_a_bad_request() {
    let house = House::at(NOW);
    let (_, body) = signed("1");
    for query in ["", "?timestamp=1", "?msg_signature=%GG&timestamp=1&nonce=1"] {
        refused(&house, &format!("{APP}{query}"), &body, 400, "bad_query").await;
    }
    let (path, _) = signed("1");
    assert_eq!(house.get(&path).await.body, "bad_query", "a check without echostr");
}

#[tokio::test]
async fn what_cannot_be_decrypted_or_read_is_a_bad_request() {
    let house = House::at(NOW);
    let stranger = credentials(&[TOKEN], &["ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"], CORP);
    let (path, body) = callback(APP, &stranger, &app_message("1", SECRET_WORDS), NOW);
    refused(&house, &path, &body, 400, "undecryptable").await;
    let other_corp = credentials(&[TOKEN], &[KEY], "ww1");
    let (path, body) = callback(APP, &other_corp, &app_message("1", SECRET_WORDS), NOW);
    refused(&house, &path, &body, 400, "undecryptable").await;
    for body in ["", "not xml", "<xml><A>1</A></xml>", "{\"encrypt\":1}"] {
        refused(&house, &path, body, 400, "broken_body").await;
    }
    let plain = format!("<xml><Content>{SECRET_WORDS}</Content");
    let (path, body) = callback(APP, &platform(), &plain, NOW);
    refused(&house, &path, &body, 400, "broken_body").await;
}

#[tokio::test]
async fn a_house_that_cannot_accept_asks_to_come_again() {
    let house = House::at(NOW);
    let (path, body) = signed("1");
    for (refusal, cause) in
        [(Refused::Full, "full"), (Refused::Stopping, "stopping"), (Refused::Storage, "storage")]
    {
        *house.memory.refuse.lock().unwrap() = Some(refusal);
        let answer = refused(&house, &path, &body, 503, cause).await;
        assert_eq!(answer.headers["retry-after"], "1");
    }
    *house.memory.refuse.lock().unwrap() = None;
    assert_eq!(house.post(&path, body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_flood_of_bad_requests_leaves_few_lines() {
    let house = House::at(NOW);
    let logged = Logged::start();
    for _ in 0..300 {
        house.post("/callback/wecom/nobody", "").await;
    }
    let lines = logged.take().len();
    assert!((5..=20).contains(&lines), "{lines} lines"); // 5 a second, and a slow machine has seconds
}

#[tokio::test]
async fn callbacks_come_by_get_and_post_alone_and_to_known_kinds_alone() {
    let house = House::at(1_409_659_813);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = Request::builder().method(method).uri("/callback/wecom/assistant");
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers["allow"], "GET,HEAD,POST");
    }
    for path in ["/callback/wecom", "/callback/slack/assistant", "/callback/wecom/assistant/more"] {
        assert_eq!(house.post(path, "x").await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
