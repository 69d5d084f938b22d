//! `add_moment_task` and what is read of moments (wecom-send.md §10).
//!
//! Departments and customer tags are not played: the example corp has none. Where the page is silent the
//! simulator is strict: a job in which nobody can publish ends with 40031, and a jobid that is unknown or older
//! than a day is 40058.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::error::{ApiError, Checked};
use super::fields::{fitting, list, needed, number, object, text, texts};
use super::mass_send::{check_permission, page};
use super::{Outcome, Request, media, payload};
use crate::sim::random::random_text;
use crate::sim::world::mass_send::Shown;
use crate::sim::world::moment::{Job, Moment};
use crate::sim::world::{Attached, Change, Limit, PrivateMessage, Step};

const TEXT_BYTES: usize = 4_000;
const TEXT_CHARACTERS: usize = 2_000;
const PEOPLE_AT_MOST: usize = 100_000;
const IMAGES_AT_MOST: usize = 9;
const LINK_TITLE_CHARACTERS: usize = 64;
/// The page's 100 000 a month are not counted.
const MADE: [Limit; 1] = [Limit::per_minute(10)];
const MADE_BUDGET: &str = "add_moment_task";
const JOB_KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);
const SPAN_AT_MOST: SignedDuration = SignedDuration::from_hours(30 * 24);
const LISTED_AT_MOST: i64 = 20;
const RECORDS_AT_MOST: i64 = 1_000;
const RECORDS: i64 = 500;
/// The window of a member's client in which tasks appear.
pub const WINDOW: &str = "moments";

pub fn add(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    check_permission(request)?;
    let at = step.now();
    if step.state().budgets.exhausted(MADE_BUDGET, &MADE, at, 1) {
        return Err(ApiError::new(45009));
    }
    let body = &request.body;
    let content = fitting(&body["text"], "content", TEXT_BYTES)?.to_owned();
    if content.chars().count() > TEXT_CHARACTERS {
        return Err(ApiError::because(45002, format!("content takes {TEXT_CHARACTERS} characters")));
    }
    let shown = attachments(step, body)?;
    if content.is_empty() && shown.is_empty() {
        return Err(ApiError::new(41089));
    }
    let (people, invalid) = senders(step, &body["visible_range"])?;
    step.make(Change::Booked { budget: MADE_BUDGET.into(), at, weight: 1 });
    let moment = Moment {
        id: format!("mom{}", random_text(25)),
        jobid: random_text(32),
        app: request.app()?.id.clone(),
        asked_at: at,
        people,
        invalid,
        text: content,
        attachments: list(body, "attachments")?.to_vec(),
        shown,
        cancelled_at: None,
        published: Default::default(),
    };
    let (answer, seen_by) = (json!({"jobid": moment.jobid}), moment.people.clone());
    notify(step, &moment);
    step.make(Change::MomentMade(Box::new(moment)));
    Ok(Outcome { seen_by, ..Outcome::answering(answer) })
}

/// Who may publish it, and who is unknown; nobody named is everybody.
fn senders(step: &Step<'_>, range: &Value) -> Checked<(Vec<String>, Vec<String>)> {
    if !list(&range["sender_list"], "department_list")?.is_empty() {
        return Err(ApiError::because(40058, "the simulator plays user_list alone"));
    }
    if !list(&range["external_contact_list"], "tag_list")?.is_empty() {
        return Err(ApiError::because(40068, "the example corp has no tags"));
    }
    let named = texts(&range["sender_list"], "user_list")?;
    if named.len() > PEOPLE_AT_MOST {
        return Err(ApiError::new(40032));
    }
    let state = step.state();
    if named.is_empty() {
        let everybody = state.people.values().filter(|person| person.corp_member);
        return Ok((everybody.map(|person| person.id.clone()).collect(), Vec::new()));
    }
    Ok(named.into_iter().partition(|id| state.is_corp_member(id)))
}

/// Up to nine images, or one video, or one link.
fn attachments(step: &Step<'_>, body: &Value) -> Checked<Vec<Shown>> {
    let attachments = list(body, "attachments")?;
    let kinds: Vec<&str> =
        attachments.iter().map(|attachment| text(attachment, "msgtype")).collect::<Checked<_>>()?;
    let alike = match kinds.first() {
        Some(&"image") => kinds.iter().all(|kind| *kind == "image"),
        Some(&("video" | "link")) => kinds.len() == 1,
        Some(_) => false,
        None => true,
    };
    if !alike {
        return Err(ApiError::because(41065, "invalid attachments msgtype"));
    }
    if kinds.len() > IMAGES_AT_MOST {
        return Err(ApiError::new(41064));
    }
    attachments.iter().zip(kinds).map(|(attachment, kind)| shown(step, attachment, kind)).collect()
}

fn shown(step: &Step<'_>, attachment: &Value, kind: &str) -> Checked<Shown> {
    let part = object(attachment, kind)?;
    let id = text(part, "media_id")?;
    let wanted = if kind == "video" { media::MOMENT_VIDEO } else { media::MOMENT_IMAGE };
    let name = media::find_for_moment(step, id, wanted)?.filename.clone();
    let (content, attached) = match kind {
        "link" => {
            let (title, url) = (text(part, "title")?, needed(part, "url", 2_048, 40058)?);
            if title.chars().count() > LINK_TITLE_CHARACTERS {
                return Err(ApiError::because(
                    40058,
                    format!("title takes {LINK_TITLE_CHARACTERS} characters"),
                ));
            }
            let attached =
                Attached { title: title.to_owned(), opens: url.to_owned(), ..payload::picture_of(id) };
            (format!("{title}\n{url}"), Some(attached))
        }
        "image" => (name, Some(payload::picture_of(id))),
        _ => (name, None),
    };
    Ok(Shown { kind: kind.to_owned(), content, attached })
}

