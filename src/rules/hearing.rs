//! What a group cannot hear, and what nobody can do in it: the truth about platforms (product.md §3),
//! told before somebody waits for it.

use super::{GroupEar, GroupRule, Hand, Profile, RungAct};

/// A section of the rules that does not work in a group as one would think.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SleepingRule {
    /// `welcome`, `moderation`
    pub section: &'static str,
    pub sleep: Sleep,
    /// Chinese, without the final stop.
    pub why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// Nothing of it works.
    Whole,
    /// It works late, or only for some messages.
    Partly,
}

/// Which rules sleep because of the ears of a group.
pub fn hearing(rule: &GroupRule, profile: &Profile) -> Vec<SleepingRule> {
    let mut sleeping = Vec::new();
    if !profile.moderation.off {
        sleeping.extend(moderation(&rule.ears));
    }
    if greets(profile) {
        sleeping.extend(welcome(&rule.ears));
    }
    if !profile.answers.scripts.is_empty() {
        sleeping.extend(answers(&rule.ears));
    }
    if !profile.nudge.scripts.is_empty() {
        sleeping.extend(nudge(&rule.ears));
    }
    sleeping
}

/// The ears that hear every message, in the order of the file. Only the first one counts for
/// moderation, or each message would be a strike twice.
pub fn full_ears(ears: &[GroupEar]) -> impl Iterator<Item = GroupEar> {
    ears.iter().copied().filter(|ear| matches!(ear, GroupEar::GroupRobot | GroupEar::Archive))
}

/// Whether anything may ever tell how many people are in such a group: of one that only robots hear, no API reads the
/// members unless our app made it (wecom-send.md §5).
pub fn may_be_counted(rule: &GroupRule) -> bool {
    let of_robots = |ear: &GroupEar| matches!(ear, GroupEar::GroupRobot | GroupEar::Aibot);
    let only_robots = !rule.ears.is_empty() && rule.ears.iter().all(of_robots);
    !only_robots || rule.hands.iter().any(|hand| matches!(hand, Hand::Appchat { .. }))
}

fn moderation(ears: &[GroupEar]) -> Option<SleepingRule> {
    let (sleep, why) = match full_ears(ears).next() {
        Some(GroupEar::Archive) => {
            (Sleep::Partly, "会话内容存档晚几秒到几分钟才听到，广告会先在群里停留一会儿")
        }
        Some(_) => return None,
        None if ears.contains(&GroupEar::Aibot) => {
            (Sleep::Partly, "智能机器人只听得到 @ 它的消息，其他消息里的广告管不到")
        }
        None => (Sleep::Whole, "没有能听到群消息的耳朵（group-robot 或 archive），广告和刷屏都发现不了"),
    };
    Some(SleepingRule { section: "moderation", sleep, why: why.to_owned() })
}

fn answers(ears: &[GroupEar]) -> Option<SleepingRule> {
    let (sleep, why) = match full_ears(ears).next() {
        Some(GroupEar::Archive) => (Sleep::Partly, "会话内容存档听得晚，成员的提问要过一会儿才有回答"),
        Some(_) => return None,
        None if ears.contains(&GroupEar::Aibot) => (Sleep::Partly, "成员要 @ 智能机器人提问，才会有回答"),
        None => (Sleep::Whole, "没有能听到群消息的耳朵，成员的提问没人回答"),
    };
    Some(SleepingRule { section: "answers", sleep, why: why.to_owned() })
}

fn nudge(ears: &[GroupEar]) -> Option<SleepingRule> {
    let (sleep, why) = match full_ears(ears).next() {
        Some(GroupEar::Archive) => (Sleep::Partly, "会话内容存档听得晚，刚有人说话时可能还以为冷场"),
        Some(_) => return None,
        None => {
            (Sleep::Whole, "没有能听到每条消息的耳朵（group-robot 或 archive），不知道冷不冷场，不会暖场")
        }
    };
    Some(SleepingRule { section: "nudge", sleep, why: why.to_owned() })
}

