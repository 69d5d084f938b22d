//! Who is asked to publish what: worked out from the rules alone, so that a dry run tells what a real one does.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Time;

use crate::decision::{MemberId, MomentOrder, MomentPerson, MomentTask};
use crate::files::known_ids;
use crate::rules::moments::{SCENE, misfit};
use crate::rules::{Rulebook, Store, asker_in, facts_in};
use crate::scripts::{Ask, Script};
use crate::text::fingerprint;
use crate::timetable::QuietHours;

/// Who has published it, and what their customers made of it, is asked person by person; the platform itself
/// takes 100 000 (wecom-send.md §10.1).
const PEOPLE_AT_MOST: usize = 10_000;
/// Nobody is reminded at night; the platform's own notice comes when the moment is sent.
const QUIET: QuietHours = QuietHours { start: Time::constant(22, 0, 0, 0), end: Time::constant(8, 0, 0, 0) };

/// What a moment consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct MomentPlan {
    /// One for each different content.
    pub tasks: Vec<MomentTask>,
    /// Names of stores that were meant and in which the script cannot be used today.
    pub left_out: Vec<String>,
}

/// Plans a moment at `now`. The error is a Chinese sentence: why it cannot go out, and what to do.
pub fn plan(rules: &Rulebook, order: &MomentOrder, now: Timestamp) -> Result<MomentPlan, String> {
    let script = script(rules, &order.script)?;
    let people = people(rules, order)?;
    let mut plan = MomentPlan { tasks: Vec::new(), left_out: Vec::new() };
    for (store, people) in people {
        match task(rules, order, store, now)? {
            None => plan.left_out.push(store.name.clone()),
            Some(task) => add(&mut plan.tasks, task, people, store),
        }
    }
    if plan.tasks.is_empty() {
        return Err(format!("话术 {} 今天不能用（没到日期、过期或在这些门店停用），没有发", script.id));
    }
    Ok(plan)
}

/// People with the same content are one task.
fn add(tasks: &mut Vec<MomentTask>, task: MomentTask, people: Vec<MemberId>, store: &Store) {
    let people = people.into_iter().map(|id| MomentPerson::new(id, &store.name));
    let alike = |other: &&mut MomentTask| (&other.variant, &other.parts) == (&task.variant, &task.parts);
    match tasks.iter_mut().find(alike) {
        Some(same) => same.people.extend(people),
        None => tasks.push(MomentTask { people: people.collect(), ..task }),
    }
}

fn script<'r>(rules: &'r Rulebook, id: &str) -> Result<&'r Script, String> {
    let of_scene = || rules.scripts.all().iter().filter(|script| script.scene == SCENE);
    let script = rules.scripts.get(id).ok_or_else(|| {
        let hint = known_ids("朋友圈话术", id, of_scene().map(|script| script.id.as_str()));
        format!("没有编号为 {id} 的话术。{hint}")
    })?;
    if script.scene == SCENE {
        Ok(script)
    } else {
        Err(format!("{id} 不是朋友圈话术：放进 bot-scripts/{SCENE}/，或写 scene = \"{SCENE}\""))
    }
}

/// Who is meant, by store; whoever works in several is asked in the first of them.
fn people<'r>(rules: &'r Rulebook, order: &MomentOrder) -> Result<Vec<(&'r Store, Vec<MemberId>)>, String> {
    check_known(rules, order)?;
    let among = |wanted: &[String], one: &str| wanted.is_empty() || wanted.iter().any(|other| other == one);
    let mut people = Vec::new();
    for store in rules.stores.values() {
        if !among(&order.stores, &store.id) || !among(&order.regions, &store.region) {
            continue;
        }
        let here = |person: &&String| rules.store_of(person).is_some_and(|first| first.id == store.id);
        let wanted = store.staff.iter().filter(here).filter(|person| among(&order.staff, person));
        let wanted: Vec<MemberId> = wanted.map(|person| MemberId::from(person.as_str())).collect();
        if !wanted.is_empty() {
            people.push((store, wanted));
        }
    }
    let count: usize = people.iter().map(|(_, people)| people.len()).sum();
    let at_most = order.at_most.unwrap_or(PEOPLE_AT_MOST).min(PEOPLE_AT_MOST);
    if count == 0 {
        Err("这样选，一个店员也没有，没有发；看看 stores.toml 里的 owner 和 staff".to_owned())
    } else if count > at_most {
        Err(format!("要请 {count} 人发，超过了 {at_most} 人，没有发；用 --stores 或 --regions 分几次"))
    } else {
        Ok(people)
    }
}

