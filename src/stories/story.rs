//! A story as it was checked.

use std::sync::Arc;

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};

use crate::decision::{GroupId, GroupKind, MomentOrder};
use crate::files::{At, Place};
use crate::rules::written::{ByHand, CardButton, HandName, StoryRole};
use crate::rules::{GroupEar, GroupMatch, GroupRule, Hand};

use super::people::id_in_stories;

/// What happens in one group, step by step, and what must follow.
#[derive(Clone, Debug)]
pub struct Story {
    /// Its own group: `story-1`.
    pub group: GroupId,
    pub title: String,
    pub starts: Timestamp,
    pub kind: GroupKind,
    pub profile: String,
    pub store: Option<String>,
    pub ears: Vec<GroupEar>,
    pub hands: Vec<HandName>,
    pub members: Vec<Member>,
    /// Why the platform refuses to remove anybody.
    /// How long before the story the group was made, if that is known.
    pub created: Option<SignedDuration>,
    /// Ids of the playbooks that run in it.
    pub playbooks: Vec<String>,
    pub removals_fail: Option<String>,
    /// Ids of the schedules that run in it.
    pub schedules: Vec<String>,
    pub steps: Vec<Step>,
}

/// Somebody who is in the group from the start.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: String,
    pub role: StoryRole,
    /// How long before the story starts.
    pub joined: SignedDuration,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub place: Place,
    pub after: SignedDuration,
    pub at: Option<Time>,
    pub happens: Happening,
    pub expect: Vec<At<Expectation>>,
    /// `moderation/ad`: must be among the reasons.
    pub because: Vec<At<String>>,
}

/// What a step is about. People are called by their names.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// Time passes.
    Nothing,
    Says {
        from: String,
        text: String,
    },
    /// Says it to the app in private.
    Asks {
        from: String,
        text: String,
    },
    MentionsRobot {
        from: String,
        text: String,
    },
    Joins {
        names: Vec<String>,
        /// The mark of the join code that they scanned.
        code: Option<String>,
    },
    Leaves(Vec<String>),
    /// Taps a button of the last card.
    Taps {
        from: String,
        button: CardButton,
    },
    /// The last action failed for good.
    Fails(String),
    /// The cascade with this id is started; its run is called the same.
    StartsCascade {
        from: Option<String>,
        cascade: String,
    },
    CancelsCascade {
        from: Option<String>,
        cascade: String,
    },
    /// Staff are asked to publish something.
    SendsMoment {
        from: Option<String>,
        order: Box<MomentOrder>,
    },
    CancelsMoment {
        from: Option<String>,
        moment: String,
    },
    /// Staff publish what they were asked for.
    Publishes(Vec<String>),
    Liked(Vec<Echo>),
}

/// What customers have made of what somebody published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    pub of: String,
    pub likes: usize,
    pub comments: usize,
}

/// One thing that the bot must do.
#[derive(Clone, Debug)]
pub struct Expectation {
    pub subject: Subject,
    pub mentions: Option<Vec<String>>,
    pub to: Option<String>,
    pub why: Option<String>,
    pub paste: Option<Words>,
    pub by: Option<ByHand>,
    pub people: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
pub enum Subject {
    Post(Words),
    Remove(String),
    Tell(Words),
    Answer(Words),
    /// A card with this in its title.
    Card(String),
    /// A card is greyed out with this on it.
    CardSays(String),
    /// Staff are asked to publish this.
    Moment(Words),
}

/// What is said. **A text of nothing but small letters, digits and dashes is a script's id**, and
/// the script must be said whole; any other text must be found in what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    Script(String),
    Text(String),
}

impl Story {
    /// The entry that binds the story's group to its rules.
    pub fn rule(&self, app: &Arc<str>) -> GroupRule {
        let hand = |name: &HandName| match name {
            HandName::Appchat => Hand::Appchat { app: app.clone() },
            HandName::Webhook(id) => Hand::Webhook { id: id.as_str().into() },
            HandName::StaffTask => Hand::StaffTask { app: app.clone() },
            HandName::MassSend => Hand::MassSend { app: app.clone() },
        };
        let key_persons = self.members.iter().filter(|member| member.role == StoryRole::Kol);
        GroupRule {
            matches: GroupMatch { id: Some(self.group.to_string()), ..GroupMatch::default() },
            store: self.store.clone(),
            profile: self.profile.as_str().into(),
            ears: self.ears.clone(),
            hands: self.hands.iter().map(hand).collect(),
            kol: key_persons.map(|member| id_in_stories(&member.name, None).to_string()).collect(),
            place: self.title.clone(),
        }
    }
}
