//! Posts that the owner of a customer group confirms in the client (企业群发, wecom-send.md §8).

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::event::{Event, EventKind, MemberId};
use crate::rules::{Hand, SendBudget};
use crate::scripts::Part;

/// Of one mass send (wecom-send.md §8.1).
pub const ATTACHMENTS_AT_MOST: usize = 9;
/// The platform lets a mass send be reminded three times in 24 h (§8.2); more in all would be a nuisance.
pub const REMINDERS_AT_MOST: usize = 3;
/// Days that a group's memory of its mass sends goes back: the longest month and the one before it.
const KEPT_DAYS: i32 = 62;

/// One post into one group. Delivery makes one task of all groups with the same owner and content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MassSend {
    /// Who confirms it.
    pub owner: MemberId,
    /// Words first, then up to nine others: all go out at one confirmation and count once.
    pub parts: Vec<Part>,
    pub post: PostName,
    /// When the owner is reminded, if it is not confirmed by then; at most three moments, in order.
    pub reminders: Vec<Timestamp>,
    /// When ops is told that it is not confirmed.
    pub escalate_at: Timestamp,
    /// When it is too late and withdrawn.
    pub cancel_at: Timestamp,
    /// The id of the group's store; empty when it has none. Groups of several stores can share a task.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub store: String,
    /// Somebody has decided that it shall not go out; nobody is asked for it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// One firing of one post, the same for all groups that it goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PostName {
    /// Unique: `morning-greeting@2026-11-22T08:30`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Of the group's store; empty when it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
}

impl MassSend {
    /// Whether the platform takes such parts. Lengths and sizes are checked by the hand.
    pub fn can_carry(parts: &[Part]) -> bool {
        let fits = |part: &Part| match part {
            Part::Text { .. }
            | Part::Image { .. }
            | Part::Video { .. }
            | Part::File { .. }
            | Part::Link { .. } => true,
            // Customers would read the marks.
            Part::Markdown { .. } => false,
            Part::MiniProgram { picture, .. } => picture.is_some(),
        };
        let attachments = parts.iter().filter(|part| !part.is_words()).count();
        !parts.is_empty() && parts.iter().all(fits) && attachments <= ATTACHMENTS_AT_MOST
    }

    /// Whether both can be one task: the same post with the same content for the same owner.
    pub fn goes_with(&self, other: &Self) -> bool {
        self.withdrawn == other.withdrawn
            && (&self.owner, &self.post, &self.parts) == (&other.owner, &other.post, &other.parts)
    }

    /// The same once more at `now`, with what was to come of its reminders, because the task that it was part of was
    /// withdrawn for the sake of others; `None` when it is too late for that.
    pub fn again(&self, now: Timestamp) -> Option<Self> {
        let mut again = self.clone();
        again.reminders.retain(|due| *due > now);
        (now < self.cancel_at).then_some(again)
    }

    /// The words of the message; several texts are paragraphs of one.
    pub fn text(&self) -> String {
        let words = self.parts.iter().filter(|part| part.is_words()).filter_map(Part::paste);
        words.collect::<Vec<_>>().join("\n\n")
    }

    /// Everything that is not words, in order.
    pub fn attachments(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.is_words())
    }

    /// The post in one expression, for the journal.
    pub fn in_words(&self) -> String {
        let parts: Vec<_> = self.parts.iter().map(Part::in_words).collect();
        parts.join(" + ")
    }
}

/// When an owner is asked again: after `every`, and again after as long, but not once it is too late.
pub(super) fn reminders(
    asked_at: Timestamp,
    every: SignedDuration,
    until: Timestamp,
    awake: impl Fn(Timestamp) -> Timestamp,
) -> Vec<Timestamp> {
    let mut moments = Vec::new();
    let mut due = asked_at;
    while moments.len() < REMINDERS_AT_MOST && every.is_positive() {
        due = awake(due.saturating_add(every).unwrap_or(until));
        if due >= until {
            break;
        }
        moments.push(due);
    }
    moments
}

/// What a group has received by mass sends, or will as soon as its owner confirms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MassSent {
    /// By post: the brand's day on which it was sent, or promised to be.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub on: BTreeMap<String, Date>,
    /// The platform said on this day that the budget is used up: members' own mass sends count, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_on: Option<Date>,
}

impl MassSent {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn used(&self, budget: SendBudget, day: Date) -> usize {
        budget.used(self.on.values().copied(), day)
    }

    /// How many more posts the group takes on this day.
    pub fn left(&self, budget: SendBudget, day: Date) -> usize {
        if self.full_on.is_some_and(|full_on| budget.is_full_since(full_on, day)) {
            return 0;
        }
        budget.most(day).saturating_sub(self.used(budget, day))
    }

    /// A post counts from the moment at which it is promised, so that no two promise the same place.
    pub(super) fn promise(&mut self, post: &str, today: Date) {
        let oldest = today.saturating_sub(KEPT_DAYS.days());
        self.on.retain(|_, day| *day >= oldest);
        self.on.insert(post.to_owned(), today);
    }

    /// It went out, on this day.
    pub(super) fn sent(&mut self, post: &str, day: Date) {
        self.on.insert(post.to_owned(), day);
    }

    /// It will not go out: its place is free again.
    pub(super) fn withdraw(&mut self, post: &str) {
        self.on.remove(post);
    }
}

