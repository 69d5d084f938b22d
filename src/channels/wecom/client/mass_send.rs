//! Mass sends to customer groups (wecom-send.md §8): a task that the groups' owner confirms in the client.
//!
//! Creating one sends nothing by itself, and knows no idempotence key: whoever hears no answer looks it up
//! with [`Api::mass_sends`] before anything else.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::connection::AppConnection;
use super::contacts::Attachment;
use super::content::check_bytes;
use super::error::CallError;
use super::transport::Call;
use super::{Api, lenient};
use crate::decision::{GroupId, MemberId};

/// Paths, also for the limits that the platform counts by.
pub(in super::super) const ADD: &str = "/cgi-bin/externalcontact/add_msg_template";
pub(in super::super) const LIST: &str = "/cgi-bin/externalcontact/get_groupmsg_list_v2";
pub(in super::super) const TASK: &str = "/cgi-bin/externalcontact/get_groupmsg_task";
pub(in super::super) const RESULT: &str = "/cgi-bin/externalcontact/get_groupmsg_send_result";
pub(in super::super) const REMIND: &str = "/cgi-bin/externalcontact/remind_groupmsg_send";
pub(in super::super) const CANCEL: &str = "/cgi-bin/externalcontact/cancel_groupmsg_send";

/// Groups of one mass send.
pub const CHATS_AT_MOST: usize = 2000;
const TEXT_BYTES: usize = 4000;
const ATTACHMENTS: usize = 9;
const LINK_TITLE_BYTES: usize = 128;
const LINK_DESCRIPTION_BYTES: usize = 512;
const URL_BYTES: usize = 2048;
const MINI_PROGRAM_TITLE_BYTES: usize = 64;
/// Records per page, the platform's maxima.
const LISTED: usize = 100;
const RESULTS: usize = 1000;
/// A cursor that never ends is a fault: this many pages hold ten thousand mass sends of minutes.
const MAX_PAGES: usize = 100;

/// What is sent to groups of one owner.
#[derive(Clone, Copy, Debug)]
pub struct NewMassSend<'a> {
    pub owner: &'a MemberId,
    /// At most [`CHATS_AT_MOST`].
    pub chats: &'a [GroupId],
    /// May be empty when something is attached.
    pub text: &'a str,
    pub attachments: &'a [Attachment],
}

/// A mass send that the platform took.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AddedMassSend {
    pub msgid: String,
    /// Groups that cannot be sent to.
    #[serde(default, deserialize_with = "lenient::names")]
    pub fail_list: Vec<String>,
}

/// A mass send as the platform remembers it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ListedMassSend {
    pub msgid: String,
    /// Absent for those that were made through the API.
    #[serde(default, deserialize_with = "lenient::text")]
    pub creator: Option<String>,
    /// Unix seconds; the page's sample shows them quoted.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub create_time: Option<i64>,
    #[serde(default)]
    text: Option<ListedText>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub attachments: Vec<Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct ListedText {
    #[serde(default, deserialize_with = "lenient::text")]
    content: Option<String>,
}

impl ListedMassSend {
    pub fn text(&self) -> &str {
        self.text.as_ref().and_then(|text| text.content.as_deref()).unwrap_or_default()
    }
}

/// How far a member has got with a mass send.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MassSendTask {
    pub userid: MemberId,
    /// 0 not sent, 2 sent.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub status: Option<i64>,
    /// Unix seconds.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub send_time: Option<i64>,
}

/// What became of a mass send in one group; of groups only those are listed that it was sent to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MassSendResult {
    pub chat_id: GroupId,
    /// 0 not sent, 1 sent, 2 no contact, 3 the group's receiving limit is reached.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub status: Option<i64>,
    /// Unix seconds.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub send_time: Option<i64>,
}

