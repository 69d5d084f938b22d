//! Facts, answers and prices as the template engine sees them.
//!
//! Money and days are values of their own: they show themselves as people write them (`68元`, `9月25日`),
//! so that a forgotten filter never shows a customer fen or a machine's date.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use super::{CampaignFacts, Campaigns, Facts, Product, Products, StoreFacts};
use crate::files::Money;
use crate::text::one_line;

/// The names of people and groups are shorter than this; the rest of a longer one is cut off.
const NAME_AT_MOST: usize = 400;

/// The name under which `product` and `campaign` find the day on which they must hold; no template can write it.
const PRICES_ON: &str = "#prices-on";

/// Facts and answers that texts are tried out with, prepared once for many texts.
#[derive(Clone, Debug)]
pub struct Sample(Value);

impl Sample {
    /// Prices need not hold on any day in particular.
    pub fn new(facts: &Facts, answers: &BTreeMap<String, String>) -> Self {
        Self(Value::from_object(Context { prices_on: None, ..Context::new(facts, answers, false) }))
    }

    pub(super) fn context(&self) -> Value {
        self.0.clone()
    }
}

/// Everything that one filling may name.
#[derive(Debug)]
pub struct Context {
    facts: Facts,
    /// Made once: most templates name several of its facts.
    store: Value,
    answers: BTreeMap<String, String>,
    /// `None` while templates are checked, which is no certain day.
    prices_on: Option<Date>,
}

impl Context {
    /// What people wrote (names, answers) is put on one line, and in `markdown` without signs of markup.
    pub fn new(facts: &Facts, answers: &BTreeMap<String, String>, markdown: bool) -> Self {
        let plain = |text: &str| {
            let text = one_line(text, NAME_AT_MOST);
            if markdown { text.chars().map(unmarked).collect() } else { text }
        };
        let (group, member, members) = (plain(&facts.group), plain(&facts.member), plain(&facts.members));
        let answers = answers.iter().map(|(name, answer)| (name.clone(), plain(answer))).collect();
        Self {
            store: Value::from_object(Store(facts.store.clone())),
            facts: Facts { group, member, members, ..facts.clone() },
            answers,
            prices_on: Some(facts.today),
        }
    }
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let facts = &self.facts;
        Some(match key {
            "brand" => Value::from(&*facts.brand),
            "region" => Value::from(&*facts.store.region),
            "store" => self.store.clone(),
            "group" => Value::from(&*facts.group),
            "member" => Value::from(&*facts.member),
            "members" => Value::from(&*facts.members),
            "count" => Value::from(facts.count),
            "today" => Value::from_object(Day(facts.today)),
            PRICES_ON => Value::from_object(Day(self.prices_on?)),
            _ => Value::from(&**self.answers.get(key)?),
        })
    }
}

#[derive(Debug)]
struct Store(StoreFacts);

impl Object for Store {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let store = &self.0;
        let text = match key.as_str()? {
            "name" => &store.name,
            "region" => &store.region,
            "address" => &store.address,
            "hours" => &store.hours,
            "phone" => &store.phone,
            _ => return None,
        };
        Some(Value::from(&**text))
    }
}

#[derive(Debug)]
struct Priced(Product);

impl Object for Priced {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let product = &self.0;
        let or_none = |value: Option<Value>| value.unwrap_or(Value::from(()));
        Some(match key.as_str()? {
            "name" => Value::from(&*product.name),
            "price" => Value::from_object(Price(product.price)),
            "was" => or_none(product.was.map(Price).map(Value::from_object)),
            "until" => or_none(product.valid_to.map(Day).map(Value::from_object)),
            "unit" => Value::from(&*product.unit),
            "steps" => {
                product.steps.iter().map(|step| Value::from_object(Step(step.from, step.price))).collect()
            }
            _ => return None,
        })
    }
}

#[derive(Debug)]
struct Campaign {
    facts: CampaignFacts,
    /// `None` while templates are checked.
    today: Option<Date>,
}

/// As many digits as a countdown within a year takes.
const LONG_COUNTDOWN: i64 = 365;

