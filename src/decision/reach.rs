//! How far a cascade has come: real figures per hop, per distributor and per store, and who is missing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::cascade::{CascadeMemory, CascadePerson, CascadeRun};
use crate::rules::OrgLevel;

/// How one person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Acknowledged,
    /// Acknowledged after the deadline.
    Late,
    /// May still answer in time.
    Waiting,
    /// The deadline has passed.
    Missing,
    Unreachable,
    /// Left the organisation without an answer.
    Gone,
}

impl Standing {
    pub fn of(person: &CascadePerson, run: &CascadeRun, now: Timestamp) -> Self {
        let deadline = run.deadline(person.told_at);
        match person.acknowledged_at {
            Some(at) if at <= deadline => Self::Acknowledged,
            Some(_) => Self::Late,
            None if person.unreachable.is_some() => Self::Unreachable,
            None if person.gone => Self::Gone,
            None if run.is_running() && now < deadline => Self::Waiting,
            None => Self::Missing,
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Acknowledged => "已收到",
            Self::Late => "逾期收到",
            Self::Waiting => "等待中",
            Self::Missing => "没有收到",
            Self::Unreachable => "发不到",
            Self::Gone => "已离开",
        }
    }
}

/// People by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    pub told: usize,
    pub acknowledged: usize,
    pub late: usize,
    pub waiting: usize,
    pub missing: usize,
    pub unreachable: usize,
    pub gone: usize,
}

impl Figures {
    fn count(&mut self, standing: Standing) {
        self.told += 1;
        *match standing {
            Standing::Acknowledged => &mut self.acknowledged,
            Standing::Late => &mut self.late,
            Standing::Waiting => &mut self.waiting,
            Standing::Missing => &mut self.missing,
            Standing::Unreachable => &mut self.unreachable,
            Standing::Gone => &mut self.gone,
        } += 1;
    }

    /// Those who have acknowledged, late ones too, of those who were told, in whole percent rounded down:
    /// 100 means everybody.
    pub fn percent(&self) -> usize {
        ((self.acknowledged + self.late) * 100).checked_div(self.told).unwrap_or(0)
    }
}

/// One person as the report shows them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReachedPerson {
    pub person: String,
    pub level: OrgLevel,
    /// The node's name.
    pub node: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distributor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    pub told_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    pub standing: Standing,
}

/// A hop, a distributor or a store with its figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counted<K> {
    pub of: K,
    #[serde(flatten)]
    pub figures: Figures,
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reach {
    pub all: Figures,
    /// From the top down.
    pub hops: Vec<Counted<OrgLevel>>,
    /// By name; who belongs to no distributor is not here.
    pub distributors: Vec<Counted<String>>,
    /// By the store's id.
    pub stores: Vec<Counted<String>>,
    /// Everybody who was told, from the top down, then by node.
    pub people: Vec<ReachedPerson>,
}

impl Reach {
    /// `memory` must be whole.
    pub fn of(memory: &CascadeMemory, now: Timestamp) -> Self {
        let mut people: Vec<ReachedPerson> =
            memory.people.values().filter_map(|person| reached(person, memory, now)).collect();
        people.sort_by(|one, other| {
            (one.level, &one.distributor, &one.node, &one.person).cmp(&(
                other.level,
                &other.distributor,
                &other.node,
                &other.person,
            ))
        });
        let mut all = Figures::default();
        people.iter().for_each(|person| all.count(person.standing));
        Self {
            all,
            hops: figures(&people, |person| Some(person.level)),
            distributors: figures(&people, |person| person.distributor.clone()),
            stores: figures(&people, |person| person.store.clone()),
            people,
        }
    }

    /// Those who have not acknowledged, whyever.
    pub fn missing(&self) -> impl Iterator<Item = &ReachedPerson> {
        self.people
            .iter()
            .filter(|person| !matches!(person.standing, Standing::Acknowledged | Standing::Late))
    }
}

fn reached(person: &CascadePerson, memory: &CascadeMemory, now: Timestamp) -> Option<ReachedPerson> {
    let node = memory.nodes.get(&person.node)?;
    Some(ReachedPerson {
        person: person.id.to_string(),
        level: node.level,
        node: node.name.clone(),
        distributor: node.distributor.clone(),
        store: node.store.clone(),
        told_at: person.told_at,
        acknowledged_at: person.acknowledged_at,
        standing: Standing::of(person, &memory.run, now),
    })
}

fn figures<K: Ord>(people: &[ReachedPerson], key: impl Fn(&ReachedPerson) -> Option<K>) -> Vec<Counted<K>> {
    let mut by_key: BTreeMap<K, Figures> = BTreeMap::new();
    for person in people {
        if let Some(key) = key(person) {
            by_key.entry(key).or_default().count(person.standing);
        }
    }
    by_key.into_iter().map(|(of, figures)| Counted { of, figures }).collect()
}
