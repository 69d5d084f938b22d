//! Customer groups and the welcome of a new customer (wecom-send.md §6.1, §6.2, §7.1).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connection::AppConnection;
use super::content::check_bytes;
use super::error::CallError;
use super::transport::Call;
use super::{Api, lenient};
use crate::decision::{GroupId, MemberId};

const LIST: &str = "/cgi-bin/externalcontact/groupchat/list";
pub(in super::super) const GET: &str = "/cgi-bin/externalcontact/groupchat/get";
pub(in super::super) const WELCOME: &str = "/cgi-bin/externalcontact/send_welcome_msg";

/// Groups per page, the platform's maximum.
const PAGE: usize = 1000;
/// A cursor that never ends is a fault: this many pages hold a million groups.
const MAX_PAGES: usize = 1000;
/// Owners in one `owner_filter` (§6.1).
const MAX_OWNERS: usize = 100;
const WELCOME_BYTES: usize = 4000;
const WELCOME_ATTACHMENTS: usize = 9;

/// A customer group in the list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedGroup {
    pub chat_id: GroupId,
    /// 0 normal, 1 owner resigned, 2 being inherited, 3 inherited.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub status: Option<i64>,
}

/// A customer group with its members.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CustomerGroup {
    pub chat_id: GroupId,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub owner: Option<String>,
    /// Unix seconds.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub create_time: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub notice: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub member_list: Vec<CustomerGroupMember>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub admin_list: Vec<Admin>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub member_version: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Admin {
    pub userid: MemberId,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CustomerGroupMember {
    pub userid: MemberId,
    /// 1 member of the corp, 2 outside contact.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub r#type: Option<i64>,
    /// Unix seconds.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub join_time: Option<i64>,
    /// 1 direct invitation, 2 link, 3 QR code.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub join_scene: Option<i64>,
    /// Of the join code that was used.
    #[serde(default, deserialize_with = "lenient::text")]
    pub state: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub group_nickname: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// An attachment of a welcome or a mass send (§8.1). A `media_id` comes from `media/upload`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Attachment {
    Image {
        media_id: String,
    },
    Link {
        title: String,
        #[serde(skip_serializing_if = "String::is_empty")]
        picurl: String,
        #[serde(skip_serializing_if = "String::is_empty")]
        desc: String,
        url: String,
    },
    Miniprogram {
        title: String,
        pic_media_id: String,
        appid: String,
        page: String,
    },
    Video {
        media_id: String,
    },
    File {
        media_id: String,
    },
}

impl Attachment {
    /// With its kind beside its object.
    pub(super) fn body(&self) -> Value {
        let mut value = json!(self);
        value["msgtype"] = json!(self.kind());
        value
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Image { .. } => "image",
            Self::Link { .. } => "link",
            Self::Miniprogram { .. } => "miniprogram",
            Self::Video { .. } => "video",
            Self::File { .. } => "file",
        }
    }
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default, deserialize_with = "lenient::list")]
    group_chat_list: Vec<ListedGroup>,
    #[serde(default, deserialize_with = "lenient::text")]
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Got {
    group_chat: CustomerGroup,
}

