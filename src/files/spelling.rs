//! Values that people write as text in quotes: names, ids, durations, hours.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use unicode_normalization::UnicodeNormalization;

use super::Shape;

/// A value that is written as a text.
pub trait Spelled: Sized {
    const SHAPE: Shape;
    /// A regular expression that every right text matches, and no wrong one but for what
    /// `rules::written::schema::ONLY_CHECKED` names; editors underline by it. `None`: any text, or
    /// the shape says it all.
    const PATTERN: Option<&'static str> = None;

    fn parse(text: &str) -> Result<Self, Misspelled>;
}

/// Why a text is not the value it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misspelled {
    /// Stable, kebab-case.
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
}

impl Misspelled {
    pub fn new(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: Some(hint.into()) }
    }
}

/// Any text but an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

impl Spelled for Text {
    const SHAPE: Shape = Shape::Text;
    const PATTERN: Option<&'static str> = Some(r"\S");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        if text.trim().is_empty() {
            return Err(Misspelled::new("empty-text", "这里不能为空", "填上内容；不需要的话，整行删掉"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Any text, also an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyText(pub String);

impl Spelled for AnyText {
    const SHAPE: Shape = Shape::Text;

    fn parse(text: &str) -> Result<Self, Misspelled> {
        Ok(Self(text.to_owned()))
    }
}

/// What other files call a thing by; also a part of addresses and file names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub String);

/// Long enough for a speaking name, short enough for a card's task id (wecom-send.md §3.4).
const ID_AT_MOST: usize = 64;

impl Spelled for Id {
    const SHAPE: Shape = Shape::Id;
    const PATTERN: Option<&'static str> = Some("^[a-z0-9-]{1,64}$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if !text.is_empty() && text.len() <= ID_AT_MOST && text.chars().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        let message = format!("编号 {text:?} 只能用小写字母、数字和横线，最多 {ID_AT_MOST} 个");
        let mended: String = text
            .nfkc()
            .flat_map(char::to_lowercase)
            .map(|letter| if letter == '_' || letter == ' ' { '-' } else { letter })
            .filter(|letter| allowed(*letter))
            .take(ID_AT_MOST)
            .collect();
        let mended = mended.trim_matches('-');
        let example = if mended.is_empty() { "chaoyang-2" } else { mended };
        Err(Misspelled::new("bad-id", message, format!("例如写成 {example:?}")))
    }
}

/// `"30s"`, `"10m"`, `"2h"`, `"7d"`; a day is 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub SignedDuration);

/// Ten years: longer is surely a slip of the finger.
const DURATION_AT_MOST: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

impl Spelled for Duration {
    const SHAPE: Shape = Shape::Duration;
    const PATTERN: Option<&'static str> = Some("^[0-9]+[smhd]$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        if let Some(duration) = plain_duration(text) {
            return Ok(Self(duration));
        }
        let message = format!("时长 {text:?} 看不懂");
        let hint = match plain_duration(&without_habits(text, DURATION_HABITS)) {
            Some(meant) => format!("写成 \"{}\"", Self(meant)),
            None => "数字后面跟一个单位：s 秒、m 分钟、h 小时、d 天，例如 \"30s\"、\"10m\"、\"2h\"、\"7d\"，最长 3650d".to_owned(),
        };
        Err(Misspelled::new("bad-duration", message, hint))
    }
}

/// How people spell units otherwise; longer spellings first.
const DURATION_HABITS: &[(&str, &str)] = &[
    ("seconds", "s"),
    ("second", "s"),
    ("sec", "s"),
    ("minutes", "m"),
    ("minute", "m"),
    ("mins", "m"),
    ("min", "m"),
    ("hours", "h"),
    ("hour", "h"),
    ("days", "d"),
    ("day", "d"),
    ("分钟", "m"),
    ("小时", "h"),
    ("秒", "s"),
    ("分", "m"),
    ("时", "h"),
    ("天", "d"),
    ("日", "d"),
];

fn plain_duration(text: &str) -> Option<SignedDuration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let seconds_each = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    let seconds = number.parse::<i64>().ok()?.checked_mul(seconds_each)?;
    let duration = SignedDuration::from_secs(seconds);
    (duration <= DURATION_AT_MOST).then_some(duration)
}

impl fmt::Display for Duration {
    /// In the largest unit that leaves no rest.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (unit, name) = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m")]
            .into_iter()
            .find(|(unit, _)| seconds != 0 && seconds % unit == 0)
            .unwrap_or((1, "s"));
        write!(formatter, "{}{name}", seconds / unit)
    }
}

/// `"22:00-08:00"`: from the start (included) to the end (not included), also over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoursOfDay {
    pub start: Time,
    /// Midnight at the end of the day (`24:00`) is `00:00` here.
    pub end: Time,
}

