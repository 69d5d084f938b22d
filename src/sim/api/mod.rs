//! The platform's API: the paths, limits and errcodes of wecom-send.md §2–§8, §10 and §12.
//!
//! A call is worked off under the world's lock by one function per path; only the waiting that a
//! planned [`Fault`] asks for is asynchronous. An answer is HTTP 200 with an errcode, as on the
//! platform. The simulator's own invention is the answer to a path it does not know: HTTP 404 with
//! errcode [`UNKNOWN_PATH`].

mod aibot;
mod appchat;
mod attachments;
mod card;
mod directory;
mod error;
mod fields;
mod groupchat;
mod join_way;
mod mass_send;
mod media;
mod message;
mod moment;
mod payload;
mod recipients;
mod token;
mod update;
mod webhook;
mod welcome;
mod welcome_template;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Map, Value, json};

use super::faults::Fault;
use super::world::{App, Change, Limit, Outbound, Step, World};
use error::{ApiError, Checked};

/// The errcode of a path that the simulator does not have.
pub const UNKNOWN_PATH: i64 = 404;
/// Longer than any client waits: the bot gives up after 10 s.
const HOLD: Duration = Duration::from_secs(60);
/// The largest upload is a file of 20 MB (wecom-send.md §12.1), plus its multipart frame.
const BODY_AT_MOST: usize = 21 * 1024 * 1024;
/// Per corp and path (wecom-send.md §2.3).
const CALLS: [Limit; 2] = [Limit::per_minute(10_000), Limit::per_hour(150_000)];

/// One HTTP request to the API.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub content_type: String,
    pub body: Bytes,
}

/// A call whose caller is known and whose body is read.
struct Request<'a> {
    call: &'a Call,
    /// The app behind the access token; none for paths that take no token.
    app: Option<App>,
    body: Value,
}

impl Request<'_> {
    /// The app behind the token, which the table of paths guarantees where it asks for one.
    fn app(&self) -> Checked<&App> {
        self.app.as_ref().ok_or(ApiError::new(41001))
    }

    fn query(&self, name: &str) -> &str {
        self.call.query.get(name).map_or("", String::as_str)
    }
}

/// What a successful call did.
#[derive(Debug, Default)]
struct Outcome {
    /// Fields of the answer beside errcode and errmsg.
    answer: Map<String, Value>,
    by: Option<String>,
    seen_by: Vec<String>,
    dropped: Option<String>,
}

impl Outcome {
    fn answering(answer: Value) -> Self {
        let Value::Object(answer) = answer else { unreachable!("answers are objects") };
        Self { answer, ..Self::default() }
    }
}

type Run = fn(&mut Step<'_>, &Request<'_>) -> Checked<Outcome>;

struct Endpoint {
    method: Method,
    path: &'static str,
    needs_token: bool,
    /// A question changes nothing and is not listed in `/sim/outbound`.
    asks: bool,
    run: Run,
}

const fn endpoint(method: Method, path: &'static str, run: Run) -> Endpoint {
    Endpoint { method, path, needs_token: true, asks: false, run }
}

impl Endpoint {
    const fn open(mut self) -> Self {
        self.needs_token = false;
        self
    }

    const fn question(mut self) -> Self {
        self.asks = true;
        self
    }
}

