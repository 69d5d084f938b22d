//! The door for whoever runs the bot: a Unix socket in the data folder, for commands of the same
//! machine and user. What is asked here becomes an event of [`Ear::Operator`] and goes through the
//! intake like everything else: durable and decided when it is answered.
//!
//! Every request is `POST /NAME` with a JSON body; every answer is an [`Answer`] in JSON, whatever the
//! status. A new command adds a route here and calls it with [`call`].

use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::{UnixListener, UnixStream};

use super::{Acceptor, Refused};
use crate::clock::Clock;
use crate::decision::{Act, Action, Case, Ear, Event, EventKey, EventKind, MemberId, Reason, Ruling};
use crate::perception::Signals;
use crate::store::{JournalEntry, Reader};

/// The socket's file inside the data folder.
pub const SOCKET: &str = "control.sock";
/// A request names a message and a person.
const BODY_AT_MOST: usize = 64 * 1024;
/// A decision takes milliseconds; a bot that does not answer for so long is stuck.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// Take back what a message brought its sender.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pardon {
    /// A message id or an event key, as `zhanggui why` takes it.
    pub id: String,
    /// Who says so: a userid.
    pub by: String,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// It was done, or had been done before.
    pub done: bool,
    /// For the person who asked, Chinese.
    pub told: String,
}

/// The house behind the door.
pub struct Control<A> {
    pub acceptor: A,
    pub reader: Reader,
    pub clock: Clock,
}

/// Why a command reached nobody.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("no bot listens on {path}: {source}")]
    NotRunning { path: PathBuf, source: io::Error },
    #[error("the bot did not answer: {0}")]
    NoAnswer(String),
}

/// Opens the socket, mode 0600 from its first moment. What a dead process left behind is replaced:
/// the caller holds the data folder's lock, so nobody alive listens there.
pub fn open(data: &Path) -> io::Result<UnixListener> {
    // Nobody else can reach into this folder while the socket gets its mode.
    let nursery = data.join(format!("{SOCKET}.new"));
    match std::fs::remove_dir_all(&nursery) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => std::fs::DirBuilder::new().mode(0o700).create(&nursery)?,
    }
    let newborn = nursery.join("s");
    let listener = UnixListener::bind(&newborn)?;
    std::fs::set_permissions(&newborn, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&newborn, data.join(SOCKET))?;
    std::fs::remove_dir(&nursery)?;
    Ok(listener)
}

/// Serves until `stop` completes, then removes the socket.
pub async fn serve<A: Acceptor>(
    listener: UnixListener,
    data: PathBuf,
    control: Control<A>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let served = axum::serve(listener, router(Arc::new(control))).with_graceful_shutdown(stop).await;
    if let Err(error) = served {
        tracing::error!(%error, "the control socket ended");
    }
    if let Err(error) = std::fs::remove_file(data.join(SOCKET)) {
        tracing::warn!(%error, "the control socket could not be removed; the next start replaces it");
    }
}

fn router<A: Acceptor>(control: Arc<Control<A>>) -> Router {
    Router::new()
        .route("/pardon", post(pardon::<A>))
        .route("/learn", post(learning::learn::<A>))
        .route("/rollback", post(learning::go_back::<A>))
        .route("/schedule", post(schedules::order::<A>))
        .route("/cascade", post(cascades::ask::<A>))
        .route("/join-code", post(join_codes::order::<A>))
        .route("/moment", post(moments::ask::<A>))
        .route("/welcome-library", post(welcome_library::ask::<A>))
        .route("/campaign", post(campaigns::order::<A>))
        .layer(DefaultBodyLimit::max(BODY_AT_MOST))
        .with_state(control)
}

