//! How many mass sends (企业群发) a customer group takes, and whether a plan fits (wecom-send.md §8.1).

use std::ops::RangeInclusive;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Of a corp whose admin chose "7 a week".
const A_WEEK: usize = 7;

/// What the corp's admin has chosen in 群发助手 → 群发规则. Mass sends of the corp and of its members count
/// together; no API tells how many are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SendBudget {
    /// As many in a month as it has days: what holds unless an admin changes it.
    #[default]
    Monthly,
    /// Seven in a week. The page does not say when a week begins, so any seven days in a row count.
    Weekly,
    /// One a day.
    Daily,
}

/// A plan that asks for more than the platform lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrun {
    /// The first day whose post does not fit.
    pub day: Date,
    /// Posts planned for the days that count with it, up to and with that one.
    pub planned: usize,
    pub most: usize,
}

impl SendBudget {
    /// The days that count together with this one.
    pub fn window(self, day: Date) -> RangeInclusive<Date> {
        match self {
            Self::Monthly => day.first_of_month()..=day.last_of_month(),
            Self::Weekly => day.saturating_sub(6.days())..=day,
            Self::Daily => day..=day,
        }
    }

    /// The last day whose posts can count together with one of this day.
    pub fn last_day(self, day: Date) -> Date {
        match self {
            Self::Monthly => day.last_of_month(),
            Self::Weekly => day.saturating_add(6.days()),
            Self::Daily => day,
        }
    }

    /// How many posts a group takes in the window of this day.
    pub fn most(self, day: Date) -> usize {
        match self {
            Self::Monthly => usize::try_from(day.days_in_month()).unwrap_or_default(),
            Self::Weekly => A_WEEK,
            Self::Daily => 1,
        }
    }

    /// How many of these days are in the window of `day`.
    pub fn used(self, sent: impl IntoIterator<Item = Date>, day: Date) -> usize {
        let window = self.window(day);
        sent.into_iter().filter(|sent| window.contains(sent)).count()
    }

    /// Whether nothing more goes out on `day` after the platform said on `full_on` that all is used up.
    pub fn is_full_since(self, full_on: Date, day: Date) -> bool {
        match self {
            Self::Monthly => self.window(full_on).contains(&day),
            // The oldest of the week's posts may leave the window by tomorrow.
            Self::Weekly | Self::Daily => full_on == day,
        }
    }

    /// What staff and ops read.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Monthly => "每月的条数等于当月天数",
            Self::Weekly => "七天最多 7 条",
            Self::Daily => "每天最多 1 条",
        }
    }
}

/// Whether one group can receive all posts that are planned for these days, in any order.
pub fn fits(planned: impl IntoIterator<Item = Date>, budget: SendBudget) -> Result<(), Overrun> {
    let mut days: Vec<Date> = planned.into_iter().collect();
    days.sort_unstable();
    let mut from = 0;
    for (at, &day) in days.iter().enumerate() {
        let window = budget.window(day);
        while days[from] < *window.start() {
            from += 1;
        }
        let (planned, most) = (at + 1 - from, budget.most(day));
        if planned > most {
            return Err(Overrun { day, planned, most });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BUDGETS: [SendBudget; 3] = [SendBudget::Monthly, SendBudget::Weekly, SendBudget::Daily];

    fn day(offset: i32) -> Date {
        Date::constant(2026, 1, 25).saturating_add(offset.days())
    }

    /// By hand: for every day of the year, the days that count with it.
    fn slow(planned: &[Date], budget: SendBudget) -> bool {
        (0..400).map(day).all(|today| {
            let together = |other: &&Date| match budget {
                SendBudget::Monthly => (other.year(), other.month()) == (today.year(), today.month()),
                SendBudget::Weekly => (0..7).any(|back| today.saturating_sub(back.days()) == **other),
                SendBudget::Daily => **other == today,
            };
            let most = match budget {
                SendBudget::Monthly => today.days_in_month() as usize,
                SendBudget::Weekly => 7,
                SendBudget::Daily => 1,
            };
            planned.iter().filter(together).count() <= most
        })
    }

    proptest! {
        #[test]
        fn a_plan_fits_exactly_if_no_window_holds_more_than_it_may(
            which in 0usize..3,
            offsets in proptest::collection::vec(0i32..70, 0..90),
        ) {
            let planned: Vec<Date> = offsets.into_iter().map(day).collect();
            prop_assert_eq!(fits(planned.clone(), BUDGETS[which]).is_ok(), slow(&planned, BUDGETS[which]));
        }
    }

    #[test]
    fn the_files_say_which_rule_holds() {
        let budget = |line: &str| {
            let server = crate::rules::samples::SERVER.replace("[wecom]\n", &format!("[wecom]\n{line}\n"));
            let file = crate::files::SourceFile::new("config/zhanggui.toml", server);
            let sources = crate::files::Sources::new(vec![file]);
            crate::rules::compile(&sources).expect("good files").rulebook.send_budget
        };
        assert_eq!(budget(""), SendBudget::Monthly);
        assert_eq!(budget("send_budget = \"weekly\""), SendBudget::Weekly);
        assert_eq!(budget("send_budget = \"daily\""), SendBudget::Daily);
    }

    #[test]
    fn a_month_takes_as_many_as_it_has_days() {
        let february = |day| Date::constant(2027, 2, day);
        let daily = || (1..=28).map(february);
        assert_eq!(fits(daily(), SendBudget::Monthly), Ok(()));
        let overrun = Overrun { day: february(28), planned: 29, most: 28 };
        assert_eq!(fits(daily().chain([february(14)]), SendBudget::Monthly), Err(overrun));
        assert_eq!(SendBudget::Monthly.used(daily(), february(1)), 28);
        assert_eq!(SendBudget::Monthly.used(daily(), Date::constant(2027, 3, 1)), 0);
    }

    #[test]
    fn a_group_that_is_full_stays_full_for_as_long_as_its_window() {
        let full_on = Date::constant(2026, 11, 22);
        let (tomorrow, next_month) = (Date::constant(2026, 11, 23), Date::constant(2026, 12, 1));
        let full = |budget: SendBudget, day| budget.is_full_since(full_on, day);
        assert!(full(SendBudget::Monthly, tomorrow) && !full(SendBudget::Monthly, next_month));
        assert!(full(SendBudget::Weekly, full_on) && !full(SendBudget::Weekly, tomorrow));
        assert!(full(SendBudget::Daily, full_on) && !full(SendBudget::Daily, tomorrow));
    }
}
