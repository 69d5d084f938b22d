//! The profile's ladder: what happens at which strike.

use super::{NAME, Offence, blacklist, hands, in_shadow, shadow, spread};
use crate::decision::route::Request;
use crate::decision::{Act, Draft};
use crate::rules::{BlacklistRule, BlacklistScope, Moderation, Rung, RungAct};

/// Counts a strike and does what its rung says.
pub(super) fn strike(draft: &mut Draft<'_>, rules: &Moderation, offence: &Offence<'_>) {
    let (at, id) = (offence.case.at, offence.member());
    let mut strikes = draft.member(id).map(|member| member.strikes.clone()).unwrap_or_default();
    strikes.retain(|then| at.duration_since(*then) < rules.strikes_expire);
    strikes.push(at);
    let number = u32::try_from(strikes.len()).unwrap_or(u32::MAX);
    let Some(rung) = rules.ladder.iter().rev().find(|rung| rung.strike <= number) else {
        return draft.because(NAME, "no_rung", format!("第 {number} 次违规，阶梯里没有对应的处理"));
    };
    let acts: Vec<&str> = rung.acts.iter().map(|act| act.chinese()).collect();
    let acts = acts.join("、");
    if in_shadow(rules, offence.rule) {
        return shadow::note(draft, offence.rule, &acts, &offence.case);
    }
    draft.because(NAME, "strike", format!("第 {number} 次违规，执行「{acts}」（{}）", rung.place));
    spread::judged(draft, &offence.case);
    let member = draft.member_mut(id);
    member.strikes = strikes;
    member.trust = None;
    // Flooding starts anew after it was answered, or every further message would be a strike.
    member.recent.clear();
    climb(draft, rung, offence);
}

fn climb(draft: &mut Draft<'_>, rung: &Rung, offence: &Offence<'_>) {
    let (id, does) = (offence.member(), |act| rung.acts.contains(&act));
    if does(RungAct::Blacklist) {
        let rule = rung.blacklist.unwrap_or(BlacklistRule { scope: BlacklistScope::Group, lasts: None });
        blacklist::ban(draft, rule, &offence.case);
    }
    let by_person = by_hand_or_person(draft, rung, offence);
    if does(RungAct::Remove) {
        // Who is gone is not spoken to.
        let line = hands::line(draft, rung.script.as_deref(), &[]);
        let also = by_person.iter().map(|wanted| wanted.row.clone()).collect();
        if hands::remove(draft, id, Some(&offence.case), line, offence.why(), also) {
            return;
        }
        return ask_for(draft, offence, by_person, None);
    }
    let speaks = does(RungAct::Warn) || does(RungAct::Fine);
    let script = offence.script.or(rung.script.as_deref()).filter(|_| speaks);
    let line = hands::line(draft, script, std::slice::from_ref(id));
    match (by_person.is_empty(), line) {
        (true, None) => {}
        (true, Some(line)) => warn(draft, offence, line),
        (false, Some(line)) if draft.can(&line) => {
            warn(draft, offence, line);
            ask_for(draft, offence, by_person, None);
        }
        (false, line) => ask_for(draft, offence, by_person, line),
    }
}

fn warn(draft: &mut Draft<'_>, offence: &Offence<'_>, line: Act) {
    let rows = hands::rows(draft, offence.member());
    let request = Request { title: "请在群里提醒这位成员", why: offence.why(), rows };
    draft.act_about(Some(&offence.case), line, None, request);
}

/// One thing that a person is to do.
struct Wanted {
    title: &'static str,
    act: Act,
    row: (String, String),
}

/// Does what a hand can; the rest is for a person.
fn by_hand_or_person(draft: &mut Draft<'_>, rung: &Rung, offence: &Offence<'_>) -> Vec<Wanted> {
    let member = offence.member().clone();
    let mut all = Vec::new();
    if rung.acts.contains(&RungAct::Fine) {
        let sum = rung.fine.map(|fine| format!("{}个，共{}", fine.shares, fine.sum)).unwrap_or_default();
        let act = Act::Fine { member: member.clone() };
        all.push(Wanted { title: "请收发广告的红包", act, row: ("红包".into(), sum) });
    }
    if rung.acts.contains(&RungAct::Mute) {
        let seconds = rung.mute.and_then(|lasts| u64::try_from(lasts.as_secs()).ok());
        let lasts = rung.mute.map(|lasts| crate::files::Duration(lasts).to_string());
        let row = ("禁言".into(), lasts.unwrap_or_else(|| "您看着定".into()));
        let act = Act::Mute { member: member.clone(), seconds };
        all.push(Wanted { title: "请把这位成员禁言", act, row });
    }
    if rung.acts.contains(&RungAct::Recall) {
        let act = Act::Recall { member, message: offence.message_id.to_owned() };
        all.push(Wanted {
            title: "请撤回这条消息", act, row: ("撤回".into(), "那条消息".into())
        });
    }
    let (able, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|wanted| draft.can(&wanted.act));
    for Wanted { title, act, row } in able {
        let mut rows = hands::rows(draft, offence.member());
        rows.push(row);
        draft.act_about(Some(&offence.case), act, None, Request { title, why: offence.why(), rows });
    }
    rest
}

/// One card for everything: the first thing gives its title, each has its row.
fn ask_for(draft: &mut Draft<'_>, offence: &Offence<'_>, wanted: Vec<Wanted>, line: Option<Act>) {
    let mut rows = hands::rows(draft, offence.member());
    rows.extend(wanted.iter().map(|wanted| wanted.row.clone()));
    let Some(Wanted { title, act, .. }) = wanted.into_iter().next() else { return };
    draft.ask_a_person(Some(&offence.case), act, line, Request { title, why: offence.why(), rows });
}