/// One page of any of the lists of mass sends and moments, each under its own name.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct Page<T> {
    #[serde(
        alias = "group_msg_list",
        alias = "task_list",
        alias = "send_list",
        alias = "moment_list",
        default = "Vec::new",
        deserialize_with = "lenient::list"
    )]
    items: Vec<T>,
    #[serde(default, deserialize_with = "lenient::text")]
    next_cursor: Option<String>,
}

impl Api {
    /// Asks an owner to send this to groups of theirs. When the answer is lost, the task may exist.
    pub async fn add_mass_send(
        &self,
        app: &AppConnection,
        new: &NewMassSend<'_>,
    ) -> Result<AddedMassSend, CallError> {
        check(new)?;
        let mut body = json!({ "chat_type": "group", "sender": new.owner, "chat_id_list": new.chats });
        if !new.text.is_empty() {
            body["text"] = json!({ "content": new.text });
        }
        if !new.attachments.is_empty() {
            body["attachments"] = new.attachments.iter().map(Attachment::body).collect();
        }
        self.call(app, Call::post(ADD, &body)?).await
    }

    /// The corp's mass sends to groups that were made between these moments, at most a month apart.
    pub async fn mass_sends(
        &self,
        app: &AppConnection,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ListedMassSend>, CallError> {
        const MADE_BY_THE_CORP: i64 = 0;
        let (start_time, end_time) = (from.as_second(), to.as_second());
        let asked = json!({ "chat_type": "group", "start_time": start_time, "end_time": end_time,
                            "filter_type": MADE_BY_THE_CORP, "limit": LISTED });
        self.pages(app, LIST, asked).await
    }

    /// Which members have sent it. Right after its creation the platform says 41063 (class later).
    pub async fn mass_send_tasks(
        &self,
        app: &AppConnection,
        msgid: &str,
    ) -> Result<Vec<MassSendTask>, CallError> {
        self.pages(app, TASK, json!({ "msgid": msgid, "limit": RESULTS })).await
    }

    /// The groups that this member has sent it to.
    pub async fn mass_send_results(
        &self,
        app: &AppConnection,
        msgid: &str,
        owner: &MemberId,
    ) -> Result<Vec<MassSendResult>, CallError> {
        self.pages(app, RESULT, json!({ "msgid": msgid, "userid": owner, "limit": RESULTS })).await
    }

    /// Has the platform remind who has not sent it; three times in 24 h (41094).
    pub async fn remind_mass_send(&self, app: &AppConnection, msgid: &str) -> Result<(), CallError> {
        self.call::<Value>(app, Call::post(REMIND, &json!({ "msgid": msgid }))?).await.map(drop)
    }

    /// Withdraws what was not sent yet. 41093 (class done) means that it was withdrawn before.
    pub async fn cancel_mass_send(&self, app: &AppConnection, msgid: &str) -> Result<(), CallError> {
        self.call::<Value>(app, Call::post(CANCEL, &json!({ "msgid": msgid }))?).await.map(drop)
    }

    /// Every page of a list; `asked` is what is asked for beside the cursor.
    pub(super) async fn pages<T: serde::de::DeserializeOwned>(
        &self,
        app: &AppConnection,
        path: &'static str,
        mut asked: Value,
    ) -> Result<Vec<T>, CallError> {
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            asked["cursor"] = json!(cursor.as_deref().unwrap_or_default());
            let page: Page<T> = self.call(app, Call::post(path, &asked)?).await?;
            all.extend(page.items);
            match page.next_cursor {
                None => return Ok(all),
                Some(next) if Some(&next) == cursor.as_ref() => break,
                next => cursor = next,
            }
        }
        Err(CallError::Unreadable { path, cause: "the cursor never ends".into() })
    }
}

