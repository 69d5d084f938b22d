//! What is told down the organisation, in words.

use std::collections::BTreeMap;

use super::{Named, hours, lasting, org, said, title_of};
use crate::rules::{CascadeOrder, CascadeRule, CascadeText, Escalation, Rulebook};
use crate::text::{fingerprint, one_line};

/// Characters of an announcement that are shown.
const SHOWN: usize = 40;

/// By id.
pub fn cascades(rules: &Rulebook) -> BTreeMap<String, Named> {
    rules.cascades.iter().map(|(id, rule)| (id.clone(), cascade(rule, rules))).collect()
}

fn cascade(rule: &CascadeRule, rules: &Rulebook) -> Named {
    let CascadeRule { id: _, title, says, levels, under, order, deadline, remind_after, escalate_to, quiet } =
        rule;
    let (script, text) = match says {
        CascadeText::Script(id) => (title_of(id, rules), String::new()),
        CascadeText::Text(text) => (String::new(), text.clone()),
    };
    let levels: Vec<&str> = levels.iter().map(|level| level.chinese()).collect();
    let under: Vec<String> = under.iter().map(|id| org::name_of(id, &rules.org)).collect();
    let escalate_to: Vec<&str> = escalate_to.iter().map(|one| escalation_in_words(*one)).collect();
    let lines = [
        ("话术", script),
        ("要说的话", one_line(&text, SHOWN)),
        ("告诉哪几层", levels.join("、")),
        ("告诉哪里", under.join("、")),
        ("先后", order_in_words(*order).to_owned()),
        ("回执期限", lasting(*deadline)),
        ("提醒", remind_after.map(lasting).unwrap_or_default()),
        ("到期告诉谁", escalate_to.join("、")),
        ("安静时段", quiet.map(hours).unwrap_or_default()),
    ];
    Named { name: title.clone(), says: said(lines), store: None, rest: fingerprint(&text) }
}

fn order_in_words(order: CascadeOrder) -> &'static str {
    match order {
        CascadeOrder::LevelByLevel => "一层一层",
        CascadeOrder::AllAtOnce => "同时",
    }
}

fn escalation_in_words(escalation: Escalation) -> &'static str {
    match escalation {
        Escalation::Parent => "上级",
        Escalation::Ops => "运营",
    }
}