impl Api {
    /// All customer groups whose owners are in the app's range; `owners` (at most 100) narrows it down and is
    /// required from 1000 people on (81017). Reads every page.
    pub async fn customer_groups(
        &self,
        app: &AppConnection,
        owners: &[MemberId],
    ) -> Result<Vec<ListedGroup>, CallError> {
        if owners.len() > MAX_OWNERS {
            return Err(CallError::over_limit(LIST, "群主", owners.len(), MAX_OWNERS, "人"));
        }
        let mut groups = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let page = self.customer_group_page(app, owners, cursor.as_deref(), PAGE).await?;
            groups.extend(page.group_chat_list);
            match page.next_cursor {
                None => return Ok(groups),
                Some(next) if Some(&next) == cursor.as_ref() => break,
                next => cursor = next,
            }
        }
        Err(CallError::Unreadable { path: LIST, cause: "the cursor never ends".into() })
    }

    async fn customer_group_page(
        &self,
        app: &AppConnection,
        owners: &[MemberId],
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listed, CallError> {
        let mut body = json!({ "status_filter": 0, "limit": limit });
        if !owners.is_empty() {
            body["owner_filter"] = json!({ "userid_list": owners });
        }
        if let Some(cursor) = cursor {
            body["cursor"] = json!(cursor);
        }
        self.call(app, Call::post(LIST, &body)?).await
    }

    /// Whether the app may read customer groups at all: asks for one.
    pub(super) async fn may_read_customer_groups(&self, app: &AppConnection) -> Result<(), CallError> {
        self.customer_group_page(app, &[], None, 1).await.map(drop)
    }

    /// A customer group with its members' names. After a change event the old state may come for a while.
    pub async fn customer_group(
        &self,
        app: &AppConnection,
        chat: &GroupId,
    ) -> Result<CustomerGroup, CallError> {
        let body = json!({ "chat_id": chat, "need_name": 1 });
        self.call::<Got>(app, Call::post(GET, &body)?).await.map(|got| got.group_chat)
    }

    /// Welcomes a customer who was just added: within 20 s, once. 41051 (class done) means that another app
    /// did, 41096 that another app is about to.
    pub async fn send_welcome(
        &self,
        app: &AppConnection,
        welcome_code: &str,
        text: Option<&str>,
        attachments: &[Attachment],
    ) -> Result<(), CallError> {
        check_bytes(WELCOME, "欢迎语", text.unwrap_or_default(), WELCOME_BYTES)?;
        if attachments.len() > WELCOME_ATTACHMENTS {
            let size = attachments.len();
            return Err(CallError::over_limit(WELCOME, "欢迎语附件", size, WELCOME_ATTACHMENTS, "个"));
        }
        if text.is_none_or(str::is_empty) && attachments.is_empty() {
            return Err(CallError::Invalid {
                path: WELCOME,
                cause: "neither text nor attachments".into(),
                person: "欢迎语的文字和附件不能都为空".into(),
            });
        }
        let mut body = json!({ "welcome_code": welcome_code });
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            body["text"] = json!({ "content": text });
        }
        if !attachments.is_empty() {
            body["attachments"] = attachments.iter().map(Attachment::body).collect();
        }
        self.call::<Value>(app, Call::post(WELCOME, &body)?).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Answer, Platform, app};
    use super::*;

    fn page(ids: &[&str], next: &str) -> Answer {
        let list: Vec<_> = ids.iter().map(|id| json!({ "chat_id": id, "status": 0 })).collect();
        Answer::Json(json!({ "errcode": 0, "group_chat_list": list, "next_cursor": next }))
    }

    #[tokio::test]
    async fn every_page_of_the_list_is_read() {
        let platform = Platform::start().await;
        platform.script(LIST, [page(&["wr1", "wr2"], "C1"), page(&["wr3"], "C2"), page(&[], "")]);
        let groups = platform.api().customer_groups(&app(), &["abel".into()]).await.unwrap();
        assert_eq!(
            groups.iter().map(|group| group.chat_id.as_str()).collect::<Vec<_>>(),
            ["wr1", "wr2", "wr3"]
        );
        let asked = platform.asked(LIST);
        assert_eq!(
            asked[0].json(),
            json!({ "status_filter": 0, "limit": 1000, "owner_filter": { "userid_list": ["abel"] } })
        );
        assert_eq!(asked[1].json()["cursor"], "C1");
        assert_eq!(asked[2].json()["cursor"], "C2");
    }

    #[tokio::test]
    async fn a_cursor_that_stands_still_is_a_fault() {
        let platform = Platform::start().await;
        platform.script(LIST, [page(&["wr1"], "C1"), page(&["wr1"], "C1")]);
        let error = platform.api().customer_groups(&app(), &[]).await.unwrap_err();
        assert!(matches!(error, CallError::Unreadable { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_welcome_has_the_shape_of_the_page() {
        let platform = Platform::start().await;
        let link = Attachment::Link {
            title: "门店地图".into(),
            picurl: "https://example.com/p.png".into(),
            desc: "怎么走".into(),
            url: "https://example.com".into(),
        };
        let api = platform.api();
        api.send_welcome(&app(), "CODE", Some("欢迎"), &[link]).await.unwrap();
        assert_eq!(
            platform.asked(WELCOME)[0].json(),
            json!({ "welcome_code": "CODE", "text": { "content": "欢迎" },
                    "attachments": [{ "msgtype": "link", "link": { "title": "门店地图",
                        "picurl": "https://example.com/p.png", "desc": "怎么走", "url": "https://example.com" } }] })
        );
        let empty = api.send_welcome(&app(), "CODE", None, &[]).await;
        assert!(matches!(empty, Err(CallError::Invalid { .. })));
        let long = api.send_welcome(&app(), "CODE", Some(&"长".repeat(1334)), &[]).await;
        assert!(matches!(long, Err(CallError::Invalid { .. })));
    }
}
