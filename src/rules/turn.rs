//! PURE. What must hold of a group when its turn comes: how large it is, and how lively. It changes from day to day,
//! so the files alone cannot say it; **what is not known holds no condition**.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::files::Duration;

/// People in one group: the platform's largest, an internal group (wecom-send.md §5).
pub const PEOPLE_AT_MOST: i64 = 2000;

/// All stated conditions must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnConditions {
    /// People in the group, those of the store included.
    pub size_at_least: Option<usize>,
    pub size_at_most: Option<usize>,
    /// No member has written for so long.
    pub quiet_for: Option<SignedDuration>,
    /// A member has written not longer ago than this.
    pub spoke_within: Option<SignedDuration>,
}

/// What is known of a group when its turn has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupNow {
    /// By the last reading of its members; `None` = never read.
    pub size: Option<usize>,
    /// `None` = nobody hears what members write.
    pub heard: Option<Heard>,
}

/// What was heard of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Since when every message counts.
    pub since: Timestamp,
    /// When a member wrote last, as far as it is known.
    pub spoke: Option<Timestamp>,
}

/// Why a group has no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    SizeUnknown,
    TooSmall {
        size: usize,
        at_least: usize,
    },
    TooLarge {
        size: usize,
        at_most: usize,
    },
    Unheard,
    /// It has been heard for so short a time that nobody can say whether it is quiet.
    HeardTooShort {
        heard_for: SignedDuration,
    },
    /// A member wrote so long ago, and it was to be longer.
    TooLively {
        spoke_ago: SignedDuration,
    },
    TooQuiet {
        within: SignedDuration,
    },
}

impl TurnConditions {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it matters how many people are in the group.
    pub fn counts(&self) -> bool {
        self.size_at_least.is_some() || self.size_at_most.is_some()
    }

    /// Whether it matters when members wrote.
    pub fn listens(&self) -> bool {
        self.quiet_for.is_some() || self.spoke_within.is_some()
    }

    /// The first condition that does not hold at `now`.
    pub fn unmet(&self, known: &GroupNow, now: Timestamp) -> Option<Unmet> {
        self.unmet_size(known.size).or_else(|| self.unmet_activity(known.heard, now))
    }

    fn unmet_size(&self, size: Option<usize>) -> Option<Unmet> {
        let Some(size) = size else { return self.counts().then_some(Unmet::SizeUnknown) };
        let too_small = self.size_at_least.filter(|at_least| size < *at_least);
        let too_large = self.size_at_most.filter(|at_most| size > *at_most);
        let too_small = too_small.map(|at_least| Unmet::TooSmall { size, at_least });
        too_small.or_else(|| too_large.map(|at_most| Unmet::TooLarge { size, at_most }))
    }

    fn unmet_activity(&self, heard: Option<Heard>, now: Timestamp) -> Option<Unmet> {
        let Some(heard) = heard else { return self.listens().then_some(Unmet::Unheard) };
        // A clock that was set back must not make of what has happened something to come.
        let ago = |then: Timestamp| now.duration_since(then.min(now));
        let heard_for = ago(heard.since);
        let spoke_ago = heard.spoke.map(ago);
        if let Some(quiet_for) = self.quiet_for {
            if let Some(spoke_ago) = spoke_ago.filter(|ago| *ago < quiet_for) {
                return Some(Unmet::TooLively { spoke_ago });
            }
            if heard_for < quiet_for {
                return Some(Unmet::HeardTooShort { heard_for });
            }
        }
        let within = self.spoke_within.filter(|within| spoke_ago.is_none_or(|ago| ago > *within))?;
        let unknown = heard_for < within;
        Some(if unknown { Unmet::HeardTooShort { heard_for } } else { Unmet::TooQuiet { within } })
    }
}

/// As ops read it: `50 人以上，3d 没有成员说话`; empty without any condition.
impl fmt::Display for TurnConditions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size_at_least, size_at_most, quiet_for, spoke_within } = self;
        let words = [
            size_at_least.map(|count| format!("{count} 人以上")),
            size_at_most.map(|count| format!("{count} 人以下")),
            quiet_for.map(|quiet| format!("{} 没有成员说话", Duration(quiet))),
            spoke_within.map(|within| format!("{} 以内有成员说话", Duration(within))),
        ];
        formatter.write_str(&words.into_iter().flatten().collect::<Vec<_>>().join("，"))
    }
}

impl Unmet {
    /// In reasons of the journal.
    pub fn code(self) -> &'static str {
        match self {
            Self::SizeUnknown => "size_unknown",
            Self::TooSmall { .. } => "too_small",
            Self::TooLarge { .. } => "too_large",
            Self::Unheard => "unheard",
            Self::HeardTooShort { .. } => "heard_too_short",
            Self::TooLively { .. } => "too_lively",
            Self::TooQuiet { .. } => "too_quiet",
        }
    }
}

/// Chinese, without the final stop.
impl fmt::Display for Unmet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SizeUnknown => formatter.write_str("还没有读到群里有多少人"),
            Self::TooSmall { size, at_least } => {
                write!(formatter, "群里有 {size} 人，要 {at_least} 人以上")
            }
            Self::TooLarge { size, at_most } => write!(formatter, "群里有 {size} 人，要 {at_most} 人以下"),
            Self::Unheard => formatter.write_str("听不到这个群里每个人说的话，不知道冷不冷清"),
            Self::HeardTooShort { heard_for } => {
                write!(formatter, "才听了这个群 {}，还不知道冷不冷清", rounded(*heard_for))
            }
            Self::TooLively { spoke_ago } => write!(formatter, "{}前还有成员说话", rounded(*spoke_ago)),
            Self::TooQuiet { within } => write!(formatter, "{} 以内没有成员说话", Duration(*within)),
        }
    }
}

