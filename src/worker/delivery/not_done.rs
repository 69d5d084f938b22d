//! What is to be done about a row when the platform has not done what was asked.

use jiff::{SignedDuration, Timestamp};

use super::{Report, RowState, TRIES};
use crate::channels::wecom::hands::PersonAndLog;
use crate::worker::rounds::later;

/// What a report means for the row, once it is not the first try.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum NotDone {
    /// It is tried again at `at`, and it `counts` as a try.
    Again { at: Timestamp, counts: bool, why: PersonAndLog },
    /// It is over: [`RowState::Failed`], or [`RowState::Doubt`] when it may have been done.
    Over { state: RowState, why: PersonAndLog },
}

impl NotDone {
    /// `None` when it was done; `attempts` are the tries before this one.
    pub(super) fn of(report: Report, attempts: u32, now: Timestamp) -> Option<Self> {
        Some(match report {
            Report::Done { .. } => return None,
            Report::Wait { until, why } => Self::Again { at: until, counts: false, why },
            Report::Retry { after, why } if attempts + 1 < TRIES => {
                Self::Again { at: later(now, after.max(backoff(attempts))), counts: true, why }
            }
            Report::Doubt { why } => Self::Over { state: RowState::Doubt, why },
            Report::Failed { why } | Report::Retry { why, .. } => Self::Over { state: RowState::Failed, why },
        })
    }
}

/// 2 s, 4 s, 8 s … up to about 17 minutes.
fn backoff(attempts: u32) -> SignedDuration {
    SignedDuration::from_secs(2 << attempts.min(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn why() -> PersonAndLog {
        PersonAndLog { person: "没有网".to_owned(), log: "offline".to_owned() }
    }

    #[test]
    fn backoff_doubles_and_stays_bounded() {
        assert_eq!(backoff(0), SignedDuration::from_secs(2));
        assert_eq!(backoff(3), SignedDuration::from_secs(16));
        assert_eq!(backoff(u32::MAX), SignedDuration::from_secs(1024));
    }

    #[test]
    fn the_last_try_is_over_and_waiting_is_no_try() {
        let retry = Report::Retry { after: SignedDuration::ZERO, why: why() };
        let again = NotDone::Again { at: NOW + backoff(TRIES - 2), counts: true, why: why() };
        assert_eq!(NotDone::of(retry.clone(), TRIES - 2, NOW), Some(again));
        let over = |state| Some(NotDone::Over { state, why: why() });
        assert_eq!(NotDone::of(retry, TRIES - 1, NOW), over(RowState::Failed));
        assert_eq!(NotDone::of(Report::Doubt { why: why() }, 0, NOW), over(RowState::Doubt));
        let until = NOW + SignedDuration::from_mins(1);
        let waiting = NotDone::Again { at: until, counts: false, why: why() };
        assert_eq!(NotDone::of(Report::Wait { until, why: why() }, TRIES, NOW), Some(waiting));
    }
}
