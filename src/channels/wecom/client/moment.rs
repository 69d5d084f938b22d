//! Moments (客户朋友圈, wecom-send.md §10): a task that each chosen member of staff confirms in the client.
//!
//! Creating one publishes nothing by itself, and knows no idempotence key: whoever hears no answer looks it up
//! with [`Api::moments`] before anything else.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connection::AppConnection;
use super::content::check_bytes;
use super::error::CallError;
use super::transport::Call;
use super::{Api, lenient};
use crate::decision::MemberId;

/// Paths, also for the limits that the platform counts by.
pub(in super::super) const ADD: &str = "/cgi-bin/externalcontact/add_moment_task";
pub(in super::super) const JOB: &str = "/cgi-bin/externalcontact/get_moment_task_result";
pub(in super::super) const CANCEL: &str = "/cgi-bin/externalcontact/cancel_moment_task";
pub(in super::super) const LIST: &str = "/cgi-bin/externalcontact/get_moment_list";
pub(in super::super) const TASK: &str = "/cgi-bin/externalcontact/get_moment_task";
pub(in super::super) const COMMENTS: &str = "/cgi-bin/externalcontact/get_moment_comments";

/// Who may be asked at once (`sender_list.user_list`).
const PEOPLE: usize = 100_000;
const TEXT_BYTES: usize = 4000;
const TEXT_CHARACTERS: usize = 2000;
const IMAGES: usize = 9;
const LINK_TITLE_CHARACTERS: usize = 64;
const URL_BYTES: usize = 2048;
/// Records per page, the platform's maxima.
const LISTED: usize = 20;
const TASKS: usize = 1000;
/// `publish_status` of a member who has published it.
const PUBLISHED: i64 = 1;
/// `status` of a job that has ended.
const JOB_DONE: i64 = 3;

/// What some people shall publish.
#[derive(Clone, Copy, Debug)]
pub struct NewMoment<'a> {
    pub people: &'a [MemberId],
    /// May be empty when something is attached.
    pub text: &'a str,
    /// Up to nine images, or one video, or one link.
    pub attachments: &'a [MomentAttachment],
}

/// An attachment of a moment; its `media_id` comes from `upload_attachment` (§12.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MomentAttachment {
    Image {
        media_id: String,
    },
    Video {
        media_id: String,
    },
    Link {
        title: String,
        url: String,
        /// The cover.
        media_id: String,
    },
}

impl MomentAttachment {
    /// With its kind beside its object.
    fn body(&self) -> Value {
        let mut value = json!(self);
        value["msgtype"] = json!(match self {
            Self::Image { .. } => "image",
            Self::Video { .. } => "video",
            Self::Link { .. } => "link",
        });
        value
    }
}

/// How far the platform is with making a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MomentJob {
    Running,
    Made {
        moment_id: String,
        /// People who cannot publish it: unknown, or outside the app's range.
        invalid: Vec<MemberId>,
    },
    /// It will not be made.
    Failed(CallError),
}

/// A moment as the platform remembers it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ListedMoment {
    pub moment_id: String,
    #[serde(default)]
    text: Option<ListedText>,
    #[serde(default, deserialize_with = "lenient::list")]
    image: Vec<Value>,
    #[serde(default)]
    video: Option<Value>,
    #[serde(default)]
    link: Option<Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct ListedText {
    #[serde(default, deserialize_with = "lenient::text")]
    content: Option<String>,
}

impl ListedMoment {
    pub fn text(&self) -> &str {
        self.text.as_ref().and_then(|text| text.content.as_deref()).unwrap_or_default()
    }

    /// How much is attached. What is empty is not there.
    pub fn attached(&self) -> usize {
        let there =
            |one: &Option<Value>| one.as_ref().and_then(Value::as_object).is_some_and(|one| !one.is_empty());
        self.image.len() + usize::from(there(&self.video)) + usize::from(there(&self.link))
    }
}

#[derive(Deserialize)]
struct Added {
    jobid: String,
}

#[derive(Deserialize)]
struct JobResult {
    #[serde(default, deserialize_with = "lenient::integer")]
    status: Option<i64>,
    #[serde(default)]
    result: Option<JobEnd>,
}

