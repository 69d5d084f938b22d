//! Cron expressions, on the calendar alone: a local time in, the next local time out. What clocks that are changed make
//! of it is [`timing`](super::Timing)'s business.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use croner::parser::{CronParser, Seconds, Year};

/// Which numbers stand for which days, and how many fields there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// As on every Unix machine: five fields, six with seconds before them, seven with a year after them; 0 and 7 are
    /// Sunday, 1 is Monday; `L`, `W` and `#`; a day of the month *or* a day of the week where both are written.
    #[default]
    Unix,
    /// As in Java's Quartz: six fields or seven; 1 is Sunday; a day of the month *and* a day of the week.
    Quartz,
}

/// A cron expression that was understood.
#[derive(Clone, Debug)]
pub struct Cron {
    text: Box<str>,
    engine: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    Unix(Box<croner::Cron>),
    Quartz(Box<cron::Schedule>),
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        let same_dialect = matches!(self.engine, Engine::Unix(_)) == matches!(other.engine, Engine::Unix(_));
        same_dialect && self.text == other.text
    }
}

/// Why a text is no cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronMistake {
    /// The field that is wrong, from 0, if it is one of them.
    pub field: Option<usize>,
    /// Chinese, without the final stop.
    pub message: String,
    pub hint: String,
}

/// One field of an expression.
struct Field {
    name: &'static str,
    /// What may stand there, Chinese.
    allowed: &'static str,
}

const SECOND: Field = Field { name: "秒", allowed: "0 到 59" };
const MINUTE: Field = Field { name: "分", allowed: "0 到 59" };
const HOUR: Field = Field { name: "时", allowed: "0 到 23" };
const MONTH: Field = Field { name: "月", allowed: "1 到 12" };
const YEAR: Field = Field { name: "年", allowed: "四位数，例如 2026" };

const UNIX: [Field; 7] = [
    SECOND,
    MINUTE,
    HOUR,
    Field { name: "日", allowed: "1 到 31，L 是月底，15W 是离 15 号最近的工作日" },
    MONTH,
    Field {
        name: "星期",
        allowed: "0 到 7，0 和 7 都是星期天，1 是星期一；5#2 是第二个星期五，5L 是最后一个星期五",
    },
    YEAR,
];

const QUARTZ: [Field; 7] = [
    SECOND,
    MINUTE,
    HOUR,
    Field { name: "日", allowed: "1 到 31" },
    MONTH,
    Field { name: "星期", allowed: "1 到 7，1 是星期天，2 是星期一" },
    YEAR,
];

impl Cron {
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self, CronMistake> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let (known, least) = match dialect {
            Dialect::Unix => (&UNIX, 5),
            Dialect::Quartz => (&QUARTZ, 6),
        };
        if !(least..=known.len()).contains(&fields.len()) {
            return Err(wrong_count(fields.len(), dialect));
        }
        let text = fields.join(" ");
        let engine = Engine::parse(&text, dialect).ok_or_else(|| {
            // Five fields begin with the minutes.
            let known = &known[usize::from(fields.len() == 5)..];
            culprit(&fields, known, dialect).unwrap_or_else(|| CronMistake {
                field: None,
                message: format!("cron 时间 {text:?} 看不懂"),
                hint: EXAMPLE.to_owned(),
            })
        })?;
        Ok(Self { text: text.into(), engine })
    }

    /// As it is written, with single blanks.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first local time after `after`, in whole seconds; `None` when there is none in the next thousands of years.
    pub fn next(&self, after: DateTime) -> Option<DateTime> {
        let after = after.with().subsec_nanosecond(0).build().ok()?;
        match &self.engine {
            Engine::Unix(cron) => cron.find_next_occurrence(&after, false).ok(),
            Engine::Quartz(schedule) => {
                // The crate only knows moments; those of UTC are as plain as the calendar.
                let second = TimeZone::UTC.to_timestamp(after).ok()?.as_second();
                let next = schedule.after(&chrono::DateTime::from_timestamp(second, 0)?).next()?;
                Some(TimeZone::UTC.to_datetime(Timestamp::from_second(next.timestamp()).ok()?))
            }
        }
    }

    /// The first local time of this day or a later one.
    pub fn first_from(&self, day: jiff::civil::Date) -> Option<DateTime> {
        self.next(day.to_datetime(jiff::civil::Time::midnight()).checked_sub(1.second()).ok()?)
    }

    /// Whether a day of the month and a day of the week are both given, and one of them is enough.
    pub fn takes_either_day(&self) -> bool {
        let fields: Vec<&str> = self.text.split(' ').collect();
        let first = usize::from(fields.len() > 5);
        let given = |at: usize| fields.get(first + at).is_some_and(|field| !matches!(*field, "*" | "?"));
        matches!(self.engine, Engine::Unix(_)) && given(2) && given(4)
    }
}