/// Each member's client shows the task.
fn notify(step: &mut Step<'_>, moment: &Moment) {
    let text = (!moment.text.is_empty()).then(|| Shown::text(&moment.text));
    let lines = text.iter().chain(&moment.shown).map(|shown| shown.content.as_str());
    let content = lines.collect::<Vec<_>>().join("\n");
    for person in &moment.people {
        let message = PrivateMessage {
            msgid: moment.id.clone(),
            at: moment.asked_at,
            window: WINDOW.into(),
            from: WINDOW.into(),
            kind: WINDOW.into(),
            content: content.clone(),
            attached: None,
            card: None,
            recalled: false,
        };
        step.make(Change::Told { person: person.clone(), message: Box::new(message) });
    }
}

pub fn job(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    check_permission(request)?;
    let (jobid, now) = (request.query("jobid"), step.now());
    let moment = step.state().moments.values().find(|moment| moment.jobid == jobid);
    let moment = moment.filter(|moment| now.duration_since(moment.asked_at) <= JOB_KNOWN_FOR);
    let moment = moment.ok_or_else(|| ApiError::because(40058, "jobid"))?;
    let status = match moment.job(now) {
        Job::Begun => 1,
        Job::AtWork => 2,
        Job::Done => 3,
    };
    let mut answer = json!({"status": status, "type": "add_moment_task"});
    if status == 3 {
        answer["result"] = match moment.is_made(now) {
            true => json!({"errcode": 0, "errmsg": "ok", "moment_id": moment.id,
                           "invalid_sender_list": {"user_list": moment.invalid, "department_list": []},
                           "invalid_external_contact_list": {"tag_list": []}}),
            false => ApiError::because(40031, "no valid sender").answer(),
        };
    }
    Ok(Outcome::answering(answer))
}

pub fn cancel(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let moment = find(step, request)?;
    // What is published stays.
    if moment.cancelled_at.is_none() {
        let at = step.now();
        step.make(Change::MomentCancelled { id: moment.id, people: moment.people, at });
    }
    Ok(Outcome::default())
}

pub fn listed(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    check_permission(request)?;
    let (body, now) = (&request.body, step.now());
    let moment = |name| {
        let seconds =
            number(body, name)?.ok_or_else(|| ApiError::because(40058, format!("{name} is missing")))?;
        Timestamp::from_second(seconds).map_err(|_| ApiError::because(40058, name))
    };
    let (from, to): (Timestamp, Timestamp) = (moment("start_time")?, moment("end_time")?);
    if to < from || to.duration_since(from) > SPAN_AT_MOST {
        return Err(ApiError::because(40058, "at most 30 days"));
    }
    // Members' own moments are not played: who asks for them alone finds none.
    let own_alone = number(body, "filter_type")?.unwrap_or(2) == 1 || !text(body, "creator")?.is_empty();
    let asked = |one: &&Moment| !own_alone && one.is_made(now) && (from..=to).contains(&one.asked_at);
    let mut moments: Vec<&Moment> = step.state().moments.values().filter(asked).collect();
    moments.sort_by_key(|one| (one.asked_at, &one.id));
    let moments = moments.into_iter().map(record).collect();
    page(body, "moment_list", moments, LISTED_AT_MOST, LISTED_AT_MOST)
}

/// `create_time` is quoted, as in mass sends' samples.
fn record(moment: &Moment) -> Value {
    let parts = |kind: &str| {
        let of_kind = moment.attachments.iter().filter(|one| one["msgtype"] == kind);
        of_kind.map(|one| one[kind].clone()).collect::<Vec<_>>()
    };
    let mut record = json!({
        "moment_id": moment.id,
        "create_time": moment.asked_at.as_second().to_string(),
        "create_type": 0,
        "visible_type": 1,
        "text": {"content": moment.text},
        "image": parts("image"),
    });
    for kind in ["video", "link"] {
        if let Some(part) = parts(kind).pop() {
            record[kind] = part;
        }
    }
    record
}

pub fn tasks(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let moment = find(step, request)?;
    let task = |person: &String| json!({"userid": person, "publish_status": u8::from(moment.published.contains_key(person))});
    let tasks = moment.people.iter().map(task).collect();
    page(&request.body, "task_list", tasks, RECORDS, RECORDS_AT_MOST)
}

/// `userid` and `external_userid` never come together.
pub fn comments(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let moment = find(step, request)?;
    let person = text(&request.body, "userid")?;
    if person.is_empty() {
        return Err(ApiError::because(40058, "userid is missing"));
    }
    if !moment.people.iter().any(|one| one == person) {
        return Err(ApiError::new(41061));
    }
    let published = moment.published.get(person).ok_or(ApiError::new(41062))?;
    let state = step.state();
    let echoes = |all: &[crate::sim::world::moment::Echo]| -> Vec<Value> {
        let key = |by: &str| if state.is_corp_member(by) { "userid" } else { "external_userid" };
        all.iter().map(|one| json!({key(&one.by): one.by, "create_time": one.at.as_second()})).collect()
    };
    let (comments, likes) = (echoes(&published.comments), echoes(&published.likes));
    Ok(Outcome::answering(json!({"comment_list": comments, "like_list": likes})))
}

fn find(step: &Step<'_>, request: &Request<'_>) -> Checked<Moment> {
    check_permission(request)?;
    let (id, now) = (text(&request.body, "moment_id")?, step.now());
    let moment = step.state().moments.get(id).filter(|moment| moment.is_made(now));
    moment.cloned().ok_or(ApiError::new(41060))
}