/// As people say it: days, or hours, or minutes.
fn rounded(duration: SignedDuration) -> String {
    const MINUTES_OF_A_DAY: i64 = 24 * 60;
    match duration.as_mins() {
        minutes @ 0..60 => format!("{minutes} 分钟"),
        minutes @ 60..MINUTES_OF_A_DAY => format!("{} 小时", minutes / 60),
        minutes => format!("{} 天", minutes / MINUTES_OF_A_DAY),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3600;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    fn unmet(conditions: TurnConditions, size: Option<usize>, heard: Option<Heard>) -> Option<&'static str> {
        conditions.unmet(&GroupNow { size, heard }, at(100 * HOUR)).map(Unmet::code)
    }

    #[test]
    fn who_asks_nothing_takes_every_group() {
        let nothing = TurnConditions::default();
        assert!(nothing.is_empty() && !nothing.counts() && !nothing.listens());
        assert_eq!(unmet(nothing, None, None), None);
        assert_eq!(nothing.to_string(), "");
    }

    #[test]
    fn sizes_are_bounds_that_belong_to_it() {
        let between =
            TurnConditions { size_at_least: Some(50), size_at_most: Some(150), ..TurnConditions::default() };
        let judged = [None, Some(49), Some(50), Some(150), Some(151)].map(|size| unmet(between, size, None));
        assert_eq!(judged, [Some("size_unknown"), Some("too_small"), None, None, Some("too_large")]);
        assert_eq!(between.to_string(), "50 人以上，150 人以下");
        assert_eq!(Unmet::TooSmall { size: 12, at_least: 50 }.to_string(), "群里有 12 人，要 50 人以上");
    }

    #[test]
    fn quiet_is_only_what_was_listened_to() {
        let quiet = TurnConditions { quiet_for: Some(hours(72)), ..TurnConditions::default() };
        let heard = |since: i64, spoke: Option<i64>| {
            Some(Heard { since: at(since * HOUR), spoke: spoke.map(|hour| at(hour * HOUR)) })
        };
        assert_eq!(unmet(quiet, None, None), Some("unheard"));
        assert_eq!(unmet(quiet, None, heard(29, None)), Some("heard_too_short"));
        assert_eq!(unmet(quiet, None, heard(28, None)), None);
        assert_eq!(unmet(quiet, None, heard(0, Some(29))), Some("too_lively"));
        assert_eq!(unmet(quiet, None, heard(0, Some(28))), None);
        assert_eq!(unmet(quiet, None, heard(90, Some(28))), Some("heard_too_short"), "there was a gap");
        assert_eq!(
            unmet(quiet, None, heard(200, Some(200))),
            Some("too_lively"),
            "a clock that was set back"
        );
        assert_eq!(Unmet::TooLively { spoke_ago: hours(50) }.to_string(), "2 天前还有成员说话");
    }

    #[test]
    fn lively_is_who_was_heard() {
        let lively = TurnConditions { spoke_within: Some(hours(24)), ..TurnConditions::default() };
        let heard = |since: i64, spoke: Option<i64>| {
            Some(Heard { since: at(since * HOUR), spoke: spoke.map(|hour| at(hour * HOUR)) })
        };
        assert_eq!(unmet(lively, None, heard(0, Some(76))), None);
        assert_eq!(unmet(lively, None, heard(0, Some(75))), Some("too_quiet"));
        assert_eq!(unmet(lively, None, heard(0, None)), Some("too_quiet"));
        assert_eq!(unmet(lively, None, heard(99, None)), Some("heard_too_short"));
    }

    proptest! {
        /// Against every message that there was: what is said to hold does hold, whatever was not listened to.
        #[test]
        fn nothing_holds_that_is_not_so(
            messages in proptest::collection::vec(0i64..200, 0..6),
            since in 0i64..200,
            quiet_for in proptest::option::of(1i64..60),
            spoke_within in proptest::option::of(1i64..60),
        ) {
            let now = 200;
            let heard = messages.iter().copied().filter(|hour| *hour >= since).max();
            let heard = Heard { since: at(since * HOUR), spoke: heard.map(|hour| at(hour * HOUR)) };
            let (quiet, spoke) = (quiet_for.map(hours), spoke_within.map(hours));
            let conditions = TurnConditions { quiet_for: quiet, spoke_within: spoke, ..TurnConditions::default() };
            let known = GroupNow { size: None, heard: Some(heard) };
            let said = conditions.unmet(&known, at(now * HOUR));
            let is_quiet = |hours: i64| messages.iter().all(|hour| now - hour >= hours);
            let has_spoken = |hours: i64| messages.iter().any(|hour| now - hour <= hours);
            let holds = quiet_for.is_none_or(is_quiet) && spoke_within.is_none_or(has_spoken);
            prop_assert!(said.is_some() || holds, "{said:?}");
            // Who has listened long enough says no only where it is so.
            let long = now - since >= quiet_for.max(spoke_within).unwrap_or_default();
            prop_assert!(said.is_none() || !holds || !long, "{said:?}");
        }
    }
}
