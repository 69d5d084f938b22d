//! Times and days as schedules write them: `"30 8 * * *"`, `"workday"`, `"lunar:正月初一"`.

use jiff::civil::Date;

use crate::choices;
use crate::files::{Misspelled, Shape, Spelled, nearest};
use crate::timetable::{DayRule, Dialect, LunarDate, SolarTerm};

choices! { Dialect {
    Unix = "unix", "五段，前面可以加秒；星期天是 0 或 7，星期一是 1";
    Quartz = "quartz", "六段，先写秒；星期天是 1，星期一是 2";
} }

/// A cron expression of the right form; what it means depends on the dialect beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronText(pub String);

/// Minutes to weekdays; seconds and years may stand around them.
const FIELDS: std::ops::RangeInclusive<usize> = 5..=7;

impl Spelled for CronText {
    const SHAPE: Shape = Shape::Special { chinese: "cron 时间", example: "30 8 * * *" };
    const PATTERN: Option<&'static str> = Some("^[0-9A-Za-z*?/,#-]+( +[0-9A-Za-z*?/,#-]+){4,6}$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || " *?/,#-".contains(letter);
        let fields = text.split(' ').filter(|field| !field.is_empty()).count();
        let trimmed = text.trim_matches(' ').len() == text.len();
        if trimmed && FIELDS.contains(&fields) && text.chars().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        let hint = match crate::files::ClockTime::parse(text.trim()) {
            Ok(time) => format!("每天这个时间写 \"{} {} * * *\"", time.0.minute(), time.0.hour()),
            Err(_) => "五段依次是 分 时 日 月 星期，用空格隔开，* 是每个都要；每天 8:30 写 \"30 8 * * *\""
                .to_owned(),
        };
        Err(Misspelled::new("bad-cron", format!("{text:?} 看不懂"), hint))
    }
}

/// A [`DayRule`] as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRuleText(pub DayRule);

const LUNAR: &str = "lunar:";
const TERM: &str = "term:";
/// Between the first and the last day.
const TO: &str = "..";

/// What people call the days of a lunar year.
const FESTIVALS: &[(&str, &str)] = &[
    ("春节", "正月初一"),
    ("元宵", "正月十五"),
    ("元宵节", "正月十五"),
    ("龙抬头", "二月初二"),
    ("端午", "五月初五"),
    ("端午节", "五月初五"),
    ("七夕", "七月初七"),
    ("中元节", "七月十五"),
    ("中秋", "八月十五"),
    ("中秋节", "八月十五"),
    ("重阳", "九月初九"),
    ("重阳节", "九月初九"),
    ("腊八", "腊月初八"),
    ("腊八节", "腊月初八"),
    ("小年", "腊月廿三"),
    ("大年三十", "除夕"),
];

impl Spelled for DayRuleText {
    const SHAPE: Shape = Shape::Special { chinese: "哪些日子", example: "workday" };
    const PATTERN: Option<&'static str> = Some(concat!(
        "^(workday|weekend|holiday|makeup|lunar:(除夕|闰?(正月|[二三四五六七八九十冬腊]月|十一月|十二月)",
        "(初[一二三四五六七八九十]|十[一二三四五六七八九]|二十|廿[一二三四五六七八九]|三十))|",
        "term:(小寒|大寒|立春|雨水|惊蛰|春分|清明|谷雨|立夏|小满|芒种|夏至|",
        "小暑|大暑|立秋|处暑|白露|秋分|寒露|霜降|立冬|小雪|大雪|冬至)|",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?)$",
    ));

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let rule = match text {
            "workday" => Some(DayRule::Workday),
            "weekend" => Some(DayRule::Weekend),
            "holiday" => Some(DayRule::Holiday),
            "makeup" => Some(DayRule::Makeup),
            _ => match (text.strip_prefix(LUNAR), text.strip_prefix(TERM)) {
                (Some(day), _) => LunarDate::named(day).map(DayRule::Lunar),
                (_, Some(term)) => SolarTerm::named(term).map(DayRule::Term),
                (None, None) => days(text)?,
            },
        };
        rule.map(Self).ok_or_else(|| misspelled(text))
    }
}