impl Object for Campaign {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let facts = &self.facts;
        let day = |day: Option<Date>| day.map_or(Value::from(()), |day| Value::from_object(Day(day)));
        Some(match key.as_str()? {
            "title" => Value::from(&*facts.title),
            "day" => day(facts.day),
            "from" => day(facts.from),
            "to" => day(facts.to),
            "days_left" => {
                let left =
                    self.today.map_or(facts.day.map(|_| LONG_COUNTDOWN), |today| facts.days_left(today));
                left.map_or(Value::from(()), Value::from)
            }
            _ => return None,
        })
    }
}

#[derive(Debug)]
struct Step(u32, Money);

impl Object for Step {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "from" => Value::from(self.0),
            "price" => Value::from_object(Price(self.1)),
            _ => return None,
        })
    }
}

#[derive(Debug)]
struct Price(Money);

impl Object for Price {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[derive(Debug)]
struct Day(Date);

impl Object for Day {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}月{}日", self.0.month(), self.0.day())
    }
}

/// Gives the environment `product`, `campaign` and the filters.
pub fn equip(environment: &mut Environment<'static>, products: Arc<Products>, campaigns: Arc<Campaigns>) {
    environment.add_function("product", move |state: &State, id: &str| product(&products, state, id));
    environment.add_function("campaign", move |state: &State, id: &str| campaign(&campaigns, state, id));
    environment
        .add_filter("yuan", |value: &Value| wanted::<Price>(value, "yuan").map(|price| price.0.to_string()));
    environment.add_filter("date", |value: &Value| wanted::<Day>(value, "date").map(|_| value.clone()));
    environment
        .add_filter("weekday", |value: &Value| wanted::<Day>(value, "weekday").map(|day| weekday(day.0)));
    environment.add_filter("mention", |names: &str| {
        let names = names.split('、').filter(|name| !name.is_empty());
        names.map(|name| format!("@{name}")).collect::<Vec<_>>().join(" ")
    });
    environment.add_filter("count", count);
}

fn product(products: &Products, state: &State, id: &str) -> Result<Value, Error> {
    let refuse = |why: String| Err(Error::new(ErrorKind::InvalidOperation, why));
    let Some(product) = products.get(id) else { return refuse(format!("没有编号为 {id:?} 的商品")) };
    match day_of(state) {
        Some(day) if !product.holds_on(day) => {
            refuse(format!("“{}”今天没有价格（{}）", product.name, product.place))
        }
        _ => Ok(Value::from_object(Priced(product.clone()))),
    }
}

fn campaign(campaigns: &Campaigns, state: &State, id: &str) -> Result<Value, Error> {
    let refuse = |why: String| Err(Error::new(ErrorKind::InvalidOperation, why));
    let Some(campaign) = campaigns.get(id) else {
        return refuse(format!("没有编号为 {id:?} 的活动"));
    };
    match day_of(state) {
        Some(day) if campaign.is_over(day) => {
            refuse(format!("活动“{}”已经结束了（{}）", campaign.title, campaign.place))
        }
        day => Ok(Value::from_object(Campaign { facts: campaign.clone(), today: day })),
    }
}

/// The day on which it is filled in; `None` while templates are checked.
fn day_of(state: &State) -> Option<Date> {
    state.lookup(PRICES_ON).and_then(|day| day.downcast_object_ref::<Day>().map(|day| day.0))
}

fn wanted<'v, T: Object + 'static>(value: &'v Value, filter: &str) -> Result<&'v T, Error> {
    value.downcast_object_ref::<T>().ok_or_else(|| {
        let why = match filter {
            "yuan" => "yuan 只能用在价钱后面",
            _ => "date 和 weekday 只能用在日期后面",
        };
        Error::new(ErrorKind::InvalidOperation, why)
    })
}

/// How many: entries of a list, names in `小王、小李`.
fn count(value: &Value) -> usize {
    match value.as_str() {
        Some(names) => names.split('、').filter(|name| !name.is_empty()).count(),
        None => value.len().unwrap_or_default(),
    }
}

fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "周一",
        Weekday::Tuesday => "周二",
        Weekday::Wednesday => "周三",
        Weekday::Thursday => "周四",
        Weekday::Friday => "周五",
        Weekday::Saturday => "周六",
        Weekday::Sunday => "周日",
    }
}

/// The full-width twin of a sign that is markup on the platform (wecom-send.md §3.5).
fn unmarked(c: char) -> char {
    match c {
        '#' => '＃',
        '*' => '＊',
        '[' => '［',
        ']' => '］',
        '`' => '｀',
        '<' => '＜',
        '>' => '＞',
        _ => c,
    }
}
