//! What it takes to post by the clock: `cargo bench --bench posts`. 10 000 posts fall due in one second, on
//! the real lane and database, and leave at the pace that the hands allow, over HTTP to a platform that takes
//! everything at once; meanwhile somebody goes on asking for scripts.
//!
//! Wanted: all in the outbox within 1 s, and p99 of the answers under 50 ms, while posts are decided and while they
//! leave. `ZHANGGUI_POSTS_GROUPS=100000` for more groups.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::Router;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zhanggui::app::{configure_for, connect, read_files};
use zhanggui::channels::wecom::hands::Hands;
use zhanggui::clock::Clock;
use zhanggui::decision::{Content, Ear, Event, EventKey, EventKind, MemberId, Message};
use zhanggui::perception::Signals;
use zhanggui::perception::learned::Learned;
use zhanggui::rules::Compiled;
use zhanggui::sim::{Addresses, World};
use zhanggui::store::{self, Reader};
use zhanggui::worker::Intake;
use zhanggui::worker::delivery::Delivery;
use zhanggui::worker::intake::{Bells, Watch};
use zhanggui::worker::posts::Posts;

#[path = "common/groups.rs"]
mod groups;

use groups::{folder_on_disk, found, show};

const GROUPS: usize = 10_000;
/// How long posts are watched leaving.
const LEAVING: Duration = Duration::from_secs(10);
/// Between two scripts that go into the answer, and between two that go out as messages of their own.
const ASK_EVERY: Duration = Duration::from_millis(2);
const ASK_FOR_TWO_EVERY: Duration = Duration::from_secs(1);
const STAFF: [&str; 4] = ["wang.min", "li.na", "zhao.lei", "sun.jia"];
const NOON: &str = "[[schedule]]\nid = \"noon\"\ntitle = \"午间\"\ncron = \"0 12 * * *\"\n\
                    groups = { profiles = [\"dealers\"] }\npost = \"greeting-rain\"\n";

/// As the program has it.
#[global_allocator]
static ALLOCATOR: zhanggui::allocator::Allocator = zhanggui::allocator::Allocator;

fn main() {
    let groups = std::env::var("ZHANGGUI_POSTS_GROUPS").ok().and_then(|text| text.parse().ok());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(fire(groups.unwrap_or(GROUPS)));
}

/// A platform that takes everything at once, and notes how many posts came and when people were told something.
#[derive(Clone, Default)]
struct Platform {
    posted: Arc<AtomicUsize>,
    told: Arc<Mutex<Vec<Instant>>>,
}

impl Platform {
    /// Returns its address.
    async fn open(&self) -> String {
        const TAKEN: &str =
            r#"{"errcode":0,"errmsg":"ok","access_token":"token","expires_in":7200,"msgid":"1"}"#;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let noted = self.clone();
        let take = move |uri: Uri| {
            match uri.path() {
                "/cgi-bin/appchat/send" => drop(noted.posted.fetch_add(1, Ordering::Relaxed)),
                "/cgi-bin/message/send" => noted.told.lock().expect("no panic").push(Instant::now()),
                _ => {}
            }
            std::future::ready(([(CONTENT_TYPE, "application/json")], TAKEN))
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
        format!("http://{address}")
    }
}

/// A bot that posts by the clock and sends, nothing else.
struct House {
    clock: Clock,
    reader: Reader,
    intake: Intake,
    lane: std::thread::JoinHandle<()>,
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
}

impl House {
    async fn open(folder: &Path, platform: &str, groups: usize) -> Self {
        let clock = Clock::system();
        show(&clock, noon() - SignedDuration::from_hours(1));
        let world = World::demo(clock.clone());
        world.set_addresses(Addresses { api: platform.to_owned(), bot: platform.to_owned() });
        let files = configure_for(&world, folder).expect("files");
        std::fs::remove_dir_all(files.config.join("schedules")).expect("removed");
        std::fs::create_dir(files.config.join("schedules")).expect("a folder");
        std::fs::write(files.config.join("schedules/bench.toml"), NOON).expect("a file");
        let Compiled { server, rulebook, .. } =
            read_files(&files.config, &files.scripts).expect("good files");
        let connected = connect(&server, |_| None, &files.config).expect("secrets");
        let hands = Arc::new(Hands::new(connected.connections, files.scripts, clock.clone()).expect("hands"));
        let learned =
            Arc::new(ArcSwap::from_pointee(Learned::over(rulebook.perceiver.classifier().cloned())));
        rulebook.scripts.prepare();
        let rules = Arc::new(ArcSwap::from_pointee(rulebook));
        let (bells, watch_) = (Bells::default(), Watch::default());
        let (writer, reader) = store::open(&folder.join("data")).expect("opens");
        let (intake, lane) =
            Intake::start(writer, rules.clone(), learned, clock.clone(), bells.clone(), watch_)
                .expect("starts");
        found(&intake, groups, clock.now()).await;
        let (stop, stopped) = watch::channel(false);
        let posts = Posts {
            reader: reader.clone(),
            intake: intake.clone(),
            rules,
            clock: clock.clone(),
            changed: bells.rules.subscribe(),
            next: watch::Sender::default(),
        };
        let delivery = Delivery {
            reader: reader.clone(),
            intake: intake.clone(),
            hands,
            clock: clock.clone(),
            metrics: Arc::default(),
            bells,
        };
        let loops = vec![tokio::spawn(posts.run(stopped.clone())), tokio::spawn(delivery.run(stopped))];
        Self { clock, reader, intake, lane, stop, loops }
    }

