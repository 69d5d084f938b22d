//! The changes a [`State`] can undergo: what the log holds and what a restart replays.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Notice;
use super::callback::{Callback, Report};
use super::card::{Card, CardCode};
use super::group::{Group, GroupMessage, MESSAGES_KEPT, Membership};
use super::join_way::JoinWay;
use super::mass_send::{Landed, MASS_SENDS_KEPT, MassSend};
use super::moment::{Echo, MOMENTS_KEPT, Moment, Published};
use super::state::*;
use super::week::Week;
use super::welcome_template::WelcomeTemplate;

/// Tokens kept per app, so that an expired one answers 42001 and not 40014.
const TOKENS_KEPT: usize = 64;
/// Tickets are known for a day, far longer than they are valid, so that a late use is told apart
/// from an invented one.
const TICKETS_KEPT: SignedDuration = SignedDuration::from_hours(24);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    ClockMoved { offset_ms: i64 },
    PersonAdded(Person),
    GroupAdded(Box<Group>),
    GroupDismissed { chat: String },
    GroupRenamed { chat: String, name: String },
    NoticeChanged { chat: String, notice: String },
    OwnerChanged { chat: String, owner: String },
    Joined { chat: String, member: Membership, version: String },
    Left { chat: String, id: String, version: String },
    Said { chat: String, message: Box<GroupMessage> },
    SaidRecalled { chat: String, msgid: String },
    SaidEdited { chat: String, msgid: String, content: String },
    Told { person: String, message: Box<PrivateMessage> },
    ToldRecalled { person: String, msgid: String },
    ToldEdited { person: String, msgid: String, content: String },
    CardSent(Box<Card>),
    CardUpdated { card: String, people: Vec<String>, label: Option<String>, replaced: Option<Value> },
    CardCodeIssued { card: String, code: String, at: Timestamp },
    CardCodeUsed { card: String, code: String },
    TokenIssued(AccessToken),
    MediaUploaded(Media),
    WelcomeCodeIssued(WelcomeCode),
    WelcomeCodeUsed { code: String },
    ResponseCodeIssued(ResponseCode),
    ResponseCodeUsed { code: String },
    MessageSent(SentMessage),
    Archived(Archived),
    ArchiveDelayed { delay_ms: i64 },
    CallbackQueued(Box<Callback>),
    CallbackEnded(Box<Report>),
    BatchEnded(Box<Report>),
    Called(Box<Outbound>),
    Booked { budget: String, at: Timestamp, weight: u64 },
    MassSendMade(Box<MassSend>),
    MassSendSent { msgid: String, sender: String, at: Timestamp, results: BTreeMap<String, Landed> },
    MassSendCancelled { msgid: String, sender: String, at: Timestamp },
    JoinWaySet(Box<JoinWay>),
    JoinWayDeleted { config_id: String },
    MomentMade(Box<Moment>),
    MomentPublished { id: String, person: String, at: Timestamp },
    MomentLiked { id: String, person: String, echo: Echo },
    MomentCommented { id: String, person: String, echo: Echo },
    MomentCancelled { id: String, people: Vec<String>, at: Timestamp },
    TemplatePut(WelcomeTemplate),
    TemplateDeleted { id: String },
    WeekBegun(Week),
}

