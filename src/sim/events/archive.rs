//! The decrypted message JSON of 会话内容存档 (wecom-receive.md §6.5).

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sim::content::Content;

/// §6.5: an archived group message.
pub fn archived(
    msgid: &str,
    from: &str,
    receivers: &[String],
    chat: &str,
    at: Timestamp,
    content: &Content,
) -> Value {
    let (key, payload) = content.archived(msgid);
    let mut message = json!({
        "msgid": msgid,
        "action": "send",
        "from": from,
        "tolist": receivers,
        "roomid": chat,
        "msgtime": at.as_millisecond(),
        "msgtype": content.kind,
    });
    message[key] = payload;
    message
}

/// §6.5: somebody took a message back.
pub fn archived_recall(
    msgid: &str,
    recalled: &str,
    from: &str,
    receivers: &[String],
    chat: &str,
    at: Timestamp,
) -> Value {
    json!({
        "msgid": msgid,
        "action": "recall",
        "from": from,
        "tolist": receivers,
        "roomid": chat,
        "msgtime": at.as_millisecond(),
        "msgtype": "revoke",
        "revoke": {"pre_msgid": recalled},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archived_customer_message_looks_like_the_sample() {
        let message = archived(
            "1_external",
            "wm1",
            &["wang.min".into()],
            "wr1",
            Timestamp::UNIX_EPOCH,
            &Content::read("text", json!("在吗")).unwrap(),
        );
        let expected = json!({"msgid": "1_external", "action": "send", "from": "wm1", "tolist": ["wang.min"],
            "roomid": "wr1", "msgtime": 0, "msgtype": "text", "text": {"content": "在吗"}});
        assert_eq!(message, expected);
    }
}