    /// Up to which moment the schedule was gone through.
    fn mark(&self) -> Option<Timestamp> {
        self.reader.schedule_marks().expect("read").get("noon").copied()
    }

    async fn close(self) {
        self.stop.send_replace(true);
        for one in self.loops {
            one.await.expect("no panic");
        }
        drop(self.intake);
        let joined = tokio::task::spawn_blocking(move || self.lane.join()).await;
        joined.expect("no panic").expect("no panic in the lane");
    }
}

fn noon() -> Timestamp {
    "2026-11-23T12:00:00+08:00".parse().expect("a time")
}

async fn fire(groups: usize) {
    let (folder, platform) = (folder_on_disk(), Platform::default());
    let house = House::open(folder.path(), &platform.open().await, groups).await;
    until(|| house.mark().is_some()).await;
    // Ten seconds before noon the groups are looked up; then it strikes.
    show(&house.clock, noon() - SignedDuration::from_secs(10));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (stop, stopping) = watch::channel(false);
    let asking = tokio::spawn(ask(house.intake.clone(), house.clock.clone(), stopping.clone()));
    let for_two = tokio::spawn(ask_for_two(house.intake.clone(), house.clock.clone(), stopping));
    show(&house.clock, noon());
    let struck = Instant::now();
    until(|| house.mark().is_some_and(|mark| mark >= noon())).await;
    let took = struck.elapsed();
    let begun = platform.posted.load(Ordering::Relaxed);
    tokio::time::sleep(LEAVING).await;
    let left = platform.posted.load(Ordering::Relaxed) - begun;
    stop.send_replace(true);
    let (answers, for_two) = (asking.await.expect("no panic"), for_two.await.expect("no panic"));

    println!(
        "{groups} posts due at once: all in the outbox after {took:.0?} ({:.0?} each), wanted: 1 s",
        took / groups as u32
    );
    println!("then they leave at the hands' pace: {:.0} a second", left as f64 / LEAVING.as_secs_f64());
    let (first, later): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(asked, _)| *asked <= struck + took);
    println!("answers while they are decided (p99 wanted: 50 ms): {}", shares(first));
    println!("answers while they leave (p99 wanted: 50 ms):       {}", shares(later));
    // The last ones may still be on their way.
    let told = platform.told.lock().expect("no panic").clone();
    let arrived =
        told.chunks_exact(2).zip(for_two).map(|(pair, asked)| (asked, pair[1].duration_since(asked)));
    println!("scripts of two messages, until the second is at the platform: {}", shares(arrived.collect()));
    house.close().await;
}

/// Of moments with how long something took from then on.
fn shares(waited: Vec<(Instant, Duration)>) -> String {
    let mut waited: Vec<Duration> = waited.into_iter().map(|(_, waited)| waited).collect();
    waited.sort_unstable();
    let Some(last) = waited.len().checked_sub(1) else { return "none".to_owned() };
    let share = |part: f64| waited[(last as f64 * part) as usize];
    format!(
        "{} of them, p50 {:.1?}, p99 {:.1?}, at most {:.1?}",
        waited.len(),
        share(0.5),
        share(0.99),
        share(1.0)
    )
}

/// Asks for a script every few milliseconds until told to stop; returns when, and how long each answer took.
async fn ask(intake: Intake, clock: Clock, stopping: watch::Receiver<bool>) -> Vec<(Instant, Duration)> {
    let mut answers = Vec::new();
    for number in 0_usize.. {
        if *stopping.borrow() {
            break;
        }
        let asked = Instant::now();
        say(&intake, &clock, &format!("ask:{number}"), "wang.min", "早安").await;
        answers.push((asked, asked.elapsed()));
        tokio::time::sleep(ASK_EVERY).await;
    }
    answers
}

/// The same for a script of two messages, which go out by the outbox; returns when each was asked for.
async fn ask_for_two(intake: Intake, clock: Clock, stopping: watch::Receiver<bool>) -> Vec<Instant> {
    let mut asked = Vec::new();
    for (number, person) in STAFF.iter().cycle().enumerate() {
        if *stopping.borrow() {
            break;
        }
        asked.push(Instant::now());
        say(&intake, &clock, &format!("ask for two:{number}"), person, "煲汤").await;
        tokio::time::sleep(ASK_FOR_TWO_EVERY).await;
    }
    asked
}

async fn say(intake: &Intake, clock: &Clock, key: &str, person: &str, text: &str) {
    let content = Content::text(text);
    let message = Message { id: key.to_owned(), private: true, content, ..Message::default() };
    let event = Event {
        key: EventKey::new(key),
        at: clock.now(),
        ear: Ear::App,
        via: "assistant".into(),
        group: None,
        from: Some(MemberId::from(person)),
        kind: EventKind::Message(Box::new(message)),
        raw: None,
    };
    intake.accept(event, Signals::default()).await.expect("accepted");
}

async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