async fn pardon<A: Acceptor>(State(control): State<Arc<Control<A>>>, Json(asked): Json<Pardon>) -> Response {
    let (reader, id) = (control.reader.clone(), asked.id.clone());
    let found = tokio::task::spawn_blocking(move || reader.why(&id)).await;
    let entries = match found {
        Ok(Ok(entries)) => entries,
        Ok(Err(error)) => {
            tracing::error!(%error, "the journal could not be read for a pardon");
            return answer(StatusCode::INTERNAL_SERVER_ERROR, false, "读不了处理记录，请看日志".to_owned());
        }
        Err(_) => return refused(Refused::Stopping),
    };
    let mut messages = entries.iter().filter_map(ruling);
    let (Some(ruling), None) = (messages.next(), messages.next()) else {
        let told = if entries.is_empty() {
            format!("没有找到 {}：机器人没有听到它，或者已过保存期", asked.id)
        } else {
            format!("{} 不是一条群消息，或者对得上好几条；请用 zhanggui why 里的事件键", asked.id)
        };
        return answer(StatusCode::NOT_FOUND, false, told);
    };
    let event = event(&control.clock, ruling, &asked.by);
    match control.acceptor.accept(event, Signals::default()).await {
        Ok(accepted) if accepted.repeat => {
            answer(StatusCode::OK, true, "这条已经撤销过，不再重复".to_owned())
        }
        Ok(_) => answer(StatusCode::OK, true, "已撤销。怎么处理的，看 zhanggui why".to_owned()),
        Err(why) => refused(why),
    }
}

/// What a pardon says about a message in a group; `None` when it is none.
fn ruling(entry: &JournalEntry) -> Option<Ruling> {
    let case = Case::of(&entry.event, "")?;
    let actions = || entry.actions.iter().map(|action| &action.action);
    let told = |action: &Action| action.case.is_some() && matches!(action.act, Act::Post { .. });
    let task = actions().find_map(|action| action.task.clone());
    Some(Ruling { case, honest: true, public: task.is_some() || actions().any(told), task })
}

/// One verdict of this kind for one message: a second is the same event.
fn event(clock: &Clock, ruling: Ruling, by: &str) -> Event {
    Event {
        key: EventKey::new(format!("pardon:{}", ruling.case.message)),
        at: clock.now(),
        ear: Ear::Operator,
        via: "control".into(),
        group: Some(ruling.case.group.clone()),
        from: Some(MemberId::from(by)),
        kind: EventKind::Ruled(Box::new(ruling)),
        raw: None,
    }
}

/// Accepts the event, and answers with what was decided about it: the reasons of this feature, which say it in
/// words. Those with one of the codes in `done` mean that it is so now.
async fn decided<A: Acceptor>(control: &Control<A>, event: Event, feature: &str, done: &[&str]) -> Response {
    let key = event.key.to_string();
    if let Err(why) = control.acceptor.accept(event, Signals::default()).await {
        return refused(why);
    }
    let reader = control.reader.clone();
    let entry = tokio::task::spawn_blocking(move || reader.entry(&key)).await;
    let reasons = match entry {
        Ok(Ok(entry)) => entry.map(|entry| entry.reasons).unwrap_or_default(),
        Ok(Err(error)) => {
            tracing::error!(%error, "what became of a request could not be read");
            let told = "已经收下，但读不了处理记录，请看日志".to_owned();
            return answer(StatusCode::INTERNAL_SERVER_ERROR, false, told);
        }
        Err(_) => return refused(Refused::Stopping),
    };
    let ours: Vec<&Reason> = reasons.iter().filter(|reason| reason.feature == feature).collect();
    let done = ours.iter().any(|reason| done.contains(&&*reason.code));
    let told = ours.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("；");
    answer(if done { StatusCode::OK } else { StatusCode::NOT_FOUND }, done, told)
}

fn refused(why: Refused) -> Response {
    let told = match why {
        Refused::Full => "机器人正忙，请稍后再试",
        Refused::Stopping => "机器人正在停止，启动以后再试",
        Refused::Storage => "没能存下来，请看日志里的原因",
    };
    answer(StatusCode::SERVICE_UNAVAILABLE, false, told.to_owned())
}

fn answer(status: StatusCode, done: bool, told: String) -> Response {
    (status, Json(Answer { done, told })).into_response()
}

