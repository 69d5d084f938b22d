//! `add_msg_template` and the records of mass sends to customer groups (wecom-send.md §8).
//!
//! Only `chat_type` group is played; single is refused with 86214. Where the page is silent the simulator is
//! strict: a chat that is no customer group of the corp refuses the whole call (90501), a group of another
//! owner is named in `fail_list`, and when none is left nothing is made (41048). For [`DISPATCHED_AFTER`]
//! after its creation a mass send answers 41063.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::error::{ApiError, Checked};
use super::fields::{fitting, list, number, text, texts};
use super::{Outcome, Request, attachments};
use crate::sim::random::random_text;
use crate::sim::world::mass_send::{MassSend, Shown};
use crate::sim::world::{Change, Limit, PrivateMessage, State, Step};

const CHATS_AT_MOST: usize = 2_000;
const TEXT_AT_MOST: usize = 4_000;
const REMINDERS: [Limit; 1] = [Limit::per_day(3)];
/// Querying directly after creation is too early.
const DISPATCHED_AFTER: SignedDuration = SignedDuration::from_secs(1);
const SPAN_AT_MOST: SignedDuration = SignedDuration::from_hours(31 * 24);
const LISTED_AT_MOST: i64 = 100;
const LISTED: i64 = 50;
const RECORDS_AT_MOST: i64 = 1_000;
const RECORDS: i64 = 500;
/// Cursors are opaque; this makes an invented one recognisable.
const CURSOR: &str = "after-";
/// The window of the owner's client in which tasks appear.
pub const WINDOW: &str = "mass-send";

pub fn add(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    check_permission(request)?;
    let body = &request.body;
    if text(body, "chat_type")? != "group" {
        return Err(ApiError::because(86214, "the simulator plays chat_type group alone"));
    }
    let sender = text(body, "sender")?;
    if sender.is_empty() {
        return Err(ApiError::because(40058, "sender is missing"));
    }
    if !step.state().is_corp_member(sender) {
        return Err(ApiError::because(40003, sender));
    }
    let wanted = texts(body, "chat_id_list")?;
    let (chats, failed) = addressed(step.state(), sender, wanted)?;
    let content = fitting(&body["text"], "content", TEXT_AT_MOST)?.to_owned();
    let shown = attachments::check(step, body)?;
    if content.is_empty() && shown.is_empty() {
        return Err(ApiError::because(40058, "text and attachments are both empty"));
    }
    let app = request.app()?.id.clone();
    let send = MassSend {
        msgid: format!("msg{}", random_text(25)),
        app: Some(app),
        sender: sender.to_owned(),
        chats,
        made_at: step.now(),
        text: content,
        attachments: list(body, "attachments")?.to_vec(),
        shown,
        cancelled_at: None,
        sent_at: None,
        results: Default::default(),
    };
    let answer = json!({"fail_list": failed, "msgid": send.msgid});
    let seen_by = vec![send.sender.clone()];
    notify(step, &send);
    step.make(Change::MassSendMade(Box::new(send)));
    Ok(Outcome { seen_by, ..Outcome::answering(answer) })
}

/// The groups that it goes to, and those that it cannot go to.
fn addressed(state: &State, sender: &str, wanted: Vec<String>) -> Checked<(Vec<String>, Vec<String>)> {
    if wanted.len() > CHATS_AT_MOST {
        return Err(ApiError::because(40058, format!("chat_id_list takes {CHATS_AT_MOST}")));
    }
    let group = |chat: &String| state.groups.get(chat).filter(|group| group.is_customer());
    if let Some(stranger) = wanted.iter().find(|chat| group(chat).is_none()) {
        return Err(ApiError::because(90501, stranger.clone()));
    }
    let named = !wanted.is_empty();
    let theirs = |chat: &String| group(chat).is_some_and(|group| group.owner == sender);
    let (chats, failed): (Vec<_>, Vec<_>) = wanted.into_iter().partition(theirs);
    let owns_any = || state.groups.values().any(|group| group.is_customer() && group.owner == sender);
    if if named { chats.is_empty() } else { !owns_any() } {
        return Err(ApiError::new(41048));
    }
    Ok((chats, failed))
}

/// The sender's client shows the task.
fn notify(step: &mut Step<'_>, send: &MassSend) {
    let text = (!send.text.is_empty()).then(|| Shown::text(&send.text));
    let lines = text.iter().chain(&send.shown).map(|shown| shown.content.as_str());
    let message = PrivateMessage {
        msgid: send.msgid.clone(),
        at: send.made_at,
        window: WINDOW.into(),
        from: WINDOW.into(),
        kind: WINDOW.into(),
        content: lines.collect::<Vec<_>>().join("\n"),
        attached: None,
        card: None,
        recalled: false,
    };
    step.make(Change::Told { person: send.sender.clone(), message: Box::new(message) });
}

pub fn remind(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let send = find(step, request)?;
    let (budget, at) = (format!("remind:{}", send.msgid), step.now());
    if step.state().budgets.exhausted(&budget, &REMINDERS, at, 1) {
        return Err(ApiError::new(41094));
    }
    step.make(Change::Booked { budget, at, weight: 1 });
    // Whoever has sent it, or cannot any more, is not disturbed.
    let seen_by = if send.is_waiting() { vec![send.sender] } else { Vec::new() };
    Ok(Outcome { seen_by, ..Outcome::default() })
}

