//! PURE. When a moment is looked at, and what is due about it then.

use jiff::{SignedDuration, Timestamp};

use crate::store::{MomentEnd, MomentRow};
use crate::worker::rounds::later;

/// How often it is asked who has published it while that is likely, and how often afterwards: people take hours,
/// and the platform counts calls.
const POLL_EVERY: SignedDuration = SignedDuration::from_mins(2);
const POLL_EVERY_LATER: SignedDuration = SignedDuration::from_mins(10);
const LIKELY_FOR: SignedDuration = SignedDuration::from_hours(1);
/// How often the job that makes it is asked for; it takes seconds.
const JOB_EVERY: SignedDuration = SignedDuration::from_secs(10);
const JOB_EVERY_LATER: SignedDuration = SignedDuration::from_mins(5);
const JOB_QUICK_FOR: SignedDuration = SignedDuration::from_mins(5);
/// The platform forgets a job after this (wecom-send.md §10.1).
const JOB_KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);
/// When a moment without an answer is looked up first: long after the client has given up waiting.
const LOOK_UP_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// How often it is looked up, and how many times: the list may lag behind for half an hour.
const LOOK_UP_EVERY: SignedDuration = SignedDuration::from_mins(5);
const LOOKS: usize = 6;
/// Likes and comments are asked for person by person, so not at every look.
const FIGURES_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Likes and comments go on coming for some days after the last one could publish it.
const FOLLOWED_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);
const FOLLOWED_EVERY: SignedDuration = SignedDuration::from_hours(12);

/// What is due about a moment that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Reminder,
    End,
}

/// When a moment that is asked for at `now` is looked up, if no answer comes.
pub fn look_up_from(now: Timestamp) -> Timestamp {
    later(now, LOOK_UP_AFTER)
}

/// When its job is asked for first.
pub fn first_look(now: Timestamp) -> Timestamp {
    later(now, JOB_EVERY)
}

/// When it is looked up again after it was not found at `now`; `None` = it does not exist.
pub(super) fn look_up_again(row: &MomentRow, now: Timestamp) -> Option<Timestamp> {
    (row.looked < LOOKS).then(|| later(now, LOOK_UP_EVERY))
}

/// When its job is asked for again; `None` = the platform has forgotten it by then.
pub(super) fn job_again(row: &MomentRow, now: Timestamp) -> Option<Timestamp> {
    let asked_at = row.asked_at.unwrap_or(now);
    let every = if now < later(asked_at, JOB_QUICK_FOR) { JOB_EVERY } else { JOB_EVERY_LATER };
    Some(later(now, every)).filter(|next| *next < later(asked_at, JOB_KNOWN_FOR))
}

/// What is due, while it can be published.
pub(super) fn due(row: &MomentRow, now: Timestamp) -> Due {
    let reminder = row.task.remind_at.filter(|_| !row.reminded);
    if now >= row.task.ends_at {
        Due::End
    } else if reminder.is_some_and(|at| at <= now) {
        Due::Reminder
    } else {
        Due::Nothing
    }
}

/// When it is looked at after `now`: soon, and at each moment that was promised.
pub(super) fn next_look(row: &MomentRow, now: Timestamp) -> Timestamp {
    let promised = [row.task.remind_at.filter(|_| !row.reminded), Some(row.task.ends_at)];
    let promised = promised.into_iter().flatten().filter(|at| *at > now);
    let likely = row.asked_at.is_some_and(|asked_at| now < later(asked_at, LIKELY_FOR));
    let every = if likely { POLL_EVERY } else { POLL_EVERY_LATER };
    promised.fold(later(now, every), |soonest, at| soonest.min(at))
}

/// When it is looked at after its end; `None` = not any more.
pub(super) fn follow(row: &MomentRow, now: Timestamp) -> Option<Timestamp> {
    let Some(MomentEnd::Over { at }) = row.end else { return None };
    (now < later(at, FOLLOWED_FOR)).then(|| later(now, FOLLOWED_EVERY))
}

/// Whether likes and comments are to be asked for at `now`.
pub(super) fn wants_figures(row: &MomentRow, now: Timestamp) -> bool {
    let ends = row.end.is_none() && now >= row.task.ends_at;
    ends || row.figures_at.is_none_or(|at| later(at, FIGURES_EVERY) <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{MomentPerson, MomentTask, Part};

    const ASKED: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn at(minutes: i64) -> Timestamp {
        ASKED + SignedDuration::from_mins(minutes)
    }

    fn row() -> MomentRow {
        let task = MomentTask {
            moment: "m".into(),
            title: "卸货的早上".into(),
            script: "moments-unloading".into(),
            variant: None,
            parts: vec![Part::text("早上卸货")],
            people: vec![MomentPerson::new("wang.min".into(), "朝阳店")],
            remind_at: Some(at(241)),
            ends_at: at(1440),
        };
        MomentRow {
            id: 1,
            app: "assistant".into(),
            task,
            decided_at: ASKED,
            asked_at: Some(ASKED),
            next_at: None,
            jobid: Some("J1".into()),
            moment_id: Some("mom1".into()),
            looked: 0,
            reminded: false,
            figures_at: None,
            end: None,
            cancelled_by: None,
        }
    }

    #[test]
    fn it_is_looked_at_often_first_and_at_each_promised_moment() {
        let row = row();
        assert_eq!(next_look(&row, at(1)), at(3));
        assert_eq!(next_look(&row, at(100)), at(110));
        assert_eq!((next_look(&row, at(235)), due(&row, at(240))), (at(241), Due::Nothing));
        assert_eq!(due(&row, at(241)), Due::Reminder);
        let reminded = MomentRow { reminded: true, ..row };
        assert_eq!((due(&reminded, at(241)), next_look(&reminded, at(1435))), (Due::Nothing, at(1440)));
        assert_eq!(due(&reminded, at(1440)), Due::End);
    }

    #[test]
    fn what_does_not_come_is_given_up_at_last() {
        let mut row = row();
        assert_eq!(job_again(&row, at(4)), Some(at(4) + JOB_EVERY));
        assert_eq!((job_again(&row, at(60)), job_again(&row, at(1436))), (Some(at(65)), None));
        row.looked = 5;
        assert_eq!(look_up_again(&row, at(30)), Some(at(35)));
        row.looked = 6;
        assert_eq!(look_up_again(&row, at(35)), None);
    }

    #[test]
    fn figures_are_read_hourly_at_the_end_and_for_three_days() {
        let mut row = row();
        assert!(wants_figures(&row, at(1)));
        row.figures_at = Some(at(1430));
        assert!(!wants_figures(&row, at(1439)) && wants_figures(&row, at(1440)));
        row.end = Some(MomentEnd::Over { at: at(1440) });
        assert_eq!(follow(&row, at(1440)), Some(at(1440) + FOLLOWED_EVERY));
        assert_eq!(follow(&row, at(1440) + FOLLOWED_FOR), None);
        row.end = Some(MomentEnd::NotMade { at: at(3), why: "拒绝".into() });
        assert_eq!(follow(&row, at(3)), None);
    }
}