fn check_known(rules: &Rulebook, order: &MomentOrder) -> Result<(), String> {
    let stores = || rules.stores.values();
    for id in &order.stores {
        if !rules.stores.contains_key(id) {
            let hint = known_ids("门店", id, stores().map(|store| store.id.as_str()));
            return Err(format!("没有编号为 {id} 的门店。{hint}"));
        }
    }
    for region in &order.regions {
        if !stores().any(|store| store.region == *region) {
            let known: BTreeMap<&str, ()> = stores().map(|store| (store.region.as_str(), ())).collect();
            let hint = known_ids("区域", region, known.keys().copied());
            return Err(format!("没有门店在区域「{region}」。{hint}"));
        }
    }
    match order.staff.iter().find(|person| rules.store_of(person).is_none()) {
        Some(stranger) => Err(format!("{stranger} 不是任何门店的店员（stores.toml 的 owner、staff）")),
        None => Ok(()),
    }
}

/// What the people of one store are asked to publish, without them; `None` = not this script today.
fn task(
    rules: &Rulebook,
    order: &MomentOrder,
    store: &Store,
    now: Timestamp,
) -> Result<Option<MomentTask>, String> {
    let library = &rules.scripts;
    let today = now.to_zoned(rules.timezone.clone()).date();
    let asker = asker_in(Some(store), today);
    let script = library.resolved(&order.script, &asker).filter(|script| script.usable_on(today));
    let Some(script) = script else { return Ok(None) };
    check_answers(order, &library.asks(script, &asker))?;
    let variant = library.variant_for(script, fingerprint(&format!("{}:{}", order.moment, store.id)));
    let facts = facts_in(&rules.brand.name, Some(store), today);
    let filled = library.fill(script, variant, &facts, &order.answers);
    let parts = filled.map_err(|error| format!("{}：{}", store.name, error.why))?;
    if let Some(why) = misfit(&parts) {
        return Err(format!("话术 {} 不能发朋友圈：{why}（{}）", script.id, script.place));
    }
    let ends_at = now.saturating_add(order.deadline).unwrap_or(Timestamp::MAX);
    let remind_at = order.remind_after.and_then(|after| now.checked_add(after).ok());
    let remind_at = remind_at.map(|at| QUIET.next_allowed(at, &rules.timezone));
    Ok(Some(MomentTask {
        moment: order.moment.clone(),
        title: script.title.clone(),
        script: script.id.clone(),
        variant: variant.map(str::to_owned),
        parts,
        people: Vec::new(),
        remind_at: remind_at.filter(|at| *at < ends_at),
        ends_at,
    }))
}

/// Nobody is asked while it goes out, so everything that is filled in must be said before.
fn check_answers(order: &MomentOrder, asks: &[&Ask]) -> Result<(), String> {
    let names = || asks.iter().map(|ask| ask.name.as_str());
    if let Some(stranger) = order.answers.keys().find(|name| !names().any(|known| known == name.as_str())) {
        let hint = known_ids("空", stranger, names());
        return Err(format!("话术 {} 没有叫 {stranger} 的空。{hint}", order.script));
    }
    let missing = |ask: &&&Ask| ask.default.is_none() && !order.answers.contains_key(&ask.name);
    match asks.iter().find(missing) {
        Some(ask) => Err(format!(
            "话术 {} 要先填「{}」：加上 --answer {}=内容，没有发",
            order.script, ask.label, ask.name
        )),
        None => Ok(()),
    }
}
