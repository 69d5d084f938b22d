//! What becomes of a post whose moment has passed: the bot was down, the machine asleep, the clock put forward.

use jiff::{SignedDuration, Timestamp};

/// What counts as in time whatever the schedule says: a restart, a reload or a busy minute is nobody's mistake.
pub const GRACE: SignedDuration = SignedDuration::from_mins(2);

/// What a schedule wants for what could not go out in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// It is left out.
    #[default]
    Skip,
    /// It still goes out if it is late by no more than this.
    CatchUpWithin(SignedDuration),
}

/// How a due moment stands at another moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// By no more than [`GRACE`] late. Also what is not due yet, because the clock was put back.
    OnTime,
    /// By this much, and still to go out.
    Late(SignedDuration),
    /// By this much, and not to go out any more.
    Missed(SignedDuration),
}

impl Missed {
    /// By how much a post may be late.
    pub fn patience(self) -> SignedDuration {
        match self {
            Self::Skip => GRACE,
            Self::CatchUpWithin(limit) => limit.max(GRACE),
        }
    }

    pub fn verdict(self, due: Timestamp, now: Timestamp) -> Verdict {
        match now.duration_since(due) {
            late if late <= GRACE => Verdict::OnTime,
            late if late <= self.patience() => Verdict::Late(late),
            late => Verdict::Missed(late),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(missed: Missed, seconds: i64) -> Verdict {
        missed.verdict(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds))
    }

    #[test]
    fn a_restart_is_no_delay() {
        for missed in [Missed::Skip, Missed::CatchUpWithin(SignedDuration::from_secs(30))] {
            assert_eq!(verdict(missed, 0), Verdict::OnTime);
            assert_eq!(verdict(missed, 120), Verdict::OnTime);
            assert_eq!(verdict(missed, 121), Verdict::Missed(SignedDuration::from_secs(121)));
        }
    }

    #[test]
    fn what_may_be_caught_up_with_goes_out_late() {
        let half_an_hour = Missed::CatchUpWithin(SignedDuration::from_mins(30));
        assert_eq!(verdict(half_an_hour, 119), Verdict::OnTime);
        assert_eq!(verdict(half_an_hour, 1800), Verdict::Late(SignedDuration::from_mins(30)));
        assert_eq!(verdict(half_an_hour, 1801), Verdict::Missed(SignedDuration::from_secs(1801)));
        assert_eq!(verdict(half_an_hour, 2 * 86_400), Verdict::Missed(SignedDuration::from_hours(48)));
    }

    #[test]
    fn a_clock_that_was_put_back_makes_nothing_late() {
        assert_eq!(verdict(Missed::Skip, -3600), Verdict::OnTime);
    }
}
