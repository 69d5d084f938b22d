//! F7 Scheduled posts: what a schedule says goes out in each of its groups, at its moment, once; or it
//! does not go out, and the reason is on record.

use std::fmt::Write;

use jiff::Timestamp;

use crate::decision::event::{EventKind, MemberId, TimerKind};
use crate::decision::{
    CampaignState, Draft, LaterPost, MissedPosts, Order, Paused, PostDue, ScheduleState, Timer,
};
use crate::rules::{GroupRule, Schedule};

pub const NAME: &str = PostDue::FEATURE;

/// Reasons that ops can do something about, and nobody has decided so.
const TROUBLES: [&str; 3] = ["not_approved", "no_script", "not_filled"];

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        EventKind::PostDue(due) => fall_due(draft, due),
        EventKind::TimerDue { timer: TimerKind::Post, subject } => match PostDue::from_subject(subject) {
            Some(due) => fall_due(draft, &due),
            None => draft.because(NAME, "unknown", format!("不认识的排期“{subject}”")),
        },
        EventKind::PostsMissed(missed) => alert(draft, missed),
        EventKind::ScheduleOrdered(ordered) => obey(draft, &ordered.schedule, ordered.order),
        _ => {}
    }
}

fn fall_due(draft: &mut Draft<'_>, due: &PostDue) {
    let Some(schedule) = draft.rules.schedules.get(&due.schedule) else {
        return draft.because(NAME, "gone", format!("排期「{}」已不在文件里，不发", due.schedule));
    };
    match hindrance(draft, schedule, due) {
        Some(Hindrance::Never(code, why)) => give_up(draft, schedule, due, code, &why),
        Some(Hindrance::Until(allowed)) => postpone(draft, schedule, due, allowed),
        None => post(draft, schedule, due),
    }
}

