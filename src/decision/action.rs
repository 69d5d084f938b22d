//! What we may do, as data. Delivery carries it out; nothing here does.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Part;
use super::case::Case;
use super::event::{GroupId, MemberId};
use super::join_code::{JoinAsk, JoinCodeAct};
use super::mass_send::MassSend;
use super::moment::MomentTask;
use super::welcome_library::TemplateChange;
use super::written;
pub use crate::rules::Hand;

/// One effect, bound to the hand that shall carry it out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    pub hand: Hand,
    pub act: Act,
    /// Why it is done, for the person who may have to do it instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What is to be done after it has succeeded, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Box<Act>>,
    /// The staff task this action belongs to, if it was handed to a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The message that it is done about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Box<Case>>,
    /// Hands that may still be tried when this one fails for good, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<Hand>,
    /// Sent before then or not at all, and before everything that has no such moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The line of a playbook or nudge that it says, by its post's name, for the proof of posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

impl Action {
    /// An act with nothing around it.
    pub fn new(hand: Hand, act: Act) -> Self {
        Self {
            group: None,
            hand,
            act,
            why: String::new(),
            then: None,
            task: None,
            case: None,
            fallback: Vec::new(),
            until: None,
            line: None,
        }
    }
}

impl Hand {
    /// What the platform lets this hand do without a person (product.md §3, wecom-send.md §1).
    pub fn can(&self, act: &Act) -> bool {
        match (self, act) {
            (Self::Appchat { .. } | Self::Webhook { .. }, Act::Post { part, .. }) => self.can_post(part),
            (Self::MassSend { .. }, Act::MassSend(send)) => MassSend::can_carry(&send.parts),
            (Self::Appchat { .. }, Act::Remove { .. } | Act::BringBack { .. } | Act::ReadGroup { .. })
            | (
                Self::App { .. },
                Act::Tell { .. }
                | Act::UpdateCard { .. }
                | Act::ReadGroup { .. }
                | Act::WelcomeContact { .. }
                | Act::JoinCode(_)
                | Act::Moment(_)
                | Act::WelcomeTemplate(_),
            )
            | (Self::Answer, Act::Answer { .. })
            | (Self::StaffTask { .. }, Act::TaskCard { .. }) => true,
            _ => false,
        }
    }

