//! Mass sends (企业群发, wecom-send.md §8): asking for one, seeing how far it is, reminding, withdrawing.
//!
//! Asking is the only step that must not be done twice; its report says `Doubt` whenever the platform may have
//! made the task. Everything else may be repeated at will.

use jiff::Timestamp;

use super::attachment::Need;
use super::requests::{Attached, CLOCKS_DIFFER, NotNow, class_of, not_now, toll, withdrawn};
use super::{Hands, PersonAndLog, Report};
use crate::channels::wecom::client::{
    ADD_MASS_SEND, Attachment, CANCEL_MASS_SEND, Class, LIST_MASS_SENDS, ListedMassSend, MASS_SEND_RESULT,
    MASS_SEND_TASK, NewMassSend, REMIND_MASS_SEND,
};
use crate::decision::{GroupId, MassSend, MemberId};

pub use crate::channels::wecom::client::CHATS_AT_MOST;

/// `status` of a member's task: sent.
const TASK_SENT: i64 = 2;
/// `status` of a group's result.
const SENT: i64 = 1;
const LIMIT_REACHED: i64 = 3;

/// A mass send that was made: its owner has a task now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub msgid: String,
    /// Groups that the platform does not send to.
    pub refused: Vec<GroupId>,
}

/// How far a mass send is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The owner has not confirmed it.
    Waiting,
    /// The owner has; by group what became of it. A group that is missing was not sent to, or not yet.
    Confirmed { at: Timestamp, groups: Vec<(GroupId, Landed)> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landed {
    /// At this moment.
    Sent(Timestamp),
    /// The group's budget is used up.
    Full,
    /// On its way, or refused for another reason.
    Not,
}

impl Hands {
    /// Gets the files of a mass send to the platform; to be asked again for every try. Nobody sees anything
    /// of it.
    pub async fn prepare_mass_send(
        &self,
        app: &str,
        send: &MassSend,
    ) -> Result<Attached<Attachment>, Report> {
        let app = self.sender(app).map_err(|why| Report::Failed { why })?;
        let mut attached = Attached::default();
        for part in send.attachments() {
            let need = Need::by_mass_send(part, app);
            self.attach(&mut attached, need, |brought| brought.in_mass_send(part)).await?;
        }
        Ok(attached)
    }

    /// Asks the owner to send it to these groups, at most [`CHATS_AT_MOST`]. The report is never `Done`.
    pub async fn ask_for_mass_send(
        &self,
        app: &str,
        send: &MassSend,
        chats: &[GroupId],
        attached: &Attached<Attachment>,
    ) -> Result<Made, Report> {
        let app = self.sender(app).map_err(|why| Report::Failed { why })?;
        let paced = PersonAndLog::new("群发建得太快，稍后自动继续", "mass sends paced");
        let text = send.text();
        let new = NewMassSend { owner: &send.owner, chats, text: &text, attachments: &attached.attachments };
        let call = self.api.add_mass_send(app, &new);
        let added = self.request(toll(app, ADD_MASS_SEND), paced, false, attached, call).await?;
        Ok(Made { msgid: added.msgid, refused: added.fail_list.into_iter().map(GroupId::new).collect() })
    }

    /// How far it is.
    pub async fn mass_send_stage(&self, app: &str, msgid: &str, owner: &MemberId) -> Result<Stage, NotNow> {
        let app = self.asking(app, &[MASS_SEND_TASK, MASS_SEND_RESULT])?;
        let tasks = self.api.mass_send_tasks(app, msgid).await.map_err(not_now)?;
        let theirs = |userid: &MemberId| userid.as_str().eq_ignore_ascii_case(owner.as_str());
        let sent = tasks.iter().find(|task| theirs(&task.userid) && task.status == Some(TASK_SENT));
        let Some(task) = sent else { return Ok(Stage::Waiting) };
        let at = moment(task.send_time).unwrap_or_else(|| self.clock.now());
        let results = self.api.mass_send_results(app, msgid, owner).await.map_err(not_now)?;
        let landed = |status, time| match status {
            Some(SENT) => Landed::Sent(moment(time).unwrap_or(at)),
            Some(LIMIT_REACHED) => Landed::Full,
            _ => Landed::Not,
        };
        let groups = results.into_iter().map(|one| (one.chat_id, landed(one.status, one.send_time)));
        Ok(Stage::Confirmed { at, groups: groups.collect() })
    }

    /// Looks for a mass send that we asked for around `asked_at` and heard no answer about; `known` are ids
    /// that are others of ours. `None`: the platform does not know it, or not yet.
    pub async fn find_mass_send(
        &self,
        app: &str,
        send: &MassSend,
        asked_at: Timestamp,
        known: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, NotNow> {
        let app = self.asking(app, &[LIST_MASS_SENDS, MASS_SEND_TASK])?;
        let from = asked_at.saturating_sub(CLOCKS_DIFFER).unwrap_or(asked_at);
        let to = asked_at.saturating_add(CLOCKS_DIFFER).unwrap_or(asked_at);
        let (text, attached) = (send.text(), send.attachments().count());
        let same = |one: &ListedMassSend| one.text() == text && one.attachments.len() == attached;
        let listed = self.api.mass_sends(app, from, to).await.map_err(not_now)?;
        for one in listed.into_iter().filter(|one| same(one) && !known(&one.msgid)) {
            let tasks = self.api.mass_send_tasks(app, &one.msgid).await.map_err(not_now)?;
            if tasks.iter().any(|task| task.userid.as_str().eq_ignore_ascii_case(send.owner.as_str())) {
                return Ok(Some(one.msgid));
            }
        }
        Ok(None)
    }

    /// Has the platform remind the owner. `false`: its three reminders of 24 h are used up.
    pub async fn remind_mass_send(&self, app: &str, msgid: &str) -> Result<bool, NotNow> {
        let app = self.asking(app, &[REMIND_MASS_SEND])?;
        match self.api.remind_mass_send(app, msgid).await {
            Ok(()) => Ok(true),
            Err(error) if class_of(&error).is_some_and(|class| matches!(class, Class::Wait(Some(_)))) => {
                Ok(false)
            }
            Err(error) => Err(not_now(error)),
        }
    }

    /// Withdraws what was not sent yet.
    pub async fn cancel_mass_send(&self, app: &str, msgid: &str) -> Result<(), NotNow> {
        let app = self.asking(app, &[CANCEL_MASS_SEND])?;
        withdrawn(self.api.cancel_mass_send(app, msgid).await)
    }
}

fn moment(unix_seconds: Option<i64>) -> Option<Timestamp> {
    unix_seconds.filter(|seconds| *seconds > 0).and_then(|seconds| Timestamp::from_second(seconds).ok())
}

#[cfg(test)]
mod tests;
