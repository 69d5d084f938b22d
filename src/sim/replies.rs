//! What the bot's answers to callbacks do (wecom-receive.md §2.3, §4.5, §5).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::events::BotChat;
use super::world::callback::{Callback, Regarding, Stream, Target};
use super::world::card::{Card, Face};
use super::world::group::{Author, GroupMessage};
use super::world::{Change, PrivateMessage, Step};
use super::xml;

/// Longer texts are cut off (§2.3).
const TEXT_AT_MOST: usize = 2_048;
const STREAM_AT_MOST: usize = 20_480;
/// A streamed answer ends this long after the person's message (§4.5).
const STREAM_LIVES: SignedDuration = SignedDuration::from_mins(6);
/// How often an unfinished answer is asked for; the page gives no figure.
const STREAM_REFRESH: SignedDuration = SignedDuration::from_secs(1);

/// Carries out a decrypted passive reply.
///
/// # Errors
/// Why the platform would ignore it; for the callback log.
pub fn apply(step: &mut Step<'_>, callback: &Callback, reply: &str) -> Result<String, String> {
    match &callback.target {
        Target::App(app) => apply_app(step, app, &callback.regarding, &xml::texts(reply)?),
        Target::Robot(robot) => apply_robot(step, robot, &callback.regarding, &xml::texts(reply)?),
        Target::Aibot(bot) => {
            let reply: Value = serde_json::from_str(reply).map_err(|error| error.to_string())?;
            apply_aibot(step, bot, callback, &reply)
        }
    }
}

type Texts = BTreeMap<String, String>;

fn text<'a>(reply: &'a Texts, path: &str) -> &'a str {
    reply.get(path).map_or("", String::as_str)
}

fn apply_app(step: &mut Step<'_>, app: &str, regarding: &Regarding, reply: &Texts) -> Result<String, String> {
    let person = regarding.person.clone().ok_or("this event takes no reply")?;
    if text(reply, "ToUserName") != person {
        return Err(format!("ToUserName is not {person}"));
    }
    let kind = text(reply, "MsgType");
    let content = match kind {
        "text" => text(reply, "Content"),
        "image" => text(reply, "Image/MediaId"),
        "voice" => text(reply, "Voice/MediaId"),
        "video" => text(reply, "Video/MediaId"),
        "news" => text(reply, "Articles/item/Title"),
        "update_button" | "update_template_card" => return update_card(step, person, regarding, kind, reply),
        other => return Err(format!("MsgType {other} is no passive reply")),
    };
    let content = &content[..content.floor_char_boundary(TEXT_AT_MOST)];
    if content.is_empty() {
        return Err(format!("the {kind} is empty"));
    }
    tell(step, &format!("app:{app}"), &person, kind, content.to_owned(), None);
    Ok(kind.to_owned())
}

/// Affects only the member who tapped.
fn update_card(
    step: &mut Step<'_>,
    person: String,
    regarding: &Regarding,
    kind: &str,
    reply: &Texts,
) -> Result<String, String> {
    let card = regarding.card.clone().ok_or("there was no tap to answer")?;
    let (label, replaced) = if kind == "update_button" {
        (Some(text(reply, "Button/ReplaceName").to_owned()), None)
    } else {
        let title = json!({
            "title": text(reply, "TemplateCard/MainTitle/Title"),
            "desc": text(reply, "TemplateCard/MainTitle/Desc"),
        });
        let card_type = text(reply, "TemplateCard/CardType");
        (None, Some(json!({"card_type": card_type, "main_title": title})))
    };
    if label.as_deref() == Some("") {
        return Err("Button/ReplaceName is empty".into());
    }
    step.make(Change::CardUpdated { card, people: vec![person], label, replaced });
    Ok(kind.to_owned())
}

