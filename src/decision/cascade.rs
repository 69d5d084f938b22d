//! What we remember of cascades: each run is one small row, and so is each node and each person of it,
//! so that an acknowledgement among ten thousand writes what it changes and nothing else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::MemberId;
use crate::rules::{CascadeRule, Org, OrgLevel, OrgNode};
use crate::text::fingerprint;

/// What whoever runs the bot wants of a cascade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CascadeRequest {
    /// `run` is the name of the run: asked twice, it starts once.
    Start {
        run: String,
        cascade: String,
    },
    Cancel {
        run: String,
    },
}

impl CascadeRequest {
    /// The name of the run that it is about.
    pub fn run(&self) -> &str {
        match self {
            Self::Start { run, .. } | Self::Cancel { run } => run,
        }
    }
}

/// One run of a cascade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CascadeRun {
    /// [`CascadeRun::id_of`] its name.
    pub id: String,
    /// As people call it: `mooncake-presale-20261122`.
    pub name: String,
    /// As it was when the run was started; changing the file changes later runs.
    pub rule: CascadeRule,
    /// Who started it.
    pub by: MemberId,
    pub started_at: Timestamp,
    /// When the next ones were told or reminded last; the pace counts from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stepped_at: Option<Timestamp>,
    pub state: CascadeState,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum CascadeState {
    Running,
    Ended { at: Timestamp },
    Cancelled { by: String, at: Timestamp },
}

/// A node whose turn has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CascadeNode {
    pub id: String,
    pub name: String,
    pub level: OrgLevel,
    /// The name of the distributor that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distributor: Option<String>,
    /// The id of the store that it is, or that its people work in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    pub told_at: Timestamp,
    /// When the first of its people acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// Its deadline has passed without any answer; those above and ops know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// Somebody who was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CascadePerson {
    pub id: MemberId,
    /// The node in which they were told.
    pub node: String,
    pub told_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// No longer anywhere in the organisation: nobody waits for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// Why nothing reaches them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
}

/// A run with what is remembered of it: everything, or of one person only.
#[derive(Clone, Debug, PartialEq)]
pub struct CascadeMemory {
    pub run: CascadeRun,
    pub nodes: BTreeMap<String, CascadeNode>,
    pub people: BTreeMap<MemberId, CascadePerson>,
    /// Whether an answer of somebody is awaited who is not among `people`.
    pub others_wait: bool,
}

impl CascadeMemory {
    /// A run of which nobody was told yet.
    pub fn of(run: CascadeRun) -> Self {
        Self { run, nodes: BTreeMap::new(), people: BTreeMap::new(), others_wait: false }
    }

    /// What concerns this person.
    fn only(&self, person: &MemberId) -> Self {
        let own = self.people.get(person);
        let node = own.and_then(|own| self.nodes.get(&own.node));
        Self {
            run: self.run.clone(),
            nodes: node.map(|node| (node.id.clone(), node.clone())).into_iter().collect(),
            people: own.map(|own| (own.id.clone(), own.clone())).into_iter().collect(),
            others_wait: self.people.values().any(|other| other.id != *person && other.waits()),
        }
    }
}

/// One row that changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CascadeChange {
    Run(CascadeRun),
    Node { run: String, node: CascadeNode },
    Person { run: String, person: CascadePerson },
}

/// Which runs an event needs, and how much of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CascadesNeeded {
    None,
    /// The run with this id, whole.
    Whole(String),
    /// What concerns this person of the run with this id.
    OfRun(String, MemberId),
    /// What concerns this person of every running one that waits for them.
    Waiting(MemberId),
}

/// What the id of a run begins with; a staff task's begins with another letter.
const PREFIX: char = 'c';
/// The letter and sixteen hexadecimal digits.
const ID_LENGTH: usize = 17;

impl CascadeRun {
    /// Letters and digits only, as a card's task id asks; the same name gives the same id.
    pub fn id_of(name: &str) -> String {
        format!("{PREFIX}{:016x}", fingerprint(name))
    }

