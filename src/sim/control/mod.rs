//! The control API under `/sim`: a tester plays the people, moves the clock, orders failures and
//! looks at what the platform was sent.
//!
//! JSON in and out; a request that can't be done answers 400, 404, 409 or 503 with
//! `{"error": "…"}`. It is not part of the platform and knows no passwords: loopback only.
//!
//! | request | body → answer |
//! | --- | --- |
//! | `GET /sim/state` | → `{corp_id, now, offset_seconds, groups, people, bots, apps, week}` |
//! | `POST /sim/groups` | `{name, kind, owner, members, archived}` → `{chat_id}` |
//! | `GET /sim/groups/{chat}` | → `{chat_id, name, kind, owner, notice, members, messages}` |
//! | `PATCH /sim/groups/{chat}` | `{name?, owner?, notice?, dismiss?}` → `{}` |
//! | `POST /sim/groups/{chat}/messages` | `{from, kind="text", content, mention_bot=false}` → `{msgid, at}` |
//! | `DELETE /sim/groups/{chat}/messages/{msgid}` | taken back by its sender → `{msgid, at}` |
//! | `POST /sim/groups/{chat}/members` | `{id, name?, scene=invited\|link\|qr-code, invitor?}` → the member |
//! | `DELETE /sim/groups/{chat}/members/{id}` | removed by the owner, `?left=true` by themselves → `{}` |
//! | `POST /sim/private/{user}/messages` | `{to: "app:ID"\|"bot:ID", kind="text", content}` → `{msgid, at}` |
//! | `POST /sim/private/{user}/open` | `{to}`: opens the window (enter_agent, enter_chat) → `{}` |
//! | `GET /sim/private/{user}` | → `{messages}` |
//! | `POST /sim/contacts` | `{member, customer, state?}`: a member adds a customer → `{welcome_code}` |
//! | `POST /sim/cards/{id}/tap` | `{user, button, selected?: {question: [option]}}` → `{}` |
//! | `GET /sim/mass-sends` | → `{items}`: waiting, sent and cancelled, the latest first |
//! | `POST /sim/mass-sends` | `{sender, chats, content, times=1}`: an owner's own mass send, at once → `{}` |
//! | `POST /sim/mass-sends/{msgid}/confirm` | the owner taps 发送 → `{results: {chat: sent\|full}}` |
//! | `GET /sim/join-codes` | → `{items}`: every join code with its groups |
//! | `POST /sim/join-codes/{config_id}/join` | `{id, name?}`: scans it → `{chat_id, …the member}` |
//! | `GET /sim/join-codes/{config_id}/qr.png` | → the picture to scan |
//! | `GET /sim/welcome-templates` | → `{items}`: the corp's library of group welcomes |
//! | `GET /sim/moments` | → `{items}`: the corp's moments, the latest first |
//! | `POST /sim/moments/{id}/publish` | `{user}`: a member taps 发表 → `{at}` |
//! | `POST /sim/moments/{id}/like` | `{user, by}`: somebody likes what the member published → `{}` |
//! | `POST /sim/moments/{id}/comment` | `{user, by}` → `{}` |
//! | `GET /sim/media/{id}` | → the image that was uploaded under this id |
//! | `POST /sim/clock` | `{advance: "30m"}` or `{set: "2026-11-22T08:00:00+08:00"}` → `{now}` |
//! | `POST /sim/week` | `{takes="60s"}`: plays a week of the store's group → `{chat_id, owner, from, until}` |
//! | `DELETE /sim/week` | stops it where it is → `{}` |
//! | `POST /sim/archive` | `{delay: "3s"}`: how late the archive is from now on → `{}` |
//! | `POST /sim/faults` | `{path, fault, times=1}` → `{}`; see [`super::faults::Fault`] |
//! | `DELETE /sim/faults` | → `{}` |
//! | `GET /sim/outbound?after=N` | everything the platform was asked to do → `{items}` |
//! | `GET /sim/callbacks?after=N` | how callbacks and archive batches went → `{items, waiting}` |
//! | `POST /sim/verify` | checks every callback address by GET (§1.2) → `{results}` |
//! | `GET /sim/stream` | SSE: `event: change`, data `{what: group\|members\|private\|clock\|week, id}` |
//!
//! After `event: lagged` a reader of the stream has missed changes and reads everything again.

mod join_codes;
mod look;
mod request;
mod stream;
mod week;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::callbacks::Address;
use super::faults::Planned;
use super::people::{self, GroupEdit, NewGroup, Newcomer};
use super::refusal::Refusal;
use super::transport::{Http, Transport};
use super::world::callback::Target;
use super::world::{Change, World};
use request::{
    AfterQuery, CardTap, ClockMove, Contact, Delay, Echoing, GroupSaying, LeaveQuery, Opening, PrivateSaying,
    Publishing, read,
};

