//! What happens in a step, as events of the ears that would hear it.

use super::moments::News;
use super::people::id_in_stories;
use super::story::{Echo, Happening};
use super::teller::{SHOWN, Teller};
use crate::decision::{
    CardTap, CascadeRequest, Content, Ear, Event, EventKey, EventKind, GroupChange, GroupKind, GroupSnapshot,
    Hand, MemberId, Message, MomentOrder, MomentRequest, Offer, SnapshotMember,
};
use crate::rules::GroupEar;
use crate::rules::written::CardButton;
use crate::text::one_line;

/// The name of the robot that is mentioned; any will do.
const ROBOT: &str = "@机器人";

impl Teller<'_> {
    pub(super) fn events_of(&mut self, happens: &Happening) -> Vec<Event> {
        let ids = |names: &[String]| names.iter().map(|name| self.id(name)).collect::<Vec<_>>();
        match happens {
            Happening::Nothing => Vec::new(),
            Happening::Says { from, text } => match self.full_ear() {
                Some(ear) => vec![self.in_group(ear, Some(from), message(text, false, false))],
                // Nobody hears it.
                None => Vec::new(),
            },
            Happening::Asks { from, text } => {
                vec![self.event(Ear::App, Some(self.id(from)), message(text, true, false))]
            }
            Happening::MentionsRobot { from, text } => {
                let said = message(&format!("{ROBOT} {text}"), false, true);
                vec![self.in_group(Ear::Aibot, Some(from), said)]
            }
            Happening::Joins { names, code } => self.joined(ids(names), code.as_deref()),
            Happening::Leaves(names) => {
                let change = GroupChange::MembersRemoved { members: ids(names), scene: Some(0) };
                vec![self.in_group(Ear::Sync, None, EventKind::GroupChanged(change))]
            }
            Happening::Taps { from, button } => {
                let from = self.id(from);
                let tap = self.tap(&from, *button);
                vec![self.event(Ear::App, Some(from), EventKind::CardTapped(tap))]
            }
            Happening::StartsCascade { from, cascade } => {
                let (run, cascade) = (cascade.clone(), cascade.clone());
                self.cascade(from.as_ref(), CascadeRequest::Start { run, cascade })
            }
            Happening::CancelsCascade { from, cascade } => {
                self.cascade(from.as_ref(), CascadeRequest::Cancel { run: cascade.clone() })
            }
            Happening::SendsMoment { from, order } => {
                let request = MomentRequest::Send(MomentOrder::clone(order));
                self.ordered(from.as_ref(), EventKind::Moment(Box::new(request)))
            }
            Happening::CancelsMoment { from, moment } => {
                let request = MomentRequest::Cancel { moment: moment.clone() };
                self.ordered(from.as_ref(), EventKind::Moment(Box::new(request)))
            }
            Happening::Publishes(names) => {
                let (people, now) = (ids(names), self.now);
                let news = self.moments.publish(&people, now);
                self.events_of_news(news)
            }
            Happening::Liked(echoes) => {
                for echo in echoes {
                    let person = self.id(&echo.of);
                    self.moments.echo(&person, echo.likes, echo.comments);
                }
                Vec::new()
            }
            Happening::Fails(why) => match self.last_action.clone() {
                Some(action) => {
                    let (group, action) = (action.group.clone(), Box::new(action));
                    let kind = EventKind::ActionFailed { id: 1, action, why: why.clone() };
                    vec![Event { group, ..self.event(Ear::Delivery, None, kind) }]
                }
                None => Vec::new(),
            },
        }
    }

    fn in_group(&mut self, ear: Ear, from: Option<&String>, kind: EventKind) -> Event {
        let from = from.map(|name| self.id(name));
        Event { group: Some(self.story.group.clone()), ..self.event(ear, from, kind) }
    }

    fn joined(&mut self, newcomers: Vec<MemberId>, code: Option<&str>) -> Vec<Event> {
        // Only the member list tells which code it was.
        let read = code.map(|code| EventKind::GroupSnapshot(Box::new(self.member_list(&newcomers, code))));
        let change = GroupChange::MembersAdded { members: newcomers, scene: Some(3) };
        let customer = self.story.kind == GroupKind::Customer;
        let ear = if customer { Ear::App } else { Ear::Sync };
        let mut events = vec![self.in_group(ear, None, EventKind::GroupChanged(change))];
        events.extend(read.map(|read| self.in_group(Ear::Sync, None, read)));
        events
    }

    fn cascade(&mut self, from: Option<&String>, request: CascadeRequest) -> Vec<Event> {
        self.ordered(from, EventKind::Cascade(Box::new(request)))
    }

    /// As it comes by the operator's socket.
    fn ordered(&mut self, from: Option<&String>, kind: EventKind) -> Vec<Event> {
        let from = from.map_or_else(|| MemberId::from("operator"), |name| self.id(name));
        vec![self.event(Ear::Operator, Some(from), kind)]
    }

    /// What became known of moments, as whoever watches them hands it in.
    pub(super) fn events_of_news(&self, news: Vec<News>) -> Vec<Event> {
        let hand = Hand::App { app: self.rules.app.clone() };
        news.into_iter().map(|(task, news)| news.event(&hand, task, self.now)).collect()
    }

    /// The group as the platform tells it after these have scanned a code.
    fn member_list(&self, newcomers: &[MemberId], code: &str) -> GroupSnapshot {
        let group = self.memory.groups.get(&self.story.group);
        let known = self.memory.members.get(&self.story.group);
        let known = known.into_iter().flatten().filter(|(_, member)| member.present());
        let entry = |id: &MemberId, corp_member: bool, state: Option<String>| SnapshotMember {
            id: id.clone(),
            name: None,
            corp_member,
            joined_at: None,
            state,
        };
        let there = known.map(|(id, member)| entry(id, member.corp_member == Some(true), None));
        let new = newcomers.iter().map(|id| entry(id, false, Some(code.to_owned())));
        GroupSnapshot {
            kind: self.story.kind,
            name: group.map(|group| group.name.clone()).unwrap_or_default(),
            owner: group.and_then(|group| group.owner.clone()),
            admins: Vec::new(),
            created_at: group.and_then(|group| group.created_at),
            members: there.chain(new).collect(),
        }
    }

    /// A tap when there is no card is one on a card that nobody knows.
    fn tap(&self, from: &MemberId, button: CardButton) -> CardTap {
        // Everybody has a card of their own to acknowledge.
        let own = self.cards.get(from).filter(|_| button == CardButton::Received).cloned();
        let task_id = own.or_else(|| self.last_card.clone()).unwrap_or_default();
        let button = match button {
            CardButton::Done => "done".to_owned(),
            CardButton::Refuse => "refuse".to_owned(),
            CardButton::Remove => "remove".to_owned(),
            CardButton::Misjudged => "misjudged".to_owned(),
            CardButton::FirstGroup => Offer::button(0),
            CardButton::SecondGroup => Offer::button(1),
            CardButton::Received => "received".to_owned(),
        };
        CardTap { task_id, button, response_code: Some("response".into()), ..CardTap::default() }
    }

    pub(super) fn event(&mut self, ear: Ear, from: Option<MemberId>, kind: EventKind) -> Event {
        self.count += 1;
        let key = EventKey::new(format!("{}:{}", self.story.group, self.count));
        Event { key, at: self.now, ear, via: "story".into(), group: None, from, kind, raw: None }
    }

    /// The first ear that hears every message, as moderation counts them.
    fn full_ear(&self) -> Option<Ear> {
        self.story.ears.iter().find_map(|ear| match ear {
            GroupEar::GroupRobot => Some(Ear::GroupRobot),
            GroupEar::Archive => Some(Ear::Archive),
            GroupEar::Aibot | GroupEar::Events | GroupEar::MemberList => None,
        })
    }

    fn id(&self, name: &str) -> MemberId {
        id_in_stories(name, Some(self.rules))
    }
}