    /// The kinds of §4.4 and §5.2. A mini-program opens from an app's own message alone (§3.2), and a
    /// push robot has no videos.
    fn can_post(&self, part: &Part) -> bool {
        match part {
            Part::Text { .. }
            | Part::Markdown { .. }
            | Part::Image { .. }
            | Part::File { .. }
            | Part::Link { .. } => true,
            Part::Video { .. } => matches!(self, Self::Appchat { .. }),
            Part::MiniProgram { .. } => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A message to the group. Only words can mention: with another part `mentions` has no effect.
    #[serde(deserialize_with = "written::post")]
    Post { part: Part, mentions: Vec<MemberId> },
    /// Take a member out of the group.
    Remove { member: MemberId },
    /// Put a member back who was removed by mistake.
    BringBack { member: MemberId },
    /// Take back a message that somebody else wrote. No hand of WeCom can (wecom-send.md §1).
    Recall { member: MemberId, message: String },
    /// Let a member write nothing for a while. No hand of WeCom can; `seconds` is `None` for as long
    /// as the person who does it thinks fit.
    Mute { member: MemberId, seconds: Option<u64> },
    /// Have a member pay a fine in red packets. Always asked of a person.
    Fine { member: MemberId },
    /// Say whether a member is to be removed. Always asked of a person.
    Judge { member: MemberId },
    /// A private message to one member of staff.
    #[serde(deserialize_with = "written::tell")]
    Tell { to: MemberId, part: Part },
    /// The reply inside the answer to the callback.
    Answer { text: String },
    /// A button card to a member of staff: what to do, why, and what to post.
    TaskCard { to: MemberId, card: TaskCard },
    /// Grey out the buttons of a card that was answered, or put `card` in its place.
    UpdateCard {
        to: MemberId,
        response_code: String,
        label: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        card: Option<Box<TaskCard>>,
    },
    /// Read a group's details and member list again; the reading comes back as a snapshot event.
    ReadGroup { customer: bool },
    /// A post that the group's owner confirms.
    MassSend(Box<MassSend>),
    /// Greet a customer who was just added, with the code that came along (wecom-send.md §7.1).
    WelcomeContact { contact: MemberId, code: String, parts: Vec<Part> },
    /// Make, change or delete a join code.
    JoinCode(Box<JoinCodeAct>),
    /// Ask members of staff to publish something in their moments (wecom-send.md §10.1).
    Moment(Box<MomentTask>),
    /// Change a template that owners of customer groups can pick as their welcome (wecom-send.md §7.2).
    WelcomeTemplate(Box<TemplateChange>),
}

/// The content of a staff task's card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskCard {
    /// Unique per app, `[0-9A-Za-z_@-]`, at most 128 bytes; a reminder or escalation has its own.
    pub task_id: String,
    pub title: String,
    /// Why it is asked, one or two sentences.
    pub why: String,
    /// Label and value rows: 群, 成员, 截止 …
    pub rows: Vec<(String, String)>,
    /// The message to post, if the task is to post something: words are pasted, the rest is forwarded.
    #[serde(default, deserialize_with = "written::paste", skip_serializing_if = "Option::is_none")]
    pub paste: Option<Box<Part>>,
    /// Button key and label.
    pub buttons: Vec<(String, String)>,
}

impl Act {
    /// The member whom it is done to.
    pub fn member(&self) -> Option<&MemberId> {
        match self {
            Self::Remove { member }
            | Self::BringBack { member }
            | Self::Recall { member, .. }
            | Self::Mute { member, .. }
            | Self::Fine { member }
            | Self::Judge { member } => Some(member),
            _ => None,
        }
    }

