//! PURE. How one try to carry out an action ended.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::channels::wecom::client::{CallError, Class, GETTOKEN, PersonAndLog};
use crate::decision::event::GroupSnapshot;

/// The least pause before a repetition after a hiccup of network or platform; delivery may wait longer.
pub const RETRY_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// Pause while the platform cannot be reached. An outage of hours must not use up an action's tries:
/// delivery ends the waiting when the action has become too old.
pub const UNREACHED_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// The least pause when the platform is still busy with an earlier step (class L of §2.2).
pub const LATER_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// 45009 on gettoken: our IP is banned for an hour (§2.1).
const BAN: SignedDuration = SignedDuration::from_hours(1);

/// How one try to carry out an action ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    Done {
        /// Something worth telling, in Chinese: the removed member had already left.
        detail: Option<String>,
        sent: SentIds,
        /// What [`crate::decision::Act::ReadGroup`] read.
        snapshot: Option<Box<GroupSnapshot>>,
        /// The code that [`crate::decision::Act::JoinCode`] was about, as the platform calls it.
        config_id: Option<String>,
    },
    /// It was not done, or doing it again is harmless: try again, not sooner than `after`.
    Retry { after: SignedDuration, why: PersonAndLog },
    /// A limit is reached, or the platform cannot be: the request was surely not carried out, and it
    /// counts as no try. Try again at `until`.
    Wait { until: Timestamp, why: PersonAndLog },
    /// It will never work this way: fall back to the next hand.
    Failed { why: PersonAndLog },
    /// It may have been done, and doing it again could do it twice.
    Doubt { why: PersonAndLog },
}

/// What the platform called the messages that it took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentIds {
    /// For `message/recall`, 24 h. `appchat/send` and `webhook/send` give none.
    pub msgids: Vec<String>,
    /// For one update of the card that was sent, 72 h.
    pub response_code: Option<String>,
}

impl Report {
    /// What a failed request means. `block` is asked until when a limit blocks us (45009).
    pub(super) fn of_error(
        error: &CallError,
        twice_is_harmless: bool,
        now: Timestamp,
        block: impl FnOnce() -> Timestamp,
    ) -> Self {
        let why = PersonAndLog::from(error);
        match error {
            CallError::NotSent { .. } => Self::Wait { until: now + UNREACHED_PAUSE, why },
            CallError::Doubt { .. } if twice_is_harmless => Self::Retry { after: RETRY_PAUSE, why },
            CallError::Doubt { .. } => Self::Doubt { why },
            CallError::Unreadable { .. } | CallError::Invalid { .. } => Self::Failed { why },
            CallError::Refused(refusal) => match refusal.class() {
                Class::Retry | Class::Token => Self::Retry { after: RETRY_PAUSE, why },
                Class::Later => Self::Retry { after: LATER_PAUSE, why },
                Class::Wait(Some(window)) => Self::Wait { until: now + window, why },
                Class::Wait(None) if refusal.path == GETTOKEN => Self::Wait { until: now + BAN, why },
                Class::Wait(None) => Self::Wait { until: block(), why },
                // Class D never comes here: there was nothing left to do, and the caller went on.
                Class::Never | Class::Done => Self::Failed { why },
            },
        }
    }

    /// The same for an action of which `sent` messages are already out.
    pub(super) fn after(self, sent: usize) -> Self {
        let told = |why: PersonAndLog| {
            PersonAndLog::new(
                format!("前 {sent} 条已发出，之后失败：{}", why.person),
                format!("after {sent} messages: {}", why.log),
            )
        };
        match self {
            Self::Failed { why } if sent > 0 => Self::Failed { why: told(why) },
            Self::Doubt { why } if sent > 0 => Self::Doubt { why: told(why) },
            other => other,
        }
    }

    /// The same action will be carried out again.
    pub fn comes_again(&self) -> bool {
        matches!(self, Self::Retry { .. } | Self::Wait { .. })
    }
}
