//! Mass sends (企业群发, wecom-send.md §8): asking for one, seeing how far it is, reminding, withdrawing.
//!
//! Asking is the only step that must not be done twice; its report says `Doubt` whenever the platform may have
//! made the task. Everything else may be repeated at will.

use jiff::{SignedDuration, Timestamp};

use super::attachment::{Attachment as Brought, Need};
use super::pace::{PaceKey, Toll};
use super::{Hands, PersonAndLog, Report, Trouble, Uploaded};
use crate::channels::wecom::client::{
    ADD_MASS_SEND, AppConnection, Attachment, CANCEL_MASS_SEND, CallError, Class, LIST_MASS_SENDS,
    ListedMassSend, MASS_SEND_RESULT, MASS_SEND_TASK, NewMassSend, REMIND_MASS_SEND,
};
use crate::decision::{GroupId, MassSend, MemberId, Part};

pub use crate::channels::wecom::client::CHATS_AT_MOST;

/// `status` of a member's task: sent.
const TASK_SENT: i64 = 2;
/// `status` of a group's result.
const SENT: i64 = 1;
const LIMIT_REACHED: i64 = 3;
/// The platform's clock and ours may differ by this when a mass send is looked for.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

/// What a mass send needs before it is asked for.
#[derive(Clone, Debug, Default)]
pub struct PreparedMassSend {
    attachments: Vec<Attachment>,
    /// The files among them, as they were brought.
    files: Vec<Brought>,
    /// New uploads, to be kept in the store.
    pub uploaded: Vec<Uploaded>,
}

/// How asking ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// The owner has a task now; `refused` are groups that the platform does not send to.
    Made { msgid: String, refused: Vec<GroupId> },
    /// `Done` is never among these.
    Not(Report),
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

/// What a question or a reminder came to, when not to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotNow {
    /// Ask again: a limit, a hiccup, or the platform is still busy with it.
    Later(PersonAndLog),
    /// Asking again changes nothing.
    Never(PersonAndLog),
}

impl Hands {
    /// Gets the files of a mass send to the platform; to be asked again for every try. Nobody sees anything
    /// of it.
    pub async fn prepare_mass_send(&self, app: &str, send: &MassSend) -> Result<PreparedMassSend, Report> {
        let app = self.sender(app).map_err(|why| Report::Failed { why })?;
        let mut prepared = PreparedMassSend::default();
        for part in send.attachments() {
            let brought = match Need::by_mass_send(part, app) {
                None => Brought::None,
                Some(need) => {
                    let (brought, uploaded) = match self.media.bring(&self.api, &need).await {
                        Ok(brought) => brought,
                        Err(Trouble::ForGood(why)) => return Err(Report::Failed { why }),
                        Err(Trouble::Call(error) | Trouble::Spent(error)) => {
                            let now = self.clock.now();
                            return Err(Report::of_error(&error, true, now, || self.block(need.toll(), now)));
                        }
                    };
                    prepared.uploaded.extend(uploaded);
                    brought
                }
            };
            prepared.attachments.push(attachment(part, &brought).map_err(|why| Report::Failed { why })?);
            prepared.files.push(brought);
        }
        Ok(prepared)
    }

    /// Asks the owner to send it to these groups, at most [`CHATS_AT_MOST`].
    pub async fn ask_for_mass_send(
        &self,
        app: &str,
        send: &MassSend,
        chats: &[GroupId],
        prepared: &PreparedMassSend,
    ) -> Asked {
        let app = match self.sender(app) {
            Ok(app) => app,
            Err(why) => return Asked::Not(Report::Failed { why }),
        };
        let now = self.clock.now();
        if let Err(until) = self.lock_pace().admit(&[toll(app, ADD_MASS_SEND)], now) {
            let why = PersonAndLog::new("群发建得太快，稍后自动继续", "mass sends paced");
            return Asked::Not(Report::Wait { until, why });
        }
        let text = send.text();
        let new = NewMassSend { owner: &send.owner, chats, text: &text, attachments: &prepared.attachments };
        match self.api.add_mass_send(app, &new).await {
            Ok(added) => {
                self.files_worked(&prepared.files);
                let refused = added.fail_list.into_iter().map(GroupId::new).collect();
                Asked::Made { msgid: added.msgid, refused }
            }
            // The platform said yes and gave no id that we can read: the task is there.
            Err(error @ CallError::Unreadable { .. }) => {
                Asked::Not(Report::Doubt { why: PersonAndLog::from(&error) })
            }
            Err(error) if self.files_are_spent(&error, &prepared.files) => {
                Asked::Not(Report::Wait { until: now, why: PersonAndLog::from(&error) })
            }
            Err(error) => Asked::Not(Report::of_error(&error, false, now, || {
                self.block(Some(toll(app, ADD_MASS_SEND)), now)
            })),
        }
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
        match self.api.cancel_mass_send(app, msgid).await {
            Err(error) if class_of(&error) != Some(Class::Done) => Err(not_now(error)),
            _ => Ok(()),
        }
    }

