//! What it takes to post by the clock: `cargo bench --bench posts`. 10 000 posts fall due in one second, on
//! the real lane and database, while somebody goes on asking for scripts.
//!
//! `ZHANGGUI_POSTS_GROUPS=100000` for more groups.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use zhanggui::clock::Clock;
use zhanggui::decision::{
    Change, Content, Ear, Event, EventKey, EventKind, GroupId, GroupState, MemberId, Message,
};
use zhanggui::files::{SourceFile, folder};
use zhanggui::perception::Signals;
use zhanggui::perception::learned::Learned;
use zhanggui::rules::{Rulebook, compile};
use zhanggui::store;
use zhanggui::worker::Intake;
use zhanggui::worker::intake::{Bells, Watch};
use zhanggui::worker::posts::Posts;

const GROUPS: usize = 10_000;
/// Groups written in one transaction.
const AT_ONCE: usize = 1_000;
const NOON: &str = "[[schedule]]\nid = \"noon\"\ntitle = \"午间\"\ncron = \"0 12 * * *\"\n\
                    groups = { profiles = [\"dealers\"] }\npost = \"greeting-rain\"\n";

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let groups = std::env::var("ZHANGGUI_POSTS_GROUPS").ok().and_then(|text| text.parse().ok());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(fire(groups.unwrap_or(GROUPS)));
}

/// Below `target/`, not in a `/tmp` that may be memory: there fsync is free.
fn folder_on_disk() -> tempfile::TempDir {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::fs::create_dir_all(&target).expect("a folder");
    tempfile::tempdir_in(target).expect("a folder")
}

fn rules() -> Rulebook {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut files = folder::read(&config, &folder::scripts_of(&config));
    files.files.retain(|file| !file.name.starts_with("config/schedules/"));
    files.files.push(SourceFile::new("config/schedules/bench.toml", NOON));
    compile(&files).expect("good files").rulebook
}

/// A clock that shows a moment before noon.
fn clock() -> Clock {
    let clock = Clock::system();
    let morning: Timestamp = "2026-11-23T11:00:00+08:00".parse().expect("a time");
    clock.set_offset(morning.duration_since(clock.now()));
    clock
}

async fn fire(groups: usize) {
    let (folder, clock) = (folder_on_disk(), clock());
    let (writer, reader) = store::open(folder.path()).expect("opens");
    let rules = Arc::new(ArcSwap::from_pointee(rules()));
    let learned =
        Arc::new(ArcSwap::from_pointee(Learned::over(rules.load().perceiver.classifier().cloned())));
    let (bells, watch_) = (Bells::default(), Watch::default());
    let (intake, lane) =
        Intake::start(writer, rules.clone(), learned, clock.clone(), bells.clone(), watch_).expect("starts");
    found(&intake, groups, clock.now()).await;

    let posts = Posts {
        reader: reader.clone(),
        intake: intake.clone(),
        rules,
        clock: clock.clone(),
        changed: bells.rules.subscribe(),
    };
    let (stop, stopping) = watch::channel(false);
    let firing = tokio::spawn(posts.run(stopping));
    let marked = || reader.schedule_marks().expect("read").contains_key("noon");
    until(marked).await;
    let asking = tokio::spawn(ask(intake.clone(), clock.clone(), stop.subscribe()));

    // Ten seconds before noon the groups are looked up; then it strikes.
    clock.set_offset(clock.offset() + SignedDuration::from_mins(60) - SignedDuration::from_secs(10));
    tokio::time::sleep(Duration::from_secs(3)).await;
    clock.set_offset(clock.offset() + SignedDuration::from_secs(7));
    let struck = Instant::now();
    until(|| reader.outbox_open().expect("read") >= groups as u64).await;
    let took = struck.elapsed();
    stop.send_replace(true);
    firing.await.expect("no panic");
    let mut waited = asking.await.expect("no panic");
    waited.sort_unstable();
    let share = |part: f64| waited[((waited.len() - 1) as f64 * part) as usize];
    println!(
        "{groups} posts due at once: all in the outbox after {took:.0?} ({:.0?} each)",
        took / groups as u32
    );
    println!(
        "meanwhile {} scripts were asked for: answered in p50 {:.1?}, p99 {:.1?}, at most {:.1?}",
        waited.len(),
        share(0.5),
        share(0.99),
        share(1.0)
    );
    drop(intake);
    tokio::task::spawn_blocking(move || lane.join()).await.expect("no panic").expect("no panic in the lane");
}

async fn found(intake: &Intake, groups: usize, now: Timestamp) {
    for first in (0..groups).step_by(AT_ONCE) {
        let found = move |batch: &store::Batch<'_>| {
            (first..(first + AT_ONCE).min(groups)).try_for_each(|number| {
                let mut group =
                    GroupState::new(GroupId::new(format!("wrOgQhDgAAMYQiS5ol9G{number:06}")), now);
                group.name = format!("山谷小铺经销商{number}群");
                batch.apply(&Change::Group(group))
            })
        };
        intake.write(found).await.expect("written");
    }
}

/// Asks for a script every few milliseconds until told to stop; returns how long each answer took.
async fn ask(intake: Intake, clock: Clock, stopping: watch::Receiver<bool>) -> Vec<Duration> {
    let mut waited = Vec::new();
    for number in 0_u32.. {
        if *stopping.borrow() {
            break;
        }
        let message = Message {
            id: number.to_string(),
            private: true,
            content: Content::text("早安"),
            ..Message::default()
        };
        let event = Event {
            key: EventKey::new(format!("ask:{number}")),
            at: clock.now(),
            ear: Ear::App,
            via: "assistant".into(),
            group: None,
            from: Some(MemberId::from("wang.min")),
            kind: EventKind::Message(Box::new(message)),
            raw: None,
        };
        let asked = Instant::now();
        intake.accept(event, Signals::default()).await.expect("accepted");
        waited.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    waited
}

async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