/// How a post that waited for its owner ended in one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostEnding {
    pub post: PostName,
    /// Who was asked.
    pub owner: MemberId,
    pub outcome: PostOutcome,
    /// What the owner is asked for instead, if the outcome is [`PostOutcome::AskedAgain`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Box<MassSend>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostOutcome {
    /// The owner sent it; the event tells when.
    Sent,
    /// The owner sent it to other groups, but not to this one.
    LeftOut,
    /// The owner sent it, and the platform refused: the group's budget is used up (status 3).
    Full,
    /// Nobody confirmed it in time, and it was withdrawn.
    TooLate,
    /// We heard no answer when we asked the platform, and it knows of no such task.
    Lost,
    /// Somebody has decided that it shall not go out, before the owner confirmed it.
    Withdrawn,
    /// Its task was withdrawn because of other groups in it; the owner is asked anew for this one.
    AskedAgain,
}

impl PostOutcome {
    /// What stands beside the post in the journal, in Chinese.
    pub fn in_words(self, owner: &str) -> String {
        match self {
            Self::Sent => format!("{owner} 已确认发出"),
            Self::LeftOut => format!("{owner} 确认了，但没有发到这个群"),
            Self::Full => "没能发出：这个群的群发额度用完了".into(),
            Self::TooLate => format!("没有等到 {owner} 确认，已取消"),
            Self::Lost => "没有建成：平台没有答复，也查不到".into(),
            Self::Withdrawn => "已撤下，没有发出".into(),
            Self::AskedAgain => format!("同一个任务里有别的群撤下了，重新请 {owner} 确认"),
        }
    }
}

/// What ops should know about one post in one region, told once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostTrouble {
    pub post: PostName,
    pub trouble: Trouble,
    pub owners: Vec<OwnersGroups>,
    /// Until when it can still be confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Owners have not confirmed.
    Unconfirmed,
    /// The budget of groups is used up.
    Full,
    /// The platform knows of no such task.
    Lost,
    /// It could not be asked for in time.
    TooLate,
}

impl PostTrouble {
    /// What becomes of it in the journal. `first` is a number of the first mass send that it is about: later
    /// owners who have not confirmed are told of again, all else once per post and region.
    pub fn event(self, hand: &Hand, first: i64, at: Timestamp) -> Event {
        let PostName { id, region, .. } = &self.post;
        let key = match self.trouble {
            Trouble::Unconfirmed => format!("unconfirmed:{id}:{region}:{first}"),
            Trouble::Full => format!("full:{id}:{region}"),
            Trouble::Lost => format!("lost:{id}:{region}"),
            Trouble::TooLate => format!("too-late:{id}:{region}"),
        };
        Event::of_hand(key, at, hand, EventKind::PostTrouble(Box::new(self)))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnersGroups {
    pub owner: MemberId,
    /// Their names.
    pub groups: Vec<String>,
    /// How often the owner was reminded.
    pub reminded: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripts::MediaFile;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn words_are_paragraphs_and_the_rest_is_attached() {
        let image = Part::Image { file: MediaFile { name: "a.jpg".into(), sha256: String::new() } };
        let parts = vec![Part::text("早安"), image.clone(), Part::text("今天有新品")];
        let send = MassSend {
            owner: "wang.min".into(),
            parts,
            post: PostName::default(),
            reminders: Vec::new(),
            escalate_at: Timestamp::MAX,
            cancel_at: Timestamp::MAX,
            store: String::new(),
            withdrawn: false,
        };
        assert_eq!(send.text(), "早安\n\n今天有新品");
        assert_eq!(send.attachments().collect::<Vec<_>>(), [&image]);
        assert!(MassSend::can_carry(&send.parts));
        assert!(!MassSend::can_carry(&[]) && !MassSend::can_carry(&vec![image.clone(); 10]));
        assert!(MassSend::can_carry(&vec![image; 9]));
        assert!(!MassSend::can_carry(&[Part::Markdown { text: "**早**".into() }]));
    }

    #[test]
    fn owners_are_reminded_three_times_at_most_and_never_too_late() {
        let asked = at("2026-11-22T09:00:00+08:00");
        let every = SignedDuration::from_mins(30);
        let moments = |until| reminders(asked, every, until, |due| due);
        assert_eq!(moments(at("2026-11-23T09:00:00+08:00")).len(), 3);
        assert_eq!(moments(at("2026-11-22T10:00:00+08:00")), [at("2026-11-22T09:30:00+08:00")]);
        assert!(reminders(asked, SignedDuration::ZERO, Timestamp::MAX, |due| due).is_empty());
    }

    #[test]
    fn a_promise_counts_until_it_is_withdrawn() {
        let (budget, mut sent) = (SendBudget::Daily, MassSent::default());
        let today = Date::constant(2026, 11, 22);
        assert_eq!(sent.left(budget, today), 1);
        sent.promise("a", today);
        assert_eq!(sent.left(budget, today), 0);
        sent.withdraw("a");
        assert_eq!(sent.left(budget, today), 1);
        sent.promise("a", today);
        sent.sent("a", Date::constant(2026, 11, 23));
        assert_eq!((sent.left(budget, today), sent.left(budget, Date::constant(2026, 11, 23))), (1, 0));
        sent.full_on = Some(today);
        assert_eq!(sent.left(budget, today), 0);
        let later = Date::constant(2027, 2, 1);
        sent.promise("b", later);
        assert_eq!(sent.on.len(), 1, "what is long over is forgotten");
    }
}