    /// The app, once the base limits of these paths have room.
    pub(super) fn asking(&self, app: &str, paths: &[&'static str]) -> Result<&AppConnection, NotNow> {
        let app = self.sender(app).map_err(NotNow::Never)?;
        let tolls: Vec<Toll> = paths.iter().map(|path| toll(app, path)).collect();
        match self.lock_pace().admit(&tolls, self.clock.now()) {
            Ok(()) => Ok(app),
            Err(until) => Err(NotNow::Later(PersonAndLog::new(
                "查询太快，稍后自动继续",
                format!("mass-send questions paced until {until}"),
            ))),
        }
    }

    pub(super) fn sender(&self, id: &str) -> Result<&AppConnection, PersonAndLog> {
        self.connections.app(id).ok_or_else(|| {
            PersonAndLog::new(format!("服务器配置里没有应用「{id}」"), format!("no connection {id:?}"))
        })
    }

    pub(super) fn files_worked(&self, files: &[Brought]) {
        for file in files {
            if let Brought::Id { key, .. } = file {
                self.media.worked(key);
            }
        }
    }

    /// The platform has forgotten one of the files, and does not say which: all are uploaded again.
    pub(super) fn files_are_spent(&self, error: &CallError, files: &[Brought]) -> bool {
        if !error.refusal().is_some_and(|refusal| refusal.is_spent_media()) {
            return false;
        }
        let mut worth_a_try = false;
        for file in files {
            if let Brought::Id { id, key } = file {
                worth_a_try |= self.media.spent(key, id);
            }
        }
        worth_a_try
    }
}

/// A part in its place among the attachments, with its file.
pub(super) fn attachment(part: &Part, brought: &Brought) -> Result<Attachment, PersonAndLog> {
    let id = match brought {
        Brought::Id { id, .. } => Some(id.clone()),
        Brought::None | Brought::Bytes(_) | Brought::Missing(_) => None,
    };
    let needed = || {
        let person = format!("{}没有准备好（程序错误，请联系开发）", part.kind().chinese());
        id.clone().ok_or_else(|| PersonAndLog::new(person, "sent without being prepared"))
    };
    Ok(match part {
        Part::Image { .. } => Attachment::Image { media_id: needed()? },
        Part::Video { .. } => Attachment::Video { media_id: needed()? },
        Part::File { .. } => Attachment::File { media_id: needed()? },
        Part::Link { title, description, url, .. } => Attachment::Link {
            title: title.clone(),
            picurl: id.unwrap_or_default(),
            desc: description.clone(),
            url: url.clone(),
        },
        Part::MiniProgram { title, appid, page, .. } => Attachment::Miniprogram {
            title: title.clone(),
            pic_media_id: needed()?,
            appid: appid.clone(),
            page: page.clone(),
        },
        Part::Text { .. } | Part::Markdown { .. } => {
            return Err(PersonAndLog::new("文字不是附件（程序错误，请联系开发）", "words as an attachment"));
        }
    })
}

pub(super) fn toll(app: &AppConnection, path: &'static str) -> Toll {
    Toll { key: PaceKey::Calls { corp: app.corp_id.clone(), path }, cost: 1 }
}

pub(super) fn class_of(error: &CallError) -> Option<Class> {
    error.refusal().map(|refusal| refusal.class())
}

pub(super) fn not_now(error: CallError) -> NotNow {
    let why = PersonAndLog::from(&error);
    if error.is_for_good() { NotNow::Never(why) } else { NotNow::Later(why) }
}

fn moment(unix_seconds: Option<i64>) -> Option<Timestamp> {
    unix_seconds.filter(|seconds| *seconds > 0).and_then(|seconds| Timestamp::from_second(seconds).ok())
}

#[cfg(test)]
mod tests;