/// One day or a range; `None` when it has another form.
fn days(text: &str) -> Result<Option<DayRule>, Misspelled> {
    let (first, last) = text.split_once(TO).unwrap_or((text, text));
    if !has_form_of_a_day(first) || !has_form_of_a_day(last) {
        return Ok(None);
    }
    let day = |text: &str| {
        let wrong = |_| {
            Misspelled::new("no-such-day", format!("没有 {text} 这一天"), "检查月份和日期；2 月最多 29 天")
        };
        text.parse::<Date>().map_err(wrong)
    };
    let (first, last) = (day(first)?, day(last)?);
    if first > last {
        let hint = format!("对调一下，写成 \"{last}{TO}{first}\"");
        return Err(Misspelled::new("no-such-day", format!("{text:?} 开始的日子比结束的晚"), hint));
    }
    Ok(Some(DayRule::Days { first, last }))
}

/// `2026-12-24`
fn has_form_of_a_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn misspelled(text: &str) -> Misspelled {
    let bare = text.trim_start_matches(LUNAR).trim_start_matches(TERM).trim();
    let festival = FESTIVALS.iter().find(|(name, _)| *name == bare).map(|(_, day)| format!("{LUNAR}{day}"));
    let exactly = LunarDate::named(bare)
        .map(|day| format!("{LUNAR}{day}"))
        .or_else(|| SolarTerm::named(bare).map(|term| format!("{TERM}{term}")));
    let hint = match festival.or(exactly).or_else(|| likely(text)) {
        Some(meant) => format!("写成 \"{meant}\""),
        None => "可以写：\"workday\" 上班的日子、\"weekend\" 周末、\"holiday\" 放假、\"makeup\" 调休上班、\
                 \"lunar:正月初一\"、\"term:冬至\"、\"2026-12-24\"、\"2026-12-20..2027-01-03\""
            .to_owned(),
    };
    Misspelled::new("bad-day", format!("{text:?} 不是一种日子"), hint)
}

/// The word that is nearest to what was written.
fn likely(text: &str) -> Option<String> {
    if let Some(day) = text.strip_prefix(LUNAR) {
        let names: Vec<String> = LunarDate::names().collect();
        return nearest(day, names.iter().map(String::as_str)).map(|day| format!("{LUNAR}{day}"));
    }
    if let Some(term) = text.strip_prefix(TERM) {
        return nearest(term, SolarTerm::names()).map(|term| format!("{TERM}{term}"));
    }
    nearest(text, ["workday", "weekend", "holiday", "makeup"]).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(text: &str) -> String {
        DayRuleText::parse(text).expect_err(text).hint.expect("a hint")
    }

    #[test]
    fn days_are_read_as_they_are_told() {
        for text in [
            "workday",
            "weekend",
            "holiday",
            "makeup",
            "lunar:腊月廿三",
            "lunar:闰六月初一",
            "lunar:除夕",
            "term:冬至",
            "2026-12-24",
            "2026-12-20..2027-01-03",
        ] {
            assert_eq!(DayRuleText::parse(text).map(|rule| rule.0.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn knows_what_people_meant() {
        assert_eq!(hint("春节"), "写成 \"lunar:正月初一\"");
        assert_eq!(hint("lunar:中秋节"), "写成 \"lunar:八月十五\"");
        assert_eq!(hint("正月初一"), "写成 \"lunar:正月初一\"");
        assert_eq!(hint("lunar:一月初一"), "写成 \"lunar:正月初一\"");
        assert_eq!(hint("冬至"), "写成 \"term:冬至\"");
        assert_eq!(hint("lunar:冬至"), "写成 \"term:冬至\"");
        assert_eq!(hint("workdays"), "写成 \"workday\"");
        assert_eq!(hint("2027-01-03..2026-12-20"), "对调一下，写成 \"2026-12-20..2027-01-03\"");
        assert_eq!(DayRuleText::parse("2026-02-30").map_err(|wrong| wrong.code), Err("no-such-day"));
        assert!(hint("国庆").contains("可以写"));
        let cron = |text| CronText::parse(text).expect_err(text).hint.expect("a hint");
        assert_eq!(cron("8:30"), "每天这个时间写 \"30 8 * * *\"");
        assert!(cron("每天八点半").contains("五段"));
    }
}
