//! F4 Moderation: judges what perception saw, with memory, and climbs the profile's ladder.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::decision::event::{Ear, EventKind, MemberId, Message};
use crate::decision::route::Request;
use crate::decision::{Act, Blacklisting, Draft, Said};
use crate::perception::{Signal, SignalName, Signals};
use crate::rules::{BlacklistRule, BlacklistScope, GroupEar, Moderation, Rung, RungAct};
use crate::scripts::MessageKind;

pub const NAME: &str = "moderation";

/// Characters of the offending message that a person is shown as evidence.
const EVIDENCE: usize = 60;
/// A removal that a person or the platform has not carried out yet is not asked for again so soon.
const REMOVAL_PENDING: SignedDuration = SignedDuration::from_hours(24);

pub fn run(draft: &mut Draft<'_>) {
    let Some(profile) = draft.profile() else { return };
    let rules = &profile.moderation;
    if rules.off {
        return;
    }
    for id in draft.joined.clone() {
        turn_away(draft, &id);
    }
    let event = draft.event;
    if let (EventKind::Message(message), Some(from)) = (&event.kind, &event.from)
        && heard_for_moderation(draft)
        && !rules.exempt.contains(&draft.role(from))
    {
        judge(draft, rules, from, message);
    }
}

/// A group heard by two ears would count every message twice: the first ear that hears all counts.
fn heard_for_moderation(draft: &Draft<'_>) -> bool {
    let ears = draft.rule().map_or(&[][..], |rule| &rule.ears);
    let first = ears.iter().find(|ear| matches!(ear, GroupEar::GroupRobot | GroupEar::Archive));
    match draft.event.ear {
        Ear::GroupRobot => first.is_none_or(|ear| *ear == GroupEar::GroupRobot),
        Ear::Archive => first.is_none_or(|ear| *ear == GroupEar::Archive),
        // What mentions the robot is better than nothing, and nothing is what else we would have.
        Ear::Aibot => first.is_none() && draft.event.group.is_some(),
        _ => false,
    }
}

fn turn_away(draft: &mut Draft<'_>, id: &MemberId) {
    let Some(why) = draft.blacklisted(id).map(str::to_owned) else { return };
    draft.because(
        NAME,
        "blacklisted_joiner",
        format!("{} 在黑名单里（{why}），不欢迎，移出", draft.name_of(id)),
    );
    remove(draft, id, None, format!("黑名单成员再次进群：{why}"));
}

/// What somebody did, and how it is known.
struct Offence<'a> {
    from: &'a MemberId,
    message: &'a Message,
    evidence: String,
    /// What the group hears instead of the rung's script when it is only a warning.
    script: Option<&'a str>,
}

fn judge(draft: &mut Draft<'_>, rules: &Moderation, from: &MemberId, message: &Message) {
    let flood = flooding(draft, rules, from);
    let counted: Vec<&Signal> = draft.signals.found.iter().filter(|signal| counts(rules, signal)).collect();
    let weight = Signals::weight_of(counted.iter().copied());
    let evidence = describe(&counted);
    if weight >= rules.act_at {
        draft.because(NAME, "ad", format!("判为广告（{weight:.2} ≥ {:.2}）：{evidence}", rules.act_at));
        strike(draft, rules, &Offence { from, message, evidence, script: None });
    } else if let Some(why) = flood {
        draft.because(NAME, "flood", why.clone());
        strike(
            draft,
            rules,
            &Offence { from, message, evidence: why, script: rules.flood_script.as_deref() },
        );
    } else if !evidence.is_empty() {
        draft.because(NAME, "passed", format!("放行（{weight:.2} < {:.2}）：{evidence}", rules.act_at));
    }
}

fn counts(rules: &Moderation, signal: &Signal) -> bool {
    // Perception tells numbers and ids folded, without separators.
    let ours = |list: &[String]| list.iter().any(|ours| crate::text::matching_key(ours) == signal.detail);
    match signal.name {
        SignalName::Url => !rules.allow_links.iter().any(|domain| is_below(&signal.detail, domain)),
        SignalName::Phone | SignalName::WechatId | SignalName::QqId => !ours(&rules.allow_contacts),
        SignalName::Disguise => true,
        category => rules.categories.contains(&category),
    }
}

/// Whether a host is the domain itself or a name below it.
fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn describe(signals: &[&Signal]) -> String {
    let mut words: Vec<String> =
        signals.iter().map(|signal| format!("{}「{}」", signal.name.chinese(), signal.detail)).collect();
    words.dedup();
    words.join("、")
}

/// Remembers this message in the flood window and says why it is one too many, if it is.
fn flooding(draft: &mut Draft<'_>, rules: &Moderation, from: &MemberId) -> Option<String> {
    let flood = rules.flood?;
    let (at, fingerprint) = (draft.event.at, draft.signals.fingerprint);
    let member = draft.member_mut(from);
    member.recent.retain(|Said(then, _)| at.duration_since(*then) < flood.within);
    // One more than the limits is all that is ever compared.
    let keep = flood.messages.max(flood.repeats);
    let surplus = member.recent.len().saturating_sub(keep);
    member.recent.drain(..surplus);
    member.recent.push(Said(at, fingerprint));
    let same =
        member.recent.iter().filter(|Said(_, other)| fingerprint != 0 && *other == fingerprint).count();
    let all = member.recent.len();
    let seconds = flood.within.as_secs();
    if same >= flood.repeats {
        Some(format!("刷屏：{seconds} 秒内重复发送 {same} 次相同内容"))
    } else if all > flood.messages {
        Some(format!("刷屏：{seconds} 秒内发了 {all} 条消息"))
    } else {
        None
    }
}

