//! Moments (客户朋友圈, wecom-send.md §10): asking staff to publish something, and seeing what came of it.
//!
//! Asking is the only step that must not be done twice; its report says `Doubt` whenever the platform may have
//! made the task. Everything else may be repeated at will.

use jiff::Timestamp;

use super::attachment::{Attachment as Brought, Need};
use super::pace::{PaceKey, Toll};
use super::requests::{Attached, CLOCKS_DIFFER, NotNow, not_now, withdrawn};
use super::{Hands, PersonAndLog, Report};
use crate::channels::wecom::client::{
    CANCEL_MOMENT, CallError, LIST_MOMENTS, ListedMoment, MOMENT_COMMENTS, MOMENT_JOB, MOMENT_TASK,
    MomentAttachment, NewMoment,
};
use crate::decision::{MemberId, MomentTask, Part};

pub use crate::channels::wecom::client::{MomentEcho, MomentJob};

impl Hands {
    /// Gets the files of a moment to the platform; to be asked again for every try. Nobody sees anything of it.
    pub async fn prepare_moment(
        &self,
        app: &str,
        task: &MomentTask,
    ) -> Result<Attached<MomentAttachment>, Report> {
        let app = self.sender(app).map_err(|why| Report::Failed { why })?;
        let mut attached = Attached::default();
        for part in task.attachments() {
            let need = Need::by_moment(part, app);
            self.attach(&mut attached, need, |brought| attachment(part, brought)).await?;
        }
        Ok(attached)
    }

    /// Asks the task's people to publish it. Returns the job that tells when the platform has made it; the report
    /// is never `Done`.
    pub async fn ask_for_moment(
        &self,
        app: &str,
        task: &MomentTask,
        attached: &Attached<MomentAttachment>,
    ) -> Result<String, Report> {
        let app = self.sender(app).map_err(|why| Report::Failed { why })?;
        let toll = Toll { key: PaceKey::Moments { corp: app.corp_id.clone() }, cost: 1 };
        let paced = PersonAndLog::new("朋友圈任务建得太快，稍后自动继续", "moments paced");
        let people: Vec<MemberId> = task.people.iter().map(|person| person.id.clone()).collect();
        let text = task.text();
        let new = NewMoment { people: &people, text: &text, attachments: &attached.attachments };
        self.request(toll, paced, false, attached, self.api.add_moment(app, &new)).await
    }

    /// How far the platform is with making it.
    pub async fn moment_job(&self, app: &str, jobid: &str) -> Result<MomentJob, NotNow> {
        let app = self.asking(app, &[MOMENT_JOB])?;
        self.api.moment_job(app, jobid).await.map_err(not_now)
    }

