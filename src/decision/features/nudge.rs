//! Nudges (暖场): a group in which nobody has written for a while hears the next script of a list.
//!
//! Only where every message is heard; elsewhere the rule sleeps (`rules/hearing.rs`). One timer for each group,
//! which is not moved by messages: when it is due and somebody has written meanwhile, it is set again.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::decision::event::{EventKind, TimerKind};
use crate::decision::{Draft, LaterPost, NudgeState, Timer};
use crate::rules::{Nudge, full_ears};

pub const NAME: &str = "nudge";

/// When a group that is out of luck (no script to say) is looked at again.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

pub fn run(draft: &mut Draft<'_>) {
    let due = match &draft.event.kind {
        EventKind::TimerDue { timer: TimerKind::Nudge, .. } => true,
        EventKind::TimerDue { timer: TimerKind::Plan, .. }
        | EventKind::Message(_)
        | EventKind::GroupChanged(_)
        | EventKind::GroupSnapshot(_) => false,
        _ => return,
    };
    let Some(group) = draft.group() else { return };
    let planned = group.nudge.due;
    let rules = draft.profile().map(|profile| &profile.nudge).filter(|_| works(draft));
    match rules {
        Some(rules) if due => look(draft, rules),
        Some(rules) if planned.is_none() || is_plan(draft) => {
            let due = next_look(draft, rules);
            wake(draft, Some(due));
        }
        None if planned.is_some() => wake(draft, None),
        _ => {}
    }
}

fn is_plan(draft: &Draft<'_>) -> bool {
    matches!(draft.event.kind, EventKind::TimerDue { timer: TimerKind::Plan, .. })
}

/// Whether there is something to say, and somebody who would hear that it is quiet.
fn works(draft: &Draft<'_>) -> bool {
    let says = draft.profile().is_some_and(|profile| !profile.nudge.scripts.is_empty());
    let heard = draft.rule().is_some_and(|rule| full_ears(&rule.ears).next().is_some());
    says && heard && draft.group().is_some_and(|group| group.dismissed_at.is_none())
}

/// The timer is due: is it quiet, and may something be said?
fn look(draft: &mut Draft<'_>, rules: &Nudge) {
    let due = next_look(draft, rules);
    if due > draft.now {
        return wake(draft, Some(due));
    }
    let again = match say(draft, rules) {
        true => next_look(draft, rules),
        false => draft.now.saturating_add(AGAIN).unwrap_or(draft.now),
    };
    wake(draft, Some(again));
}

/// The first moment at which it may be said that it is quiet: so long after the last sign of life as the rules
/// say, within the waking hours of one day, not in quiet hours, and not too often a day.
fn next_look(draft: &Draft<'_>, rules: &Nudge) -> Timestamp {
    let Some(group) = draft.group() else { return draft.now };
    let (zone, NudgeState { last_at, today, .. }) = (&draft.rules.timezone, &group.nudge);
    // What was said before anybody noted it is not known to have been silence.
    let alive = group.activity.spoke.max(*last_at).max(group.activity.since).unwrap_or(draft.now);
    // A clock that was set back must not keep us waiting for what has happened already.
    let alive = alive.min(draft.now);
    let opening = |at: Timestamp| opening(rules, zone, at);
    let day_after =
        |opening: Timestamp| opening.saturating_add(SignedDuration::from_hours(24)).unwrap_or(opening);
    let mut open = opening(draft.now);
    let full = last_at.is_some_and(|last| last >= open && *today >= rules.at_most);
    if full {
        open = day_after(open);
    }
    // Today, or the next day on which there is time enough.
    for open in [open, day_after(open)] {
        let due = alive.max(open).saturating_add(rules.quiet_for).unwrap_or(open).max(draft.now);
        let due = draft
            .profile()
            .and_then(|profile| profile.quiet())
            .map_or(due, |quiet| quiet.next_allowed(due, zone));
        if rules.hours.holds(due, zone) && opening(due) == open {
            return due;
        }
    }
    day_after(day_after(open))
}

/// When the waking hours begin of the day that a moment belongs to.
fn opening(rules: &Nudge, zone: &TimeZone, at: Timestamp) -> Timestamp {
    let local = at.to_zoned(zone.clone());
    let after_midnight = local.time() < rules.hours.start && rules.hours.holds(at, zone);
    let day = if after_midnight { local.date().saturating_sub(1.day()) } else { local.date() };
    day.to_datetime(rules.hours.start).to_zoned(zone.clone()).map_or(at, |opening| opening.timestamp())
}

