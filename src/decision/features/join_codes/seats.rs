//! Which codes lead to a group, and whether it has room.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::NAME;
use crate::decision::event::{EventKind, GroupKind, TimerKind};
use crate::decision::{Draft, GroupState, JoinSeat, JoinStanding, Timer};
use crate::rules::JoinCode;

/// A group that was full comes back when it has so many places again: without this a code would change with every
/// single member who leaves and comes.
const ROOM_AGAIN: usize = 10;
/// Several groups that are read one after the other are one look at their code. On a grid of this many seconds, so
/// that a stream of newcomers cannot put the look off for ever.
const LOOK_EVERY_SECONDS: i64 = 5;

/// Notes what has changed of the group, and has its codes looked at.
pub fn note(draft: &mut Draft<'_>) {
    let Some(group) = draft.group() else { return };
    let size = match &draft.event.kind {
        EventKind::GroupSnapshot(_) => {
            Some(draft.members().values().filter(|member| member.present()).count())
        }
        _ => group.joins.size,
    };
    let (id, before) = (group.id.clone(), group.joins.seats.clone());
    let after = size.map(|size| seats(draft, group, size)).unwrap_or_default();
    if let Some(group) = draft.group_mut() {
        group.joins = JoinStanding { size, seats: after.clone() };
    }
    let codes: Vec<&String> =
        before.keys().chain(after.keys().filter(|code| !before.contains_key(*code))).collect();
    for code in codes.into_iter().filter(|code| before.get(*code) != after.get(*code)) {
        tell(draft, code, before.get(code), after.get(code), size.unwrap_or_default());
        draft.set_join_seat(code, &id, after.get(code).cloned());
        look_soon(draft, code);
    }
}

fn seats(draft: &Draft<'_>, group: &GroupState, size: usize) -> BTreeMap<String, JoinSeat> {
    let Some(rule) =
        draft.rule().filter(|_| group.kind == GroupKind::Customer && group.dismissed_at.is_none())
    else {
        return BTreeMap::new();
    };
    let codes = draft.rules.join_codes_of(rule, &group.name);
    codes.map(|code| (code.id.clone(), seat(group, code, size))).collect()
}

fn seat(group: &GroupState, code: &JoinCode, size: usize) -> JoinSeat {
    let was_full = group.joins.seats.get(&code.id).is_some_and(|seat| seat.full);
    let again = code.next_before - ROOM_AGAIN.min(code.next_before / 2);
    let limit = if was_full { again } else { code.next_before };
    JoinSeat { name: group.name.clone(), full: size >= limit, created_at: group.created_at }
}

fn tell(draft: &mut Draft<'_>, code: &str, before: Option<&JoinSeat>, after: Option<&JoinSeat>, size: usize) {
    let (what, text) = match (before, after) {
        (_, None) => ("seat_gone", format!("进群码 {code} 不再进这个群")),
        (None, Some(JoinSeat { full: false, .. })) => {
            ("seat", format!("进群码 {code} 可以进这个群（{size} 人）"))
        }
        (Some(JoinSeat { full: true, .. }), Some(JoinSeat { full: false, .. })) => {
            ("room_again", format!("群里剩 {size} 人，进群码 {code} 又可以进这个群"))
        }
        (Some(one), Some(other)) if one.full == other.full => return,
        (_, Some(_)) => ("full", format!("群里有 {size} 人，进群码 {code} 该换下一个群了")),
    };
    draft.because(NAME, what, text);
}

pub fn look_soon(draft: &mut Draft<'_>, code: &str) {
    draft.set_timer(Timer {
        key: format!("{}:{code}", TimerKind::JoinCode.as_str()),
        due: next_look(draft.now),
        kind: TimerKind::JoinCode,
        group: None,
        subject: code.to_owned(),
    });
}

fn next_look(now: Timestamp) -> Timestamp {
    let grid = now.as_second().div_euclid(LOOK_EVERY_SECONDS) + 1;
    Timestamp::from_second(grid * LOOK_EVERY_SECONDS).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_on_a_grid_behind_now() {
        let at = |second: i64, milli: i32| Timestamp::new(second, milli * 1_000_000).expect("a time");
        assert_eq!(next_look(at(10, 0)), at(15, 0));
        assert_eq!(next_look(at(14, 999)), at(15, 0));
    }
}