    /// The name in the journal and in metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Post { .. } => "post",
            Self::Remove { .. } => "remove",
            Self::BringBack { .. } => "bring_back",
            Self::Recall { .. } => "recall",
            Self::Mute { .. } => "mute",
            Self::Fine { .. } => "fine",
            Self::Judge { .. } => "judge",
            Self::Tell { .. } => "tell",
            Self::Answer { .. } => "answer",
            Self::TaskCard { .. } => "task_card",
            Self::UpdateCard { .. } => "update_card",
            Self::ReadGroup { .. } => "read_group",
            Self::MassSend(_) => "mass_send",
            Self::WelcomeContact { .. } => "welcome_contact",
            Self::JoinCode(_) => "join_code",
            Self::Moment(_) => "moment",
            Self::WelcomeTemplate(_) => "welcome_template",
        }
    }

    /// Whether a crash or a lost answer that leaves doubt is better healed by doing it again.
    ///
    /// `appchat/send`, `webhook/send`, `add_msg_template`, `add_moment_task` and the adding of a welcome template know
    /// no idempotence key, so what is in doubt of these is not repeated. A removal changes nothing the second time; a
    /// private message goes out with the platform's duplicate check, a card is protected by its task id
    /// (wecom-send.md §3.7), and a welcome by its code, which is good once. A join code that is made twice is two of
    /// them, and no list tells (§6.5); changing one overwrites all of it.
    pub fn twice_is_harmless(&self) -> bool {
        match self {
            Self::Post { .. } | Self::MassSend(_) | Self::Moment(_) => false,
            Self::WelcomeTemplate(change) => change.step.twice_is_harmless(),
            Self::JoinCode(act) => !matches!(act.ask, JoinAsk::Make(_)),
            _ => true,
        }
    }

    /// Whether a person must hear that we do not know if it was done: nothing else asks for it again, and no
    /// list of the platform shows what became of it.
    pub fn doubt_is_news(&self) -> bool {
        matches!(self, Self::JoinCode(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::MediaFile;

    fn hand(name: &str) -> Hand {
        match name {
            "appchat" => Hand::Appchat { app: "a".into() },
            "webhook" => Hand::Webhook { id: "w".into() },
            "app" => Hand::App { app: "a".into() },
            "answer" => Hand::Answer,
            _ => Hand::StaffTask { app: "a".into() },
        }
    }

    fn parts() -> [Part; 7] {
        let file = MediaFile { name: "bot-scripts/m/a.jpg".into(), sha256: "00".repeat(32) };
        let (title, description) = (String::from("标题"), String::new());
        [
            Part::text("早"),
            Part::Markdown { text: "早".into() },
            Part::Image { file: file.clone() },
            Part::File { file: file.clone() },
            Part::Link {
                title: title.clone(),
                description: description.clone(),
                url: "https://a.example".into(),
                picture: None,
            },
            Part::Video { file, title: title.clone(), description: description.clone() },
            Part::MiniProgram { title, description, appid: "wx1".into(), page: "p".into(), picture: None },
        ]
    }

    #[test]
    fn each_hand_posts_the_kinds_of_its_page() {
        for (name, posts) in [("appchat", 6), ("webhook", 5), ("app", 0), ("answer", 0), ("staff-task", 0)] {
            for (number, part) in parts().into_iter().enumerate() {
                let act = Act::Post { part, mentions: Vec::new() };
                assert_eq!(hand(name).can(&act), number < posts, "{name}: {act:?}");
            }
        }
        for part in parts() {
            let act = Act::Tell { to: "lin.yun".into(), part };
            assert!(hand("app").can(&act) && !hand("appchat").can(&act), "{act:?}");
        }
    }

    /// Lines as version 0.1 wrote them: what was accepted then is still to be sent.
    #[test]
    fn acts_of_earlier_versions_are_read() {
        let read = |json: &str| serde_json::from_str::<Act>(json).unwrap();
        let mentions: Vec<MemberId> = vec!["u1".into()];
        assert_eq!(
            read(r#"{"post":{"text":"早","markdown":false,"mentions":["u1"]}}"#),
            Act::Post { part: Part::text("早"), mentions }
        );
        assert_eq!(
            read(r#"{"tell":{"to":"lin.yun","text":"**早**","markdown":true}}"#),
            Act::Tell { to: "lin.yun".into(), part: Part::Markdown { text: "**早**".into() } }
        );
        let card = r#"{"task_card":{"to":"lin.yun","card":{"task_id":"t1-1","title":"请欢迎","why":"",
            "rows":[],"paste":"欢迎","buttons":[["done","已处理"]]}}}"#;
        let Act::TaskCard { card, .. } = read(card) else { panic!("no card") };
        assert_eq!(card.paste.as_deref(), Some(&Part::text("欢迎")));
        let action = r#"{"group":"wr1","hand":{"appchat":{"app":"a"}},"act":{"remove":{"member":"u1"}},
            "then":{"post":{"text":"走了","markdown":false,"mentions":[]}}}"#;
        let action: Action = serde_json::from_str(action).unwrap();
        assert_eq!(action.then.as_deref(), Some(&Act::Post { part: Part::text("走了"), mentions: vec![] }));
        assert!(serde_json::from_str::<Act>(r#"{"post":{"mentions":[]}}"#).is_err(), "nothing to say");
    }

    #[test]
    fn acts_come_back_as_they_were_written() {
        for part in parts() {
            let acts = [
                Act::Post { part: part.clone(), mentions: vec!["u1".into()] },
                Act::Tell { to: "lin.yun".into(), part: part.clone() },
            ];
            for act in acts {
                let json = serde_json::to_string(&act).unwrap();
                assert_eq!(serde_json::from_str::<Act>(&json).unwrap(), act, "{json}");
            }
        }
    }
}
