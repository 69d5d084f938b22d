//! Points in time as people write them: a moment, a time of the day, how long ago.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use toml::de::DeValue;

use super::spelling::{self, Misspelled};
use super::{Duration, Report, Shape, Spelled, Value, Written};

/// A day with a time, written without quotes: `2026-11-21T09:00:00+08:00`, or without the offset
/// for the brand's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Exact(Timestamp),
    Local(DateTime),
}

impl Moment {
    /// `zone` counts where no offset is written; a time that a change of clocks skips is taken as
    /// the one after it.
    pub fn in_zone(&self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Exact(moment) => Some(*moment),
            Self::Local(local) => zone.to_ambiguous_timestamp(*local).compatible().ok(),
        }
    }
}

impl Value for Moment {
    const SHAPE: Shape = Shape::Moment;

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Datetime(moment) = written.value else {
            written.wrong_type(&Self::SHAPE, report);
            return None;
        };
        // TOML writes moments as jiff reads them.
        let text = moment.to_string();
        let read = match (&moment.date, &moment.time, &moment.offset) {
            (Some(_), Some(_), Some(_)) => text.parse().map(Self::Exact).ok(),
            (Some(_), Some(_), None) => text.parse().map(Self::Local).ok(),
            _ => None,
        };
        if read.is_none() {
            let message = format!("{} 应为日期加钟点", written.key());
            report.error("bad-moment", written.place, message).hint("例如 2026-11-21T09:00:00+08:00");
        }
        read
    }
}

/// A time of the day: `"21:30"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTime(pub Time);

impl Spelled for ClockTime {
    const SHAPE: Shape = Shape::Special { chinese: "钟点", example: "21:30" };
    const PATTERN: Option<&'static str> = Some("^([01]?[0-9]|2[0-3]):[0-5][0-9]$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        spelling::plain_time(text).map(Self).ok_or_else(|| {
            let hint = "24 小时制，例如 \"21:30\"";
            Misspelled::new("bad-time", format!("钟点 {text:?} 看不懂"), hint)
        })
    }
}

/// How long ago: `"2d ago"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ago(pub SignedDuration);

const AGO: &str = " ago";

impl Spelled for Ago {
    const SHAPE: Shape = Shape::Special { chinese: "多久以前", example: "2d ago" };
    const PATTERN: Option<&'static str> = Some("^[0-9]+[smhd] ago$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        if let Some(Ok(Duration(duration))) = text.strip_suffix(AGO).map(Duration::parse) {
            return Ok(Self(duration));
        }
        let bare = text.trim_end_matches(AGO).trim_end_matches("以前").trim_end_matches('前');
        let hint = match Duration::parse(bare) {
            Ok(meant) => format!("写成 \"{meant}{AGO}\""),
            Err(_) => "例如 \"2d ago\"（两天前）、\"30m ago\"（半小时前）".to_owned(),
        };
        Err(Misspelled::new("bad-ago", format!("{text:?} 看不懂"), hint))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    use crate::files::{Place, SourceFile, read_file};

    crate::table! {
        /// 一个时刻。
        struct Example {
            /// 时刻。
            starts: Moment, required;
        }
    }

    fn moment(text: &str) -> Option<Timestamp> {
        let files = [SourceFile::new("example.toml", format!("starts = {text}"))];
        let mut report = Report::new(&files);
        let example: Example = read_file(0, &files[0].text, &mut report);
        assert_eq!(report.has_errors(), example.starts.is_none(), "told when, and only when, wrong");
        assert!(example.starts.as_ref().is_none_or(|starts| starts.place > Place::start_of(0)));
        example.starts?.in_zone(&TimeZone::get("Asia/Shanghai").expect("a zone"))
    }

    #[test]
    fn moments_without_an_offset_are_the_brands() {
        let morning: Timestamp = "2026-11-21T09:00:00+08:00".parse().expect("a time");
        assert_eq!(moment("2026-11-21T09:00:00+08:00"), Some(morning));
        assert_eq!(moment("2026-11-21 09:00:00"), Some(morning));
        assert_eq!(moment("2026-11-21T01:00:00Z"), Some(morning));
        for wrong in ["2026-11-21", "09:00:00", "\"2026-11-21T09:00:00+08:00\"", "2026-02-30T09:00:00"] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn knows_what_people_meant() {
        assert_eq!(Ago::parse("2d ago").map(|ago| ago.0), Ok(SignedDuration::from_hours(48)));
        let hint = |text: &str| Ago::parse(text).expect_err("a misspelling").hint.expect("a hint");
        assert_eq!(hint("2d"), "写成 \"2d ago\"");
        assert!(hint("昨天").starts_with("例如"));
        assert_eq!(ClockTime::parse("9:05").map(|time| time.0), Ok(Time::constant(9, 5, 0, 0)));
        assert!(ClockTime::parse("24:00").is_err() && ClockTime::parse("9").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,20}") {
            let _ = (Ago::parse(&text), ClockTime::parse(&text), moment(&text));
        }
    }
}
