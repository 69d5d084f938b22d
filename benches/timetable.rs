//! A million (schedule × group) pairs: start-up, memory, what is next, and ten thousand due in one second. And the next
//! moment of timings of every sort.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use zhanggui::timetable::{
    Agenda, Calendar, Cron, DayRule, Dialect, Jitter, LunarDate, Planned, SolarTerm, Timing,
};

const PAIRS: usize = 1_000_000;

/// How many bytes are in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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

/// So many schedules, each for so many groups, at all times of the day.
fn planned(schedules: usize, groups: usize) -> Vec<Planned> {
    let ids: Vec<Arc<str>> =
        (0..groups).map(|group| format!("wrOgQhDgAAMYQiS5ol9G7gK9JV{group:06}").into()).collect();
    let one = |number: usize| Planned {
        schedule: format!("schedule-{number}").into(),
        timing: Arc::new(timing(&format!("{} {} * * *", number % 60, number / 60 % 24), Vec::new())),
        jitter: Jitter::within(SignedDuration::from_mins(10)),
        groups: ids.clone(),
    };
    (0..schedules).map(one).collect()
}

fn sunday() -> Timestamp {
    "2026-11-22T00:00:00+08:00".parse().expect("a moment")
}

/// Told once, as figures.
fn start_up(schedules: usize, groups: usize) {
    let planned = planned(schedules, groups);
    let (before, began) = (IN_USE.load(Ordering::Relaxed), Instant::now());
    let given = planned.iter().map(|one| one.groups.capacity() * size_of::<Arc<str>>()).sum::<usize>();
    let agenda = Agenda::new(planned, sunday());
    let took = began.elapsed();
    // The lists that it was made from are gone by now; the ids themselves are the caller's, too.
    let bytes = IN_USE.load(Ordering::Relaxed) + given - before;
    println!(
        "{schedules} schedules × {groups} groups: {:.1} bytes a pair, start-up {:.0} ms",
        bytes as f64 / agenda.len() as f64,
        took.as_secs_f64() * 1e3
    );
}

fn agenda(criterion: &mut Criterion) {
    start_up(100, PAIRS / 100);
    start_up(10_000, PAIRS / 10_000);
    start_up(1, PAIRS);
    let agenda = Agenda::new(planned(100, PAIRS / 100), sunday());
    criterion.bench_function("agenda/next_due", |bencher| bencher.iter(|| black_box(&agenda).next_due()));
    let noon: Timestamp = "2026-11-22T12:00:00+08:00".parse().expect("a moment");
    let at_once = || {
        let timing = Arc::new(timing("0 12 * * *", Vec::new()));
        let groups = (0..10_000).map(|group| format!("wr{group}").into()).collect();
        Agenda::new(
            [Planned { schedule: "noon".into(), timing, jitter: Jitter::default(), groups }],
            sunday(),
        )
    };
    criterion.bench_function("agenda/take 10 000 due at once", |bencher| {
        bencher.iter_batched_ref(at_once, |agenda| agenda.take_due(noon, usize::MAX), BatchSize::LargeInput);
    });
    criterion.bench_function("agenda/a group comes and goes, among a million pairs", |bencher| {
        let mut agenda = Agenda::new(planned(100, PAIRS / 100), sunday());
        let group: Arc<str> = "wrNew".into();
        bencher.iter(|| {
            agenda.insert("schedule-7", &group, sunday());
            agenda.remove("schedule-7", &group);
        });
    });
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

criterion_group!(benches, agenda, next);
criterion_main!(benches);