fn check(new: &NewMassSend<'_>) -> Result<(), CallError> {
    if new.chats.is_empty() || new.chats.len() > CHATS_AT_MOST {
        return Err(CallError::over_limit(ADD, "群发的群", new.chats.len(), CHATS_AT_MOST, "个"));
    }
    if new.text.trim().is_empty() && new.attachments.is_empty() {
        let person = "群发的文字和附件不能都为空".into();
        return Err(CallError::Invalid { path: ADD, cause: "neither text nor attachments".into(), person });
    }
    check_bytes(ADD, "群发的文字", new.text, TEXT_BYTES)?;
    if new.attachments.len() > ATTACHMENTS {
        return Err(CallError::over_limit(ADD, "群发的附件", new.attachments.len(), ATTACHMENTS, "个"));
    }
    new.attachments.iter().try_for_each(|attachment| check_attachment(ADD, attachment))
}

/// The limits of §8.1, which hold wherever such attachments go.
pub(super) fn check_attachment(path: &'static str, attachment: &Attachment) -> Result<(), CallError> {
    let within = |what: &str, text: &str, limit| check_bytes(path, what, text, limit);
    match attachment {
        Attachment::Link { title, picurl, desc, url } => {
            within("链接标题", title, LINK_TITLE_BYTES)?;
            within("链接简介", desc, LINK_DESCRIPTION_BYTES)?;
            within("链接图片的网址", picurl, URL_BYTES)?;
            within("链接网址", url, URL_BYTES)
        }
        Attachment::Miniprogram { title, .. } => within("小程序标题", title, MINI_PROGRAM_TITLE_BYTES),
        Attachment::Image { .. } | Attachment::Video { .. } | Attachment::File { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Answer, Platform, app, errcode};
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn new<'a>(
        chats: &'a [GroupId],
        text: &'a str,
        attachments: &'a [Attachment],
        owner: &'a MemberId,
    ) -> NewMassSend<'a> {
        NewMassSend { owner, chats, text, attachments }
    }

    #[tokio::test]
    async fn a_mass_send_has_the_shape_of_the_page() {
        let platform = Platform::start().await;
        let made = json!({ "errcode": 0, "errmsg": "ok", "fail_list": ["wr2"], "msgid": "msgG" });
        platform.script(ADD, [Answer::Json(made)]);
        let link = Attachment::Link {
            title: "消息标题".into(),
            picurl: String::new(),
            desc: "消息描述".into(),
            url: "https://example.link.com/path".into(),
        };
        let (owner, chats) = (MemberId::from("zhangsan"), ["wr1".into(), "wr2".into()]);
        let added =
            platform.api().add_mass_send(&app(), &new(&chats, "早安", &[link], &owner)).await.unwrap();
        assert_eq!((added.msgid.as_str(), added.fail_list), ("msgG", vec!["wr2".to_owned()]));
        assert_eq!(
            platform.asked(ADD)[0].json(),
            json!({ "chat_type": "group", "sender": "zhangsan", "chat_id_list": ["wr1", "wr2"],
                    "text": { "content": "早安" }, "attachments": [{ "msgtype": "link", "link": {
                        "title": "消息标题", "desc": "消息描述", "url": "https://example.link.com/path" } }] })
        );
    }

    #[tokio::test]
    async fn what_the_platform_would_refuse_is_not_sent() {
        let platform = Platform::start().await;
        let (api, owner, chats) = (platform.api(), MemberId::from("zhangsan"), vec![GroupId::from("wr1")]);
        let many = vec![GroupId::from("wr1"); CHATS_AT_MOST + 1];
        let image = || Attachment::Image { media_id: "M".into() };
        let long_title = Attachment::Miniprogram {
            title: "长".repeat(22),
            pic_media_id: "M".into(),
            appid: "wx1".into(),
            page: "p".into(),
        };
        let long = "长".repeat(TEXT_BYTES / 3 + 1);
        let ten: Vec<Attachment> = (0..10).map(|_| image()).collect();
        for wrong in [
            new(&[], "早", &[], &owner),
            new(&many, "早", &[], &owner),
            new(&chats, " ", &[], &owner),
            new(&chats, &long, &[], &owner),
            new(&chats, "", &ten, &owner),
            new(&chats, "", &[long_title], &owner),
        ] {
            let error = api.add_mass_send(&app(), &wrong).await.unwrap_err();
            assert!(matches!(error, CallError::Invalid { .. }), "{error}");
        }
        assert!(platform.asked(ADD).is_empty());
    }

    #[tokio::test]
    async fn lists_are_read_to_their_end_however_their_numbers_are_spelled() {
        let platform = Platform::start().await;
        let sent = |id: &str, time: Value| {
            json!({ "msgid": id, "creator": "", "create_time": time, "create_type": 0,
                    "text": { "content": "早安" }, "attachments": [{ "msgtype": "image" }] })
        };
        platform.script(
            LIST,
            [
                Answer::Json(json!({ "errcode": 0, "next_cursor": "C1", "group_msg_list": [sent("m1", json!("1605171726"))] })),
                Answer::Json(json!({ "errcode": 0, "next_cursor": "", "group_msg_list": [sent("m2", json!(1_605_171_727))] })),
            ],
        );
        let listed = platform.api().mass_sends(&app(), NOW, NOW).await.unwrap();
        let told: Vec<_> =
            listed.iter().map(|one| (one.msgid.as_str(), one.create_time, one.text())).collect();
        assert_eq!(told, [("m1", Some(1_605_171_726), "早安"), ("m2", Some(1_605_171_727), "早安")]);
        assert_eq!((listed[0].creator.as_ref(), listed[0].attachments.len()), (None, 1));
        let asked = platform.asked(LIST);
        assert_eq!(
            asked[0].json(),
            json!({ "chat_type": "group", "start_time": 1_790_000_000, "end_time": 1_790_000_000,
                    "filter_type": 0, "limit": 100, "cursor": "" })
        );
        assert_eq!(asked[1].json()["cursor"], "C1");
    }

    #[tokio::test]
    async fn tasks_and_results_are_read() {
        let platform = Platform::start().await;
        let api = platform.api();
        platform.script(
            TASK,
            [
                errcode(41063),
                Answer::Json(json!({ "errcode": 0, "next_cursor": "",
                "task_list": [{ "userid": "zhangsan", "status": 2, "send_time": 1_552_536_375 }] })),
            ],
        );
        let early = api.mass_send_tasks(&app(), "m1").await.unwrap_err();
        assert_eq!(early.refusal().unwrap().class(), super::super::Class::Later);
        let tasks = api.mass_send_tasks(&app(), "m1").await.unwrap();
        assert_eq!((tasks[0].userid.as_str(), tasks[0].status), ("zhangsan", Some(2)));
        platform.script(
            RESULT,
            [Answer::Json(json!({ "errcode": 0, "errmsg": "ok", "next_cursor": "",
                "send_list": [{ "chat_id": "wr1", "userid": "zhangsan", "status": 3, "send_time": 1_552_536_375 }] }))],
        );
        let results = api.mass_send_results(&app(), "m1", &"zhangsan".into()).await.unwrap();
        assert_eq!((results[0].chat_id.as_str(), results[0].status), ("wr1", Some(3)));
        assert_eq!(
            platform.asked(RESULT)[0].json(),
            json!({ "msgid": "m1", "userid": "zhangsan", "limit": 1000, "cursor": "" })
        );
    }

    #[tokio::test]
    async fn reminding_and_withdrawing_name_the_mass_send() {
        let platform = Platform::start().await;
        let api = platform.api();
        api.remind_mass_send(&app(), "m1").await.unwrap();
        api.cancel_mass_send(&app(), "m1").await.unwrap();
        for path in [REMIND, CANCEL] {
            assert_eq!(platform.asked(path)[0].json(), json!({ "msgid": "m1" }));
        }
        platform.refuse(CANCEL, 41093);
        let again = api.cancel_mass_send(&app(), "m1").await.unwrap_err();
        assert_eq!(again.refusal().unwrap().class(), super::super::Class::Done);
    }
}
