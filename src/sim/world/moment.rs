//! Moments of the corp (客户朋友圈, wecom-send.md §10): tasks that wait for the tap of each chosen member.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::mass_send::Shown;

/// Moments kept: more than a year of the example corp.
pub const MOMENTS_KEPT: usize = 1_000;
/// How long the platform takes to make one: half of it it has begun, then it is at work.
const MADE_AFTER: SignedDuration = SignedDuration::from_secs(2);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Moment {
    pub id: String,
    pub jobid: String,
    pub app: String,
    pub asked_at: Timestamp,
    /// Who may publish it, without those whom the platform does not know.
    pub people: Vec<String>,
    pub invalid: Vec<String>,
    /// May be empty.
    pub text: String,
    /// As they were sent to the API.
    pub attachments: Vec<Value>,
    /// The same as the screen shows them.
    pub shown: Vec<Shown>,
    #[serde(default)]
    pub cancelled_at: Option<Timestamp>,
    /// By whom, with what came of it.
    #[serde(default)]
    pub published: BTreeMap<String, Published>,
}

/// A moment in somebody's own name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub at: Timestamp,
    pub likes: Vec<Echo>,
    pub comments: Vec<Echo>,
}

/// Somebody's like or comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echo {
    pub by: String,
    pub at: Timestamp,
}

/// How far the platform is with making it: `status` of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    Begun,
    AtWork,
    Done,
}

impl Moment {
    pub fn job(&self, now: Timestamp) -> Job {
        let since = now.duration_since(self.asked_at);
        match since {
            _ if since >= MADE_AFTER => Job::Done,
            _ if since * 2 >= MADE_AFTER => Job::AtWork,
            _ => Job::Begun,
        }
    }

    /// The platform has made it: somebody can publish it.
    pub fn is_made(&self, now: Timestamp) -> bool {
        self.job(now) == Job::Done && !self.people.is_empty()
    }
}
