//! A campaign: several posts about one thing, with one head. One `[[campaign]]` of `config/campaigns/*.toml`.

use jiff::SignedDuration;
use jiff::civil::Date;

/// What its steps have in common. Each step is a [`super::Schedule`] that names the campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    pub id: String,
    /// What people call it.
    pub title: String,
    /// It stands in the file and does nothing.
    pub off: bool,
    /// First and last day on which anything is posted.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// The id of the product that it sells.
    pub product: Option<String>,
    /// `None` = nobody needs to be asked.
    pub approval: Option<Approval>,
    /// Ids of the steps' schedules, in the order of the file; never empty.
    pub steps: Vec<String>,
    /// Stands for everything that would be posted, when and to whom: an approval is of this.
    pub version: u64,
    /// `config/campaigns/new-year.toml:4`, for people.
    pub place: String,
}

/// Who has to agree before the first post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// What they are, Chinese: 运营, or the name of a place in the organisation.
    pub role: String,
    /// Userids; never empty. Any one of them decides.
    pub people: Vec<String>,
    /// How long before the first post they are asked.
    pub ask_before: SignedDuration,
}

impl Campaign {
    /// The id of the schedule of one of its steps.
    pub fn schedule_of(campaign: &str, step: &str) -> String {
        format!("{campaign}-{step}")
    }

    /// Whether this person has a say in it besides ops.
    pub fn is_approver(&self, person: &str) -> bool {
        self.approval.as_ref().is_some_and(|approval| approval.people.iter().any(|one| one == person))
    }
}
