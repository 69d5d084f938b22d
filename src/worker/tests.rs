//! The loops on real parts: the lane over a database in a folder, delivery against a platform on
//! loopback that answers as scripted, a clock that is moved.

mod delivery;
mod join_codes;
mod lane;
mod learning;
mod planning;
mod posts;
mod ticker;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::intake::{Bells, Intake, Watch};
use super::learning::Shared;
use crate::clock::Clock;
use crate::decision::{Content, Ear, Event, EventKey, EventKind, GroupId, MemberId, MemberState, Message};
use crate::files::folder;
use crate::perception::Signals;
use crate::perception::learned::Learned;
use crate::rules::{GroupEar, GroupMatch, GroupRule, Hand, Rulebook, compile};
use crate::store::{self, Accepted, Reader, Refused};

/// The longest that a test waits for something.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A dealers' group: heard by the group robot, reached by the app, its push robot and its owner.
const GROUP: &str = "wrTest";
const AD: &str = "兼职日结，一天三百，在家就能做，加微信 vx888666abc";

/// The lane with everything around it but the loops.
struct House {
    clock: Clock,
    rules: Arc<ArcSwap<Rulebook>>,
    learned: Shared,
    intake: Intake,
    reader: Reader,
    bells: Bells,
    watch: Watch,
    lane: std::thread::JoinHandle<()>,
}

impl House {
    fn open(folder: &Path, clock: &Clock) -> Self {
        let (writer, reader) = store::open(folder).expect("opens");
        let rules = Arc::new(ArcSwap::from_pointee(rules()));
        let model = rules.load().perceiver.classifier().cloned();
        let learned = Arc::new(ArcSwap::from_pointee(Learned::over(model)));
        let (bells, watch) = (Bells::default(), Watch::default());
        let (intake, lane) = Intake::start(
            writer,
            rules.clone(),
            learned.clone(),
            clock.clone(),
            bells.clone(),
            watch.clone(),
        )
        .expect("starts");
        Self { clock: clock.clone(), rules, learned, intake, reader, bells, watch, lane }
    }

    /// Returns when everything is on disk and the folder is free again.
    async fn close(self) {
        let Self { intake, lane, .. } = self;
        drop(intake);
        let joined = tokio::task::spawn_blocking(move || lane.join()).await.expect("no panic");
        joined.expect("no panic in the lane");
    }

    async fn hear(&self, event: Event) -> Result<Accepted, Refused> {
        let signals = match &event.kind {
            EventKind::Message(message) => {
                self.rules.load().perceiver.perceive_with(&message.content.text, &self.learned.load())
            }
            _ => Signals::default(),
        };
        self.intake.accept(event, signals).await
    }

    /// Keys of all accepted events, in order.
    fn keys(&self) -> Vec<String> {
        let journal = self.reader.journal(0, None, 10_000).expect("read");
        journal.iter().map(|entry| entry.event.key.to_string()).collect()
    }

    async fn member(&self, id: &str) -> MemberState {
        let (tell, mut told) = mpsc::unbounded_channel();
        let (group, id) = (GroupId::from(GROUP), MemberId::from(id));
        let look = move |batch: &store::Batch<'_>| {
            tell.send(batch.member(&group, &id)?.unwrap_or_default()).expect("somebody waits");
            Ok(())
        };
        self.intake.write(look).await.expect("read");
        told.recv().await.expect("told")
    }

    fn move_clock(&self, by: SignedDuration) {
        self.clock.set_offset(self.clock.offset() + by);
    }
}

/// The example brand with one more group.
fn rules() -> Rulebook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = folder::read(&root.join("config"), &root.join("bot-scripts"));
    let mut rules = compile(&files).expect("the shipped files are right").rulebook;
    let app = rules.app.clone();
    let rule = GroupRule {
        matches: GroupMatch { id: Some(GROUP.into()), ..GroupMatch::default() },
        store: Some("chaoyang".into()),
        profile: "dealers".into(),
        ears: vec![GroupEar::GroupRobot],
        hands: vec![Hand::Appchat { app: app.clone() }, webhook(), Hand::StaffTask { app }],
        kol: Vec::new(),
        place: "test".into(),
        estate: None,
        tags: Vec::new(),
    };
    rules.groups = std::iter::once(rule).chain(rules.groups.iter().cloned()).collect::<Vec<_>>().into();
    rules
}

fn webhook() -> Hand {
    Hand::Webhook { id: "dealers".into() }
}

fn appchat() -> Hand {
    Hand::Appchat { app: "assistant".into() }
}

/// Working hours in the brand's time zone, so that nothing is quiet.
fn morning() -> Timestamp {
    "2026-11-21T10:00:00+08:00".parse().expect("a time")
}

/// A clock that shows the morning.
fn clock() -> Clock {
    let clock = Clock::system();
    clock.set_offset(morning().duration_since(clock.now()));
    clock
}

/// An event of no consequence.
fn event(key: &str) -> Event {
    Event {
        key: EventKey::from(key),
        at: morning(),
        ear: Ear::App,
        via: "assistant".into(),
        group: None,
        from: None,
        kind: EventKind::EnteredChat,
        raw: None,
    }
}

/// Somebody says something in the group.
fn said(key: &str, from: &str, text: &str) -> Event {
    let message = Message { id: key.into(), content: Content::text(text), ..Message::default() };
    Event {
        ear: Ear::GroupRobot,
        group: Some(GroupId::from(GROUP)),
        from: Some(MemberId::from(from)),
        kind: EventKind::Message(Box::new(message)),
        ..event(key)
    }
}

/// A member of staff asks the app in private.
fn asked(key: &str, keyword: &str) -> Event {
    let message =
        Message { id: key.into(), private: true, content: Content::text(keyword), ..Message::default() };
    Event {
        from: Some(MemberId::from("wang.min")),
        kind: EventKind::Message(Box::new(message)),
        ..event(key)
    }
}

/// Waits for what a loop brings about without telling anybody.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never came about: {what}");
        sleep(LOOK_EVERY).await;
    }
}
