//! The next moment of timings of every sort.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use zhanggui::timetable::{Calendar, Cron, DayRule, Dialect, LunarDate, SolarTerm, Timing};

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

criterion_group!(benches, next);
criterion_main!(benches);