fn message(text: &str, private: bool, to_bot: bool) -> EventKind {
    let content = Content::text(text);
    EventKind::Message(Box::new(Message { content, private, to_bot, ..Message::default() }))
}

fn label(button: CardButton) -> &'static str {
    match button {
        CardButton::Done => "已处理",
        CardButton::Refuse => "不处理",
        CardButton::Remove => "移出",
        CardButton::Misjudged => "误判",
        CardButton::FirstGroup => "发到群",
        CardButton::SecondGroup => "发到第二个群",
        CardButton::Received => "收到",
    }
}

/// For the reader; nothing when only time passes.
pub(super) fn in_chinese(happens: &Happening) -> Option<String> {
    let shown = |text: &str| one_line(text, SHOWN);
    Some(match happens {
        Happening::Nothing => return None,
        Happening::Says { from, text } => format!("{from} 说「{}」", shown(text)),
        Happening::Asks { from, text } => format!("{from} 私聊应用「{}」", shown(text)),
        Happening::MentionsRobot { from, text } => format!("{from} @ 机器人「{}」", shown(text)),
        Happening::Joins { names, code: None } => format!("{} 进群", names.join("、")),
        Happening::Joins { names, code: Some(code) } => format!("{} 扫进群码 {code} 进群", names.join("、")),
        Happening::Leaves(names) => format!("{} 退群", names.join("、")),
        Happening::Taps { from, button } => format!("{from} 点了「{}」", label(*button)),
        Happening::StartsCascade { cascade, .. } => format!("开始传达 {cascade}"),
        Happening::CancelsCascade { cascade, .. } => format!("取消传达 {cascade}"),
        Happening::Fails(why) => format!("平台没做成：{}", shown(why)),
        Happening::SendsMoment { order, .. } => format!("请店员发朋友圈：话术 {}", order.script),
        Happening::CancelsMoment { moment, .. } => format!("取消朋友圈 {moment}"),
        Happening::Publishes(names) => format!("{} 发了朋友圈", names.join("、")),
        Happening::Liked(echoes) => {
            let one = |echo: &Echo| format!("{} 得了 {} 个赞、{} 条评论", echo.of, echo.likes, echo.comments);
            echoes.iter().map(one).collect::<Vec<_>>().join("，")
        }
    })
}