fn strike(draft: &mut Draft<'_>, rules: &Moderation, offence: &Offence<'_>) {
    let (at, from) = (draft.event.at, offence.from);
    let member = draft.member_mut(from);
    let mut strikes = member.strikes.clone();
    strikes.retain(|then| at.duration_since(*then) < rules.strikes_expire);
    strikes.push(at);
    let number = u32::try_from(strikes.len()).unwrap_or(u32::MAX);
    let Some(rung) = rules.ladder.iter().rev().find(|rung| rung.strike <= number) else {
        return draft.because(NAME, "no_rung", format!("第 {number} 次违规，阶梯里没有对应的处理"));
    };
    let acts: Vec<&str> = rung.acts.iter().map(|act| act.chinese()).collect();
    if rules.shadow {
        let text = format!("影子模式：本应对第 {number} 次违规执行「{}」，只记录不处理", acts.join("、"));
        return draft.because(NAME, "shadow", text);
    }
    draft.because(NAME, "strike", format!("第 {number} 次违规，执行「{}」", acts.join("、")));
    draft.member_mut(from).strikes = strikes;
    // Flooding starts anew after it was answered, or every further message would be a strike.
    draft.member_mut(from).recent.clear();
    climb(draft, rung, offence);
}

fn climb(draft: &mut Draft<'_>, rung: &Rung, offence: &Offence<'_>) {
    let from = offence.from;
    if rung.acts.contains(&RungAct::Blacklist) {
        let rule = rung.blacklist.unwrap_or(BlacklistRule { scope: BlacklistScope::Group, lasts: None });
        blacklist(draft, rule, from, &offence.evidence);
    }
    let said = crate::text::one_line(&offence.message.content.text, EVIDENCE);
    let why = format!("「{said}」：{}", offence.evidence);
    if rung.acts.contains(&RungAct::Remove) {
        // Who is gone is not spoken to.
        let line = line_for_the_group(draft, rung.script.as_deref(), &[]);
        remove(draft, from, line, why);
    } else if rung.acts.contains(&RungAct::Warn)
        && let Some(line) =
            line_for_the_group(draft, offence.script.or(rung.script.as_deref()), std::slice::from_ref(from))
    {
        let request = Request { title: "请在群里提醒这位成员", why, rows: rows(draft, from) };
        draft.act(line, None, request);
    }
}

/// The one short line that the group hears.
fn line_for_the_group(draft: &mut Draft<'_>, script: Option<&str>, to: &[MemberId]) -> Option<Act> {
    let library = &draft.rules.scripts;
    let script = library.resolved(script?, &draft.asker(None))?;
    let variant = library.variant_for(script, crate::text::fingerprint(draft.event.key.as_str()));
    match library.fill(script, variant, &draft.facts(to, None), &BTreeMap::new()) {
        Ok(filled) => {
            let message = filled.into_iter().next()?;
            let markdown = message.kind() == MessageKind::Markdown;
            Some(Act::Post { text: message.paste(), markdown, mentions: to.to_vec() })
        }
        Err(error) => {
            draft.because(NAME, "not_filled", error.to_string());
            None
        }
    }
}

fn remove(draft: &mut Draft<'_>, id: &MemberId, line: Option<Act>, why: String) {
    let now = draft.now;
    let asked = draft.member(id).and_then(|member| member.removal_asked_at);
    if asked.is_some_and(|asked| now.duration_since(asked) < REMOVAL_PENDING) {
        return draft.because(NAME, "removal_pending", format!("已经在移出 {}，不再重复", draft.name_of(id)));
    }
    draft.member_mut(id).removal_asked_at = Some(now);
    let request = Request { title: "请移出这位成员", why, rows: rows(draft, id) };
    draft.act(Act::Remove { member: id.clone() }, line, request);
}

fn rows(draft: &Draft<'_>, id: &MemberId) -> Vec<(String, String)> {
    let group = draft.group().map(|group| group.name.clone()).unwrap_or_default();
    vec![("群".into(), group), ("成员".into(), draft.name_of(id).to_owned())]
}

fn blacklist(draft: &mut Draft<'_>, rule: BlacklistRule, id: &MemberId, evidence: &str) {
    let until = rule.lasts.and_then(|lasts| draft.now.checked_add(lasts).ok());
    let entry = Blacklisting { since: draft.now, until, why: format!("发广告：{evidence}") };
    let scope = match rule.scope {
        BlacklistScope::Group => {
            draft.member_mut(id).blacklisted = Some(entry);
            "本群"
        }
        BlacklistScope::Brand => {
            draft.person_mut(id).blacklisted = Some(entry);
            "品牌所有群"
        }
    };
    draft.because(NAME, "blacklisted", format!("{} 进入{scope}黑名单", draft.name_of(id)));
}
