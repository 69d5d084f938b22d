//! What moderation remembers beside strikes: trust of a member, a raid on a group, one text that
//! goes through the brand's groups, and what shadow mode would have done.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::campaign::CampaignState;
use super::event::{EventKey, GroupId, MemberId};

/// Days on which somebody wrote and nothing was held against them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trust {
    pub honest_days: usize,
    /// The last honest message that counted: at most one a day does.
    pub last: Timestamp,
}

/// Newcomers of a group who were found suspicious of late.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RaidState {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub suspects: BTreeMap<MemberId, Timestamp>,
    /// Until then newcomers are judged more strictly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl RaidState {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Strangers who wrote the same text in the brand's groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// [`crate::perception::Signals::fingerprint`], never 0.
    pub fingerprint: u64,
    /// As somebody wrote it; empty until ops is told of it.
    pub text: String,
    /// The latest of each sender and group, in order, at most [`Self::SIGHTINGS_AT_MOST`].
    pub sightings: Vec<Sighting>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerted_at: Option<Timestamp>,
}

/// One message of a [`Spread`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    pub message: EventKey,
    pub at: Timestamp,
    pub group: GroupId,
    pub member: MemberId,
    /// Something was done about it, or a person was asked.
    pub judged: bool,
}

impl Spread {
    /// More senders than this of one text need no further proof.
    pub const SIGHTINGS_AT_MOST: usize = 64;

    /// Whether it is worth the disk. Nearly every text is seen in one group only: writing each of them down would
    /// cost a row a message, for a memory of an hour that a restart may forget.
    pub fn is_lasting(&self) -> bool {
        self.alerted_at.is_some() || self.groups() > 1
    }

    /// In how many groups the text was seen: nearly always one.
    pub fn groups(&self) -> usize {
        let is_first = |(at, seen): &(usize, &Sighting)| {
            !self.sightings[..*at].iter().any(|earlier| earlier.group == seen.group)
        };
        self.sightings.iter().enumerate().filter(is_first).count()
    }

    /// The subject of the timer that judges one sighting again.
    pub fn subject(&self, member: &MemberId) -> String {
        format!("{:016x}:{member}", self.fingerprint)
    }

    /// The fingerprint in such a subject.
    pub fn fingerprint_in(subject: &str) -> Option<u64> {
        u64::from_str_radix(subject.split_once(':')?.0, 16).ok()
    }

    /// The member in such a subject.
    pub fn member_in(subject: &str) -> Option<MemberId> {
        subject.split_once(':').map(|(_, member)| MemberId::from(member))
    }

    pub fn last_at(&self) -> Option<Timestamp> {
        self.sightings.iter().map(|sighting| sighting.at).max()
    }
}

/// What is remembered for the whole brand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrandState {
    #[serde(skip_serializing_if = "ShadowTally::is_empty")]
    pub shadow: ShadowTally,
    /// What people said about campaigns, by id. Shared, because every event takes this state along.
    #[serde(skip_serializing_if = "nothing_said")]
    pub campaigns: Arc<BTreeMap<String, CampaignState>>,
}

fn nothing_said(campaigns: &BTreeMap<String, CampaignState>) -> bool {
    campaigns.is_empty()
}

/// What shadow mode would have done since the last report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShadowTally {
    /// Profile's name and what would have been done, in Chinese → how often.
    pub counts: BTreeMap<String, u32>,
    /// The first few, in words.
    pub examples: Vec<String>,
}

impl ShadowTally {
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}
