//! Internal groups that our app made (wecom-send.md §4).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connection::AppConnection;
use super::error::CallError;
use super::message::MESSAGE_WORDS;
use super::transport::Call;
use super::{Api, Content, lenient};
use crate::decision::{GroupId, MemberId};

const CREATE: &str = "/cgi-bin/appchat/create";
const UPDATE: &str = "/cgi-bin/appchat/update";
pub(in super::super) const GET: &str = "/cgi-bin/appchat/get";
const SEND: &str = "/cgi-bin/appchat/send";

/// Beyond it the platform cuts the name silently (§4.1).
const NAME_CHARS: usize = 50;
/// At least two people, the app counts as one more (§4.1).
const MIN_MEMBERS: usize = 2;
const MAX_MEMBERS: usize = 2000;
const CHAT_ID_CHARS: usize = 32;

/// A group to make.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewAppchat {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Must be one of `members`; without it the platform picks one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<MemberId>,
    #[serde(rename = "userlist")]
    pub members: Vec<MemberId>,
    /// At most 32 of `[0-9a-zA-Z]`; without it the platform makes one up.
    #[serde(rename = "chatid", skip_serializing_if = "Option::is_none")]
    pub chat: Option<GroupId>,
}

/// What to change; empty fields stay as they are.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AppchatChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Required when the present owner is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<MemberId>,
    #[serde(rename = "add_user_list", skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<MemberId>,
    #[serde(rename = "del_user_list", skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<MemberId>,
}

/// A group as `appchat/get` tells it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AppchatInfo {
    #[serde(rename = "chatid")]
    pub chat: GroupId,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub owner: Option<String>,
    #[serde(rename = "userlist", default, deserialize_with = "lenient::list")]
    pub members: Vec<MemberId>,
}

#[derive(Deserialize)]
struct Created {
    chatid: GroupId,
}

#[derive(Deserialize)]
struct Got {
    chat_info: AppchatInfo,
}

impl Api {
    /// Makes a group and gives its id. At most 1000 a day per corp.
    pub async fn create_appchat(&self, app: &AppConnection, chat: &NewAppchat) -> Result<GroupId, CallError> {
        check_name(CREATE, chat.name.as_deref())?;
        let people = chat.members.len();
        if !(MIN_MEMBERS..=MAX_MEMBERS).contains(&people) {
            return Err(CallError::Invalid {
                path: CREATE,
                cause: format!("{people} members"),
                person: format!("建群需要 {MIN_MEMBERS}–{MAX_MEMBERS} 名成员，现在是 {people} 名"),
            });
        }
        if let Some(id) = &chat.chat
            && (id.as_str().len() > CHAT_ID_CHARS || !id.as_str().bytes().all(|b| b.is_ascii_alphanumeric()))
        {
            return Err(CallError::Invalid {
                path: CREATE,
                cause: format!("chat id {id:?}"),
                person: format!("群 ID 只能是不超过 {CHAT_ID_CHARS} 位的字母和数字"),
            });
        }
        self.call::<Created>(app, Call::post(CREATE, chat)?).await.map(|created| created.chatid)
    }

    /// Renames, adds, removes, changes the owner. At most 1000 changes an hour per corp.
    pub async fn update_appchat(
        &self,
        app: &AppConnection,
        chat: &GroupId,
        change: &AppchatChange,
    ) -> Result<(), CallError> {
        #[derive(Serialize)]
        struct Body<'a> {
            chatid: &'a GroupId,
            #[serde(flatten)]
            change: &'a AppchatChange,
        }
        check_name(UPDATE, change.name.as_deref())?;
        let people = change.add.len().max(change.remove.len());
        if people > MAX_MEMBERS {
            return Err(CallError::over_limit(UPDATE, "群成员", people, MAX_MEMBERS, "人"));
        }
        let call = Call::post(UPDATE, &Body { chatid: chat, change })?;
        self.call::<Value>(app, call).await.map(drop)
    }

    pub async fn appchat(&self, app: &AppConnection, chat: &GroupId) -> Result<AppchatInfo, CallError> {
        let query = [("chatid", chat.as_str())];
        self.call::<Got>(app, Call::get(GET, &query)).await.map(|got| got.chat_info)
    }

    /// Posts to the group. `mentions` (userids or `@all`) only go with text: markdown mentions with
    /// `<@userid>` in its content. The platform gives no message id and knows no idempotence key.
    pub async fn post_to_appchat(
        &self,
        app: &AppConnection,
        chat: &GroupId,
        content: Content<'_>,
        mentions: &[MemberId],
    ) -> Result<(), CallError> {
        content.check(SEND, MESSAGE_WORDS)?;
        let mut body = content.body(mentions);
        body["chatid"] = json!(chat);
        self.call::<Value>(app, Call::post(SEND, &body)?).await.map(drop)
    }
}