pub fn cancel(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let send = find(step, request)?;
    if send.cancelled_at.is_some() {
        return Err(ApiError::new(41093));
    }
    // What was sent stays sent: only the rest stops.
    if send.is_waiting() {
        let at = step.now();
        step.make(Change::MassSendCancelled { msgid: send.msgid, sender: send.sender, at });
    }
    Ok(Outcome::default())
}

pub fn tasks(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let send = dispatched(step, request)?;
    let task = json!({
        "userid": send.sender,
        "status": if send.sent_at.is_some() { 2 } else { 0 },
        "send_time": send.sent_at.map(Timestamp::as_second),
    });
    page(&request.body, "task_list", vec![task], RECORDS, RECORDS_AT_MOST)
}

/// For group sends only the sent ones are listed.
pub fn results(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let send = dispatched(step, request)?;
    let userid = text(&request.body, "userid")?;
    if userid.is_empty() {
        return Err(ApiError::because(40058, "userid is missing"));
    }
    let results = send.results.iter().filter(|_| userid == send.sender).map(|(chat, landed)| {
        json!({"chat_id": chat, "userid": send.sender, "status": landed.status(),
               "send_time": send.sent_at.map(Timestamp::as_second)})
    });
    page(&request.body, "send_list", results.collect(), RECORDS, RECORDS_AT_MOST)
}

pub fn listed(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    check_permission(request)?;
    let body = &request.body;
    let moment = |name| {
        let seconds =
            number(body, name)?.ok_or_else(|| ApiError::because(40058, format!("{name} is missing")))?;
        Timestamp::from_second(seconds).map_err(|_| ApiError::because(40058, name))
    };
    let (from, to): (Timestamp, Timestamp) = (moment("start_time")?, moment("end_time")?);
    if text(body, "chat_type")? != "group" {
        return Err(ApiError::because(40058, "the simulator plays chat_type group alone"));
    }
    if to < from || to.duration_since(from) > SPAN_AT_MOST {
        return Err(ApiError::because(40058, "at most a month"));
    }
    let wanted = number(body, "filter_type")?.unwrap_or(2);
    let creator = text(body, "creator")?;
    let asked = |send: &&MassSend| {
        let kind = i64::from(send.app.is_none());
        (from..=to).contains(&send.made_at)
            && (wanted == 2 || wanted == kind)
            && (creator.is_empty() || (send.app.is_none() && send.sender == creator))
    };
    let mut sends: Vec<&MassSend> = step.state().mass_sends.values().filter(asked).collect();
    sends.sort_by_key(|send| (send.made_at, &send.msgid));
    let sends = sends.into_iter().map(record).collect();
    page(body, "group_msg_list", sends, LISTED, LISTED_AT_MOST)
}

/// `create_time` is quoted, as in the page's sample.
fn record(send: &MassSend) -> Value {
    let mut record = json!({
        "msgid": send.msgid,
        "create_time": send.made_at.as_second().to_string(),
        "create_type": i64::from(send.app.is_none()),
        "text": {"content": send.text},
        "attachments": send.attachments,
    });
    if send.app.is_none() {
        record["creator"] = json!(send.sender);
    }
    record
}

pub(super) fn page(
    body: &Value,
    name: &str,
    items: Vec<Value>,
    usual: i64,
    at_most: i64,
) -> Checked<Outcome> {
    let limit = number(body, "limit")?.unwrap_or(usual);
    if !(1..=at_most).contains(&limit) {
        return Err(ApiError::because(40058, format!("limit needs 1 to {at_most}")));
    }
    let from: usize = match text(body, "cursor")? {
        "" => 0,
        cursor => cursor.strip_prefix(CURSOR).and_then(|at| at.parse().ok()).ok_or(ApiError::new(50100))?,
    };
    let until = from.saturating_add(usize::try_from(limit).unwrap_or_default());
    let next = if until < items.len() { format!("{CURSOR}{until}") } else { String::new() };
    let items: Vec<Value> = items.into_iter().take(until).skip(from).collect();
    Ok(Outcome::answering(json!({name: items, "next_cursor": next})))
}

fn find(step: &Step<'_>, request: &Request<'_>) -> Checked<MassSend> {
    check_permission(request)?;
    let msgid = text(&request.body, "msgid")?;
    step.state().mass_sends.get(msgid).cloned().ok_or(ApiError::new(41047))
}

fn dispatched(step: &Step<'_>, request: &Request<'_>) -> Checked<MassSend> {
    let send = find(step, request)?;
    if step.now().duration_since(send.made_at) < DISPATCHED_AFTER {
        return Err(ApiError::new(41063));
    }
    Ok(send)
}

/// Needs an app in the 可调用接口的应用 list.
pub(super) fn check_permission(request: &Request<'_>) -> Checked<()> {
    if request.app()?.customer_contact { Ok(()) } else { Err(ApiError::new(48002)) }
}
