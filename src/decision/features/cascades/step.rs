//! One step of a run: the plan, said to people.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use super::{NAME, RECEIVED, awake, keep, look_at, words};
use crate::decision::event::MemberId;
use crate::decision::{
    Act, Action, CascadeChange, CascadeRun, CascadeState, Draft, Hand, Part, Reach, TaskCard,
};
use crate::rules::{CascadeOrder, CascadeText, Escalation, OrgNode, Role};
use crate::scripts::Asker;
use crate::text::fingerprint;

pub(super) fn due(draft: &mut Draft<'_>) {
    let Some(memory) = draft.cascades().first().filter(|memory| memory.run.is_running()) else { return };
    let until = awake(draft, &memory.run, draft.now);
    if until > draft.now {
        draft.because(NAME, "quiet", format!("安静时段，「{}」顺延", memory.run.rule.title));
        return look_at(draft, &memory.run, until);
    }
    let mut plan = Plan::of(memory, &draft.rules.org, draft.now);
    plan.memory.run.stepped_at = Some(draft.now);
    escalate(draft, &plan);
    tell(draft, &mut plan);
    for person in &plan.reminded {
        draft.tell(person, Part::text(words::reminder(&plan.memory.run)));
    }
    note(draft, &plan);
    if plan.is_over() {
        end(draft, &mut plan);
    } else {
        look_at(draft, &plan.memory.run, plan.next_look());
    }
    write(draft, &plan);
}

/// Everybody hears the same variant, filled in for their own store, and gets a card below it.
fn tell(draft: &mut Draft<'_>, plan: &mut Plan<'_>) {
    let run = plan.memory.run.clone();
    for id in std::mem::take(&mut plan.told) {
        let said = parts(draft, &run, &id);
        let Some(person) = plan.memory.people.get_mut(&id) else { continue };
        match said {
            Ok(parts) => {
                let card = card(draft, &run, &id, &person.node);
                parts.into_iter().for_each(|part| draft.tell(&id, part));
                let hand = Hand::StaffTask { app: draft.rules.app.clone() };
                draft.actions.push(Action::new(hand, Act::TaskCard { to: id.clone(), card }));
            }
            Err(why) => person.unreachable = Some(why),
        }
        plan.told.push(id);
    }
}

fn parts(draft: &Draft<'_>, run: &CascadeRun, person: &MemberId) -> Result<Vec<Part>, String> {
    let id = match &run.rule.says {
        CascadeText::Text(text) => return Ok(vec![Part::text(text.clone())]),
        CascadeText::Script(id) => id,
    };
    let library = &draft.rules.scripts;
    // The bot says it, whatever the person may ask for.
    let asker = Asker { roles: &[], ..draft.asker(Some(person)) };
    let script = library.resolved(id, &asker).filter(|script| script.usable_on(draft.today()));
    let script = script.ok_or_else(|| format!("话术 {id} 今天在这里不能用"))?;
    let variant = library.variant_for(script, fingerprint(&run.id));
    let facts = draft.facts(&[], Some(person));
    library.fill(script, variant, &facts, &BTreeMap::new()).map_err(|error| error.to_string())
}

fn card(draft: &Draft<'_>, run: &CascadeRun, person: &MemberId, node: &str) -> TaskCard {
    let org = &draft.rules.org;
    let waits_for_us = |below: &&OrgNode| {
        run.rule.takes(below, org) && run.rule.gate_of(below, org).is_some_and(|gate| gate.id == node)
    };
    let below = match run.rule.order {
        CascadeOrder::LevelByLevel => org.below(node).filter(waits_for_us).count(),
        CascadeOrder::AllAtOnce => 0,
    };
    TaskCard {
        task_id: run.card_of(person),
        title: words::card_title(run),
        why: words::card_why(below),
        rows: vec![("最晚".into(), draft.moment(run.deadline(draft.now)))],
        paste: None,
        buttons: vec![(RECEIVED.into(), "收到".into())],
    }
}