type Answer = Result<axum::Json<Value>, Refusal>;

fn ok(value: impl serde::Serialize) -> Answer {
    serde_json::to_value(value).map(axum::Json).map_err(|error| Refusal::Invalid(error.to_string()))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Full(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, axum::Json(json!({"error": self.to_string()}))).into_response()
    }
}

/// The control API's routes.
pub fn router() -> Router<World> {
    Router::new()
        .route("/sim/state", get(look::state))
        .route("/sim/groups", post(make_group))
        .route("/sim/groups/{chat}", get(look::group).patch(change_group))
        .route("/sim/groups/{chat}/messages", post(say))
        .route("/sim/groups/{chat}/messages/{msgid}", delete(recall))
        .route("/sim/groups/{chat}/members", post(join))
        .route("/sim/groups/{chat}/members/{id}", delete(leave))
        .route("/sim/private/{user}", get(look::private))
        .route("/sim/private/{user}/messages", post(tell))
        .route("/sim/private/{user}/open", post(open))
        .route("/sim/contacts", post(add_contact))
        .route("/sim/cards/{id}/tap", post(tap))
        .route("/sim/mass-sends", get(look::mass_sends).post(send_own))
        .route("/sim/mass-sends/{msgid}/confirm", post(confirm))
        .route("/sim/join-codes", get(join_codes::all))
        .route("/sim/join-codes/{config_id}/join", post(join_codes::join))
        .route("/sim/join-codes/{config_id}/qr.png", get(join_codes::picture))
        .route("/sim/welcome-templates", get(look::welcome_templates))
        .route("/sim/moments", get(look::moments))
        .route("/sim/moments/{id}/publish", post(publish))
        .route("/sim/moments/{id}/like", post(like))
        .route("/sim/moments/{id}/comment", post(comment))
        .route("/sim/media/{id}", get(look::picture))
        .route("/sim/clock", post(move_clock))
        .route("/sim/week", post(week::begin).delete(week::stop))
        .route("/sim/archive", post(delay_archive))
        .route("/sim/faults", post(plan_fault).delete(clear_faults))
        .route("/sim/outbound", get(look::outbound))
        .route("/sim/callbacks", get(look::callbacks))
        .route("/sim/verify", post(verify))
        .route("/sim/stream", get(stream::stream))
}

async fn make_group(State(world): State<World>, body: Bytes) -> Answer {
    let new: NewGroup = read(&body)?;
    let chat_id = world.step(|step| people::make_group(step, new))?;
    ok(json!({"chat_id": chat_id}))
}

async fn change_group(State(world): State<World>, Path(chat): Path<String>, body: Bytes) -> Answer {
    let edit: GroupEdit = read(&body)?;
    world.step(|step| people::change_group(step, &chat, edit))?;
    ok(json!({}))
}

async fn say(State(world): State<World>, Path(chat): Path<String>, body: Bytes) -> Answer {
    let GroupSaying { from, kind, content, mention_bot } = read(&body)?;
    let content = super::content::Content::read(&kind, content)?;
    ok(world.step(|step| people::say(step, &chat, &from, content, mention_bot))?)
}

async fn recall(State(world): State<World>, Path((chat, msgid)): Path<(String, String)>) -> Answer {
    ok(world.step(|step| people::recall(step, &chat, &msgid))?)
}

async fn join(State(world): State<World>, Path(chat): Path<String>, body: Bytes) -> Answer {
    let newcomer: Newcomer = read(&body)?;
    ok(world.step(|step| people::join(step, &chat, newcomer))?)
}

async fn leave(
    State(world): State<World>,
    Path((chat, id)): Path<(String, String)>,
    Query(query): Query<LeaveQuery>,
) -> Answer {
    world.step(|step| people::leave(step, &chat, &id, query.left))?;
    ok(json!({}))
}

async fn tell(State(world): State<World>, Path(user): Path<String>, body: Bytes) -> Answer {
    let PrivateSaying { to, kind, content } = read(&body)?;
    let content = super::content::Content::read(&kind, content)?;
    ok(world.step(|step| people::tell(step, &user, &to, content))?)
}

async fn open(State(world): State<World>, Path(user): Path<String>, body: Bytes) -> Answer {
    let Opening { to } = read(&body)?;
    world.step(|step| people::open_window(step, &user, &to))?;
    ok(json!({}))
}

