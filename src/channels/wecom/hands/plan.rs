//! PURE. From one action to the requests that carry it out, in order, and what each costs by the platform's
//! limits.

use sha2::{Digest, Sha256};

use super::attachment::{Need, Prepared};
use super::pace::{PaceKey, Toll};
use super::{AppConnection, Connections, WebhookConnection};
use crate::channels::wecom::client::{
    ADD_JOIN_WAY, Attachment as WelcomeAttachment, ButtonCard, Content, DELETE_JOIN_WAY, DUPLICATE_INTERVALS,
    MESSAGE_BYTES, PersonAndLog, READ_APPCHAT, READ_CUSTOMER_GROUP, UPDATE_CARD, UPDATE_JOIN_WAY,
    WEBHOOK_MARKDOWN_BYTES, WEBHOOK_TEXT_BYTES, WELCOME, is_userid,
};
use crate::decision::{Act, Action, GroupId, Hand, JoinAsk, MemberId, Part, TaskCard};
use crate::text::split_to_bytes;

/// A longer text is no chat message, and all of it must fit below every limit per minute.
const MAX_MESSAGES: usize = 10;
/// People in a group whose size nobody told us: "200 is the good size" (product.md F2).
pub(super) const ASSUMED_PEOPLE: u32 = 200;

/// One request to the platform.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Chat {
        app: &'a AppConnection,
        chat: &'a GroupId,
        message: Message<'a>,
        mentions: &'a [MemberId],
    },
    Robot {
        robot: &'a WebhookConnection,
        message: Message<'a>,
        mentions: &'a [MemberId],
    },
    Tell {
        app: &'a AppConnection,
        to: &'a MemberId,
        message: Message<'a>,
    },
    /// What a task asks to post, for the person to forward. The card goes out also without it.
    HandOver {
        app: &'a AppConnection,
        to: &'a MemberId,
        part: &'a Part,
    },
    Card {
        app: &'a AppConnection,
        to: &'a MemberId,
        card: &'a TaskCard,
    },
    UpdateCard {
        app: &'a AppConnection,
        to: &'a MemberId,
        response_code: &'a str,
        label: &'a str,
        card: Option<&'a TaskCard>,
    },
    Add {
        app: &'a AppConnection,
        chat: &'a GroupId,
        member: &'a MemberId,
    },
    Remove {
        app: &'a AppConnection,
        chat: &'a GroupId,
        member: &'a MemberId,
    },
    Read {
        app: &'a AppConnection,
        chat: &'a GroupId,
        customer: bool,
    },
    Welcome {
        app: &'a AppConnection,
        code: &'a str,
        text: String,
        links: Vec<WelcomeAttachment>,
    },
    JoinCode {
        app: &'a AppConnection,
        ask: &'a JoinAsk,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// Words, or a piece of longer ones.
    Words { text: String, markdown: bool },
    /// A part of another kind; its file is with what was prepared.
    Part(&'a Part),
}

impl Message<'_> {
    pub fn content<'c>(&'c self, prepared: &'c Prepared) -> Result<Content<'c>, PersonAndLog> {
        match self {
            Self::Words { text, markdown: true } => Ok(Content::Markdown(text)),
            Self::Words { text, markdown: false } => Ok(Content::Text(text)),
            Self::Part(part) => prepared.content(part),
        }
    }
}