#[derive(Deserialize)]
struct JobEnd {
    #[serde(default, deserialize_with = "lenient::integer")]
    errcode: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    errmsg: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    moment_id: Option<String>,
    #[serde(default)]
    invalid_sender_list: Option<InvalidSenders>,
}

#[derive(Default, Deserialize)]
struct InvalidSenders {
    #[serde(default, deserialize_with = "lenient::list")]
    user_list: Vec<MemberId>,
}

/// Whether a member has published a moment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MomentTaskOf {
    pub userid: MemberId,
    /// 0 not published, 1 published.
    #[serde(default, deserialize_with = "lenient::integer")]
    publish_status: Option<i64>,
}

impl MomentTaskOf {
    pub fn is_published(&self) -> bool {
        self.publish_status == Some(PUBLISHED)
    }
}

/// How many liked and commented on what a member has published; their words are not told (§10.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MomentEcho {
    pub likes: usize,
    pub comments: usize,
}

#[derive(Deserialize)]
struct Echoes {
    #[serde(default, deserialize_with = "lenient::list")]
    comment_list: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::list")]
    like_list: Vec<Value>,
}

impl Api {
    /// Asks people to publish something; the answer is the id of a job that makes the task ([`Self::moment_job`]).
    /// When the answer is lost, the task may exist.
    pub async fn add_moment(&self, app: &AppConnection, new: &NewMoment<'_>) -> Result<String, CallError> {
        check(new)?;
        let mut body = json!({ "visible_range": { "sender_list": { "user_list": new.people } } });
        if !new.text.is_empty() {
            body["text"] = json!({ "content": new.text });
        }
        if !new.attachments.is_empty() {
            body["attachments"] = new.attachments.iter().map(MomentAttachment::body).collect();
        }
        self.call::<Added>(app, Call::post(ADD, &body)?).await.map(|added| added.jobid)
    }

    /// How far a job is; its id is known for 24 h.
    pub async fn moment_job(&self, app: &AppConnection, jobid: &str) -> Result<MomentJob, CallError> {
        let found: JobResult = self.call(app, Call::get(JOB, &[("jobid", jobid)])).await?;
        if found.status != Some(JOB_DONE) {
            return Ok(MomentJob::Running);
        }
        let unreadable = |cause: &str| CallError::Unreadable { path: JOB, cause: cause.to_owned() };
        let end = found.result.ok_or_else(|| unreadable("a job that is done has no result"))?;
        if let Some(code) = end.errcode.filter(|code| *code != 0) {
            let refusal = super::Refusal::new(JOB, code, end.errmsg.as_deref().unwrap_or_default());
            return Ok(MomentJob::Failed(CallError::Refused(refusal)));
        }
        let moment_id = end.moment_id.ok_or_else(|| unreadable("a job that is done has no moment_id"))?;
        Ok(MomentJob::Made { moment_id, invalid: end.invalid_sender_list.unwrap_or_default().user_list })
    }

