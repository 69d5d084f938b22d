//! PURE. Cascades (传达): what is told down the organisation, and how long one waits for whom.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{Org, OrgLevel, OrgNode};
use crate::timetable::QuietHours;

/// One `config/cascades/*.toml`. A run keeps what held when it was started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CascadeRule {
    pub id: String,
    pub title: String,
    pub says: CascadeText,
    /// Not empty.
    pub levels: Vec<OrgLevel>,
    /// Ids of nodes that are told with all that is below them; empty = the whole organisation.
    pub under: Vec<String>,
    pub order: CascadeOrder,
    /// From being told to when it is too late, for each person.
    pub deadline: SignedDuration,
    /// `None` = nobody is reminded. Shorter than the deadline.
    pub remind_after: Option<SignedDuration>,
    pub escalate_to: Vec<Escalation>,
    pub quiet: Option<QuietHours>,
}

/// What everybody hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CascadeText {
    /// A script's id; it is filled in for the store of each person.
    Script(String),
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CascadeOrder {
    LevelByLevel,
    AllAtOnce,
}

/// Who hears that a node did not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Escalation {
    Parent,
    Ops,
}

impl CascadeRule {
    /// Whether the people of this node are told.
    pub fn takes(&self, node: &OrgNode, org: &Org) -> bool {
        let here = |one: &OrgNode| self.under.contains(&one.id);
        self.levels.contains(&node.level)
            && (self.under.is_empty() || here(node) || org.above(node).any(here))
    }

    /// The node that must have answered before this one is told: the nearest above it that is told, too.
    pub fn gate_of<'o>(&self, node: &OrgNode, org: &'o Org) -> Option<&'o OrgNode> {
        match self.order {
            CascadeOrder::AllAtOnce => None,
            CascadeOrder::LevelByLevel => org.above(node).find(|above| self.takes(above, org)),
        }
    }
}
