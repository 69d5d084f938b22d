//! The next moment of timings of every sort, and 1 000 schedules in 1 000 groups on the real loop, lane and database:
//! what their entries weigh, how long a start takes, what comes next, and whether they fire as fast as they fall due.
//!
//! Wanted of 1 000 000 (schedule × group) entries: at most 100 bytes each, next due in under 1 ms, start in under 2 s.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Runtime;
use zhanggui::clock::Clock;
use zhanggui::files::{SourceFile, Sources, folder};
use zhanggui::rules::{Rulebook, compile};
use zhanggui::store::{self, Reader};
use zhanggui::timetable::{Calendar, Cron, DayRule, Dialect, LunarDate, SolarTerm, Timing};
use zhanggui::worker::Intake;
use zhanggui::worker::intake::{Bells, Watch};
use zhanggui::worker::posts::{Plan, Posts};

mod common;
#[path = "common/groups.rs"]
mod groups;

use common::Counting;
use groups::{folder_on_disk, found, show};

const SCHEDULES: usize = 1_000;
const GROUPS: usize = 1_000;
const ENTRIES: usize = SCHEDULES * GROUPS;
/// Entries are spread over these seconds, so that some fall due in each while all the others are held.
const SPREAD: usize = 600;
/// Seconds in which entries are fired.
const SECONDS: i64 = 10;

#[global_allocator]
static MEMORY: Counting = Counting::new();

fn timing(cron: &str, only: Vec<DayRule>) -> Timing {
    Timing {
        cron: Cron::parse(cron, Dialect::Unix).expect("a cron"),
        zone: TimeZone::get("Asia/Shanghai").expect("a zone"),
        only,
        except: Vec::new(),
        from: None,
        to: None,
        calendar: Arc::new(Calendar::default()),
    }
}

fn sunday() -> Timestamp {
    "2026-11-22T00:00:00+08:00".parse().expect("a moment")
}

fn next(criterion: &mut Criterion) {
    let lunar = LunarDate::named("正月初一").map(DayRule::Lunar).expect("a day");
    let term = SolarTerm::named("冬至").map(DayRule::Term).expect("a term");
    let cases = [
        ("every minute", timing("* * * * *", Vec::new())),
        ("every morning", timing("30 8 * * *", Vec::new())),
        ("workdays", timing("30 8 * * *", vec![DayRule::Workday])),
        ("every second of 正月初一", timing("* * * * * *", vec![lunar])),
        ("冬至", timing("0 9 * * *", vec![term])),
        ("29 February", timing("0 9 29 2 *", Vec::new())),
        (
            "never",
            timing("0 9 * * *", vec![LunarDate::named("闰正月初一").map(DayRule::Lunar).expect("a day")]),
        ),
    ];
    for (name, timing) in cases {
        criterion.bench_function(&format!("next/{name}"), |bencher| {
            bencher.iter(|| timing.next(black_box(sunday())))
        });
    }
}

/// A bot with nothing but schedules and groups.
struct House {
    clock: Clock,
    reader: Reader,
    posts: Posts,
    lane: std::thread::JoinHandle<()>,
}

fn noon() -> Timestamp {
    "2026-11-23T12:00:00+08:00".parse().expect("a moment")
}

/// The example brand with other schedules: all at noon, each group at a second of its own.
fn sources() -> Sources {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut files = folder::read(&config, &folder::scripts_of(&config));
    files.files.retain(|file| !file.name.starts_with("config/schedules/"));
    let schedule = |number: usize| {
        format!(
            "[[schedule]]\nid = \"noon-{number:04}\"\ntitle = \"午间{number}\"\ncron = \"0 12 * * *\"\n\
             jitter = \"{SPREAD}s\"\ngroups = {{ profiles = [\"dealers\"] }}\npost = \"greeting-rain\"\n"
        )
    };
    let all: String = (0..SCHEDULES).map(schedule).collect();
    files.files.push(SourceFile::new("config/schedules/bench.toml", all));
    files
}

impl House {
    async fn open(folder: &Path, rules: Rulebook) -> Self {
        let clock = Clock::system();
        show(&clock, noon() - SignedDuration::from_hours(1));
        let rules = Arc::new(ArcSwap::from_pointee(rules));
        let (bells, watch) = (Bells::default(), Watch::default());
        let (writer, reader) = store::open(folder).expect("opens");
        let (intake, lane) =
            Intake::start(writer, rules.clone(), Arc::default(), clock.clone(), bells.clone(), watch)
                .expect("starts");
        found(&intake, GROUPS, clock.now()).await;
        let (reader_, changed) = (reader.clone(), bells.rules.subscribe());
        let posts = Posts {
            reader: reader_,
            intake,
            rules,
            clock: clock.clone(),
            changed,
            next: tokio::sync::watch::Sender::default(),
        };
        Self { clock, reader, posts, lane }
    }

    async fn round(&self, plan: Option<Plan>) -> (Plan, Duration) {
        let began = Instant::now();
        let plan = self.posts.round(plan).await.expect("goes round");
        (plan, began.elapsed())
    }

    /// Posts that were decided so far.
    fn fired(&self) -> i64 {
        self.reader.counts().expect("read").0
    }

    fn close(self) {
        drop(self.posts);
        self.lane.join().expect("no panic in the lane");
    }
}

fn entries(criterion: &mut Criterion) {
    let (runtime, folder, sources) = (Runtime::new().expect("a runtime"), folder_on_disk(), sources());
    let began = Instant::now();
    let rules = compile(&sources).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).rulebook;
    let compiled = began.elapsed();
    let house = runtime.block_on(House::open(folder.path(), rules));

    let (plan, begun) = runtime.block_on(house.round(None));
    criterion
        .bench_function("next due/1 000 schedules", |bencher| bencher.iter(|| black_box(&plan).wake_at()));

    // Half a minute before noon the groups of all schedules are looked up: every entry is in memory.
    show(&house.clock, noon() - SignedDuration::from_secs(20));
    let (before, _) = (MEMORY.in_use(), MEMORY.most());
    let (plan, looked_up) = runtime.block_on(house.round(Some(plan)));
    let each = |bytes: usize| bytes.saturating_sub(before) as f64 / ENTRIES as f64;
    let (held, most) = (each(MEMORY.in_use()), each(MEMORY.most()));
    println!("{ENTRIES} entries: {held:.1} bytes each, {most:.1} while they are looked up; wanted: 100");
    println!(
        "start: files checked in {compiled:.0?}, planned in {begun:.0?}, entries looked up in {looked_up:.0?}: {:.0?}; wanted: 2 s",
        compiled + begun + looked_up
    );
    criterion
        .bench_function("next due/1 000 000 entries", |bencher| bencher.iter(|| black_box(&plan).wake_at()));

    let mut plan = plan;
    for second in 1..=SECONDS {
        show(&house.clock, noon() + SignedDuration::from_secs(second));
        let fired = house.fired();
        let (next, took) = runtime.block_on(house.round(Some(plan)));
        plan = next;
        println!("second {second}: {} entries fell due, decided in {took:.0?}", house.fired() - fired);
    }
    house.close();
}

criterion_group!(benches, next, entries);
criterion_main!(benches);