impl Engine {
    fn parse(text: &str, dialect: Dialect) -> Option<Self> {
        match dialect {
            Dialect::Unix => {
                let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Optional).build();
                parser.parse(text).ok().map(|cron| Self::Unix(Box::new(cron)))
            }
            Dialect::Quartz => text.parse().ok().map(|schedule| Self::Quartz(Box::new(schedule))),
        }
    }
}

const EXAMPLE: &str =
    "五段依次是 分 时 日 月 星期，例如 \"30 8 * * *\" 是每天 8:30，\"0 20 * * 1\" 是每个星期一 20:00";

fn wrong_count(count: usize, dialect: Dialect) -> CronMistake {
    let (needed, hint) = match dialect {
        Dialect::Unix => ("五段（前面可以加秒，后面可以再加年）", EXAMPLE),
        Dialect::Quartz => (
            "六段（后面可以再加年）",
            "quartz 写法六段依次是 秒 分 时 日 月 星期，例如 \"0 30 8 * * *\"；不写 dialect 就是五段的普通写法",
        ),
    };
    CronMistake {
        field: None,
        message: format!("cron 时间要写{needed}，现在是 {count} 段"),
        hint: hint.to_owned(),
    }
}

/// The first field that is wrong on its own.
fn culprit(fields: &[&str], known: &[Field], dialect: Dialect) -> Option<CronMistake> {
    let alone = |at: usize| {
        let others = (0..fields.len()).map(|other| if other == at { fields[other] } else { "*" });
        others.collect::<Vec<_>>().join(" ")
    };
    let at = (0..fields.len()).find(|at| Engine::parse(&alone(*at), dialect).is_none())?;
    let Field { name, allowed } = known.get(at)?;
    Some(CronMistake {
        field: Some(at),
        message: format!("cron 时间里“{name}”这一段 {:?} 不对", fields[at]),
        hint: format!("“{name}”可以写：{allowed}；* 是每个都要，1-5 是一段，1,3,5 是几个，*/2 是每隔一个"),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn cron(text: &str) -> Cron {
        Cron::parse(text, Dialect::Unix).unwrap_or_else(|mistake| panic!("{text}: {mistake:?}"))
    }

    fn nexts(cron: &Cron, after: DateTime, count: usize) -> Vec<String> {
        let later = std::iter::successors(cron.next(after), |last| cron.next(*last));
        later.take(count).map(|next| next.strftime("%Y-%m-%d %a %H:%M:%S").to_string()).collect()
    }

    const SUNDAY: DateTime = date(2026, 11, 22).at(8, 30, 0, 0);

    #[test]
    fn weekdays_count_as_on_unix() {
        assert_eq!(nexts(&cron("30 8 * * 1-5"), SUNDAY, 1), ["2026-11-23 Mon 08:30:00"]);
        assert_eq!(nexts(&cron("30 8 * * 0"), SUNDAY, 1), ["2026-11-29 Sun 08:30:00"], "strictly later");
        assert_eq!(nexts(&cron("30 8 * * 7"), SUNDAY, 1), ["2026-11-29 Sun 08:30:00"]);
        assert_eq!(nexts(&cron("30 8 * * SUN,MON"), SUNDAY, 1), ["2026-11-23 Mon 08:30:00"]);
        let quartz = Cron::parse("0 30 8 ? * 2", Dialect::Quartz).expect("quartz");
        assert_eq!(nexts(&quartz, SUNDAY, 1), ["2026-11-23 Mon 08:30:00"]);
    }

    #[test]
    fn knows_last_days_nearest_workdays_and_the_nth_weekday() {
        assert_eq!(
            nexts(&cron("0 9 L * *"), SUNDAY, 4)[3..],
            ["2027-02-28 Sun 09:00:00"],
            "the last day of each month"
        );
        assert_eq!(
            nexts(&cron("0 9 15W * *"), date(2026, 8, 1).at(0, 0, 0, 0), 1),
            ["2026-08-14 Fri 09:00:00"]
        );
        assert_eq!(nexts(&cron("0 9 * * 5#2"), SUNDAY, 1), ["2026-12-11 Fri 09:00:00"]);
        assert_eq!(nexts(&cron("0 9 * * 5L"), SUNDAY, 1), ["2026-11-27 Fri 09:00:00"]);
        assert_eq!(
            nexts(&cron("15,45 30 8 * * *"), SUNDAY, 2),
            ["2026-11-22 Sun 08:30:15", "2026-11-22 Sun 08:30:45"]
        );
        assert_eq!(nexts(&cron("0 0 9 1 1 * 2030"), SUNDAY, 2), ["2030-01-01 Tue 09:00:00"]);
    }

    #[test]
    fn a_day_that_never_comes_is_none() {
        assert_eq!(cron("30 8 31 2 *").next(SUNDAY), None);
        assert_eq!(Cron::parse("0 30 8 31 2 *", Dialect::Quartz).expect("quartz").next(SUNDAY), None);
        assert_eq!(nexts(&cron("0 9 29 2 *"), SUNDAY, 1), ["2028-02-29 Tue 09:00:00"]);
    }

    #[test]
    fn a_mistake_names_its_field() {
        let wrong = |text: &str, dialect| Cron::parse(text, dialect).expect_err(text);
        let field = |text| wrong(text, Dialect::Unix).field;
        assert_eq!(field("30 25 * * *"), Some(1));
        assert_eq!(field("60 8 * * *"), Some(0));
        assert_eq!(field("0 30 8 32 * *"), Some(3));
        assert_eq!(field("30 8 * * MOO"), Some(4));
        assert_eq!(field("30 8 * * 8"), Some(4));
        for text in ["", "8:30", "30 8 * *", "0 30 8 * * * 2026 x"] {
            assert_eq!(field(text), None, "{text}");
        }
        assert!(wrong("60 8 * * *", Dialect::Unix).message.contains("“分”"));
        assert!(wrong("0 30 8 * * 8", Dialect::Quartz).message.contains("“星期”"));
        assert!(wrong("30 8 * * *", Dialect::Quartz).hint.contains("六段"));
    }

    #[test]
    fn either_day_is_told_apart() {
        assert!(cron("0 9 1 * 1").takes_either_day());
        assert!(cron("0 0 9 1 * 1").takes_either_day());
        assert!(!cron("0 9 1 * *").takes_either_day() && !cron("0 9 * * 1").takes_either_day());
    }

    /// A field of numbers that both crates read alike.
    fn field(low: u32, high: u32) -> impl Strategy<Value = String> {
        let one = (low..=high).prop_map(|number| number.to_string());
        let range = (low..=high, low..=high).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b)));
        let steps = (2..=high / 2).prop_map(|step| format!("*/{step}"));
        let some = proptest::collection::vec(low..=high, 1..4)
            .prop_map(|list| list.iter().map(u32::to_string).collect::<Vec<_>>().join(","));
        prop_oneof![3 => Just("*".to_owned()), 3 => one, 1 => range, 1 => some, 1 => steps]
    }

    /// Minutes to months, without a day of the week, where the two dialects mean the same.
    fn shared() -> impl Strategy<Value = String> {
        (field(0, 59), field(0, 23), field(1, 28), field(1, 12))
            .prop_map(|(minute, hour, day, month)| format!("0 {minute} {hour} {day} {month} *"))
    }

    proptest! {
        #[test]
        fn both_crates_agree_where_their_dialects_do(text in shared(), hours in 0_i64..80_000) {
            let after = date(2024, 1, 1).at(0, 0, 0, 0) + hours.hours();
            let unix = Cron::parse(&text, Dialect::Unix).map(|cron| nexts(&cron, after, 5));
            let quartz = Cron::parse(&text, Dialect::Quartz).map(|cron| nexts(&cron, after, 5));
            prop_assert_eq!(unix, quartz, "{}", text);
        }

        #[test]
        fn weekdays_are_one_apart(minute in 0..60, weekday in 0..7, hours in 0_i64..80_000) {
            let after = date(2024, 1, 1).at(0, 0, 0, 0) + hours.hours();
            let unix = Cron::parse(&format!("{minute} 8 * * {weekday}"), Dialect::Unix);
            let quartz = Cron::parse(&format!("0 {minute} 8 ? * {}", weekday + 1), Dialect::Quartz);
            let unix = unix.map(|cron| nexts(&cron, after, 3));
            prop_assert_eq!(unix, quartz.map(|cron| nexts(&cron, after, 3)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9*/,#LW? -]{0,20}|\\PC{0,20}") {
            let _ = (Cron::parse(&text, Dialect::Unix), Cron::parse(&text, Dialect::Quartz));
        }
    }
}