/// The requests of an action; an error is for good.
pub(super) fn steps<'a>(
    action: &'a Action,
    connections: &'a Connections,
) -> Result<Vec<Step<'a>>, PersonAndLog> {
    let app = |id: &str| connections.app(id).ok_or_else(|| no_connection("应用", id));
    let chat = || action.group.as_ref().ok_or_else(|| no_group(action));
    match (&action.hand, &action.act) {
        (Hand::Appchat { app: id }, Act::Post { part, mentions }) if action.hand.can(&action.act) => {
            let (app, chat) = (app(id)?, chat()?);
            let messages = messages(part, mentions, [MESSAGE_BYTES; 2])?;
            let step = |(message, mentions)| Step::Chat { app, chat, message, mentions };
            Ok(with_mentions(messages, mentions).map(step).collect())
        }
        (Hand::Webhook { id }, Act::Post { part, mentions }) if action.hand.can(&action.act) => {
            let robot = connections.webhook(id).ok_or_else(|| no_connection("群推送机器人", id))?;
            let messages = messages(part, mentions, [WEBHOOK_TEXT_BYTES, WEBHOOK_MARKDOWN_BYTES])?;
            let step = |(message, mentions)| Step::Robot { robot, message, mentions };
            Ok(with_mentions(messages, mentions).map(step).collect())
        }
        (Hand::Appchat { app: id }, Act::Remove { member }) => {
            Ok(vec![Step::Remove { app: app(id)?, chat: chat()?, member }])
        }
        (Hand::Appchat { app: id }, Act::BringBack { member }) => {
            Ok(vec![Step::Add { app: app(id)?, chat: chat()?, member }])
        }
        (Hand::App { app: id }, Act::Tell { to, part }) => {
            let app = app(id)?;
            let messages = messages(part, &[], [MESSAGE_BYTES; 2])?;
            Ok(messages.into_iter().map(|message| Step::Tell { app, to, message }).collect())
        }
        (Hand::StaffTask { app: id }, Act::TaskCard { to, card }) => task(app(id)?, to, card),
        (
            Hand::App { app: id } | Hand::StaffTask { app: id },
            Act::UpdateCard { to, response_code, label, card },
        ) => Ok(vec![Step::UpdateCard { app: app(id)?, to, response_code, label, card: card.as_deref() }]),
        (Hand::Appchat { app: id } | Hand::App { app: id }, Act::ReadGroup { customer }) => {
            Ok(vec![Step::Read { app: app(id)?, chat: chat()?, customer: *customer }])
        }
        (Hand::App { app: id }, Act::WelcomeContact { code, parts, .. }) => {
            let (text, links) = welcome(parts)?;
            Ok(vec![Step::Welcome { app: app(id)?, code, text, links }])
        }
        (Hand::App { app: id }, Act::JoinCode(act)) => {
            Ok(vec![Step::JoinCode { app: app(id)?, ask: &act.ask }])
        }
        (hand, act) => Err(PersonAndLog::new(
            format!("「{hand}」不能做这件事（{}）", act.name()),
            format!("{hand} cannot {}", act.name()),
        )),
    }
}

/// The file that an action needs before its first message; no action has more than one.
pub(super) fn need<'a>(
    steps: &[Step<'a>],
    connections: &'a Connections,
) -> Result<Option<Need<'a>>, PersonAndLog> {
    let needed = |step: &Step<'a>| match *step {
        Step::Chat { app, message: Message::Part(part), .. }
        | Step::Tell { app, message: Message::Part(part), .. }
        | Step::HandOver { app, part, .. } => Ok(Need::by_app(part, app)),
        Step::Robot { robot, message: Message::Part(part), .. } => {
            Need::by_robot(part, robot, connections.apps.first())
        }
        _ => Ok(None),
    };
    steps.iter().find_map(|step| needed(step).transpose()).transpose()
}

/// A staff task: what is to be posted as messages of its own, because nothing in a card can be copied or
/// forwarded, right before the card. What the card must shorten goes out whole before both.
fn task<'a>(
    app: &'a AppConnection,
    to: &'a MemberId,
    card: &'a TaskCard,
) -> Result<Vec<Step<'a>>, PersonAndLog> {
    let mut steps = Vec::new();
    let tell = |message| Step::Tell { app, to, message };
    if !ButtonCard::of(card).is_whole() {
        steps.extend(words(&whole(card), false, MESSAGE_BYTES)?.into_iter().map(tell));
    }
    if let Some(part) = card.paste.as_deref().filter(|part| !part.is_words()) {
        steps.push(Step::HandOver { app, to, part });
    }
    let paste = card.paste.as_deref().and_then(Part::paste);
    if let Some(paste) = paste.filter(|paste| !paste.trim().is_empty()) {
        steps.extend(words(&paste, false, MESSAGE_BYTES)?.into_iter().map(tell));
    }
    steps.push(Step::Card { app, to, card });
    Ok(steps)
}

/// All that a card wants to say. A text message makes links of `<a …>`; members' words must not.
fn whole(card: &TaskCard) -> String {
    let mut text = format!("【待办详情】{}\n{}", card.title, card.why);
    for (name, value) in &card.rows {
        text.push_str(&format!("\n{name}：{value}"));
    }
    text.replace('<', "＜")
}

/// A part's messages; `limits` are those of text and of markdown, in bytes. In markdown, which has no list
/// of mentions, the mentions lead the text (§4.4, §5.2).
fn messages<'a>(
    part: &'a Part,
    mentions: &[MemberId],
    limits: [usize; 2],
) -> Result<Vec<Message<'a>>, PersonAndLog> {
    match part {
        Part::Text { text } => words(text, false, limits[0]),
        Part::Markdown { text } if mentions.is_empty() => words(text, true, limits[1]),
        Part::Markdown { text } => {
            let ids = mentions.iter().map(MemberId::as_str).filter(|id| is_userid(id));
            let names: String = ids.map(|id| format!("<@{id}>")).collect();
            words(&format!("{names}\n{text}"), true, limits[1])
        }
        part => Ok(vec![Message::Part(part)]),
    }
}

