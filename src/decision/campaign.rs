//! Campaigns as the core remembers them: who agreed to what, who stopped it, where it is sold out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::MemberId;
use super::scheduled::Paused;
use crate::rules::Campaign;
use crate::text::fingerprint;

/// What people said about one campaign, beside its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CampaignState {
    /// The latest question whether it may begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<ApprovalAsked>,
    /// When it is looked at, to ask or to remind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
    /// Nothing goes out while this stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    /// Nothing goes out any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<CampaignEnd>,
    /// Where nothing is left to sell, by the store's id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sold_out: BTreeMap<String, Paused>,
}

/// Whether a campaign may begin, as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalAsked {
    /// [`Campaign::version`] of what was shown.
    pub version: u64,
    pub asked_at: Timestamp,
    #[serde(default)]
    pub reminded: bool,
    /// Something else was agreed to before the files were changed.
    #[serde(default)]
    pub again: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ApprovalAnswer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalAnswer {
    pub by: MemberId,
    pub at: Timestamp,
    pub agreed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignEnd {
    pub by: MemberId,
    pub at: Timestamp,
    /// Because everything is sold.
    pub sold_out: bool,
}

/// What a person wants of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignOrdered {
    pub campaign: String,
    pub order: CampaignOrder,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignOrder {
    /// It may begin as it stands in the files now.
    Agree,
    /// It may not.
    Refuse,
    /// Lets nothing more go out, and takes back what has not left yet.
    Pause,
    /// From the next post on, whatever held it up.
    Resume,
    /// For good; [`Self::Resume`] takes it back.
    End,
    /// Nothing is left: in this store, or anywhere.
    SoldOut { store: Option<String> },
    /// There is more: in this store, or wherever it was sold out.
    Restocked { store: Option<String> },
}

/// What the id of a campaign's card begins with; those of tasks and cascades begin with other letters.
const CARD: char = 'k';
/// The letter and sixteen hexadecimal digits.
const CARD_LENGTH: usize = 17;

impl CampaignState {
    /// Why a post of the campaign does not go out in a group of this store: a code and a Chinese reason, in which
    /// people are called by `name`.
    pub fn hindrance(
        &self,
        campaign: &Campaign,
        store: Option<&str>,
        name: impl Fn(&MemberId) -> String,
    ) -> Option<(&'static str, String)> {
        if let Some(end) = &self.ended {
            let why = if end.sold_out { "卖完了，活动已结束" } else { "活动已结束" };
            return Some(("ended", format!("{why}（{} 说的）", name(&end.by))));
        }
        if let Some(paused) = &self.paused {
            return Some(("paused", format!("活动已由 {} 暂停", name(&paused.by))));
        }
        if let Some(said) = store.and_then(|store| self.sold_out.get(store)) {
            return Some(("sold_out", format!("这家店卖完了（{} 说的）", name(&said.by))));
        }
        let approval = campaign.approval.as_ref()?;
        match self.answer_to(campaign) {
            Some(answer) if answer.agreed => None,
            Some(answer) => Some(("refused", format!("{} 没有同意", name(&answer.by)))),
            None if self.has_agreed_before() => {
                Some(("not_approved", format!("内容改过，还没有等到{}重新同意", approval.role)))
            }
            None => Some(("not_approved", format!("还没有等到{}同意", approval.role))),
        }
    }

    /// What was answered about the campaign as it stands in the files now.
    pub fn answer_to(&self, campaign: &Campaign) -> Option<&ApprovalAnswer> {
        self.question.as_ref().filter(|asked| asked.version == campaign.version)?.answer.as_ref()
    }

    fn has_agreed_before(&self) -> bool {
        let agreed = |asked: &ApprovalAsked| asked.answer.as_ref().is_some_and(|answer| answer.agreed);
        self.question.as_ref().is_some_and(|asked| asked.again || agreed(asked))
    }

    /// The question about the campaign as it stands in the files now, asked at this moment.
    pub fn asked_now(&self, campaign: &Campaign, now: Timestamp) -> ApprovalAsked {
        let again = self.has_agreed_before();
        ApprovalAsked { version: campaign.version, asked_at: now, reminded: false, again, answer: None }
    }
}

impl Campaign {
    /// The task id of a card about it that one person gets: unique per app (wecom-send.md §3.3), so each sending
    /// has a mark of its own.
    pub fn card_for(&self, person: &MemberId, mark: &str) -> String {
        format!("{}-{:016x}", card_of(&self.id), fingerprint(&format!("{person}\n{mark}")))
    }

    /// Whether the card with this task id is one of its cards.
    pub fn has_card(&self, task_id: &str) -> bool {
        task_id.split_once('-').is_some_and(|(card, _)| card == card_of(&self.id))
    }
}

/// Whether the card is one about a campaign, of whichever files.
pub fn is_card_of_a_campaign(task_id: &str) -> bool {
    let Some((card, _)) = task_id.split_once('-') else { return false };
    let digits = card.strip_prefix(CARD).unwrap_or_default();
    card.len() == CARD_LENGTH && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn card_of(campaign: &str) -> String {
    format!("{CARD}{:016x}", fingerprint(campaign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Approval;

    const AT: Timestamp = Timestamp::constant(1_796_000_000, 0);

    fn campaign(asks: bool) -> Campaign {
        let approval = Approval {
            role: "运营".into(),
            people: vec!["lin.yun".into()],
            ask_before: jiff::SignedDuration::from_hours(24),
        };
        Campaign {
            id: "gifts".into(),
            title: "年货节".into(),
            off: false,
            from: None,
            to: None,
            product: None,
            approval: asks.then_some(approval),
            steps: vec!["gifts-open".into()],
            version: 7,
            place: String::new(),
        }
    }

    fn answered(version: u64, agreed: bool) -> CampaignState {
        let answer = ApprovalAnswer { by: "lin.yun".into(), at: AT, agreed };
        let question =
            ApprovalAsked { version, asked_at: AT, reminded: false, again: false, answer: Some(answer) };
        CampaignState { question: Some(question), ..CampaignState::default() }
    }

    fn code(state: &CampaignState, campaign: &Campaign, store: Option<&str>) -> Option<&'static str> {
        state.hindrance(campaign, store, ToString::to_string).map(|(code, _)| code)
    }

    #[test]
    fn an_approval_is_of_what_was_shown() {
        let (free, asks) = (campaign(false), campaign(true));
        assert_eq!(code(&CampaignState::default(), &free, None), None);
        assert_eq!(code(&CampaignState::default(), &asks, None), Some("not_approved"));
        assert_eq!(code(&answered(7, true), &asks, None), None);
        assert_eq!(code(&answered(7, false), &asks, None), Some("refused"));
        let (_, why) =
            answered(6, true).hindrance(&asks, None, ToString::to_string).expect("the files were changed");
        assert!(why.contains("内容改过"), "{why}");
    }

    #[test]
    fn a_store_that_is_sold_out_stops_alone() {
        let said = Paused { by: "wang.min".into(), at: AT };
        let state = CampaignState {
            sold_out: [("chaoyang".to_owned(), said.clone())].into(),
            ..CampaignState::default()
        };
        let campaign = campaign(false);
        assert_eq!(code(&state, &campaign, Some("chaoyang")), Some("sold_out"));
        assert_eq!(code(&state, &campaign, Some("hexi")), None);
        assert_eq!(code(&state, &campaign, None), None);
        let everywhere = CampaignState {
            ended: Some(CampaignEnd { by: "lin.yun".into(), at: AT, sold_out: true }),
            ..state
        };
        assert_eq!(code(&everywhere, &campaign, Some("hexi")), Some("ended"));
    }

    #[test]
    fn cards_are_known_by_their_ids() {
        let campaign = campaign(false);
        let card = campaign.card_for(&"lin.yun".into(), "1");
        assert!(card.len() <= 128 && card.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        assert!(campaign.has_card(&card) && is_card_of_a_campaign(&card));
        assert_ne!(card, campaign.card_for(&"lin.yun".into(), "2"));
        let other = Campaign { id: "tea".into(), ..campaign };
        assert!(!other.has_card(&card));
        for not in ["t0123456789abcdef-1", "k-1", "kitchen-1", "", "k0123456789abcdef"] {
            assert!(!is_card_of_a_campaign(not), "{not}");
        }
    }
}