fn welcome(ears: &[GroupEar]) -> Option<SleepingRule> {
    let (sleep, why) = if ears.contains(&GroupEar::Events) {
        return None;
    } else if ears.contains(&GroupEar::MemberList) {
        (Sleep::Partly, "只能靠定时读成员名单发现新人，欢迎会晚一点")
    } else {
        (Sleep::Whole, "没有能知道谁进群的耳朵（events 或 member-list），新人不会被欢迎")
    };
    Some(SleepingRule { section: "welcome", sleep, why: why.to_owned() })
}

/// Something the rules ask for that no hand of the group does by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandGap {
    pub section: &'static str,
    pub act: GroupAct,
    /// A staff task asks the owner; otherwise nobody can do it.
    pub asks_a_person: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupAct {
    Post,
    /// What can wait for the owner of a customer group.
    PostLater,
    Remove,
    Recall,
    Mute,
    Fine,
}

impl HandGap {
    /// Chinese, without the final stop.
    pub fn why(&self) -> String {
        let what = match self.act {
            GroupAct::Post | GroupAct::PostLater => "往群里发消息",
            GroupAct::Remove => "把人移出群",
            GroupAct::Recall => "撤回别人消息",
            GroupAct::Mute => "把人禁言",
            GroupAct::Fine => "收红包",
        };
        if self.asks_a_person {
            format!("没有能自动{what}的手，会发待办卡请群主来做")
        } else {
            format!("没有能{what}的手，也没有 staff-task 可以请人来做")
        }
    }
}

/// What the rules ask for and no hand of the group does without a person.
pub fn handling(rule: &GroupRule, profile: &Profile) -> Vec<HandGap> {
    let asks_a_person = rule.hands.iter().any(|hand| hand.asks_a_person());
    let can = |act: GroupAct| {
        rule.hands.iter().any(|hand| match act {
            GroupAct::Post => hand.posts(),
            GroupAct::PostLater => hand.posts() || hand.posts_later(),
            GroupAct::Remove => hand.removes(),
            // No hand of WeCom can (wecom-send.md §1).
            GroupAct::Recall | GroupAct::Mute | GroupAct::Fine => false,
        })
    };
    wanted(profile)
        .into_iter()
        .filter(|(_, act)| !can(*act))
        .map(|(section, act)| HandGap { section, act, asks_a_person })
        .collect()
}

/// What the rules may want to do in the group, each once.
fn wanted(profile: &Profile) -> Vec<(&'static str, GroupAct)> {
    let mut wanted = Vec::new();
    if greets(profile) {
        wanted.push(("welcome", GroupAct::Post));
    }
    if !profile.answers.scripts.is_empty() {
        wanted.push(("answers", GroupAct::Post));
    }
    if !profile.nudge.scripts.is_empty() {
        wanted.push(("nudge", GroupAct::PostLater));
    }
    let moderation = &profile.moderation;
    if moderation.off || moderation.shadow {
        return wanted;
    }
    let does = |act: RungAct| moderation.ladder.iter().any(|rung| rung.acts.contains(&act));
    if does(RungAct::Warn) || moderation.ladder.iter().any(|rung| rung.script.is_some()) {
        wanted.push(("moderation", GroupAct::Post));
    }
    for (rung, act) in [
        (RungAct::Remove, GroupAct::Remove),
        (RungAct::Recall, GroupAct::Recall),
        (RungAct::Mute, GroupAct::Mute),
        (RungAct::Fine, GroupAct::Fine),
    ] {
        if does(rung) {
            wanted.push(("moderation", act));
        }
    }
    wanted
}