/// Those above hear once of all their nodes that did not answer, ops of everybody else's.
fn escalate(draft: &mut Draft<'_>, plan: &Plan<'_>) {
    let (run, rules) = (&plan.memory.run, draft.rules);
    let names = |nodes: &[&OrgNode]| {
        let names = nodes.iter().map(|node| format!("{}（{}）", node.name, node.people.join("、")));
        words::listed(names.collect())
    };
    let late = plan.late.iter().filter_map(|id| rules.org.node(id));
    let mut by_parent: BTreeMap<&str, Vec<&OrgNode>> = BTreeMap::new();
    for node in late.clone() {
        by_parent.entry(node.parent.as_deref().unwrap_or_default()).or_default().push(node);
    }
    let mut informed: BTreeSet<(&str, &str)> = BTreeSet::new();
    if run.rule.escalate_to.contains(&Escalation::Parent) {
        for (parent, nodes) in &by_parent {
            for person in rules.org.node(parent).iter().flat_map(|parent| &parent.people) {
                informed.extend(nodes.iter().map(|node| (person.as_str(), node.id.as_str())));
                draft.tell(&person.as_str().into(), Part::text(words::late(run, nodes.len(), &names(nodes))));
            }
        }
    }
    let ops = rules.brand.ops.first().filter(|_| run.rule.escalate_to.contains(&Escalation::Ops));
    let Some(ops) = ops else { return };
    let news: Vec<&OrgNode> =
        late.filter(|node| !informed.contains(&(ops.as_str(), node.id.as_str()))).collect();
    if !news.is_empty() {
        draft.tell(&ops.as_str().into(), Part::text(words::late(run, news.len(), &names(&news))));
    }
}

/// The reasons of what is done, for the journal.
fn note(draft: &mut Draft<'_>, plan: &Plan<'_>) {
    let title = &plan.memory.run.rule.title;
    for (code, count, what) in [
        ("late", plan.late.len(), "处到期没有回执，已上报"),
        ("told", plan.told.len(), "人已通知"),
        ("reminded", plan.reminded.len(), "人已提醒"),
    ] {
        if count > 0 {
            draft.because(NAME, code, format!("「{title}」：{count} {what}"));
        }
    }
}

/// One digest, to whoever started it.
fn end(draft: &mut Draft<'_>, plan: &mut Plan<'_>) {
    plan.memory.run.state = CascadeState::Ended { at: draft.now };
    let run = &plan.memory.run;
    draft.because(NAME, "ended", format!("传达「{}」（{}）结束", run.rule.title, run.name));
    let reach = Reach::of(&plan.memory, draft.now);
    let ops = draft.rules.brand.ops.first().map(|ops| MemberId::from(ops.as_str()));
    if let Some(to) = is_of_the_brand(draft, &run.by).then(|| run.by.clone()).or(ops) {
        draft.tell(&to, Part::text(words::digest(draft, run, &reach)));
    }
}

/// Whether a private message can reach whoever this is; `operator` is nobody.
fn is_of_the_brand(draft: &Draft<'_>, id: &MemberId) -> bool {
    let rules = draft.rules;
    rules.org.node_of(id.as_str()).is_some()
        || rules.store_of(id.as_str()).is_some()
        || draft.role(id) == Role::Ops
}

fn write(draft: &mut Draft<'_>, plan: &Plan<'_>) {
    let memory = &plan.memory;
    for node in plan.changed_nodes.iter().filter_map(|id| memory.nodes.get(id)) {
        draft.change_cascade(CascadeChange::Node { run: memory.run.id.clone(), node: node.clone() });
    }
    for person in plan.changed_people.iter().filter_map(|id| memory.people.get(id)) {
        draft.change_cascade(CascadeChange::Person { run: memory.run.id.clone(), person: person.clone() });
    }
    keep(draft, &memory.run);
}