    /// Looks for a moment that we asked for around `asked_at` and heard no answer about; `known` are ids that
    /// are others of ours. `None`: the platform does not know it, or not yet.
    pub async fn find_moment(
        &self,
        app: &str,
        task: &MomentTask,
        asked_at: Timestamp,
        known: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, NotNow> {
        let app = self.asking(app, &[LIST_MOMENTS, MOMENT_TASK])?;
        let from = asked_at.saturating_sub(CLOCKS_DIFFER).unwrap_or(asked_at);
        let to = asked_at.saturating_add(CLOCKS_DIFFER).unwrap_or(asked_at);
        let (text, attached) = (task.text(), task.attachments().count());
        let same = |one: &ListedMoment| one.text() == text && one.attached() == attached;
        let listed = self.api.moments(app, from, to).await.map_err(not_now)?;
        for one in listed.into_iter().filter(|one| same(one) && !known(&one.moment_id)) {
            let asked = self.api.moment_tasks(app, &one.moment_id).await.map_err(not_now)?;
            let ours = |userid: &MemberId| task.people.iter().any(|person| is_same(&person.id, userid));
            if !asked.is_empty() && asked.iter().all(|task| ours(&task.userid)) {
                return Ok(Some(one.moment_id));
            }
        }
        Ok(None)
    }

    /// Who has published it.
    pub async fn published(&self, app: &str, moment_id: &str) -> Result<Vec<MemberId>, NotNow> {
        let app = self.asking(app, &[MOMENT_TASK])?;
        let tasks = self.api.moment_tasks(app, moment_id).await.map_err(not_now)?;
        Ok(tasks.into_iter().filter(|task| task.is_published()).map(|task| task.userid).collect())
    }

    /// Likes and comments on what this person has published; `None` when there is nothing of theirs.
    pub async fn moment_echo(
        &self,
        app: &str,
        moment_id: &str,
        person: &MemberId,
    ) -> Result<Option<MomentEcho>, NotNow> {
        let app = self.asking(app, &[MOMENT_COMMENTS])?;
        match self.api.moment_echo(app, moment_id, person).await {
            Ok(echo) => Ok(Some(echo)),
            Err(error) if is_nothing_of_theirs(&error) => Ok(None),
            Err(error) => Err(not_now(error)),
        }
    }

    /// Nobody can publish it any more.
    pub async fn cancel_moment(&self, app: &str, moment_id: &str) -> Result<(), NotNow> {
        let app = self.asking(app, &[CANCEL_MOMENT])?;
        withdrawn(self.api.cancel_moment(app, moment_id).await)
    }
}

/// The platform writes userids in lower case where it gives them back (§3.1).
pub fn is_same(one: &MemberId, other: &MemberId) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

/// 41061: another's; 41062: not published, or taken down by its author.
fn is_nothing_of_theirs(error: &CallError) -> bool {
    const NOT_THE_PUBLISHER: i64 = 41061;
    const NOT_PUBLISHED: i64 = 41062;
    error.refusal().is_some_and(|refusal| matches!(refusal.code, NOT_THE_PUBLISHER | NOT_PUBLISHED))
}

/// A part in its place among the attachments, with its file.
fn attachment(part: &Part, brought: &Brought) -> Result<MomentAttachment, PersonAndLog> {
    let Brought::Id { id, .. } = brought else {
        return Err(PersonAndLog::new("朋友圈里的链接要配封面图", "a part of a moment without a file"));
    };
    let media_id = id.clone();
    match part {
        Part::Image { .. } => Ok(MomentAttachment::Image { media_id }),
        Part::Video { .. } => Ok(MomentAttachment::Video { media_id }),
        Part::Link { title, url, .. } => {
            Ok(MomentAttachment::Link { title: title.clone(), url: url.clone(), media_id })
        }
        Part::Text { .. } | Part::Markdown { .. } | Part::File { .. } | Part::MiniProgram { .. } => {
            let person = format!("朋友圈不能发{}", part.kind().chinese());
            Err(PersonAndLog::new(person, "no attachment of a moment"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::channels::wecom::client::scripted::{Answer, Platform, app, errcode};
    use crate::channels::wecom::client::{ADD_MOMENT, LIST_MOMENTS, MOMENT_TASK};
    use crate::channels::wecom::hands::Connections;
    use crate::clock::Clock;
    use crate::decision::MomentPerson;

    fn hands(platform: &Platform) -> Hands {
        let connections =
            Connections { api_base: platform.base.clone(), apps: vec![app()], webhooks: Vec::new() };
        Hands::new(connections, PathBuf::from("bot-scripts"), Clock::system()).unwrap()
    }

    const ASKED: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn task() -> MomentTask {
        MomentTask {
            moment: "m".into(),
            title: "卸货的早上".into(),
            script: "moments-unloading".into(),
            variant: None,
            parts: vec![Part::text("早上卸货"), Part::text("车开走了")],
            people: ["wang.min", "Li.Na"].map(|id| MomentPerson::new(id.into(), "朝阳店")).into(),
            remind_at: None,
            ends_at: Timestamp::MAX,
        }
    }

    async fn ask(hands: &Hands) -> Result<String, Report> {
        let prepared = hands.prepare_moment("assistant", &task()).await.unwrap();
        hands.ask_for_moment("assistant", &task(), &prepared).await
    }

    #[tokio::test]
    async fn what_may_have_been_made_is_in_doubt_and_the_eleventh_in_a_minute_waits() {
        let platform = Platform::start().await;
        let hands = hands(&platform);
        platform.script(
            ADD_MOMENT,
            [
                Answer::Json(json!({ "errcode": 0, "jobid": "J1" })),
                Answer::Broken,
                errcode(0),
                errcode(41089),
            ],
        );
        assert_eq!(ask(&hands).await, Ok("J1".to_owned()));
        assert!(matches!(ask(&hands).await, Err(Report::Doubt { .. })), "no answer");
        assert!(matches!(ask(&hands).await, Err(Report::Doubt { .. })), "no id");
        assert!(matches!(ask(&hands).await, Err(Report::Failed { .. })));
        for _ in 4..10 {
            drop(ask(&hands).await);
        }
        assert!(matches!(ask(&hands).await, Err(Report::Wait { .. })));
        assert_eq!(platform.asked(ADD_MOMENT).len(), 10);
        let body = platform.asked(ADD_MOMENT)[0].json();
        assert_eq!(body["text"]["content"], "早上卸货\n\n车开走了");
    }

    #[tokio::test]
    async fn a_moment_without_an_answer_is_found_by_its_words_and_people() {
        let platform = Platform::start().await;
        let hands = hands(&platform);
        let listed = |id: &str, text: &str| json!({ "moment_id": id, "text": { "content": text } });
        let text = "早上卸货\n\n车开走了";
        let list = json!([
            listed("other", "别的"),
            listed("known", text),
            listed("theirs", text),
            listed("ours", text)
        ]);
        platform.script(LIST_MOMENTS, [Answer::Json(json!({ "errcode": 0, "moment_list": list }))]);
        let tasks = |people: &[&str]| {
            let tasks: Vec<_> =
                people.iter().map(|id| json!({ "userid": id, "publish_status": 0 })).collect();
            Answer::Json(json!({ "errcode": 0, "task_list": tasks }))
        };
        platform.script(MOMENT_TASK, [tasks(&["wang.min", "zhao.lei"]), tasks(&["wang.min", "li.na"])]);
        let found = hands.find_moment("assistant", &task(), ASKED, |id| id == "known").await;
        assert_eq!(found.unwrap().as_deref(), Some("ours"));
    }
}
