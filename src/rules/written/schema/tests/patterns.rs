//! For each type of text: what its pattern says and what its parser says.

use proptest::prelude::*;
use proptest::string::string_regex;

use super::judge::regex;
use crate::files::{
    Ago, AnyText, ClockTime, Duration, HoursOfDay, Id, Money, SecretSource, Shape, Spelled, TableSpec, Text,
};
use crate::rules::Colour;
use crate::rules::written::schema::reference::table_of;
use crate::rules::written::schema::{KINDS, ONLY_CHECKED};
use crate::rules::written::{
    AskName, CronText, DayRuleText, Domain, GitName, HandName, ListenAddress, Regex, TimeZoneName, WebAddress,
};

/// Whether pattern and parser agree on a text, or disagree on what [`ONLY_CHECKED`] names.
fn agree<T: Spelled>(text: &str) -> Result<(), String> {
    let fits = T::PATTERN.is_none_or(|pattern| regex(pattern).is_match(text));
    match (fits, T::parse(text)) {
        (true, Err(wrong)) if !ONLY_CHECKED.iter().any(|(code, _)| *code == wrong.code) => {
            Err(format!("the pattern takes {text:?}, the parser does not: {wrong:?}"))
        }
        (false, Ok(_)) => Err(format!("the parser takes {text:?}, the pattern does not")),
        _ => Ok(()),
    }
}

/// Texts that a type's pattern describes, damaged or not.
fn around<T: Spelled>() -> impl Strategy<Value = String> {
    let bare = T::PATTERN.unwrap_or(".*").trim_start_matches('^').trim_end_matches('$').replace("$|", "|");
    let right = string_regex(&bare).expect("a pattern that texts can be made from");
    let damage = "[ -~秒：～。\u{3000}]{0,2}";
    (right, 0_usize..12, 0_usize..3, damage).prop_map(|(right, at, length, damage)| {
        let start = right.floor_char_boundary(at);
        let end = right.floor_char_boundary(start + length).max(start);
        format!("{}{damage}{}", &right[..start], &right[end..])
    })
}

macro_rules! patterns_agree {
    ($($test:ident: $type:ty;)+) => { proptest! { $(
        #[test]
        fn $test(around in around::<$type>(), any in "[ -~]{0,12}|\\PC{0,6}") {
            prop_assert_eq!(agree::<$type>(&around), Ok(()));
            prop_assert_eq!(agree::<$type>(&any), Ok(()));
        }
    )+ } };
}

patterns_agree! {
    of_texts: Text;
    of_any_texts: AnyText;
    of_ids: Id;
    of_durations: Duration;
    of_hours: HoursOfDay;
    of_clock_times: ClockTime;
    of_times_ago: Ago;
    of_money: Money;
    of_names_of_asks: AskName;
    of_patterns_of_asks: Regex;
    of_secrets: SecretSource;
    of_hands: HandName;
    of_listen_addresses: ListenAddress;
    of_time_zones: TimeZoneName;
    of_web_addresses: WebAddress;
    of_domains: Domain;
    of_names_in_git: GitName;
    of_cron_times: CronText;
    of_days: DayRuleText;
    of_colours: Colour;
}

/// A text of a special form without a pattern would only be underlined by `check`.
#[test]
fn every_special_text_has_a_pattern() {
    fn special(shape: &Shape) -> bool {
        match shape {
            Shape::Special { .. } | Shape::Id | Shape::Duration | Shape::Hours | Shape::Secret => true,
            Shape::WordOr { other: inner, .. } | Shape::List(inner) => special(inner),
            _ => false,
        }
    }
    fn walk(spec: &TableSpec, without: &mut Vec<&'static str>) {
        for field in spec.fields {
            if special(&field.shape) && field.pattern.is_none() {
                without.push(field.key);
            }
            if let Some((inner, _)) = table_of(&field.shape) {
                walk(inner, without);
            }
        }
    }
    let mut without = Vec::new();
    KINDS.iter().for_each(|kind| walk(kind.spec, &mut without));
    assert!(without.is_empty(), "give the type of these keys a PATTERN (src/files/spelling.rs): {without:?}");
}