fn apply_robot(
    step: &mut Step<'_>,
    robot: &str,
    regarding: &Regarding,
    reply: &Texts,
) -> Result<String, String> {
    let chat = regarding.chat.clone().ok_or("this event takes no reply")?;
    let kind = text(reply, "MsgType");
    let content = match kind {
        "text" => text(reply, "Text/Content"),
        "markdown" => text(reply, "Markdown/Content"),
        other => return Err(format!("MsgType {other} is no reply of a group robot")),
    };
    if content.is_empty() {
        return Err(format!("the {kind} is empty"));
    }
    let visible_to = text(reply, "VisibleToUser").split('|').filter(|id| !id.is_empty()).map(str::to_owned);
    let message = GroupMessage {
        visible_to: visible_to.collect(),
        ..robot_message(step, format!("robot:{robot}"), kind, content.to_owned())
    };
    step.make(Change::Said { chat, message: Box::new(message) });
    Ok(kind.to_owned())
}

fn robot_message(step: &mut Step<'_>, from: String, kind: &str, content: String) -> GroupMessage {
    GroupMessage {
        msgid: step.message_id(),
        at: step.now(),
        from,
        by: Author::Bot,
        kind: kind.to_owned(),
        content,
        mentions: Vec::new(),
        quotes: None,
        attached: None,
        card: None,
        visible_to: Vec::new(),
        recalled: false,
    }
}

fn apply_aibot(step: &mut Step<'_>, bot: &str, callback: &Callback, reply: &Value) -> Result<String, String> {
    let regarding = &callback.regarding;
    if reply["response_type"] == "update_template_card" {
        return update_bot_card(step, regarding, reply);
    }
    let kind = reply["msgtype"].as_str().unwrap_or_default();
    if !matches!(kind, "text" | "stream" | "template_card" | "stream_with_template_card") {
        return Err(format!("msgtype {kind} is no passive reply"));
    }
    if kind == "text" && callback.event != "enter_chat" {
        return Err("a plain text is for the welcome only".into());
    }
    if kind == "text" {
        let content =
            reply["text"]["content"].as_str().filter(|text| !text.is_empty()).ok_or("the text is empty")?;
        bot_says(step, bot, regarding, BotAnswer::Text(content.to_owned()));
    }
    if kind.starts_with("stream") {
        apply_stream(step, bot, regarding, &reply["stream"])?;
    }
    if kind.ends_with("template_card") {
        let card = reply["template_card"].clone();
        super::api::check_card(&card)?;
        bot_says(step, bot, regarding, BotAnswer::Card(card));
    }
    Ok(kind.to_owned())
}

fn update_bot_card(step: &mut Step<'_>, regarding: &Regarding, reply: &Value) -> Result<String, String> {
    let card = regarding.card.clone().ok_or("there was no tap to answer")?;
    let everybody = step.state().cards.get(&card).map(|card| card.faces.keys().cloned().collect());
    let named =
        reply["userids"].as_array().map(|ids| ids.iter().filter_map(Value::as_str).map(Into::into).collect());
    let people: Vec<String> = named.or(everybody).unwrap_or_default();
    let replaced = reply["template_card"].clone();
    let label = replaced["replace_text"].as_str().map(str::to_owned);
    step.make(Change::CardUpdated { card, people, label, replaced: Some(replaced) });
    Ok("update_template_card".into())
}

/// A snapshot of a streamed answer: the first one makes the message, later ones replace its text.
fn apply_stream(step: &mut Step<'_>, bot: &str, regarding: &Regarding, stream: &Value) -> Result<(), String> {
    let content = stream["content"].as_str().unwrap_or_default();
    if content.len() > STREAM_AT_MOST {
        return Err(format!("stream.content takes {STREAM_AT_MOST} bytes, got {}", content.len()));
    }
    let finished = stream["finish"].as_bool().unwrap_or(false);
    let running = match &regarding.stream {
        Some(running) => {
            edit(step, regarding, running, content);
            running.clone()
        }
        None => {
            let id =
                stream["id"].as_str().filter(|id| !id.is_empty()).ok_or("the first reply needs stream.id")?;
            let (shown_as, _) = bot_says(step, bot, regarding, BotAnswer::Markdown(content.to_owned()));
            Stream { id: id.to_owned(), shown_as, ends_at: step.now() + STREAM_LIVES }
        }
    };
    if !finished && step.now() < running.ends_at {
        ask_again(step, bot, regarding, running);
    }
    Ok(())
}