static ENDPOINTS: [Endpoint; 40] = [
    endpoint(Method::GET, "/cgi-bin/gettoken", token::get).open().question(),
    endpoint(Method::GET, "/cgi-bin/getcallbackip", token::callback_addresses).question(),
    endpoint(Method::POST, "/cgi-bin/message/send", message::send),
    endpoint(Method::POST, "/cgi-bin/message/update_template_card", update::card),
    endpoint(Method::POST, "/cgi-bin/message/recall", update::recall),
    endpoint(Method::POST, "/cgi-bin/appchat/create", appchat::create),
    endpoint(Method::POST, "/cgi-bin/appchat/update", appchat::update),
    endpoint(Method::GET, "/cgi-bin/appchat/get", appchat::get).question(),
    endpoint(Method::POST, "/cgi-bin/appchat/send", appchat::send),
    endpoint(Method::POST, "/cgi-bin/webhook/send", webhook::send).open(),
    endpoint(Method::POST, "/cgi-bin/webhook/upload_media", webhook::upload).open(),
    endpoint(Method::POST, "/cgi-bin/aibot/response", aibot::respond).open(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/groupchat/list", groupchat::list).question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/groupchat/get", groupchat::get).question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/groupchat/add_join_way", join_way::add),
    endpoint(Method::POST, "/cgi-bin/externalcontact/groupchat/get_join_way", join_way::get).question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/groupchat/update_join_way", join_way::update),
    endpoint(Method::POST, "/cgi-bin/externalcontact/groupchat/del_join_way", join_way::delete),
    endpoint(Method::POST, "/cgi-bin/externalcontact/send_welcome_msg", welcome::send),
    endpoint(Method::POST, "/cgi-bin/externalcontact/add_msg_template", mass_send::add),
    endpoint(Method::POST, "/cgi-bin/externalcontact/remind_groupmsg_send", mass_send::remind),
    endpoint(Method::POST, "/cgi-bin/externalcontact/cancel_groupmsg_send", mass_send::cancel),
    endpoint(Method::POST, "/cgi-bin/externalcontact/get_groupmsg_list_v2", mass_send::listed).question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/get_groupmsg_task", mass_send::tasks).question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/get_groupmsg_send_result", mass_send::results)
        .question(),
    endpoint(Method::POST, "/cgi-bin/media/upload", media::upload),
    endpoint(Method::POST, "/cgi-bin/media/uploadimg", media::upload_picture),
    endpoint(Method::POST, "/cgi-bin/media/upload_attachment", media::upload_attachment),
    endpoint(Method::POST, "/cgi-bin/externalcontact/group_welcome_template/add", welcome_template::add),
    endpoint(Method::POST, "/cgi-bin/externalcontact/group_welcome_template/edit", welcome_template::edit),
    endpoint(Method::POST, "/cgi-bin/externalcontact/group_welcome_template/get", welcome_template::get)
        .question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/group_welcome_template/del", welcome_template::delete),
    endpoint(Method::POST, "/cgi-bin/externalcontact/add_moment_task", moment::add),
    endpoint(Method::GET, "/cgi-bin/externalcontact/get_moment_task_result", moment::job).question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/cancel_moment_task", moment::cancel),
    endpoint(Method::POST, "/cgi-bin/externalcontact/get_moment_list", moment::listed).question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/get_moment_task", moment::tasks).question(),
    endpoint(Method::POST, "/cgi-bin/externalcontact/get_moment_comments", moment::comments).question(),
    endpoint(Method::GET, "/cgi-bin/department/list", directory::departments).question(),
    endpoint(Method::GET, "/cgi-bin/user/simplelist", directory::members).question(),
];

/// The API's routes.
pub fn router() -> Router<World> {
    Router::new().route("/cgi-bin/{*path}", any(handle)).layer(DefaultBodyLimit::max(BODY_AT_MOST))
}

async fn handle(
    State(world): State<World>,
    method: Method,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let call = Call {
        method,
        path: uri.path().to_owned(),
        query,
        content_type: content_type.unwrap_or_default().to_owned(),
        body,
    };
    let answer = world.call(&call);
    let Some(answer) = answer else {
        tokio::select! {
            () = tokio::time::sleep(HOLD) => {}
            () = world.stopped() => {}
        }
        return StatusCode::GATEWAY_TIMEOUT.into_response();
    };
    let status = if answer["errcode"] == UNKNOWN_PATH { StatusCode::NOT_FOUND } else { StatusCode::OK };
    (status, axum::Json(answer)).into_response()
}

/// Whether the simulator has this path.
pub fn knows(path: &str) -> bool {
    ENDPOINTS.iter().any(|endpoint| endpoint.path == path)
}

