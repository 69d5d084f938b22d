//! How lively a group is: when members last wrote (to the minute) and asked, and when somebody of the store
//! last spoke of their own accord. Kept only where playbooks, nudges or schedules ask for it: a group's state must not
//! be written for every message.

use jiff::{SignedDuration, Timestamp};

use crate::decision::event::{EventKind, MemberId, Message, TimerKind};
use crate::decision::{ContentKind, Draft};
use crate::rules::{Role, Selector, full_ears};
use crate::text::asks_something;

pub const NAME: &str = "activity";

/// What is noted is not noted anew sooner.
const PRECISION: SignedDuration = SignedDuration::from_mins(1);

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        EventKind::TimerDue { timer: TimerKind::Plan, .. }
        | EventKind::GroupSnapshot(_)
        | EventKind::GroupChanged(_) => listen(draft),
        EventKind::Message(message) if !message.private => {
            if draft.reasons_say("registry", "new_group") {
                listen(draft);
            }
            if let Some(from) = &event.from {
                spoke(draft, message, from);
            }
        }
        _ => {}
    }
}

/// Begins to note who writes once a schedule or a nudge asks for it, and ends when none does any more: what was not
/// noted must not pass for silence.
fn listen(draft: &mut Draft<'_>) {
    let asked = is_asked_for(draft);
    let now = draft.now;
    if is_listened_to(draft) == asked {
        return;
    }
    if let Some(group) = draft.group_mut() {
        group.activity.since = asked.then_some(now);
    }
    if asked {
        draft.because(NAME, "listening", "有排期或暖场要看这个群冷不冷清，从现在起记着成员什么时候说话");
    }
}

/// Whether a schedule or a nudge asks how lively this group is, and anything tells.
fn is_asked_for(draft: &Draft<'_>) -> bool {
    let (Some(group), Some(rule)) = (draft.group(), draft.rule()) else { return false };
    let heard = group.dismissed_at.is_none() && full_ears(&rule.ears).next().is_some();
    let asks = |groups: &Selector| groups.turn.listens() && groups.takes(rule, draft.rules, &group.name);
    let scheduled = || draft.rules.schedules.values().any(|schedule| !schedule.off && asks(&schedule.groups));
    heard && (is_nudged(draft) || scheduled())
}

fn spoke(draft: &mut Draft<'_>, message: &Message, from: &MemberId) {
    let (noted, runs) = (is_listened_to(draft), has_runs(draft));
    // An advertisement is no sign of life.
    if !(noted || runs) || draft.reasons_say("moderation", "strike") {
        return;
    }
    let text = match message.content.kind {
        ContentKind::Text => message.content.text.as_str(),
        _ => "",
    };
    let at = draft.event.at.min(draft.now);
    match draft.role(from) {
        Role::Member | Role::Kol => {
            let asked = runs && asks_something(text);
            let Some(group) = draft.group_mut() else { return };
            note(&mut group.activity.spoke, at);
            if asked {
                group.activity.asked = group.activity.asked.max(Some(at));
            }
        }
        // A picture may be the one that a card has asked for, and the robot is not the group.
        Role::Owner | Role::Staff | Role::Ops if runs && !text.is_empty() && !message.to_bot => {
            let pasted = draft.rules.scripts.recognise(text).is_some();
            if let Some(group) = draft.group_mut().filter(|_| !pasted) {
                note(&mut group.activity.staff_spoke, at);
            }
        }
        _ => {}
    }
}

fn is_nudged(draft: &Draft<'_>) -> bool {
    draft.profile().is_some_and(|profile| !profile.nudge.scripts.is_empty())
}

fn is_listened_to(draft: &Draft<'_>) -> bool {
    draft.group().is_some_and(|group| group.activity.since.is_some())
}

fn has_runs(draft: &Draft<'_>) -> bool {
    draft.group().is_some_and(|group| group.playbooks.values().any(|run| run.next.is_some()))
}