    /// The corp's moments that were made between these times, at most 30 days apart.
    pub async fn moments(
        &self,
        app: &AppConnection,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ListedMoment>, CallError> {
        const MADE_BY_THE_CORP: i64 = 0;
        let asked = json!({ "start_time": from.as_second(), "end_time": to.as_second(),
                            "filter_type": MADE_BY_THE_CORP, "limit": LISTED });
        self.pages(app, LIST, asked).await
    }

    /// Who is asked to publish it, and who has.
    pub async fn moment_tasks(
        &self,
        app: &AppConnection,
        moment_id: &str,
    ) -> Result<Vec<MomentTaskOf>, CallError> {
        self.pages(app, TASK, json!({ "moment_id": moment_id, "limit": TASKS })).await
    }

    /// Likes and comments on what this member has published. 41062 (class later) when nothing is.
    pub async fn moment_echo(
        &self,
        app: &AppConnection,
        moment_id: &str,
        person: &MemberId,
    ) -> Result<MomentEcho, CallError> {
        let body = json!({ "moment_id": moment_id, "userid": person });
        let echoes: Echoes = self.call(app, Call::post(COMMENTS, &body)?).await?;
        Ok(MomentEcho { likes: echoes.like_list.len(), comments: echoes.comment_list.len() })
    }

    /// Stops those who have not published it; what is published stays.
    pub async fn cancel_moment(&self, app: &AppConnection, moment_id: &str) -> Result<(), CallError> {
        self.call::<Value>(app, Call::post(CANCEL, &json!({ "moment_id": moment_id }))?).await.map(drop)
    }
}

fn check(new: &NewMoment<'_>) -> Result<(), CallError> {
    let invalid = |cause: &str, person: &str| CallError::Invalid {
        path: ADD,
        cause: cause.to_owned(),
        person: person.to_owned(),
    };
    // Without anybody the platform asks everybody in the app's range.
    if new.people.is_empty() {
        return Err(invalid("nobody to publish it", "没有人可以发这条朋友圈"));
    }
    let limits = [
        ("发朋友圈的人", new.people.len(), PEOPLE, "人"),
        ("朋友圈文字", new.text.chars().count(), TEXT_CHARACTERS, "字"),
    ];
    for (what, size, limit, unit) in limits {
        if size > limit {
            return Err(CallError::over_limit(ADD, what, size, limit, unit));
        }
    }
    check_bytes(ADD, "朋友圈文字", new.text, TEXT_BYTES)?;
    if new.text.is_empty() && new.attachments.is_empty() {
        return Err(invalid("neither text nor attachments", "朋友圈的文字和附件不能都为空"));
    }
    let images = new.attachments.iter().filter(|one| matches!(one, MomentAttachment::Image { .. })).count();
    if !matches!((images, new.attachments.len() - images), (0..=IMAGES, 0) | (0, 1)) {
        let person = "朋友圈只能配最多 9 张图片，或一个视频，或一个链接";
        return Err(invalid("attachments of several kinds, or too many", person));
    }
    for attachment in new.attachments {
        if let MomentAttachment::Link { title, url, .. } = attachment {
            let size = title.chars().count();
            if size > LINK_TITLE_CHARACTERS {
                return Err(CallError::over_limit(ADD, "链接标题", size, LINK_TITLE_CHARACTERS, "字"));
            }
            check_bytes(ADD, "链接网址", url, URL_BYTES)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Class;
    use super::super::scripted::{Answer, Platform, app};
    use super::*;

    fn new<'a>(people: &'a [MemberId], text: &'a str, attachments: &'a [MomentAttachment]) -> NewMoment<'a> {
        NewMoment { people, text, attachments }
    }

    fn image() -> MomentAttachment {
        MomentAttachment::Image { media_id: "M1".into() }
    }

    #[tokio::test]
    async fn a_moment_has_the_shape_of_the_page() {
        let platform = Platform::start().await;
        platform.script(ADD, [Answer::Json(json!({ "errcode": 0, "errmsg": "ok", "jobid": "J1" }))]);
        let people: [MemberId; 2] = ["zhangshan".into(), "lisi".into()];
        let api = platform.api();
        let jobid = api.add_moment(&app(), &new(&people, "文本消息内容", &[image()])).await.unwrap();
        assert_eq!(jobid, "J1");
        assert_eq!(
            platform.asked(ADD)[0].json(),
            json!({ "text": { "content": "文本消息内容" },
                    "attachments": [{ "msgtype": "image", "image": { "media_id": "M1" } }],
                    "visible_range": { "sender_list": { "user_list": ["zhangshan", "lisi"] } } })
        );
    }

    #[tokio::test]
    async fn what_the_platform_would_refuse_is_not_sent() {
        let platform = Platform::start().await;
        let (api, people) = (platform.api(), [MemberId::from("zhangshan")]);
        let (video, link) = (
            MomentAttachment::Video { media_id: "M".into() },
            MomentAttachment::Link {
                title: "长".repeat(65),
                url: "https://a.example".into(),
                media_id: "M".into(),
            },
        );
        let long = "长".repeat(1334);
        let wrong: [(&[MemberId], &str, Vec<MomentAttachment>); 6] = [
            (&[], "早", vec![]),
            (&people, "", vec![]),
            (&people, &long, vec![]),
            (&people, "早", vec![image(); 10]),
            (&people, "早", vec![image(), video]),
            (&people, "早", vec![link]),
        ];
        for (people, text, attachments) in wrong {
            let refused = api.add_moment(&app(), &new(people, text, &attachments)).await;
            assert!(matches!(refused, Err(CallError::Invalid { .. })), "{people:?} {text} {attachments:?}");
        }
        assert!(platform.asked(ADD).is_empty());
    }

    #[tokio::test]
    async fn a_job_runs_then_tells_the_moment_and_who_cannot_publish_it() {
        let platform = Platform::start().await;
        let done = |result: Value| Answer::Json(json!({ "errcode": 0, "status": 3, "result": result }));
        let invalid = json!({ "user_list": ["sun.jia"], "department_list": [2] });
        platform.script(
            JOB,
            [
                Answer::Json(json!({ "errcode": 0, "status": 1 })),
                done(json!({ "errcode": 0, "moment_id": "mom1", "invalid_sender_list": invalid })),
                done(json!({ "errcode": 41065, "errmsg": "invalid attachments msgtype" })),
                done(json!({ "errcode": 0 })),
            ],
        );
        let api = platform.api();
        assert_eq!(api.moment_job(&app(), "J1").await.unwrap(), MomentJob::Running);
        let made = MomentJob::Made { moment_id: "mom1".into(), invalid: vec!["sun.jia".into()] };
        assert_eq!(api.moment_job(&app(), "J1").await.unwrap(), made);
        let failed = api.moment_job(&app(), "J1").await.unwrap();
        assert!(matches!(failed, MomentJob::Failed(error) if error.refusal().unwrap().code == 41065));
        assert!(matches!(api.moment_job(&app(), "J1").await, Err(CallError::Unreadable { .. })));
        assert!(platform.asked(JOB)[0].query.contains("jobid=J1"));
    }

    #[tokio::test]
    async fn lists_tasks_and_echoes_are_read() {
        let platform = Platform::start().await;
        let listed = json!({ "moment_id": "mom1", "create_time": "1605000000", "create_type": 0,
            "text": { "content": "早上卸货" }, "image": [{ "media_id": "M" }], "video": {}, "link": null });
        platform.script(
            LIST,
            [
                Answer::Json(json!({ "errcode": 0, "next_cursor": "C1", "moment_list": [listed] })),
                Answer::Json(
                    json!({ "errcode": 0, "next_cursor": "", "moment_list": [{ "moment_id": "mom2" }] }),
                ),
            ],
        );
        let api = platform.api();
        let at = Timestamp::constant(1_790_000_000, 0);
        let moments = api.moments(&app(), at, at).await.unwrap();
        let told: Vec<_> = moments.iter().map(|one| (&*one.moment_id, one.text(), one.attached())).collect();
        assert_eq!(told, [("mom1", "早上卸货", 1), ("mom2", "", 0)]);
        assert_eq!(
            platform.asked(LIST)[1].json(),
            json!({ "start_time": 1_790_000_000, "end_time": 1_790_000_000, "filter_type": 0, "limit": 20,
                    "cursor": "C1" })
        );

        platform.script(
            TASK,
            [Answer::Json(json!({ "errcode": 0, "task_list": [
                { "userid": "zhangsan", "publish_status": 1 }, { "userid": "lisi", "publish_status": 0 }] }))],
        );
        let tasks = api.moment_tasks(&app(), "mom1").await.unwrap();
        let published: Vec<_> = tasks.iter().map(|one| (one.userid.as_str(), one.is_published())).collect();
        assert_eq!(published, [("zhangsan", true), ("lisi", false)]);

        let like = json!({ "external_userid": "wo1", "create_time": 1_605_172_726 });
        platform.script(
            COMMENTS,
            [
                Answer::Json(json!({ "errcode": 0, "comment_list": [like], "like_list": [like, like] })),
                Answer::Json(json!({ "errcode": 41062, "errmsg": "not published" })),
            ],
        );
        let echo = api.moment_echo(&app(), "mom1", &"zhangsan".into()).await.unwrap();
        assert_eq!(echo, MomentEcho { likes: 2, comments: 1 });
        let early = api.moment_echo(&app(), "mom1", &"lisi".into()).await.unwrap_err();
        assert_eq!(early.refusal().unwrap().class(), Class::Later);
        api.cancel_moment(&app(), "mom1").await.unwrap();
        assert_eq!(platform.asked(CANCEL)[0].json(), json!({ "moment_id": "mom1" }));
    }
}
