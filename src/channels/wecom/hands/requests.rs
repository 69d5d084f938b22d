//! What mass sends, moments and group welcomes share: an app asks for them by a path of their own, with files,
//! and looks afterwards what became of them.

use jiff::SignedDuration;

use super::attachment::{Attachment as Brought, Need};
use super::pace::{PaceKey, Toll};
use super::{AppConnection, Hands, PersonAndLog, Report, Trouble, Uploaded};
use crate::channels::wecom::client::{CallError, Class};

/// The platform's clock and ours may differ by this when something of ours is looked for.
pub(super) const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

/// What a request needs before it is made. `A` is what the platform calls an attachment there.
#[derive(Clone, Debug)]
pub struct Attached<A> {
    pub(super) attachments: Vec<A>,
    /// The files among them, as they were brought.
    files: Vec<Brought>,
    /// New uploads, to be kept in the store.
    pub uploaded: Vec<Uploaded>,
}

impl<A> Default for Attached<A> {
    fn default() -> Self {
        Self { attachments: Vec::new(), files: Vec::new(), uploaded: Vec::new() }
    }
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
    pub(super) fn sender(&self, id: &str) -> Result<&AppConnection, PersonAndLog> {
        self.connections.app(id).ok_or_else(|| {
            PersonAndLog::new(format!("服务器配置里没有应用「{id}」"), format!("no connection {id:?}"))
        })
    }

    /// Gets the file to the platform, if one is needed, and puts what `put` makes of it to the others.
    pub(super) async fn attach<A>(
        &self,
        attached: &mut Attached<A>,
        need: Option<Need<'_>>,
        put: impl FnOnce(&Brought) -> Result<A, PersonAndLog>,
    ) -> Result<(), Report> {
        let (brought, uploaded) = match need {
            None => (Brought::None, None),
            Some(need) => {
                let brought = self.media.bring(&self.api, &need).await;
                brought.map_err(|trouble| self.not_brought(trouble, &need))?
            }
        };
        attached.attachments.push(put(&brought).map_err(|why| Report::Failed { why })?);
        attached.files.push(brought);
        attached.uploaded.extend(uploaded);
        Ok(())
    }

    /// Why an action cannot begin yet: nobody sees anything of an upload, so it may be repeated at will.
    pub(super) fn not_brought(&self, trouble: Trouble, need: &Need<'_>) -> Report {
        match trouble {
            Trouble::ForGood(why) => Report::Failed { why },
            Trouble::Call(error) | Trouble::Spent(error) => {
                let now = self.clock.now();
                Report::of_error(&error, true, now, || self.block(need.toll(), now))
            }
        }
    }

    /// Makes a request with its files, once its limit has room; `paced` says why it waits.
    pub(super) async fn request<A, T>(
        &self,
        toll: Toll,
        paced: PersonAndLog,
        twice_is_harmless: bool,
        attached: &Attached<A>,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, Report> {
        let now = self.clock.now();
        if let Err(until) = self.lock_pace().admit(std::slice::from_ref(&toll), now) {
            return Err(Report::Wait { until, why: paced });
        }
        match call.await {
            Ok(made) => {
                self.files_worked(&attached.files);
                Ok(made)
            }
            // The platform said yes and gave no id that we can read: it is there.
            Err(error @ CallError::Unreadable { .. }) if !twice_is_harmless => {
                Err(Report::Doubt { why: PersonAndLog::from(&error) })
            }
            Err(error) if self.files_are_spent(&error, &attached.files) => {
                Err(Report::Wait { until: now, why: PersonAndLog::from(&error) })
            }
            Err(error) => {
                Err(Report::of_error(&error, twice_is_harmless, now, || self.block(Some(toll), now)))
            }
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
                format!("questions paced until {until}"),
            ))),
        }
    }

    fn files_worked(&self, files: &[Brought]) {
        for file in files {
            if let Brought::Id { key, .. } = file {
                self.media.worked(key);
            }
        }
    }

    /// The platform has forgotten one of the files, and does not say which: all are uploaded again.
    fn files_are_spent(&self, error: &CallError, files: &[Brought]) -> bool {
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

/// What a call of this path costs by the base limits.
pub(super) fn toll(app: &AppConnection, path: &'static str) -> Toll {
    Toll { key: PaceKey::Calls { corp: app.corp_id.clone(), path }, cost: 1 }
}

pub(super) fn not_now(error: CallError) -> NotNow {
    let why = PersonAndLog::from(&error);
    if error.is_for_good() { NotNow::Never(why) } else { NotNow::Later(why) }
}

/// When there is nothing left to withdraw, it is withdrawn.
pub(super) fn withdrawn(answer: Result<(), CallError>) -> Result<(), NotNow> {
    match answer {
        Err(error) if class_of(&error) != Some(Class::Done) => Err(not_now(error)),
        _ => Ok(()),
    }
}

pub(super) fn class_of(error: &CallError) -> Option<Class> {
    error.refusal().map(|refusal| refusal.class())
}
