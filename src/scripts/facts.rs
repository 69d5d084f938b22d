//! What a template may name.

use jiff::civil::Date;

/// The names in templates; asks add their own, [`FUNCTIONS`] bring the rest.
pub const FACT_NAMES: [&str; 12] = [
    "brand",
    "region",
    "store.name",
    "store.region",
    "store.address",
    "store.hours",
    "store.phone",
    "group",
    "member",
    "members",
    "count",
    "today",
];

/// What templates call with an id.
pub const FUNCTIONS: [&str; 2] = ["product", "campaign"];

/// What a script is filled in with. Empty strings are allowed; an unknown name is an error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// `{{ brand }}`: the brand's name.
    pub brand: String,
    /// `{{ region }}` is the store's.
    pub store: StoreFacts,
    /// `{{ group }}`: the group's name.
    pub group: String,
    /// `{{ member }}`: the name of the one person spoken to; may be empty.
    pub member: String,
    /// `{{ members }}`: the names of the people spoken to, joined by `、`; may be empty.
    pub members: String,
    /// `{{ count }}`: how many people are spoken to.
    pub count: usize,
    /// `{{ today }}`: the brand's day; also the day on which prices must hold.
    pub today: Date,
}

/// `{{ store.name }}` and so on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoreFacts {
    /// Decides what the store or its region changes of joined scripts; templates cannot name it.
    pub id: String,
    pub name: String,
    pub region: String,
    pub address: String,
    pub hours: String,
    pub phone: String,
}