    /// The task id of the card that a person gets: unique per app (wecom-send.md §3.3).
    pub fn card_of(&self, person: &MemberId) -> String {
        format!("{}-{:016x}", self.id, fingerprint(person.as_str()))
    }

    /// The id of the run whose card this is; `None` for any other card.
    pub fn of_card(task_id: &str) -> Option<&str> {
        let (run, _) = task_id.split_once('-')?;
        let digits = run.strip_prefix(PREFIX)?;
        (run.len() == ID_LENGTH && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(run)
    }

    pub fn is_running(&self) -> bool {
        self.state == CascadeState::Running
    }

    /// When an answer to something that was told then is late.
    pub fn deadline(&self, told_at: Timestamp) -> Timestamp {
        told_at.saturating_add(self.rule.deadline).unwrap_or(Timestamp::MAX)
    }
}

impl CascadeNode {
    pub fn of(node: &OrgNode, org: &Org, told_at: Timestamp) -> Self {
        Self {
            id: node.id.clone(),
            name: node.name.clone(),
            level: node.level,
            distributor: org.distributor_of(node).map(|distributor| distributor.name.clone()),
            store: node.store.clone(),
            told_at,
            acknowledged_at: None,
            late: false,
        }
    }

    /// Whether those below it may be told.
    pub fn is_open(&self) -> bool {
        self.acknowledged_at.is_some() || self.late
    }
}

impl CascadePerson {
    pub fn of(id: MemberId, node: &str, told_at: Timestamp) -> Self {
        Self {
            id,
            node: node.to_owned(),
            told_at,
            reminded_at: None,
            acknowledged_at: None,
            gone: false,
            unreachable: None,
        }
    }

    /// There is no answer yet, whether or not one is awaited.
    pub fn may_answer(&self) -> bool {
        self.acknowledged_at.is_none()
    }

    /// An answer is awaited.
    pub fn waits(&self) -> bool {
        self.acknowledged_at.is_none() && !self.gone && self.unreachable.is_none()
    }
}

/// All runs with all that is remembered of them, in maps.
#[derive(Clone, Debug, Default)]
pub struct Cascades(BTreeMap<String, CascadeMemory>);

impl Cascades {
    pub fn load(&self, needed: &CascadesNeeded) -> Vec<CascadeMemory> {
        match needed {
            CascadesNeeded::None => Vec::new(),
            CascadesNeeded::Whole(run) => self.0.get(run).cloned().into_iter().collect(),
            CascadesNeeded::OfRun(run, person) => {
                self.0.get(run).map(|memory| memory.only(person)).into_iter().collect()
            }
            CascadesNeeded::Waiting(person) => {
                let waits = |memory: &&CascadeMemory| {
                    memory.run.is_running()
                        && memory.people.get(person).is_some_and(CascadePerson::may_answer)
                };
                self.0.values().filter(waits).map(|memory| memory.only(person)).collect()
            }
        }
    }

    pub fn apply(&mut self, change: CascadeChange) {
        match change {
            CascadeChange::Run(run) => match self.0.get_mut(&run.id) {
                Some(memory) => memory.run = run,
                None => {
                    self.0.insert(run.id.clone(), CascadeMemory::of(run));
                }
            },
            CascadeChange::Node { run, node } => {
                self.0.get_mut(&run).map(|memory| memory.nodes.insert(node.id.clone(), node));
            }
            CascadeChange::Person { run, person } => {
                self.0.get_mut(&run).map(|memory| memory.people.insert(person.id.clone(), person));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_names_its_run_and_no_other_card_does() {
        let id = CascadeRun::id_of("mooncake-presale-20261122");
        assert_eq!(id.len(), ID_LENGTH);
        assert_eq!(CascadeRun::of_card(&format!("{id}-0011223344556677")), Some(id.as_str()));
        for other in ["t0011223344556677-1", "c12-1", "", "c", &id, "cccccccccccccccg-1"] {
            assert_eq!(CascadeRun::of_card(other), None, "{other}");
        }
    }
}