/// Why a post does not go out now.
enum Hindrance {
    /// A code for the journal, and a Chinese reason.
    Never(&'static str, String),
    /// It may still go out at this moment.
    Until(Timestamp),
}

fn hindrance(draft: &Draft<'_>, schedule: &Schedule, due: &PostDue) -> Option<Hindrance> {
    let never = |code, why: &str| Some(Hindrance::Never(code, why.to_owned()));
    let Some(group) = draft.group().filter(|group| group.dismissed_at.is_none()) else {
        return never("no_group", "群已解散，或者机器人还不认识它");
    };
    let selected = |rule: &&GroupRule| schedule.groups.takes(rule, draft.rules, &group.name);
    let Some(rule) = draft.rule().filter(selected) else {
        return never("not_selected", "这个群已不在发送范围里");
    };
    if schedule.off {
        return never("off", "文件里已关掉");
    }
    if let Some(paused) = draft.schedule().and_then(|state| state.paused.as_ref()) {
        return Some(Hindrance::Never("paused", format!("{} 已暂停", draft.name_of(&paused.by))));
    }
    if let Some((code, why)) = held_up(draft, schedule, rule.store.as_deref()) {
        return Some(Hindrance::Never(code, why));
    }
    // The group's own moment, jitter included.
    let due_here = schedule.due_in(group.id.as_str(), rule, due.occurrence);
    if schedule.is_missed(due_here, draft.now) {
        return never("missed", "已过了该发的时间");
    }
    let quiet = draft.profile().and_then(|profile| profile.quiet());
    let allowed = quiet.map_or(draft.now, |quiet| quiet.next_allowed(draft.now, &draft.rules.timezone));
    if schedule.is_missed(due_here, allowed) {
        return never("quiet", "到点时正是安静时段，等安静过去就太晚了");
    }
    (allowed > draft.now).then_some(Hindrance::Until(allowed))
}

/// Why its campaign lets nothing out in groups of this store: a code and a Chinese reason.
pub(super) fn held_up(
    draft: &Draft<'_>,
    schedule: &Schedule,
    store: Option<&str>,
) -> Option<(&'static str, String)> {
    let campaign = draft.rules.campaigns.get(schedule.campaign.as_ref()?)?;
    let nothing_said = CampaignState::default();
    let state = draft.campaign(&campaign.id).unwrap_or(&nothing_said);
    state.hindrance(campaign, store, |id| draft.name_of(id).to_owned())
}

/// It does not go out. Where somebody has to do something about that, ops is told once of all groups.
fn give_up(draft: &mut Draft<'_>, schedule: &Schedule, due: &PostDue, code: &'static str, why: &str) {
    draft.because(NAME, code, format!("「{}」不发：{why}", schedule.title));
    let state = draft.schedule().cloned().unwrap_or_default();
    if !TROUBLES.contains(&code) || state.told.is_some_and(|told| told >= due.occurrence) {
        return;
    }
    draft.set_schedule(&schedule.id, ScheduleState { told: Some(due.occurrence), ..state });
    let group = draft.group().map(|group| group.name.clone()).unwrap_or_default();
    let text = format!(
        "「{}」到点没有发（{group}，别的群可能也一样）：{why}。\n每个群的情况：zhanggui posts --schedule {} --all",
        schedule.title, schedule.id
    );
    draft.tell_ops(&text, "\n……");
}

fn postpone(draft: &mut Draft<'_>, schedule: &Schedule, due: &PostDue, allowed: Timestamp) {
    let Some(group) = draft.group().map(|group| group.id.clone()) else { return };
    draft.because(NAME, PostDue::POSTPONED, format!("安静时段，「{}」顺延", schedule.title));
    let (key, subject, kind) = (due.timer_key(&group), due.name(), TimerKind::Post);
    draft.set_timer(Timer { key, due: allowed, kind, group: Some(group), subject });
}

fn post(draft: &mut Draft<'_>, schedule: &Schedule, due: &PostDue) {
    let facts = draft.facts(&[], None);
    let parts = match draft.words_of(&schedule.post, &facts) {
        Ok(parts) => parts,
        Err(unsaid) => return give_up(draft, schedule, due, unsaid.code, &unsaid.why),
    };
    draft.because(NAME, "posted", format!("到点发「{}」（话术 {}）", schedule.title, schedule.post));
    let why = format!("「{}」到时间了，机器人不能在这个群里直接发言", schedule.title);
    let (id, title, until) = (due.name(), schedule.title.clone(), end_of_day(schedule, draft.now));
    draft.post_later(LaterPost { id, title, why, parts, until, ..LaterPost::default() });
}

/// Tomorrow's owner need not confirm what went out today, whenever it was due.
fn end_of_day(schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
    let zone = &schedule.timing.zone;
    let tomorrow = now.to_zoned(zone.clone()).date().tomorrow().ok()?;
    Some(tomorrow.to_zoned(zone.clone()).ok()?.timestamp())
}

/// One alert for everything that was missed, not one per group.
fn alert(draft: &mut Draft<'_>, missed: &[MissedPosts]) {
    let mut text = format!(
        "有 {} 个排期错过了时间，不会补发，多半是机器人停过。明细用 zhanggui posts 查看，想补发就在文件里另排一个时间。",
        missed.len()
    );
    for one in missed {
        text.push('\n');
        text.push_str(&in_words(draft, one));
    }
    draft.because(NAME, "missed", text.clone());
    draft.tell_ops(&text, "\n……");
}

fn in_words(draft: &Draft<'_>, missed: &MissedPosts) -> String {
    let title = draft.rules.schedules.get(&missed.schedule).map_or(&missed.schedule, |one| &one.title);
    let mut text = format!("「{title}」{}", draft.moment(missed.first));
    if missed.occurrences > 1 {
        // Writing to a string cannot fail.
        let _ = write!(text, " 到 {} 共 {} 次", draft.moment(missed.last), missed.occurrences);
    }
    let _ = write!(text, "，{} 个群", missed.groups);
    text
}

fn obey(draft: &mut Draft<'_>, id: &str, order: Order) {
    let title = draft.rules.schedules.get(id).map_or(id, |schedule| schedule.title.as_str()).to_owned();
    let by = draft.event.from.clone().unwrap_or_else(|| MemberId::from("operator"));
    let state = draft.schedule().cloned().unwrap_or_default();
    match order {
        Order::Pause => {
            let paused = Some(Paused { by: by.clone(), at: draft.now });
            draft.set_schedule(id, ScheduleState { paused, ..state });
            draft.withdraw_posts(id, None);
            let why = format!("{} 暂停了「{title}」，还没发出去的也撤下", draft.name_of(&by));
            draft.because(NAME, "paused", why);
        }
        Order::Resume => {
            draft.set_schedule(id, ScheduleState { paused: None, ..state });
            draft.because(NAME, "resumed", format!("{} 恢复了「{title}」", draft.name_of(&by)));
        }
    }
}
