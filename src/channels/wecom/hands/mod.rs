//! The hands of WeCom: they carry out one action of the core and report how it ended.
//!
//! What this module promises:
//! - [`Hands::carry_out`] never goes faster than the platform counts ([`Pace`]), so nothing is dropped
//!   silently;
//! - its [`Report`] always says whether the action is done, must wait, may be repeated, has failed for good or
//!   is in doubt; an action that is repeated with the same idempotence key goes on where it stopped;
//! - a text that is too long goes out as several messages, never cut;
//! - what needs a file is prepared first ([`Hands::prepare`]), while nothing is in doubt yet: an upload that a
//!   crash interrupts is only done again.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

mod attachment;
mod files;
pub mod mass_send;
mod media;
pub mod moment;
pub mod pace;
mod plan;
mod progress;
mod report;
mod requests;
mod snapshot;
pub mod welcome_template;

pub use super::client::{AppConnection, PersonAndLog, SetupError, WebhookConnection};
pub use attachment::{Prepared, Use};
pub use media::{MediaKey, Uploaded};
pub use pace::Pace;
pub use report::{LATER_PAUSE, RETRY_PAUSE, Report, SentIds};
pub use requests::{Attached, NotNow};

use super::client::{Api, AppchatChange, ButtonCard, CallError, Class, SentMessage};
use crate::clock::Clock;
use crate::decision::event::GroupSnapshot;
use crate::decision::{Action, GroupId, JoinAsk, MemberId};
use attachment::Attachment;
use media::Media;
use pace::Toll;
use plan::{ASSUMED_PEOPLE, Step};
use progress::{Progress, Sent};

/// Groups whose size is remembered for the pace; the others count as [`ASSUMED_PEOPLE`].
const MAX_KNOWN_SIZES: usize = 100_000;

/// All that we are on the platform.
#[derive(Clone, Debug)]
pub struct Connections {
    /// `https://qyapi.weixin.qq.com`, or a simulator.
    pub api_base: String,
    pub apps: Vec<AppConnection>,
    pub webhooks: Vec<WebhookConnection>,
}

impl Connections {
    pub fn app(&self, id: &str) -> Option<&AppConnection> {
        self.apps.iter().find(|app| &*app.id == id)
    }

    pub fn webhook(&self, id: &str) -> Option<&WebhookConnection> {
        self.webhooks.iter().find(|webhook| &*webhook.id == id)
    }
}

/// All hands of one set of connections.
#[derive(Debug)]
pub struct Hands {
    api: Api,
    connections: Connections,
    clock: Clock,
    pace: Mutex<Pace>,
    progress: Progress,
    media: Media,
    /// Members of the groups that our apps made.
    sizes: Mutex<HashMap<GroupId, u32>>,
}

/// What a single request brought.
#[derive(Default)]
struct Outcome {
    detail: Option<String>,
    sent: SentMessage,
    snapshot: Option<Box<GroupSnapshot>>,
    config_id: Option<String>,
}

/// Why a single request did not do it.
#[derive(Debug)]
enum Trouble {
    Call(CallError),
    /// The platform has forgotten the file: with another upload it will work.
    Spent(CallError),
    /// It was no call that failed: the platform took the message, but not for the person; or the file may not
    /// be sent.
    ForGood(PersonAndLog),
}