/// Asks the bot that works in this data folder.
pub async fn call<T: Serialize>(data: &Path, name: &str, request: &T) -> Result<Answer, CallError> {
    let path = data.join(SOCKET);
    let stream = UnixStream::connect(&path).await;
    let stream = stream.map_err(|source| CallError::NotRunning { path, source })?;
    let no_answer = |error: &dyn std::fmt::Display| CallError::NoAnswer(error.to_string());
    let body = serde_json::to_vec(request).map_err(|error| no_answer(&error))?;
    let asked = ask(stream, name, body);
    let answered = tokio::time::timeout(ANSWERED_WITHIN, asked).await.map_err(|error| no_answer(&error))?;
    answered.map_err(|error| no_answer(&error))
}

async fn ask(stream: UnixStream, name: &str, body: Vec<u8>) -> anyhow::Result<Answer> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = axum::http::Request::post(format!("/{name}"))
        .header(HOST, "control")
        .header(CONTENT_TYPE, "application/json")
        .body(axum::body::Body::from(body))?;
    // Ends by itself when the sender is dropped.
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let body = axum::body::to_bytes(axum::body::Body::new(response.into_body()), BODY_AT_MOST).await?;
    drop(sender);
    connection.await??;
    Ok(serde_json::from_slice(&body)?)
}

mod campaigns;
mod cascades;
mod join_codes;
mod learning;
mod moments;
mod schedules;
mod welcome_library;

