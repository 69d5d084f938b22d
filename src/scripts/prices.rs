//! The brand's prices, as templates name them: `{{ product("mooncake").price }}`.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::files::Money;

/// One product of `config/prices.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    pub id: String,
    pub name: String,
    /// Of one unit.
    pub price: Money,
    /// What it really cost before.
    pub was: Option<Money>,
    /// 盒, 斤, 瓶 …
    pub unit: String,
    /// Lower prices for more, by quantity; each holds for every unit from that quantity on.
    pub steps: Vec<PriceStep>,
    /// First and last day on which these prices hold.
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    /// `config/prices.toml:7`, for people.
    pub place: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceStep {
    /// From this many units on.
    pub from: u32,
    /// Of one unit.
    pub price: Money,
}

/// All products by id.
pub type Products = BTreeMap<String, Product>;

impl Product {
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}