fn greets(profile: &Profile) -> bool {
    !profile.welcome.off && profile.welcome.script.is_some()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::rules::{Answers, Moderation, Nudge, Posts, Rung, StaffTasks, Welcome};

    fn profile(acts: &[RungAct]) -> Profile {
        let mut profile = Profile {
            id: "base".to_owned(),
            name: "基础".to_owned(),
            welcome: Welcome::default(),
            moderation: Moderation::default(),
            staff_tasks: StaffTasks::default(),
            answers: Answers::default(),
            posts: Posts::default(),
            nudge: Nudge::default(),
        };
        profile.welcome.script = Some("hello".to_owned());
        profile.moderation.ladder = vec![Rung { strike: 1, acts: acts.to_vec(), ..Rung::default() }];
        profile
    }

    fn group(ears: &[GroupEar], hands: &[Hand]) -> GroupRule {
        GroupRule {
            matches: crate::rules::GroupMatch::default(),
            store: None,
            profile: Arc::from("base"),
            ears: ears.to_vec(),
            hands: hands.to_vec(),
            kol: Vec::new(),
            place: String::new(),
            estate: None,
            tags: Vec::new(),
        }
    }

    fn heard(ears: &[GroupEar]) -> Vec<(&'static str, Sleep)> {
        let sleeping = hearing(&group(ears, &[]), &profile(&[RungAct::Remove]));
        sleeping.into_iter().map(|one| (one.section, one.sleep)).collect()
    }

    #[test]
    fn each_ear_leaves_other_rules_asleep() {
        use GroupEar::{Aibot, Archive, Events, GroupRobot, MemberList};
        assert_eq!(heard(&[]), [("moderation", Sleep::Whole), ("welcome", Sleep::Whole)]);
        assert_eq!(heard(&[Events]), [("moderation", Sleep::Whole)]);
        assert_eq!(heard(&[Aibot]), [("moderation", Sleep::Partly), ("welcome", Sleep::Whole)]);
        assert_eq!(heard(&[Archive, Events]), [("moderation", Sleep::Partly)]);
        assert_eq!(heard(&[GroupRobot, MemberList]), [("welcome", Sleep::Partly)]);
        assert_eq!(heard(&[GroupRobot, Archive, Events]), []);
    }

    #[test]
    fn nobody_nudges_a_group_that_is_not_heard() {
        let mut lively = profile(&[]);
        lively.welcome.off = true;
        lively.moderation.off = true;
        lively.nudge.scripts = vec!["talk".to_owned()];
        let sleeps =
            |ears: &[GroupEar]| hearing(&group(ears, &[]), &lively).into_iter().map(|one| one.sleep).next();
        assert_eq!(sleeps(&[GroupEar::Aibot, GroupEar::Events]), Some(Sleep::Whole));
        assert_eq!(sleeps(&[GroupEar::Archive]), Some(Sleep::Partly));
        assert_eq!(sleeps(&[GroupEar::GroupRobot]), None);
        assert_eq!(handling(&group(&[], &[]), &lively).len(), 1, "somebody must say it");
        let owner_confirms = [Hand::MassSend { app: Arc::from("a") }];
        assert_eq!(handling(&group(&[], &owner_confirms), &lively), [], "it can wait for the owner");
    }

    #[test]
    fn a_group_that_only_robots_hear_is_not_counted() {
        use GroupEar::{Aibot, Events, GroupRobot};
        let counted = |ears: &[GroupEar], hands: &[Hand]| may_be_counted(&group(ears, hands));
        assert!(!counted(&[GroupRobot, Aibot], &[]));
        assert!(counted(&[GroupRobot], &[Hand::Appchat { app: Arc::from("assistant") }]));
        assert!(counted(&[Aibot, Events], &[]));
        assert!(counted(&[], &[]), "a customer group is listed, whatever it is heard by");
    }

    #[test]
    fn what_is_off_does_not_sleep() {
        let mut quiet = profile(&[RungAct::Remove]);
        quiet.moderation.off = true;
        quiet.welcome.off = true;
        assert_eq!(hearing(&group(&[], &[]), &quiet), []);
        assert_eq!(handling(&group(&[], &[]), &quiet), []);
    }

    #[test]
    fn hands_that_cannot_leave_it_to_people_or_nobody() {
        let app = Arc::<str>::from("assistant");
        let webhook = Hand::Webhook { id: Arc::from("dealers") };
        let (appchat, staff_task) = (Hand::Appchat { app: app.clone() }, Hand::StaffTask { app });
        let gaps = |hands: &[Hand]| {
            let gaps = handling(&group(&[], hands), &profile(&[RungAct::Warn, RungAct::Remove]));
            gaps.iter().map(|gap| (gap.section, gap.act, gap.asks_a_person)).collect::<Vec<_>>()
        };
        assert_eq!(gaps(&[appchat]), []);
        assert_eq!(gaps(std::slice::from_ref(&webhook)), [("moderation", GroupAct::Remove, false)]);
        assert_eq!(gaps(&[webhook, staff_task.clone()]), [("moderation", GroupAct::Remove, true)]);
        assert_eq!(gaps(&[staff_task]).len(), 3);
    }
}