impl Change {
    /// What a page that shows the world has to read again.
    pub fn notices(&self) -> Vec<Notice> {
        let one = |what, id: &str| vec![Notice { what, id: id.to_owned() }];
        match self {
            Self::ClockMoved { .. } => one("clock", ""),
            Self::GroupAdded(group) => one("group", &group.chat_id),
            Self::Joined { chat, .. } | Self::Left { chat, .. } => one("members", chat),
            Self::GroupDismissed { chat }
            | Self::GroupRenamed { chat, .. }
            | Self::NoticeChanged { chat, .. }
            | Self::OwnerChanged { chat, .. }
            | Self::Said { chat, .. }
            | Self::SaidRecalled { chat, .. }
            | Self::SaidEdited { chat, .. } => one("group", chat),
            Self::Told { person, .. }
            | Self::ToldEdited { person, .. }
            | Self::ToldRecalled { person, .. } => one("private", person),
            Self::MassSendSent { sender, .. } | Self::MassSendCancelled { sender, .. } => {
                one("private", sender)
            }
            Self::MomentPublished { person, .. }
            | Self::MomentLiked { person, .. }
            | Self::MomentCommented { person, .. } => one("private", person),
            Self::CardUpdated { people, .. } | Self::MomentCancelled { people, .. } => {
                people.iter().map(|person| Notice { what: "private", id: person.clone() }).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl State {
    /// Carries a change out. A change about something that is gone changes nothing.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::ClockMoved { offset_ms } => self.offset_ms = offset_ms,
            Change::WeekBegun(week) => self.week = Some(week),
            Change::JoinWaySet(way) => {
                self.join_ways.insert(way.config_id.clone(), *way);
            }
            Change::JoinWayDeleted { config_id } => {
                self.join_ways.remove(&config_id);
            }
            Change::PersonAdded(person) => {
                self.people.insert(person.id.clone(), person);
            }
            Change::TemplatePut(template) => {
                self.welcome_templates.insert(template.id.clone(), template);
            }
            Change::TemplateDeleted { id } => {
                self.welcome_templates.remove(&id);
            }
            Change::Said { .. }
            | Change::SaidRecalled { .. }
            | Change::SaidEdited { .. }
            | Change::Told { .. }
            | Change::ToldRecalled { .. }
            | Change::ToldEdited { .. } => self.apply_message(change),
            Change::CardSent(..)
            | Change::CardUpdated { .. }
            | Change::CardCodeIssued { .. }
            | Change::CardCodeUsed { .. } => self.apply_card(change),
            Change::TokenIssued(..)
            | Change::MediaUploaded(..)
            | Change::WelcomeCodeIssued(..)
            | Change::WelcomeCodeUsed { .. }
            | Change::ResponseCodeIssued(..)
            | Change::ResponseCodeUsed { .. }
            | Change::MessageSent(..)
            | Change::Called(..)
            | Change::Booked { .. } => self.apply_call(change),
            Change::Archived(..)
            | Change::ArchiveDelayed { .. }
            | Change::CallbackQueued(..)
            | Change::CallbackEnded(..)
            | Change::BatchEnded(..) => self.apply_callback(change),
            Change::MassSendMade(..) | Change::MassSendSent { .. } | Change::MassSendCancelled { .. } => {
                self.apply_mass_send(change);
            }
            Change::MomentMade(..)
            | Change::MomentPublished { .. }
            | Change::MomentLiked { .. }
            | Change::MomentCommented { .. }
            | Change::MomentCancelled { .. } => self.apply_moment(change),
            _ => self.apply_group(change),
        }
    }

    fn apply_group(&mut self, change: Change) {
        match change {
            Change::GroupAdded(group) => {
                self.groups.insert(group.chat_id.clone(), *group);
            }
            Change::GroupDismissed { chat } => {
                self.groups.remove(&chat);
                self.said.remove(&chat);
            }
            Change::GroupRenamed { chat, name } => self.in_group(&chat, |group| group.name = name),
            Change::NoticeChanged { chat, notice } => self.in_group(&chat, |group| group.notice = notice),
            Change::OwnerChanged { chat, owner } => self.in_group(&chat, |group| group.owner = owner),
            Change::Joined { chat, member, version } => self.in_group(&chat, |group| {
                group.members.push(member);
                group.member_version = version;
            }),
            Change::Left { chat, id, version } => self.in_group(&chat, |group| {
                group.members.retain(|member| member.id != id);
                group.member_version = version;
            }),
            other => unreachable!("not a change of a group: {other:?}"),
        }
    }

    fn apply_message(&mut self, change: Change) {
        match change {
            Change::Said { chat, message } => {
                keep(self.said.entry(chat).or_default(), *message, MESSAGES_KEPT);
            }
            Change::SaidRecalled { chat, msgid } => {
                self.in_message(&chat, &msgid, |message| message.recalled = true);
            }
            Change::SaidEdited { chat, msgid, content } => {
                self.in_message(&chat, &msgid, |message| message.content = content);
            }
            Change::Told { person, message } => {
                keep(self.private.entry(person).or_default(), *message, PRIVATE_KEPT);
            }
            Change::ToldRecalled { person, msgid } => {
                self.in_window(person, &msgid, |message| message.recalled = true);
            }
            Change::ToldEdited { person, msgid, content } => {
                self.in_window(person, &msgid, |message| message.content = content);
            }
            other => unreachable!("not a change of a message: {other:?}"),
        }
    }

    fn apply_card(&mut self, change: Change) {
        match change {
            Change::CardSent(card) => {
                self.cards.insert(card.id.clone(), *card);
            }
            Change::CardUpdated { card, people, label, replaced } => {
                let Some(card) = self.cards.get_mut(&card) else { return };
                for person in people {
                    let face = card.faces.entry(person).or_default();
                    face.label.clone_from(&label);
                    if replaced.is_some() {
                        face.replaced.clone_from(&replaced);
                    }
                }
            }
            Change::CardCodeIssued { card, code, at } => {
                if let Some(card) = self.cards.get_mut(&card) {
                    card.codes.insert(code, CardCode { issued_at: at, used: false });
                }
            }
            Change::CardCodeUsed { card, code } => {
                let code = self.cards.get_mut(&card).and_then(|card| card.codes.get_mut(&code));
                if let Some(code) = code {
                    code.used = true;
                }
            }
            other => unreachable!("not a change of a card: {other:?}"),
        }
    }

    fn apply_call(&mut self, change: Change) {
        match change {
            Change::TokenIssued(token) => {
                self.tokens.push(token);
                let surplus = self.tokens.len().saturating_sub(TOKENS_KEPT);
                self.tokens.drain(..surplus);
            }
            Change::MediaUploaded(media) => {
                self.media.insert(media.media_id.clone(), media);
                if self.media.len() > MEDIA_KEPT {
                    let oldest = self.media.values().min_by_key(|media| media.uploaded_at);
                    let oldest = oldest.map(|media| media.media_id.clone());
                    self.media.retain(|id, _| Some(id) != oldest.as_ref());
                }
            }
            Change::WelcomeCodeIssued(code) => {
                self.welcome_codes.retain(|_, old| code.issued_at - TICKETS_KEPT <= old.issued_at);
                self.welcome_codes.insert(code.code.clone(), code);
            }
            Change::WelcomeCodeUsed { code } => {
                if let Some(code) = self.welcome_codes.get_mut(&code) {
                    code.used = true;
                }
            }
            Change::ResponseCodeIssued(code) => {
                self.response_codes.retain(|_, old| code.issued_at - TICKETS_KEPT <= old.issued_at);
                self.response_codes.insert(code.code.clone(), code);
            }
            Change::ResponseCodeUsed { code } => {
                if let Some(code) = self.response_codes.get_mut(&code) {
                    code.used = true;
                }
            }
            Change::MessageSent(sent) => keep(&mut self.sent, sent, SENT_KEPT),
            Change::Called(call) => keep(&mut self.outbound, *call, OUTBOUND_KEPT),
            Change::Booked { budget, at, weight } => self.budgets.book(&budget, at, weight),
            other => unreachable!("not a change by a call: {other:?}"),
        }
    }

    fn apply_mass_send(&mut self, change: Change) {
        match change {
            Change::MassSendMade(send) => {
                self.mass_sends.insert(send.msgid.clone(), *send);
                if self.mass_sends.len() > MASS_SENDS_KEPT {
                    let oldest = self.mass_sends.values().min_by_key(|send| send.made_at);
                    let oldest = oldest.map(|send| send.msgid.clone());
                    self.mass_sends.retain(|id, _| Some(id) != oldest.as_ref());
                }
            }
            Change::MassSendSent { msgid, at, results, .. } => {
                if let Some(send) = self.mass_sends.get_mut(&msgid) {
                    send.sent_at = Some(at);
                    send.results = results;
                }
            }
            Change::MassSendCancelled { msgid, at, .. } => {
                if let Some(send) = self.mass_sends.get_mut(&msgid) {
                    send.cancelled_at = Some(at);
                }
            }
            other => unreachable!("not a change of a mass send: {other:?}"),
        }
    }

    fn apply_moment(&mut self, change: Change) {
        match change {
            Change::MomentMade(moment) => {
                self.moments.insert(moment.id.clone(), *moment);
                if self.moments.len() > MOMENTS_KEPT {
                    let oldest = self.moments.values().min_by_key(|moment| moment.asked_at);
                    let oldest = oldest.map(|moment| moment.id.clone());
                    self.moments.retain(|id, _| Some(id) != oldest.as_ref());
                }
            }
            Change::MomentPublished { id, person, at } => {
                if let Some(moment) = self.moments.get_mut(&id) {
                    let published = Published { at, likes: Vec::new(), comments: Vec::new() };
                    moment.published.insert(person, published);
                }
            }
            Change::MomentLiked { id, person, echo } => {
                self.in_published(&id, &person, |published| published.likes.push(echo));
            }
            Change::MomentCommented { id, person, echo } => {
                self.in_published(&id, &person, |published| published.comments.push(echo));
            }
            Change::MomentCancelled { id, at, .. } => {
                if let Some(moment) = self.moments.get_mut(&id) {
                    moment.cancelled_at = Some(at);
                }
            }
            other => unreachable!("not a change of a moment: {other:?}"),
        }
    }

    fn in_published(&mut self, id: &str, person: &str, change: impl FnOnce(&mut Published)) {
        if let Some(published) = self.moments.get_mut(id).and_then(|moment| moment.published.get_mut(person))
        {
            change(published);
        }
    }

    fn apply_callback(&mut self, change: Change) {
        match change {
            Change::Archived(message) => keep(&mut self.archive.messages, message, ARCHIVE_KEPT),
            Change::ArchiveDelayed { delay_ms } => self.archive.delay_ms = delay_ms,
            Change::CallbackQueued(callback) => {
                self.waiting.entry(callback.lane.clone()).or_default().push_back(*callback);
            }
            Change::CallbackEnded(report) => {
                for lane in self.waiting.values_mut() {
                    lane.retain(|callback| callback.n != report.n);
                }
                self.waiting.retain(|_, lane| !lane.is_empty());
                keep(&mut self.reports, *report, REPORTS_KEPT);
            }
            Change::BatchEnded(report) => keep(&mut self.reports, *report, REPORTS_KEPT),
            other => unreachable!("not a change of a callback: {other:?}"),
        }
    }

    fn in_window(&mut self, person: String, msgid: &str, change: impl FnOnce(&mut PrivateMessage)) {
        let window = self.private.entry(person).or_default();
        if let Some(message) = window.iter_mut().rev().find(|message| message.msgid == msgid) {
            change(message);
        }
    }

    fn in_message(&mut self, chat: &str, msgid: &str, change: impl FnOnce(&mut GroupMessage)) {
        let said = self.said.get_mut(chat).into_iter().flatten().rev();
        if let Some(message) = said.into_iter().find(|message| message.msgid == msgid) {
            change(message);
        }
    }

    fn in_group(&mut self, chat: &str, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.get_mut(chat) {
            change(group);
        }
    }
}

/// Appends and lets the oldest go.
fn keep<T>(list: &mut VecDeque<T>, one: T, at_most: usize) {
    list.push_back(one);
    while list.len() > at_most {
        list.pop_front();
    }
}