/// What an archive tells late does not take the place of what came after it.
fn note(noted: &mut Option<Timestamp>, at: Timestamp) {
    if noted.is_none_or(|noted| at.duration_since(noted) >= PRECISION) {
        *noted = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::decision::PostDue;
    use crate::decision::event::EventKind;
    use crate::decision::rehearsal::{Rehearsal, at};

    const GROUPS: &str = "[[group]]\nmatch = { name = \"*\" }\nprofile = \"shop\"\n\
                          ears = [\"group-robot\"]\nhands = [\"appchat\"]\n";
    const SCRIPTS: &str = "[[script]]\nid = \"hello\"\ntitle = \"问候\"\nmessage = [{ text = \"在吗\" }]\n";
    const QUIET: &str = "[[schedule]]\nid = \"wake\"\ntitle = \"叫醒\"\ncron = \"0 9 * * *\"\n\
                         groups = { quiet_for = \"3d\" }\npost = \"hello\"\n";

    fn files(schedules: &str) -> [(&'static str, &str); 4] {
        [
            ("config/profiles/shop.toml", "name = \"店\"\n[moderation]\noff = true\n"),
            ("config/groups/a.toml", GROUPS),
            ("bot-scripts/greeting/a.toml", SCRIPTS),
            ("config/schedules/a.toml", schedules),
        ]
    }

    /// Nine o'clock comes; the code of what was decided.
    fn nine(group: &mut Rehearsal, day: &str) -> String {
        group.until(&format!("{day} 09:00"));
        let occurrence: Timestamp = group.now;
        group.reasons.clear();
        group.hear(None, EventKind::PostDue(PostDue { schedule: "wake".into(), occurrence }));
        group.reasons.join(" ").replace("scheduled_posts/", "")
    }

    #[test]
    fn a_group_is_quiet_when_it_was_listened_to_for_so_long() {
        let quiet = files(QUIET);
        let mut group = Rehearsal::new(&quiet, "2026-11-20 09:00");
        assert_eq!(nine(&mut group, "2026-11-22"), "heard_too_short");
        assert_eq!(nine(&mut group, "2026-11-23"), "posted");
        group.says("a", "早啊");
        assert_eq!(nine(&mut group, "2026-11-25"), "too_lively");
        assert_eq!(nine(&mut group, "2026-11-26"), "posted");
    }

    #[test]
    fn what_nobody_noted_is_no_silence() {
        let (quiet, nothing) = (files(QUIET), files("#"));
        let mut group = Rehearsal::new(&nothing, "2026-11-10 09:00");
        group.until("2026-11-20 08:00");
        group.says("a", "早啊");
        assert_eq!(group.group().activity.spoke, None, "nobody asks");
        group.take(&quiet);
        assert_eq!(group.group().activity.since, Some(at("2026-11-20 08:00")));
        assert_eq!(nine(&mut group, "2026-11-21"), "heard_too_short");
        group.take(&nothing);
        assert_eq!(group.group().activity.since, None);
        group.until("2026-11-22 08:00");
        group.take(&quiet);
        assert_eq!(nine(&mut group, "2026-11-24"), "heard_too_short");
        group.take(&quiet);
        assert_eq!(
            nine(&mut group, "2026-11-25"),
            "posted",
            "a reload that asks the same begins nothing anew"
        );
    }

    #[test]
    fn where_nobody_hears_members_nothing_is_known() {
        let mut deaf = files(QUIET);
        let groups = GROUPS.replace("group-robot", "member-list");
        deaf[1].1 = &groups;
        let mut group = Rehearsal::new(&deaf, "2026-11-10 09:00");
        assert_eq!(group.group().activity.since, None);
        assert_eq!(nine(&mut group, "2026-11-20"), "unheard");
    }

    #[test]
    fn a_size_is_what_was_read() {
        let sized = QUIET.replace("quiet_for = \"3d\"", "size_at_least = 3, size_at_most = 3");
        let mut group = Rehearsal::new(&files(&sized), "2026-11-20 08:00");
        assert!(nine(&mut group, "2026-11-20").starts_with("size_unknown"));
        group.reads(&[("a", "")]);
        assert_eq!(nine(&mut group, "2026-11-21"), "too_small");
        group.reads(&[("a", ""), ("b", "")]);
        assert_eq!(nine(&mut group, "2026-11-22"), "posted");
        group.reads(&[("a", ""), ("b", ""), ("c", "")]);
        assert_eq!(nine(&mut group, "2026-11-23"), "too_large");
    }
}