/// All words of a welcome as its one text, its links beside it. Whatever needs a file takes too long.
fn welcome(parts: &[Part]) -> Result<(String, Vec<WelcomeAttachment>), PersonAndLog> {
    let (mut texts, mut links) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Part::Text { text } => texts.push(text.as_str()),
            Part::Link { title, description, url, picture: None } => links.push(WelcomeAttachment::Link {
                title: title.clone(),
                picurl: String::new(),
                desc: description.clone(),
                url: url.clone(),
            }),
            part => {
                let person = format!("客户欢迎语里不能有{}", part.kind().chinese());
                return Err(PersonAndLog::new(person, "a welcome with a part that needs time"));
            }
        }
    }
    Ok((texts.join("\n\n"), links))
}

fn words<'a>(text: &str, markdown: bool, limit: usize) -> Result<Vec<Message<'a>>, PersonAndLog> {
    let pieces = split_to_bytes(text, limit).into_iter().map(|piece| piece.trim_end_matches(['\r', '\n']));
    let messages: Vec<_> = pieces
        .filter(|piece| !piece.trim().is_empty())
        .map(|piece| Message::Words { text: piece.to_owned(), markdown })
        .collect();
    match messages.len() {
        0 => Err(PersonAndLog::new("消息内容是空的", "empty message")),
        1..=MAX_MESSAGES => Ok(messages),
        count => Err(PersonAndLog::new(
            format!("消息太长：要拆成 {count} 条，最多 {MAX_MESSAGES} 条"),
            format!("message of {} bytes needs {count} messages", text.len()),
        )),
    }
}

/// People are mentioned by the first message only.
fn with_mentions<'a>(
    messages: Vec<Message<'a>>,
    mentions: &'a [MemberId],
) -> impl Iterator<Item = (Message<'a>, &'a [MemberId])> {
    messages.into_iter().enumerate().map(move |(index, message)| {
        let mentions = if index == 0 { mentions } else { &[] };
        (message, mentions)
    })
}

fn no_connection(what: &str, id: &str) -> PersonAndLog {
    PersonAndLog::new(format!("服务器配置里没有{what}「{id}」"), format!("no connection {id:?}"))
}

fn no_group(action: &Action) -> PersonAndLog {
    let name = action.act.name();
    PersonAndLog::new("动作没有指明是哪个群（程序错误，请联系开发）", format!("{name} without a group"))
}

impl Step<'_> {
    /// What it costs, the key that 45009 blocks last. `people` is the size of the group.
    pub fn tolls(&self, people: u32) -> Vec<Toll> {
        let once = |key| Toll { key, cost: 1 };
        match self {
            Self::Chat { app, chat, .. } => vec![
                once(PaceKey::Chat { app: app.id.clone(), chat: (*chat).clone() }),
                Toll { key: PaceKey::ChatPeople { corp: app.corp_id.clone() }, cost: people.max(1) },
            ],
            Self::Robot { robot, .. } => vec![once(PaceKey::Webhook { id: robot.id.clone() })],
            Self::Tell { app, to, .. } | Self::HandOver { app, to, .. } | Self::Card { app, to, .. } => vec![
                once(PaceKey::Member { app: app.id.clone(), member: (*to).clone() }),
                once(PaceKey::App { app: app.id.clone() }),
            ],
            Self::Remove { app, .. } | Self::Add { app, .. } => {
                vec![once(PaceKey::ChatChanges { corp: app.corp_id.clone() })]
            }
            Self::UpdateCard { app, .. } => vec![calls(app, UPDATE_CARD)],
            Self::Welcome { app, .. } => vec![calls(app, WELCOME)],
            Self::JoinCode { app, ask } => vec![calls(
                app,
                match ask {
                    JoinAsk::Make(_) => ADD_JOIN_WAY,
                    JoinAsk::Change { .. } => UPDATE_JOIN_WAY,
                    JoinAsk::Delete { .. } => DELETE_JOIN_WAY,
                },
            )],
            Self::Read { app, customer: true, .. } => vec![calls(app, READ_CUSTOMER_GROUP)],
            Self::Read { app, customer: false, .. } => vec![calls(app, READ_APPCHAT)],
        }
    }
}

fn calls(app: &AppConnection, path: &'static str) -> Toll {
    Toll { key: PaceKey::Calls { corp: app.corp_id.clone(), path }, cost: 1 }
}

/// The field that tells a repetition of this message (same value: the platform drops it) from another message
/// that happens to read the same (§3.7): the duplicate-check interval itself, in seconds.
pub(super) fn duplicate_interval(idempotence: &str, index: usize) -> u32 {
    let digest = Sha256::new().chain_update(idempotence).chain_update(index.to_be_bytes()).finalize();
    let number = digest.iter().take(4).fold(0u32, |number, byte| number << 8 | u32::from(*byte));
    let (from, to) = (*DUPLICATE_INTERVALS.start(), *DUPLICATE_INTERVALS.end());
    from + number % (to - from + 1)
}
