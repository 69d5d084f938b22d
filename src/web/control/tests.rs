use std::sync::Mutex;

use super::*;
use crate::decision::{
    Change, Content, Ear, Event, EventKey, EventKind, GroupId, MemberId, Message, Verdict,
};
use crate::perception::Signals;
use crate::store::{Accepted, Course, NewEvent, Refused, Writer};

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
    let new = NewEvent {
        event: &event,
        signals: &signals,
        changes: &[],
        reasons: &[],
        actions: &[],
        heard_at,
        rules: "",
    };
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
    assert!(again.told.contains("不再重复") && unknown.told.contains("没有找到"), "{again:?} {unknown:?}");
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
