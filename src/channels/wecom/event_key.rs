//! What makes an event the same event when the platform sends it again (§1.3).
//!
//! Messages have an id. Events of apps have none, and the documented pair of sender and second would
//! merge different events of one second (all that `sys` sends, above all). So their key covers every
//! field of the event but those that differ between two apps that hear the same thing. A retry is
//! encrypted anew, but its plain text is the same.

use sha2::{Digest, Sha256};

use super::crypto;
use super::xml::Element;
use crate::decision::EventKey;

/// The platform itself as a sender.
const SYSTEM: &str = "sys";

/// Says which app was told, not what happened. A welcome code is issued to each app (§3.2).
const FIELDS_OF_THE_APP: &[&str] =
    &["ToUserName", "AgentID", "AgentId", "SuiteId", "AuthCorpId", "WelcomeCode"];

/// 128 bits of a hash: no accident makes two events one.
const DIGEST_BYTES: usize = 16;

/// A message that carries the platform's id; `scope` is the corp or robot within which it is unique.
pub fn of_message(scope: &str, id: &str) -> EventKey {
    // Every message gets one: pieces put together need a third of the time that formatting takes.
    EventKey::new([scope, "/message/", id].concat())
}

/// An event of an app. What `sys` tells is counted once per corp, however many apps hear it; what a
/// member does belongs to the app in which it was done.
pub fn of_event(corp_id: &str, via: &str, name: &str, root: Element<'_>) -> EventKey {
    let by_system = root.value("FromUserName").is_none_or(|from| from == SYSTEM);
    let (slash, via) = if by_system { ("", "") } else { ("/", via) };
    let time = root.value("CreateTime").or_else(|| root.value("TimeStamp")).unwrap_or_default();
    EventKey::new(format!("{corp_id}{slash}{via}/event/{name}/{time}/{}", digest_of(root)))
}

/// An event that has an id which other events may share, such as that of the message it is about.
pub fn of_event_with_id(scope: &str, id: &str, root: Element<'_>) -> EventKey {
    EventKey::new(format!("{scope}/event/{id}/{}", digest_of(root)))
}

/// A body in which no id was found.
pub fn of_body(scope: &str, body: &str) -> EventKey {
    EventKey::new(format!("{scope}/body/{}", short_hex(Sha256::digest(body))))
}

fn digest_of(root: Element<'_>) -> String {
    let mut sha256 = Sha256::new();
    for (depth, name, text) in root.descendants() {
        if depth > 1 || !FIELDS_OF_THE_APP.contains(&name) {
            sha256.update([depth as u8]);
            // 0xFF is in no UTF-8 text, so no two lists of fields run together.
            for piece in [name.as_bytes(), &[0xff], text.as_bytes(), &[0xff]] {
                sha256.update(piece);
            }
        }
    }
    short_hex(sha256.finalize())
}

fn short_hex(digest: impl AsRef<[u8]>) -> String {
    crypto::hex(digest.as_ref().get(..DIGEST_BYTES).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::wecom::xml::Document;

    const JOINED: &str = "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName>\
        <CreateTime>1403610513</CreateTime><MsgType>event</MsgType><Event>change_external_chat</Event>\
        <ChatId>wr1</ChatId><ChangeType>update</ChangeType><UpdateDetail>add_member</UpdateDetail>\
        <MemChangeList><Item>Jack</Item><Item>Rose</Item></MemChangeList><CurMemVer>v2</CurMemVer></xml>";

    fn key(via: &str, text: &str) -> EventKey {
        of_event("ww1", via, "name", Document::parse(text).unwrap().root())
    }

    #[test]
    fn two_apps_that_hear_one_system_event_count_it_once() {
        let told_to_another = JOINED.replace("<ChatId>", "<AgentID>7</AgentID><ChatId>");
        let with_code = JOINED.replace("<ChatId>", "<WelcomeCode>abc</WelcomeCode><ChatId>");
        let laid_out = JOINED.replace("><", ">\n  <");
        assert_eq!(key("one", JOINED), key("two", &told_to_another));
        assert_eq!(key("one", JOINED), key("one", &with_code));
        assert_eq!(key("one", JOINED), key("one", &laid_out));
    }

    #[test]
    fn what_a_member_does_belongs_to_one_app() {
        let tapped = JOINED.replace("sys", "zhangsan");
        assert_ne!(key("one", &tapped), key("two", &tapped));
        assert_ne!(key("one", &tapped), key("one", JOINED));
        assert_eq!(key("one", &tapped), key("one", &tapped));
    }

    #[test]
    fn different_events_of_one_second_both_count() {
        for (from, to) in [
            ("wr1", "wr2"),
            ("add_member", "del_member"),
            ("Jack", "Joan"),
            ("<Item>Rose</Item>", ""),
            ("v2", "v3"),
            ("1403610513", "1403610514"),
            (">update<", ">create<"),
        ] {
            assert_ne!(key("one", JOINED), key("one", &JOINED.replace(from, to)), "{from}");
        }
    }
}