impl World {
    /// Works off one call. `None`: a planned fault keeps the answer back.
    pub fn call(&self, call: &Call) -> Option<Value> {
        let Some(endpoint) = ENDPOINTS.iter().find(|endpoint| endpoint.path == call.path) else {
            return Some(json!({"errcode": UNKNOWN_PATH, "errmsg": "the simulator does not have this path"}));
        };
        let fault = self.faults().next(&call.path);
        self.step(|step| {
            let (answer, outbound) = answer(step, endpoint, call, fault);
            if !endpoint.asks {
                step.make(Change::Called(Box::new(outbound)));
            }
            answer
        })
    }
}

fn answer(
    step: &mut Step<'_>,
    endpoint: &Endpoint,
    call: &Call,
    fault: Option<Fault>,
) -> (Option<Value>, Outbound) {
    let mut outbound = Outbound {
        n: step.number(),
        at: step.now(),
        path: call.path.clone(),
        by: None,
        body: readable(call),
        errcode: None,
        seen_by: Vec::new(),
        dropped: None,
    };
    let result = match fault {
        Some(Fault::Timeout) => Err(None),
        Some(fault) if fault.errcode().is_some() => Err(fault.errcode().map(ApiError::new)),
        _ => perform(step, endpoint, call).map_err(Some),
    };
    let answer = match result {
        Ok(outcome) => {
            let mut answer = json!({"errcode": 0, "errmsg": "ok"});
            answer.as_object_mut().into_iter().for_each(|answer| answer.extend(outcome.answer.clone()));
            outbound.by = outcome.by;
            outbound.seen_by = outcome.seen_by;
            outbound.dropped = outcome.dropped;
            Some(answer)
        }
        Err(error) => {
            outbound.dropped =
                Some(error.as_ref().map_or_else(|| "fault: timeout".into(), ApiError::to_string));
            error.map(|error| error.answer())
        }
    };
    let answer = if fault == Some(Fault::LostAnswer) { None } else { answer };
    outbound.errcode = answer.as_ref().and_then(|answer| answer["errcode"].as_i64());
    (answer, outbound)
}

fn perform(step: &mut Step<'_>, endpoint: &Endpoint, call: &Call) -> Checked<Outcome> {
    if call.method != endpoint.method {
        return Err(ApiError::because(40035, format!("{} is needed", endpoint.method)));
    }
    if step.state().calls.exhausted(endpoint.path, &CALLS, step.now(), 1) {
        return Err(ApiError::new(45009));
    }
    step.book_call(endpoint.path);
    let app = if endpoint.needs_token { Some(token::check(step, call)?) } else { None };
    let multipart = call.content_type.starts_with("multipart/form-data");
    let body = match endpoint.method {
        Method::GET => Value::Null,
        _ if multipart => Value::Null,
        _ => fields::read_json(&call.body)?,
    };
    let by = app.as_ref().map(|app| format!("app:{}", app.id));
    let mut outcome = (endpoint.run)(step, &Request { call, app, body })?;
    outcome.by = outcome.by.or(by);
    Ok(outcome)
}

/// Checks a smart robot's card by the same rules as the app's.
///
/// # Errors
/// The field that is wrong.
pub(super) fn check_card(card: &Value) -> Result<(), String> {
    card::check(card, payload::Surface::Message).map_err(|error| error.to_string())
}

/// The body as `/sim/outbound` shows it: JSON as it came, uploads and inline images by their size alone.
fn readable(call: &Call) -> Value {
    if call.content_type.starts_with("multipart/form-data") {
        return json!({"upload_bytes": call.body.len()});
    }
    let mut body = serde_json::from_slice(&call.body)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&call.body)));
    if let Some(image) = body.pointer_mut("/image/base64") {
        *image = json!({"characters": image.as_str().map(str::len)});
    }
    body
}

#[cfg(test)]
mod tests;