impl Spelled for HoursOfDay {
    const SHAPE: Shape = Shape::Hours;
    const PATTERN: Option<&'static str> =
        Some("^([01]?[0-9]|2[0-3]):[0-5][0-9]-(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        if let Some(hours) = plain_hours(text) {
            if hours.start == hours.end {
                let message = format!("时段 {text:?} 的开始和结束一样");
                return Err(Misspelled::new(
                    "bad-hours",
                    message,
                    "写成两个不同的时间，例如 \"22:00-08:00\"",
                ));
            }
            return Ok(hours);
        }
        let message = format!("时段 {text:?} 看不懂");
        let hint = match plain_hours(&without_habits(text, HOURS_HABITS)) {
            Some(meant) => format!("写成 \"{meant}\""),
            None => "写成 \"开始-结束\"，24 小时制，例如 \"22:00-08:00\"".to_owned(),
        };
        Err(Misspelled::new("bad-hours", message, hint))
    }
}

const HOURS_HABITS: &[(&str, &str)] =
    &[("至", "-"), ("到", "-"), ("~", "-"), ("—", "-"), ("–", "-"), ("点", ":00"), ("--", "-")];

fn plain_hours(text: &str) -> Option<HoursOfDay> {
    let (start, end) = text.split_once('-')?;
    let end = if end == "24:00" { "00:00" } else { end };
    Some(HoursOfDay { start: plain_time(start)?, end: plain_time(end)? })
}

pub(super) fn plain_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str, count: std::ops::RangeInclusive<usize>| {
        count.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(hour, 1..=2) || !digits(minute, 2..=2) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl fmt::Display for HoursOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start, self.end);
        write!(formatter, "{:02}:{:02}-{:02}:{:02}", start.hour(), start.minute(), end.hour(), end.minute())
    }
}

/// Full-width characters, spaces, capitals and other habits taken away: what was probably meant.
fn without_habits(text: &str, habits: &[(&str, &str)]) -> String {
    let plain: String =
        text.nfkc().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect();
    habits.iter().fold(plain, |text, (habit, instead)| text.replace(habit, instead))
}

/// A day of the calendar, written without quotes: `2026-09-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        Duration::parse(text).ok().map(|duration| duration.0.as_secs())
    }

    fn hint<T: Spelled + fmt::Debug>(text: &str) -> String {
        T::parse(text).expect_err("a misspelling").hint.expect("a hint")
    }

    #[test]
    fn reads_durations() {
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("0s"), Some(0));
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("2h"), Some(7200));
        assert_eq!(seconds("7d"), Some(604_800));
        for bad in ["", "s", "7", "-1d", "1.5h", "1h30m", "3651d", "99999999999999999999d", "7 d"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn knows_what_people_meant() {
        assert_eq!(hint::<Duration>("30秒"), "写成 \"30s\"");
        assert_eq!(hint::<Duration>("３０ 分钟"), "写成 \"30m\"");
        assert_eq!(hint::<Duration>("2 Hours"), "写成 \"2h\"");
        assert_eq!(hint::<HoursOfDay>("22：00～8：00"), "写成 \"22:00-08:00\"");
        assert_eq!(hint::<HoursOfDay>("22点到8点"), "写成 \"22:00-08:00\"");
        assert_eq!(hint::<Id>("Chao_Yang 店"), "例如写成 \"chao-yang\"");
    }

    #[test]
    fn reads_hours() {
        let hours = HoursOfDay::parse("22:00-08:30").expect("hours");
        assert_eq!((hours.start, hours.end), (Time::constant(22, 0, 0, 0), Time::constant(8, 30, 0, 0)));
        assert_eq!(HoursOfDay::parse("05:00-24:00").expect("hours").end, Time::midnight());
        for bad in ["22:00", "25:00-08:00", "22:60-08:00", "08:00-08:00", "24:00-08:00", "a-b", "+1:00-02:00"]
        {
            assert!(HoursOfDay::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_duration_survives_its_spelling(number in 0_i64..=3650, unit in "[smhd]") {
            let text = format!("{number}{unit}");
            let duration = Duration::parse(&text).expect("a duration");
            prop_assert_eq!(Duration::parse(&duration.to_string()), Ok(duration));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = (Duration::parse(&text), HoursOfDay::parse(&text), Id::parse(&text), Text::parse(&text));
        }

        #[test]
        fn hours_survive_their_spelling(a in 0_i8..24, b in 0_i8..60, c in 0_i8..24, d in 0_i8..60) {
            let hours = HoursOfDay { start: Time::constant(a, b, 0, 0), end: Time::constant(c, d, 0, 0) };
            prop_assert_eq!(plain_hours(&hours.to_string()), Some(hours));
        }
    }
}