fn edit(step: &mut Step<'_>, regarding: &Regarding, stream: &Stream, content: &str) {
    let (msgid, content) = (stream.shown_as.clone(), content.to_owned());
    if let Some(chat) = regarding.chat.clone() {
        step.make(Change::SaidEdited { chat, msgid, content });
    } else if let Some(person) = regarding.person.clone() {
        step.make(Change::ToldEdited { person, msgid, content });
    }
}

fn ask_again(step: &mut Step<'_>, bot: &str, regarding: &Regarding, stream: Stream) {
    let (Some(bot), Some(person)) = (step.state().aibot(bot).cloned(), &regarding.person) else { return };
    let msgid = step.message_id();
    let talk = BotChat { bot: &bot, person, chat: regarding.chat.as_deref() };
    let plaintext = talk.stream_refresh(&msgid, &stream.id);
    let callback = Callback {
        n: step.number(),
        lane: format!("aibot:{}|stream {}", bot.id, stream.id),
        target: Target::Aibot(bot.id),
        event: "stream".into(),
        plaintext,
        not_before: Some(step.now() + STREAM_REFRESH),
        regarding: Regarding { stream: Some(stream), ..regarding.clone() },
    };
    step.make(Change::CallbackQueued(Box::new(callback)));
}

/// What a smart robot says.
pub enum BotAnswer {
    Text(String),
    Markdown(String),
    Card(Value),
}

/// Puts a smart robot's answer into the group, quoting the message it answers, or into the 1:1
/// window. Answers the message's id and who sees it.
pub fn bot_says(
    step: &mut Step<'_>,
    bot: &str,
    regarding: &Regarding,
    answer: BotAnswer,
) -> (String, Vec<String>) {
    let from = format!("bot:{bot}");
    let group = regarding.chat.as_ref().and_then(|chat| step.state().groups.get(chat));
    let seen_by = match group {
        Some(group) => group.member_ids(),
        None => regarding.person.iter().cloned().collect(),
    };
    let (kind, content, card) = match answer {
        BotAnswer::Text(text) => ("text", text, None),
        BotAnswer::Markdown(text) => ("markdown", text, None),
        BotAnswer::Card(content) => {
            let title = content["main_title"]["title"].as_str().unwrap_or_default().to_owned();
            ("card", title, Some(send_card(step, &from, regarding, content, &seen_by)))
        }
    };
    if let Some(chat) = regarding.chat.clone() {
        let message = robot_message(step, from, kind, content);
        let message = GroupMessage { quotes: regarding.msgid.clone(), card, ..message };
        let msgid = message.msgid.clone();
        step.make(Change::Said { chat, message: Box::new(message) });
        return (msgid, seen_by);
    }
    let person = regarding.person.clone().unwrap_or_default();
    (tell(step, &from, &person, kind, content, card), seen_by)
}

fn send_card(
    step: &mut Step<'_>,
    from: &str,
    regarding: &Regarding,
    content: Value,
    to: &[String],
) -> String {
    let task_id = content["task_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let free = |id: &String| !step.state().cards.contains_key(id);
    let id = task_id.clone().filter(free).unwrap_or_else(|| format!("card-{}", step.number()));
    let card = Card {
        id: id.clone(),
        sender: from.to_owned(),
        task_id,
        chat: regarding.chat.clone(),
        sent_at: step.now(),
        content,
        faces: to.iter().map(|person| (person.clone(), Face::default())).collect(),
        codes: BTreeMap::new(),
    };
    step.make(Change::CardSent(Box::new(card)));
    id
}

fn tell(
    step: &mut Step<'_>,
    window: &str,
    person: &str,
    kind: &str,
    content: String,
    card: Option<String>,
) -> String {
    let msgid = step.message_id();
    let at: Timestamp = step.now();
    let message = PrivateMessage {
        msgid: msgid.clone(),
        at,
        window: window.to_owned(),
        from: window.to_owned(),
        kind: kind.to_owned(),
        content,
        attached: None,
        card,
        recalled: false,
    };
    step.make(Change::Told { person: person.to_owned(), message: Box::new(message) });
    msgid
}