impl From<PersonAndLog> for Trouble {
    fn from(why: PersonAndLog) -> Self {
        Self::ForGood(why)
    }
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Hands {
    /// `scripts` is the folder in which files are found that are named `bot-scripts/…`.
    pub fn new(connections: Connections, scripts: PathBuf, clock: Clock) -> Result<Self, SetupError> {
        Ok(Self {
            api: Api::new(&connections.api_base, clock.clone())?,
            connections,
            media: Media::new(scripts, clock.clone()),
            clock,
            pace: Mutex::default(),
            progress: Progress::default(),
            sizes: Mutex::default(),
        })
    }

    /// The calls that no action makes: listing customer groups, `token-check`, media.
    pub fn api(&self) -> &Api {
        &self.api
    }

    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Carries the action out, or says why not. `prepared` is what [`Self::prepare`] gave for it just before.
    ///
    /// `idempotence` names the action: a repetition has the same, another action another, also when both read
    /// the same. An action must not be carried out twice at the same time.
    pub async fn carry_out(&self, action: &Action, idempotence: &str, prepared: &Prepared) -> Report {
        let steps = match plan::steps(action, &self.connections) {
            Ok(steps) => steps,
            Err(why) => return Report::Failed { why },
        };
        let mut sent = self.progress.of(idempotence, &action.hand);
        let left = steps.get(sent.steps..).unwrap_or_default();
        if let Err(until) = self.lock_pace().admit(&self.tolls(left, action), self.clock.now()) {
            return Report::Wait { until, why: too_fast(action) };
        }
        let (mut detail, mut snapshot, mut config_id) = (None, None, None);
        for step in left {
            let interval = plan::duplicate_interval(idempotence, sent.steps);
            match self.take(step, prepared, interval).await.or_else(settled) {
                Ok(outcome) => {
                    sent.steps += 1;
                    sent.ids.msgids.extend(outcome.sent.msgid);
                    sent.ids.response_code = outcome.sent.response_code.or(sent.ids.response_code);
                    (detail, snapshot, config_id) = (outcome.detail, outcome.snapshot, outcome.config_id);
                }
                Err(trouble) => return self.give_up(action, idempotence, sent, step, trouble),
            }
        }
        self.progress.forget(idempotence, &action.hand);
        if let Attachment::Id { key, .. } = &prepared.attachment {
            self.media.worked(key);
        }
        Report::Done { detail, sent: sent.ids, snapshot, config_id }
    }

    /// Counts an action that was sent at `sent_at` before this process started: the store seeds the pace.
    /// What cannot be carried out now cannot have been sent and counts nothing.
    pub fn remember(&self, action: &Action, sent_at: Timestamp) {
        let steps = plan::steps(action, &self.connections).unwrap_or_default();
        let tolls = self.tolls(&steps, action);
        let mut pace = self.lock_pace();
        for toll in tolls {
            pace.remember(&toll, sent_at);
        }
    }

    /// Tells how many people a group made by our app has; a snapshot that we read ourselves is known already.
    pub fn know_size(&self, chat: &GroupId, people: usize) {
        let mut sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        if sizes.len() < MAX_KNOWN_SIZES || sizes.contains_key(chat) {
            sizes.insert(chat.clone(), u32::try_from(people).unwrap_or(u32::MAX));
        }
    }

    fn tolls(&self, steps: &[Step<'_>], action: &Action) -> Vec<Toll> {
        let sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        let known = action.group.as_ref().and_then(|chat| sizes.get(chat)).copied();
        Toll::sum(steps.iter().flat_map(|step| step.tolls(known.unwrap_or(ASSUMED_PEOPLE))))
    }

    /// Makes one request.
    async fn take(
        &self,
        step: &Step<'_>,
        prepared: &Prepared,
        duplicate_interval: u32,
    ) -> Result<Outcome, Trouble> {
        let api = &self.api;
        match *step {
            Step::Chat { app, chat, ref message, mentions } => {
                let posted = api.post_to_appchat(app, chat, message.content(prepared)?, mentions).await;
                posted.map_err(|error| self.trouble(error, prepared))?;
            }
            Step::Robot { robot, ref message, mentions } => {
                let posted = api.post_by_webhook(robot, message.content(prepared)?, mentions).await;
                posted.map_err(|error| self.trouble(error, prepared))?;
            }
            Step::Tell { app, to, ref message } => {
                let sent = api.send_message(app, &[to], message.content(prepared)?, duplicate_interval).await;
                return received(to, sent.map_err(|error| self.trouble(error, prepared))?);
            }
            Step::HandOver { app, to, part } => {
                return self.hand_over(app, to, part, prepared, duplicate_interval).await;
            }
            Step::Card { app, to, card } => {
                let sent = api.send_card(app, &[to], &ButtonCard::of(card), duplicate_interval).await?;
                return received(to, sent);
            }
            Step::UpdateCard { app, to, response_code, label, card } => {
                let updated = match card {
                    Some(card) => api.replace_card(app, &[to], response_code, &ButtonCard::of(card)).await,
                    None => api.update_card(app, &[to], response_code, label).await,
                };
                return received(to, updated?);
            }
            Step::Add { app, chat, member } => {
                let change = AppchatChange { add: vec![member.clone()], ..AppchatChange::default() };
                api.update_appchat(app, chat, &change).await?;
            }
            Step::Remove { app, chat, member } => return Ok(self.remove(app, chat, member).await?),
            Step::Welcome { app, code, ref text, ref links } => {
                api.send_welcome(app, code, Some(text), links).await?;
            }
            Step::JoinCode { app, ask } => return Ok(self.join_code(app, ask).await?),
            Step::Read { app, chat, customer } => return Ok(self.read(app, chat, customer).await?),
        }
        Ok(Outcome::default())
    }

    /// Which code the platform gives for somebody who is no member is not documented: on any refusal we look.
    async fn remove(
        &self,
        app: &AppConnection,
        chat: &GroupId,
        member: &MemberId,
    ) -> Result<Outcome, CallError> {
        let change = AppchatChange { remove: vec![member.clone()], ..AppchatChange::default() };
        let Err(error) = self.api.update_appchat(app, chat, &change).await else {
            return Ok(Outcome::default());
        };
        if error.refusal().is_none_or(|refusal| refusal.class() != Class::Never) {
            return Err(error);
        }
        match self.api.appchat(app, chat).await {
            Ok(info) if !info.members.iter().any(|present| same_person(present, member.as_str())) => {
                Ok(Outcome { detail: Some("该成员已不在群里".into()), ..Outcome::default() })
            }
            _ => Err(error),
        }
    }

    async fn join_code(&self, app: &AppConnection, ask: &JoinAsk) -> Result<Outcome, CallError> {
        let config_id = match ask {
            JoinAsk::Make(way) => self.api.add_join_way(app, way).await?,
            JoinAsk::Change { config_id, way } => {
                self.api.update_join_way(app, config_id, way).await?;
                config_id.clone()
            }
            JoinAsk::Delete { config_id } => {
                self.api.delete_join_way(app, config_id).await?;
                config_id.clone()
            }
        };
        Ok(Outcome { config_id: Some(config_id), ..Outcome::default() })
    }

    async fn read(&self, app: &AppConnection, chat: &GroupId, customer: bool) -> Result<Outcome, CallError> {
        let snapshot = if customer {
            snapshot::of_customer_group(self.api.customer_group(app, chat).await?)
        } else {
            let snapshot = snapshot::of_appchat(self.api.appchat(app, chat).await?);
            self.know_size(chat, snapshot.members.len());
            snapshot
        };
        Ok(Outcome { snapshot: Some(Box::new(snapshot)), ..Outcome::default() })
    }

    /// What a failed request means for the whole action.
    fn give_up(
        &self,
        action: &Action,
        idempotence: &str,
        sent: Sent,
        step: &Step<'_>,
        trouble: Trouble,
    ) -> Report {
        let now = self.clock.now();
        let report = match trouble {
            Trouble::ForGood(why) => Report::Failed { why },
            // Refused, so surely not sent: it comes again at once, and the file with it.
            Trouble::Spent(error) => Report::Wait { until: now, why: PersonAndLog::from(&error) },
            Trouble::Call(error) => {
                // The widest limit is the last one.
                let toll = step.tolls(ASSUMED_PEOPLE).pop();
                Report::of_error(&error, action.act.twice_is_harmless(), now, || self.block(toll, now))
            }
        };
        let begun = sent.steps;
        if begun > 0 && report.comes_again() {
            self.progress.keep(idempotence, &action.hand, sent);
        } else {
            self.progress.forget(idempotence, &action.hand);
        }
        report.after(begun)
    }

    /// Stops everything that the same limit counts.
    fn block(&self, toll: Option<Toll>, now: Timestamp) -> Timestamp {
        toll.map_or(now + LATER_PAUSE, |toll| self.lock_pace().block(&toll.key, now))
    }

    fn lock_pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message that the platform took may still not reach its one reader (§3.1).
fn received(to: &MemberId, sent: SentMessage) -> Result<Outcome, Trouble> {
    let named = |names: &[String]| names.iter().any(|name| same_person(to, name));
    let why = if named(&sent.invalid) {
        PersonAndLog::new(
            format!("成员 {to} 收不到应用消息：账号不存在，或不在应用的可见范围内"),
            format!("{to} is in invaliduser"),
        )
    } else if named(&sent.unlicensed) {
        PersonAndLog::new(
            format!("成员 {to} 收不到应用消息：没有基础接口许可"),
            format!("{to} is in unlicenseduser"),
        )
    } else {
        return Ok(Outcome { sent, ..Outcome::default() });
    };
    Err(Trouble::ForGood(why))
}

/// The platform gives userids back in lower case (§3.1).
fn same_person(id: &MemberId, name: &str) -> bool {
    id.as_str().eq_ignore_ascii_case(name)
}

/// Some refusals say that there was nothing left to do (class D of §2.2).
fn settled(trouble: Trouble) -> Result<Outcome, Trouble> {
    match trouble {
        Trouble::Call(error) if error.refusal().is_some_and(|refusal| refusal.class() == Class::Done) => {
            Ok(Outcome { detail: Some(error.person()), ..Outcome::default() })
        }
        trouble => Err(trouble),
    }
}

fn too_fast(action: &Action) -> PersonAndLog {
    PersonAndLog::new(
        "发送太快，等企业微信的频率限制过去后自动继续",
        format!("{} paced on {}", action.act.name(), action.hand),
    )
}

#[cfg(test)]
mod tests;