pub use campaigns::OrderCampaign;
pub use cascades::AskCascade;
pub use join_codes::OrderJoinCode;
pub use learning::{GoBack, Learn};
pub use moments::AskMoment;
pub use schedules::OrderSchedule;
pub use welcome_library::{AskWelcomeLibrary, LibraryRequest};

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::decision::{Change, Content, GroupId, Message, Verdict};
    use crate::store::{Accepted, Course, NewEvent, Writer};

    /// Remembers what it accepted; courses become durable.
    #[derive(Clone)]
    struct House {
        events: Arc<Mutex<Vec<Event>>>,
        writer: Arc<Mutex<Writer>>,
    }

    impl Acceptor for House {
        async fn accept(&self, event: Event, _signals: Signals) -> Result<Accepted, Refused> {
            let mut events = self.events.lock().expect("no panic");
            let repeat = events.iter().any(|known| known.key == event.key);
            events.push(event);
            Ok(Accepted { repeat, answer: None })
        }

        async fn set_course(&self, course: Course) -> Result<(), Refused> {
            let now = Clock::system().now();
            let mut writer = self.writer.lock().expect("no panic");
            writer.commit(|batch| batch.add_course(&course, now)).map_err(|_| Refused::Storage)
        }

        async fn archive_cursor(&self, _corp: &str) -> Result<u64, Refused> {
            Ok(0)
        }

        async fn set_archive_cursor(&self, _corp: &str, _seq: u64) -> Result<(), Refused> {
            Ok(())
        }
    }

    fn said(id: &str) -> Event {
        let message = Message { id: id.into(), content: Content::text("兼职日结"), ..Message::default() };
        Event {
            key: EventKey::new(format!("archive:ww1/{id}")),
            at: Clock::system().now(),
            ear: Ear::Archive,
            via: "ww1".into(),
            group: Some(GroupId::from("wr-1")),
            from: Some(MemberId::from("wu.ming")),
            kind: EventKind::Message(Box::new(message)),
            raw: None,
        }
    }

    fn pardon_of(id: &str) -> Pardon {
        Pardon { id: id.into(), by: "lin.yun".into() }
    }

    /// A bot's door in this folder.
    struct Door {
        house: House,
        reader: Reader,
        stop: tokio::sync::oneshot::Sender<()>,
        serving: tokio::task::JoinHandle<()>,
    }

    impl Door {
        fn open(data: &Path, writer: Writer, reader: &Reader) -> Self {
            let listener = open(data).expect("replaces what a dead process left");
            let house = House { events: Arc::default(), writer: Arc::new(Mutex::new(writer)) };
            let control = Control { acceptor: house.clone(), reader: reader.clone(), clock: Clock::system() };
            let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
            let serving = tokio::spawn(serve(listener, data.to_owned(), control, async {
                let _ = stopped.await;
            }));
            Self { house, reader: reader.clone(), stop, serving }
        }

        async fn close(self) {
            self.stop.send(()).expect("it runs");
            self.serving.await.expect("it ends");
        }
    }

    #[tokio::test]
    async fn a_pardon_becomes_one_event_and_the_socket_goes_with_the_bot() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        let (mut writer, reader) = crate::store::open(data).expect("opens");
        let (event, signals, heard_at) = (said("m1"), Signals::default(), Clock::system().now());
        let new =
            NewEvent { event: &event, signals: &signals, reasons: &[], actions: &[], heard_at, rules: "" };
        writer.commit(|batch| batch.add_event(&new)).expect("stored");
        let missing = call(data, "pardon", &pardon_of("m1")).await;
        assert!(matches!(missing, Err(CallError::NotRunning { .. })), "{missing:?}");

        std::fs::write(data.join(SOCKET), "left behind").expect("written");
        let door = Door::open(data, writer, &reader);
        let mode = std::fs::metadata(data.join(SOCKET)).expect("a socket").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let first = call(data, "pardon", &pardon_of("m1")).await.expect("answered");
        let again = call(data, "pardon", &pardon_of("archive:ww1/m1")).await.expect("answered");
        let unknown = call(data, "pardon", &pardon_of("m2")).await.expect("answered");
        assert_eq!((first.done, again.done, unknown.done), (true, true, false));
        assert!(
            again.told.contains("不再重复") && unknown.told.contains("没有找到"),
            "{again:?} {unknown:?}"
        );
        {
            let events = door.house.events.lock().expect("no panic");
            assert_eq!((events.len(), &events[0].key), (2, &events[1].key), "two requests, one event");
            let EventKind::Ruled(ruling) = &events[0].kind else { panic!("{:?}", events[0]) };
            assert_eq!((ruling.honest, ruling.case.text.as_str()), (true, "兼职日结"));
            assert_eq!((events[0].ear, events[0].from.as_ref()), (Ear::Operator, Some(&"lin.yun".into())));
        }
        door.close().await;
        assert!(!data.join(SOCKET).exists(), "the socket goes with the bot");
    }

    #[tokio::test]
    async fn learning_and_going_back_are_courses_each_with_a_version() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        let (mut writer, reader) = crate::store::open(data).expect("opens");
        let verdict = |number: u32| Verdict {
            message: EventKey::new(format!("m{number}")),
            message_text: "兼职日结".into(),
            honest: false,
            teacher: "lin.yun".into(),
            group: GroupId::from("wr-1"),
            at: Clock::system().now(),
        };
        let given = [1, 2, 3].map(|number| Change::Verdict(Box::new(verdict(number))));
        writer.commit(|batch| given.iter().try_for_each(|change| batch.apply(change))).expect("stored");
        let door = Door::open(data, writer, &reader);
        let by = || "lin.yun".to_owned();
        let learned = call(data, "learn", &Learn { settled_to: 2, by: by() }).await.expect("answered");
        let unknown = call(data, "rollback", &GoBack { version: 7, by: by() }).await.expect("answered");
        let back = call(data, "rollback", &GoBack { version: 0, by: by() }).await.expect("answered");
        let again = call(data, "rollback", &GoBack { version: 1, by: by() }).await.expect("answered");
        assert_eq!((learned.done, unknown.done, back.done, again.done), (true, false, true, true));
        assert!(unknown.told.contains("没有这个版本"), "{unknown:?}");
        let course = |settled_to, open_from, back_to| Course { settled_to, open_from, by: by(), back_to };
        let courses: Vec<_> =
            door.reader.courses().expect("read").into_iter().map(|(_, _, course)| course).collect();
        // Who learned while a third verdict came lets it count as it comes; who goes back leaves it out.
        assert_eq!(courses, [course(2, 2, None), course(0, 3, Some(0)), course(2, 3, Some(1))]);
        assert_eq!(reader.course().expect("read"), (3, course(2, 3, Some(1))));
        door.close().await;
    }
}
