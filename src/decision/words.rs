//! Actions in words, for those who compare what happened with what should have.

use std::borrow::Cow;

use super::Part;
use super::action::{Act, Action};
use super::event::MemberId;
use crate::text::one_line;

impl Act {
    /// The text that somebody reads, or is asked to paste.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Post { part, .. } | Self::Tell { part, .. } => Some(part.paste_or_kind()),
            Self::Answer { text } => Some(Cow::Borrowed(text)),
            Self::WelcomeContact { parts, .. } => parts.first().map(Part::paste_or_kind),
            Self::TaskCard { card, .. } => card.paste.as_ref().map(|part| part.paste_or_kind()),
            Self::MassSend(send) => Some(Cow::Owned(send.text())),
            Self::Moment(task) => Some(Cow::Owned(task.text())),
            _ => None,
        }
    }

    /// Whom it speaks to by name in the group.
    pub fn mentions(&self) -> &[MemberId] {
        match self {
            Self::Post { mentions, .. } => mentions,
            _ => &[],
        }
    }

    /// Whether it is none of anybody's business: a reading of a group is no deed, and a join code is of no one group.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::ReadGroup { .. } | Self::JoinCode(_))
    }
}

impl Action {
    /// One Chinese sentence, without the final stop. `name` tells what people call a member; of each
    /// text at most `shown` characters are told.
    pub fn in_words(&self, name: impl Fn(&MemberId) -> String, shown: usize) -> String {
        let quoted = |text: &str| format!("「{}」", one_line(text, shown));
        let what = match &self.act {
            Act::Post { part, mentions } if mentions.is_empty() => {
                format!("在群里说{}", quoted(&part.in_words()))
            }
            Act::Post { part, mentions } => {
                let names: Vec<String> = mentions.iter().map(&name).collect();
                format!("在群里说{}，点名 {}", quoted(&part.in_words()), names.join("、"))
            }
            Act::Remove { member } => format!("把 {} 移出群", name(member)),
            Act::BringBack { member } => format!("把 {} 请回群", name(member)),
            Act::Recall { member, .. } => format!("撤回 {} 的消息", name(member)),
            Act::Mute { member, .. } => format!("把 {} 禁言", name(member)),
            Act::Fine { member } => format!("请 {} 发红包", name(member)),
            Act::Judge { member } => format!("请人看看 {} 发的是不是广告", name(member)),
            Act::Tell { to, part } => format!("私聊 {}{}", name(to), quoted(&part.in_words())),
            Act::Answer { text } => format!("回答{}", quoted(text)),
            Act::TaskCard { to, card } => {
                let paste = card
                    .paste
                    .as_ref()
                    .map(|part| quoted(&part.in_words()))
                    .map(|paste| format!("，要贴{paste}"));
                let why = one_line(&card.why, shown);
                format!("给 {} 发待办卡「{}」（{why}）{}", name(to), card.title, paste.unwrap_or_default())
            }
            Act::UpdateCard { to, label, .. } => format!("把 {} 的卡片改成「{label}」", name(to)),
            Act::ReadGroup { .. } => "读取群资料".to_owned(),
            Act::MassSend(send) => format!("请 {} 确认群发{}", name(&send.owner), quoted(&send.in_words())),
            Act::JoinCode(act) => act.in_words(),
            Act::WelcomeContact { contact, parts, .. } => {
                let first = parts.first().map(|part| quoted(&part.in_words())).unwrap_or_default();
                format!("欢迎新客户 {}{first}", name(contact))
            }
            Act::Moment(task) => {
                format!("请 {} 人发朋友圈{}", task.people.len(), quoted(&task.in_words()))
            }
            Act::WelcomeTemplate(change) => {
                format!("{}入群欢迎语「{}」", change.step.chinese(), change.title)
            }
        };
        format!("{what} · {}", self.hand)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Hand;

    #[test]
    fn texts_are_cut_and_names_are_told() {
        let mentions = vec![MemberId::from("wm-1")];
        let act = Act::Post { part: crate::decision::Part::text("欢迎来坐坐\n真的"), mentions };
        let action = Action::new(Hand::Appchat { app: "assistant".into() }, act);
        let told = action.in_words(|_| "小王".into(), 5);
        assert!(
            told.starts_with("在群里说「欢迎来") && told.ends_with("点名 小王 · appchat:assistant"),
            "{told}"
        );
        assert!(!told.contains("真的"), "{told}");
    }
}