/// Says the next script of the list that can be said today. `false` when there is none.
fn say(draft: &mut Draft<'_>, rules: &Nudge) -> bool {
    let last = draft.group().and_then(|group| group.nudge.last.clone());
    let after = last.and_then(|last| rules.scripts.iter().position(|id| *id == last)).map_or(0, |at| at + 1);
    let turn = rules.scripts.iter().cycle().skip(after).take(rules.scripts.len());
    for script in turn {
        let facts = draft.facts(&[], None);
        match draft.words_of(script, &facts) {
            Ok(parts) => {
                draft.because(NAME, "nudged", format!("很久没有成员说话，暖场（话术 {script}）"));
                note(draft, rules, script);
                let id = post_id(draft, rules);
                let post = LaterPost {
                    id: id.clone(),
                    title: "暖场".to_owned(),
                    why: "群里很久没有人说话了，机器人不能在这个群里直接发言".to_owned(),
                    parts,
                    // Nobody is woken, and tomorrow is another day.
                    until: Some(rules.hours.next_allowed(draft.now, &draft.rules.timezone)),
                    card: Some("请在群里暖暖场"),
                    makes_way: true,
                    ..LaterPost::default()
                };
                draft.saying(&id, |draft| draft.post_later(post));
                return true;
            }
            Err(unsaid) => draft.because(NAME, unsaid.code, unsaid.why),
        }
    }
    false
}

/// What the nudge that was just noted is called: the same in all groups of the profile that hear their first of
/// the day, so that ops are told of them together. No schedule's post is called so: ids hold no colon.
fn post_id(draft: &Draft<'_>, rules: &Nudge) -> String {
    let day = opening(rules, &draft.rules.timezone, draft.now).to_zoned(draft.rules.timezone.clone()).date();
    let profile = draft.profile().map(|profile| profile.id.as_str()).unwrap_or_default();
    let number = draft.group().map_or(0, |group| group.nudge.today);
    format!("nudge:{profile}@{day}/{number}")
}

fn note(draft: &mut Draft<'_>, rules: &Nudge, script: &str) {
    let (now, zone) = (draft.now, &draft.rules.timezone);
    let today = opening(rules, zone, now);
    let Some(group) = draft.group_mut() else { return };
    let same_day = group.nudge.last_at.is_some_and(|last| last >= today);
    group.nudge.today = if same_day { group.nudge.today + 1 } else { 1 };
    group.nudge.last_at = Some(now);
    group.nudge.last = Some(script.to_owned());
}

fn wake(draft: &mut Draft<'_>, due: Option<Timestamp>) {
    let Some(group) = draft.group_mut() else { return };
    if group.nudge.due == due {
        return;
    }
    group.nudge.due = due;
    let id = group.id.clone();
    let key = format!("nudge:{id}");
    match due {
        Some(due) => {
            let (kind, subject) = (TimerKind::Nudge, String::new());
            draft.set_timer(Timer { key, due, kind, group: Some(id), subject });
        }
        None => draft.clear_timer(key),
    }
}

#[cfg(test)]
mod tests {
    use crate::decision::rehearsal::Rehearsal;

    const GROUPS: &str = "[[group]]\nmatch = { name = \"*\" }\nprofile = \"shop\"\n\
                          ears = [\"group-robot\"]\nhands = [\"appchat\"]\n";
    const SCRIPTS: &str = "[[script]]\nid = \"hello\"\ntitle = \"问候\"\nmessage = [{ text = \"在吗\" }]\n";

    fn files(profile: &str) -> [(&'static str, &str); 3] {
        [
            ("config/profiles/shop.toml", profile),
            ("config/groups/a.toml", GROUPS),
            ("bot-scripts/greeting/a.toml", SCRIPTS),
        ]
    }

    #[test]
    fn what_was_said_before_the_rule_is_no_silence() {
        let plain = "name = \"店\"\n[moderation]\noff = true\n";
        let nudged = format!(
            "{plain}[nudge]\nquiet_for = \"3h\"\nhours = \"09:00-21:00\"\nat_most = 1\nscripts = [\"hello\"]\n"
        );
        let mut group = Rehearsal::new(&files(plain), "2026-11-01 09:00");
        group.until("2026-11-20 09:59");
        group.says("a", "今天排骨新鲜吗");
        group.until("2026-11-20 10:00");
        group.take(&files(&nudged));
        group.until("2026-11-20 12:59");
        assert_eq!(group.said, Vec::<String>::new());
        group.until("2026-11-20 13:00");
        assert_eq!(group.said, ["11-20 13:00 在吗"]);
    }
}
