//! The brand's campaigns, as templates name them: `{{ campaign("new-year-gifts").days_left }}`.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// What of one campaign may be told in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignFacts {
    pub title: String,
    /// The day that a countdown counts down to.
    pub day: Option<Date>,
    /// First and last day of the campaign.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// `config/campaigns/new-year.toml:7`, for people.
    pub place: String,
}

/// All campaigns by id.
pub type Campaigns = BTreeMap<String, CampaignFacts>;

impl CampaignFacts {
    /// Days from `today` to its day; 0 on that day and after it.
    pub fn days_left(&self, today: Date) -> Option<i64> {
        let days = today.until(self.day?).map_or(0, |span| i64::from(span.get_days()));
        Some(days.max(0))
    }

    pub fn is_over(&self, today: Date) -> bool {
        self.to.is_some_and(|to| to < today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_to_its_day_and_no_further() {
        let day = Date::constant(2027, 1, 28);
        let campaign = CampaignFacts {
            title: "年货节".into(),
            day: Some(day),
            from: None,
            to: None,
            place: String::new(),
        };
        let left = |today: Date| campaign.days_left(today);
        assert_eq!(left(Date::constant(2026, 12, 29)), Some(30));
        assert_eq!(left(Date::constant(2027, 1, 27)), Some(1));
        assert_eq!(left(day), Some(0));
        assert_eq!(left(Date::constant(2027, 2, 3)), Some(0));
    }
}
