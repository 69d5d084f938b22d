//! Moments of the brand (客户朋友圈, wecom-send.md §10): what its staff are asked to publish to their customers.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::{Event, EventKind, MemberId};
use crate::rules::{Hand, moments};
use crate::scripts::Part;

/// What whoever runs the bot wants of a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentRequest {
    Send(MomentOrder),
    Cancel { moment: String },
}

/// A script that staff shall publish. All stated conditions must hold of a person; without any, everybody who
/// works in a store is meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MomentOrder {
    /// The name of the moment: asked twice under one name, it goes out once.
    pub moment: String,
    /// Its id.
    pub script: String,
    /// Ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff: Vec<String>,
    /// It would rather not go out at all than to more people than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<usize>,
    /// What is filled in for the script's asks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, String>,
    /// How long people have for it.
    pub deadline: SignedDuration,
    /// `None` = nobody is reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_after: Option<SignedDuration>,
}

/// One task of the platform: the same content for all of its people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MomentTask {
    /// The moment that it is a part of.
    pub moment: String,
    /// Of the script.
    pub title: String,
    pub script: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    pub parts: Vec<Part>,
    /// Not empty.
    pub people: Vec<MomentPerson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
    /// Who has not published it by then cannot any more.
    pub ends_at: Timestamp,
}

/// Somebody who is asked to publish a moment, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MomentPerson {
    pub id: MemberId,
    /// What people call it.
    pub store: String,
    /// When we first saw that it is published; the platform does not tell when it was (§10.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// The platform does not let them: unknown there, or outside the app's range.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unable: bool,
    #[serde(default)]
    pub likes: usize,
    #[serde(default)]
    pub comments: usize,
}

impl MomentPerson {
    pub fn new(id: MemberId, store: &str) -> Self {
        Self { id, store: store.to_owned(), seen_at: None, unable: false, likes: 0, comments: 0 }
    }

    /// It is not published, and could be.
    pub fn waits(&self) -> bool {
        self.seen_at.is_none() && !self.unable
    }
}

impl MomentTask {
    /// The words of the moment; several texts are paragraphs of one.
    pub fn text(&self) -> String {
        moments::words(&self.parts)
    }

    /// Everything that is not words, in order.
    pub fn attachments(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.is_words())
    }

    /// The moment in one expression, for the journal.
    pub fn in_words(&self) -> String {
        self.parts.iter().map(Part::in_words).collect::<Vec<_>>().join(" + ")
    }
}

/// Something became known about a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MomentNews {
    pub moment: String,
    /// What people call it.
    pub title: String,
    pub what: MomentEvent,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentEvent {
    /// These have published it since we looked last.
    Published { people: Vec<MemberId> },
    /// These have not, and it is time to remind them.
    Unpublished { people: Vec<MemberId>, until: Timestamp },
    /// Tasks of it do not exist, while others do.
    NotMade { tasks: Vec<MomentNotMade> },
    /// Nobody can publish it any more.
    Over(Box<MomentFigures>),
}

/// A task that the platform did not make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MomentNotMade {
    /// The names of its people's stores, each once.
    pub stores: Vec<String>,
    pub people: usize,
    /// For people.
    pub why: String,
}

/// What came of a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MomentFigures {
    pub stores: Vec<MomentOfStore>,
    /// Who could have published it and has not.
    pub missing: Vec<MomentPerson>,
    pub unable: Vec<MomentPerson>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_made: Vec<MomentNotMade>,
    /// Who ended it before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<String>,
}

/// The figures of one store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MomentOfStore {
    pub store: String,
    pub asked: usize,
    pub published: usize,
    pub likes: usize,
    pub comments: usize,
}

impl MomentOfStore {
    fn add(&mut self, person: &MomentPerson) {
        self.asked += 1;
        self.published += usize::from(person.seen_at.is_some());
        self.likes += person.likes;
        self.comments += person.comments;
    }
}

impl MomentFigures {
    /// Counts people by their stores, in the order in which they come.
    pub fn of<'p>(people: impl IntoIterator<Item = &'p MomentPerson>) -> Self {
        let mut figures = Self::default();
        for person in people {
            let place = figures.stores.iter().position(|one| one.store == person.store);
            let place = place.unwrap_or_else(|| {
                let store = person.store.clone();
                figures.stores.push(MomentOfStore { store, ..MomentOfStore::default() });
                figures.stores.len() - 1
            });
            figures.stores[place].add(person);
            if person.unable {
                figures.unable.push(person.clone());
            } else if person.waits() {
                figures.missing.push(person.clone());
            }
        }
        figures
    }

    /// All stores together.
    pub fn all(&self) -> MomentOfStore {
        let mut all = MomentOfStore::default();
        for store in &self.stores {
            all.asked += store.asked;
            all.published += store.published;
            all.likes += store.likes;
            all.comments += store.comments;
        }
        all
    }
}

impl MomentNews {
    /// What becomes of it in the journal. `task` is the number of the task that it is about; a moment as a whole
    /// is told of once.
    pub fn event(self, hand: &Hand, task: i64, at: Timestamp) -> Event {
        let key = match &self.what {
            MomentEvent::Published { people } => {
                let first = people.first().map(MemberId::as_str).unwrap_or_default();
                format!("moment-published:{task}:{first}")
            }
            MomentEvent::Unpublished { .. } => format!("moment-unpublished:{task}"),
            MomentEvent::NotMade { .. } => format!("moment-not-made:{}", self.moment),
            MomentEvent::Over(_) => format!("moment-over:{}", self.moment),
        };
        Event::of_hand(key, at, hand, EventKind::MomentNews(Box::new(self)))
    }

    /// Whose names are told.
    pub(super) fn people(&self) -> Vec<MemberId> {
        match &self.what {
            MomentEvent::Published { people } | MomentEvent::Unpublished { people, .. } => people.clone(),
            MomentEvent::NotMade { .. } => Vec::new(),
            MomentEvent::Over(figures) => {
                figures.missing.iter().chain(&figures.unable).map(|person| person.id.clone()).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_count_people_by_their_stores() {
        let now = Timestamp::UNIX_EPOCH;
        let person = |id: &str, store: &str| MomentPerson::new(id.into(), store);
        let posted =
            MomentPerson { seen_at: Some(now), likes: 3, comments: 1, ..person("wang.min", "朝阳店") };
        let unable = MomentPerson { unable: true, ..person("sun.jia", "通州店") };
        let people = [posted, person("li.na", "朝阳店"), unable.clone()];
        let figures = MomentFigures::of(&people);
        let of = |store: &str, asked, published, likes, comments| MomentOfStore {
            store: store.into(),
            asked,
            published,
            likes,
            comments,
        };
        assert_eq!(figures.stores, [of("朝阳店", 2, 1, 3, 1), of("通州店", 1, 0, 0, 0)]);
        assert_eq!(figures.all(), of("", 3, 1, 3, 1));
        assert_eq!((&figures.missing[..], &figures.unable[..]), (&people[1..2], &[unable][..]));
    }
}
