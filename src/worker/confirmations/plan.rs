//! PURE. When a mass send is looked at, and what is done about it then.

use jiff::{SignedDuration, Timestamp};

use crate::store::{GroupOfSend, MassSendRow};
use crate::worker::rounds::later;

/// How often an owner's answer is asked for while it is likely to come, and how often afterwards: a task waits
/// for hours, and the platform counts calls.
const POLL_EVERY: SignedDuration = SignedDuration::from_mins(2);
const POLL_EVERY_LATER: SignedDuration = SignedDuration::from_mins(10);
const LIKELY_FOR: SignedDuration = SignedDuration::from_hours(1);
/// When a mass send without an answer is looked up first: long after the client has given up waiting.
const LOOK_UP_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// How often it is looked up, and how many times: the list may lag behind for half an hour.
const LOOK_UP_EVERY: SignedDuration = SignedDuration::from_mins(5);
const LOOKS: usize = 6;
/// How long after the owner's tap results may still come in.
const SETTLES: SignedDuration = SignedDuration::from_mins(30);

/// When a mass send that is asked for at `now` is looked up, if no answer comes.
pub fn look_up_from(now: Timestamp) -> Timestamp {
    later(now, LOOK_UP_AFTER)
}

/// When it is looked up again after it was not found at `now`; `None` = it does not exist.
pub(super) fn look_up_again(row: &MassSendRow, now: Timestamp) -> Option<Timestamp> {
    (row.looked < LOOKS).then(|| later(now, LOOK_UP_EVERY))
}

/// When a mass send is looked at first after it was made.
pub fn first_look(row: &MassSendRow, now: Timestamp) -> Timestamp {
    next_look(row, now)
}

/// When it is looked at after `now`: soon, and at each moment that was promised.
pub(super) fn next_look(row: &MassSendRow, now: Timestamp) -> Timestamp {
    let send = &row.send;
    let reminder = send.reminders.get(row.reminded);
    let escalation = Some(&send.escalate_at).filter(|_| !row.told);
    let moments = [reminder, escalation, Some(&send.cancel_at)];
    let promised = moments.into_iter().flatten().filter(|moment| **moment > now);
    let every = if now < later(row.asked_at, LIKELY_FOR) { POLL_EVERY } else { POLL_EVERY_LATER };
    promised.fold(later(now, every), |soonest, moment| soonest.min(*moment))
}

/// What is due about a mass send that the owner has not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Taking it back: somebody has decided that it shall not go out to some of the groups, or to none.
    TakingBack,
    /// Reminding; after it so many reminders are over, also those that were missed meanwhile.
    Reminder(usize),
    /// Telling ops. Whoever slept through it all is told before anything is withdrawn.
    Escalation,
    Withdrawal,
}

pub(super) fn due(row: &MassSendRow, now: Timestamp) -> Due {
    let send = &row.send;
    if row.groups.iter().any(GroupOfSend::is_to_be_taken_back) {
        return Due::TakingBack;
    }
    if now >= send.escalate_at && !row.told {
        return Due::Escalation;
    }
    if now >= send.cancel_at {
        return Due::Withdrawal;
    }
    let over = send.reminders.iter().filter(|moment| **moment <= now).count();
    if over > row.reminded { Due::Reminder(over) } else { Due::Nothing }
}

/// Whether a group that the owner's tap has not reached by now will never be.
pub(super) fn is_settled(confirmed_at: Timestamp, now: Timestamp) -> bool {
    now >= later(confirmed_at, SETTLES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{MassSend, PostName};

    const ASKED: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn at(minutes: i64) -> Timestamp {
        ASKED + SignedDuration::from_mins(minutes)
    }

    fn row() -> MassSendRow {
        let send = MassSend {
            owner: "wang.min".into(),
            parts: Vec::new(),
            post: PostName::default(),
            reminders: vec![at(30), at(60), at(90)],
            escalate_at: at(120),
            cancel_at: at(240),
            store: String::new(),
            withdrawn: false,
        };
        MassSendRow {
            id: 1,
            app: "assistant".into(),
            send,
            groups: Vec::new(),
            asked_at: ASKED,
            next_at: ASKED,
            msgid: Some("m1".into()),
            confirmed_at: None,
            reminded: 0,
            looked: 0,
            told: false,
            ended: false,
        }
    }

    #[test]
    fn owners_are_reminded_then_ops_is_told_then_it_is_withdrawn() {
        let mut row = row();
        assert_eq!(due(&row, at(29)), Due::Nothing);
        assert_eq!(due(&row, at(30)), Due::Reminder(1));
        row.reminded = 1;
        assert_eq!(due(&row, at(31)), Due::Nothing);
        assert_eq!(due(&row, at(95)), Due::Reminder(3), "missed ones are not made up for");
        row.reminded = 3;
        assert_eq!(due(&row, at(120)), Due::Escalation);
        row.told = true;
        assert_eq!(due(&row, at(120)), Due::Nothing);
        assert_eq!(due(&row, at(240)), Due::Withdrawal);
        row.told = false;
        assert_eq!(due(&row, at(9000)), Due::Escalation, "told first, also after a long sleep");
    }

    #[test]
    fn what_somebody_takes_back_comes_before_all_else() {
        let mut row = row();
        let group = |withdrawn, outcome| GroupOfSend {
            id: "wr1".into(),
            row: 1,
            outcome,
            store: "chaoyang".into(),
            withdrawn,
        };
        row.groups = vec![group(false, None), group(true, None)];
        assert_eq!(due(&row, at(0)), Due::TakingBack);
        assert_eq!(due(&row, at(9000)), Due::TakingBack, "nobody needs to be told");
        row.groups[1] = group(true, Some(crate::decision::PostOutcome::Withdrawn));
        assert_eq!(due(&row, at(0)), Due::Nothing);
    }

    #[test]
    fn it_is_looked_at_often_at_first_and_whenever_something_was_promised() {
        let mut row = row();
        assert_eq!(next_look(&row, at(0)), at(2));
        assert_eq!(next_look(&row, at(29)), at(30));
        assert_eq!(next_look(&row, at(30)), at(32), "a reminder that is due now is no next one");
        row.reminded = 1;
        assert_eq!(next_look(&row, at(119)), at(120));
        row.told = true;
        assert_eq!(next_look(&row, at(59)), at(60), "the next reminder");
        row.reminded = 3;
        assert_eq!(next_look(&row, at(58)), at(60));
        assert_eq!(next_look(&row, at(60)), at(70), "after an hour not so often");
        assert_eq!(next_look(&row, at(239)), at(240));
    }

    #[test]
    fn what_is_not_found_in_half_an_hour_does_not_exist() {
        let mut row = row();
        let mut now = look_up_from(ASKED);
        while let Some(next) = look_up_again(&row, now) {
            assert!(next > now);
            (now, row.looked) = (next, row.looked + 1);
        }
        assert_eq!(now, at(31));
        assert!(!is_settled(at(0), at(29)) && is_settled(at(0), at(30)));
    }
}