async fn add_contact(State(world): State<World>, body: Bytes) -> Answer {
    let Contact { member, customer, state } = read(&body)?;
    let code = world.step(|step| people::add_contact(step, &member, &customer, &state))?;
    ok(json!({"welcome_code": code}))
}

async fn tap(State(world): State<World>, Path(card): Path<String>, body: Bytes) -> Answer {
    let CardTap { user, button, selected } = read(&body)?;
    let selected: Vec<_> = selected.into_iter().collect();
    world.step(|step| people::tap(step, &card, &user, &button, &selected))?;
    ok(json!({}))
}

async fn confirm(State(world): State<World>, Path(msgid): Path<String>) -> Answer {
    ok(world.step(|step| people::confirm(step, &msgid))?)
}

async fn send_own(State(world): State<World>, body: Bytes) -> Answer {
    let own: people::OwnMassSend = read(&body)?;
    world.step(|step| people::send_own(step, &own))?;
    ok(json!({}))
}

async fn publish(State(world): State<World>, Path(id): Path<String>, body: Bytes) -> Answer {
    let Publishing { user } = read(&body)?;
    ok(world.step(|step| people::publish(step, &id, &user))?)
}

async fn like(world: State<World>, id: Path<String>, body: Bytes) -> Answer {
    echo(world, id, &body, people::EchoKind::Like)
}

async fn comment(world: State<World>, id: Path<String>, body: Bytes) -> Answer {
    echo(world, id, &body, people::EchoKind::Comment)
}

fn echo(State(world): State<World>, Path(id): Path<String>, body: &Bytes, kind: people::EchoKind) -> Answer {
    let Echoing { user, by } = read(body)?;
    ok(world.step(|step| people::echo(step, &id, &user, &by, kind))?)
}

async fn move_clock(State(world): State<World>, body: Bytes) -> Answer {
    if world.playing().borrow().is_on() {
        return Err(Refusal::Conflict("正在放一周，时钟自己在走；先停下，再拨钟".into()));
    }
    match read(&body)? {
        ClockMove { advance: Some(span), set: None } => {
            world.move_clock(world.clock().offset() + request::duration(&span)?);
        }
        ClockMove { advance: None, set: Some(moment) } => {
            let moment: Timestamp =
                moment.parse().map_err(|error| Refusal::Invalid(format!("set 不是一个时刻：{error}")))?;
            world.set_clock(moment);
        }
        _ => return Err(Refusal::Invalid("写 advance 或 set，二者取一".into())),
    }
    ok(json!({"now": world.clock().now()}))
}

async fn delay_archive(State(world): State<World>, body: Bytes) -> Answer {
    let Delay { delay } = read(&body)?;
    let delay: SignedDuration = request::duration(&delay)?;
    let delay_ms = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
    world.step(|step| step.make(Change::ArchiveDelayed { delay_ms }));
    ok(json!({}))
}

async fn plan_fault(State(world): State<World>, body: Bytes) -> Answer {
    let planned: Planned = read(&body)?;
    if !super::api::knows(&planned.path) {
        return Err(Refusal::Invalid(format!("模拟平台没有接口 {}", planned.path)));
    }
    world.faults().plan(planned);
    ok(json!({}))
}

async fn clear_faults(State(world): State<World>) -> Answer {
    world.faults().clear();
    ok(json!({}))
}

/// What happens when an admin saves a callback address in the console: the platform asks it to
/// decrypt an echo.
async fn verify(State(world): State<World>) -> Answer {
    let transport = Http::new().map_err(|error| Refusal::Conflict(error.to_string()))?;
    let targets: Vec<Target> = world.read(|state| {
        let apps = state.apps.iter().map(|app| Target::App(app.id.clone()));
        let robots = state.robots.iter().map(|robot| Target::Robot(robot.id.clone()));
        apps.chain(robots).chain(state.aibots.iter().map(|robot| Target::Aibot(robot.id.clone()))).collect()
    });
    let mut results = Vec::new();
    for target in targets {
        let Some(address) = world.read(|state| Address::of(state, &target)) else { continue };
        let (request, echo) = address.verification(world.clock().now());
        let why = match transport.send(request).await {
            Ok((200, body)) if body == echo => String::new(),
            Ok((200, body)) => format!("expected {echo:?}, got {body:?}"),
            Ok((status, _)) => format!("status {status}"),
            Err(why) => why,
        };
        results.push(json!({"kind": target.kind(), "id": target.id(), "url": address.url,
            "ok": why.is_empty(), "why": why}));
    }
    ok(json!({"results": results}))
}