fn check_name(path: &'static str, name: Option<&str>) -> Result<(), CallError> {
    let chars = name.map_or(0, |name| name.chars().count());
    if chars > NAME_CHARS {
        return Err(CallError::over_limit(path, "群名", chars, NAME_CHARS, "字"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Answer, Platform, app};
    use super::*;

    #[tokio::test]
    async fn groups_are_made_changed_and_read_in_the_shape_of_the_page() {
        let platform = Platform::start().await;
        let api = platform.api();
        platform.script(CREATE, [Answer::Json(json!({ "errcode": 0, "chatid": "CHAT1" }))]);
        let chat = NewAppchat {
            name: Some("经销商群".into()),
            owner: Some("u1".into()),
            members: vec!["u1".into(), "u2".into()],
            chat: None,
        };
        let id = api.create_appchat(&app(), &chat).await.unwrap();
        assert_eq!(id, GroupId::from("CHAT1"));
        assert_eq!(
            platform.asked(CREATE)[0].json(),
            json!({ "name": "经销商群", "owner": "u1", "userlist": ["u1", "u2"] })
        );

        let change = AppchatChange { remove: vec!["u2".into()], ..AppchatChange::default() };
        api.update_appchat(&app(), &id, &change).await.unwrap();
        assert_eq!(platform.asked(UPDATE)[0].json(), json!({ "chatid": "CHAT1", "del_user_list": ["u2"] }));

        let info = json!({ "chatid": "CHAT1", "name": "经销商群", "owner": "u1", "userlist": ["u1"], "chat_type": 0 });
        platform.script(GET, [Answer::Json(json!({ "errcode": 0, "chat_info": info }))]);
        assert_eq!(api.appchat(&app(), &id).await.unwrap().members, [MemberId::from("u1")]);
        assert!(platform.asked(GET)[0].query.contains("chatid=CHAT1"));
    }

    #[tokio::test]
    async fn text_mentions_by_list_and_markdown_does_not() {
        let platform = Platform::start().await;
        let api = platform.api();
        let (chat, mentions) = (GroupId::from("CHAT1"), [MemberId::from("u1")]);
        api.post_to_appchat(&app(), &chat, Content::Text("到货了"), &mentions).await.unwrap();
        api.post_to_appchat(&app(), &chat, Content::Markdown("**到货了**"), &mentions).await.unwrap();
        let asked = platform.asked(SEND);
        assert_eq!(
            asked[0].json(),
            json!({ "chatid": "CHAT1", "msgtype": "text",
                    "text": { "content": "到货了", "mentioned_list": ["u1"] } })
        );
        assert_eq!(
            asked[1].json(),
            json!({ "chatid": "CHAT1", "msgtype": "markdown", "markdown": { "content": "**到货了**" } })
        );
    }

    #[tokio::test]
    async fn limits_are_checked_before_sending() {
        let platform = Platform::start().await;
        let api = platform.api();
        let people = |count: usize| (0..count).map(|n| MemberId::from(n.to_string().as_str())).collect();
        let good = NewAppchat { members: people(2), ..NewAppchat::default() };
        for wrong in [
            NewAppchat { members: people(1), ..good.clone() },
            NewAppchat { members: people(2001), ..good.clone() },
            NewAppchat { name: Some("名".repeat(51)), ..good.clone() },
            NewAppchat { chat: Some("has-dash".into()), ..good.clone() },
        ] {
            let error = api.create_appchat(&app(), &wrong).await.unwrap_err();
            assert!(matches!(error, CallError::Invalid { .. }), "{error}");
        }
        assert!(platform.paths().is_empty());
    }
}
