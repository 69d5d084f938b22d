//! What a rulebook says, as short as a comparison needs it: kept in the store, so that the next
//! version can be compared with the one that people were last told of, also after a restart.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{GroupRule, Rulebook, Store, WelcomeTemplate};
use crate::files::Duration;
use crate::scripts::{Override, Product, Scope, Script};
use crate::text::fingerprint;
use crate::timetable::QuietHours;

mod campaigns;
mod cascades;
mod join_codes;
mod org;
mod playbook;
mod profiles;
mod schedules;

/// Changes when the same files give another outline: such outlines cannot be compared.
const FORMAT: u32 = 5;

/// One version of the rules in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    format: u32,
    /// By id.
    pub(super) stores: BTreeMap<String, Named>,
    pub(super) profiles: BTreeMap<String, Named>,
    pub(super) scripts: BTreeMap<String, ScriptOutline>,
    /// What regions and stores change of scripts, by script and place.
    pub(super) overrides: BTreeMap<String, OverrideOutline>,
    /// By id.
    pub(super) products: BTreeMap<String, Named>,
    /// By what a group is recognised by, in words.
    pub(super) groups: BTreeMap<String, GroupOutline>,
    /// By id.
    pub(super) playbooks: BTreeMap<String, Named>,
    /// Phrase → weight in hundredths, by the category's Chinese name.
    pub(super) phrases: BTreeMap<String, BTreeMap<String, u32>>,
    /// By id.
    #[serde(default)]
    pub(super) schedules: BTreeMap<String, Named>,
    /// By id.
    #[serde(default)]
    pub(super) join_codes: BTreeMap<String, Named>,
    /// By id.
    #[serde(default)]
    pub(super) campaigns: BTreeMap<String, Named>,
    /// What holds for the whole brand.
    #[serde(default)]
    pub(super) brand: Named,
    /// Nodes by id.
    #[serde(default)]
    pub(super) org: BTreeMap<String, Named>,
    /// By id.
    #[serde(default)]
    pub(super) cascades: BTreeMap<String, Named>,
    /// By script and store.
    #[serde(default)]
    pub(super) welcome_library: BTreeMap<String, Named>,
}

/// A thing with a name and what is said about it, key → value, both as people read them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Named {
    pub name: String,
    pub says: BTreeMap<String, String>,
    /// The id of the only store that it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Stands for what it says at greater length.
    #[serde(default)]
    pub rest: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ScriptOutline {
    pub title: String,
    /// Profiles in whose groups it may be used; empty = all.
    pub profiles: Vec<String>,
    /// Stores that may use it; empty = all.
    pub stores: BTreeSet<String>,
    /// First and last day, as people read them; empty when it is always valid.
    pub valid: String,
    /// Stands for everything else that it says.
    pub rest: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct OverrideOutline {
    /// Of the brand's script.
    pub title: String,
    /// Where it holds.
    pub stores: BTreeSet<String>,
    /// Stands for everything that it changes.
    pub rest: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct GroupOutline {
    pub store: Option<String>,
    pub profile: String,
    /// Ears, hands, key persons.
    pub rest: String,
    /// Its estate and its own tags, as people read them.
    #[serde(default)]
    pub says: BTreeMap<String, String>,
}

impl Outline {
    pub fn of(rules: &Rulebook) -> Self {
        let mut groups = BTreeMap::new();
        for rule in rules.groups.iter() {
            // A second entry for the same groups is never reached.
            groups.entry(recognised_by(rule)).or_insert_with(|| group(rule, rules));
        }
        let mut phrases: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for (category, text, weight) in rules.perceiver.phrases() {
            let hundredths = (weight * 100.0).round() as u32;
            phrases.entry(category.chinese().to_owned()).or_default().insert(text.to_owned(), hundredths);
        }
        Self {
            format: FORMAT,
            stores: rules.stores.iter().map(|(id, one)| (id.clone(), store(one))).collect(),
            profiles: rules.profiles.iter().map(|(id, one)| (id.clone(), profiles::profile(one))).collect(),
            scripts: rules.scripts.all().iter().map(|one| (one.id.clone(), script(one, rules))).collect(),
            overrides: rules.scripts.overrides().iter().map(|one| over(one, rules)).collect(),
            products: rules.scripts.products().iter().map(|(id, one)| (id.clone(), product(one))).collect(),
            groups,
            playbooks: rules
                .playbooks
                .iter()
                .map(|(id, one)| (id.clone(), playbook::playbook(one)))
                .collect(),
            phrases,
            schedules: rules
                .schedules
                .iter()
                .map(|(id, one)| (id.clone(), schedules::schedule(one)))
                .collect(),
            join_codes: rules
                .join_codes
                .iter()
                .map(|(id, one)| (id.clone(), join_codes::join_code(one)))
                .collect(),
            campaigns: rules
                .campaigns
                .iter()
                .map(|(id, one)| (id.clone(), campaigns::campaign(one)))
                .collect(),
            brand: brand(rules),
            org: org::nodes(rules),
            cascades: cascades::cascades(rules),
            welcome_library: rules
                .welcome_library
                .iter()
                .map(|template| (template.key(), welcome(template, rules)))
                .collect(),
        }
    }

    /// Whether the two were made in the same way, so that a difference is one of the files.
    pub fn compares_with(&self, other: &Self) -> bool {
        self.format == other.format
    }

    /// The stores whose groups have one of these profiles; `None` stands for the whole brand: no
    /// profile is named, none is in use, or groups that belong to no store have one, too.
    pub(super) fn reach(&self, profiles: &[String]) -> Option<BTreeSet<&str>> {
        let groups = || self.groups.values().filter(|group| profiles.contains(&group.profile));
        if groups().any(|group| group.store.is_none()) {
            return None;
        }
        let stores: BTreeSet<&str> = groups().filter_map(|group| group.store.as_deref()).collect();
        let everywhere = self.stores.len() > 1 && stores.len() == self.stores.len();
        Some(stores).filter(|stores| !stores.is_empty() && !everywhere)
    }

    /// Where a script may be used; `None` stands for the whole brand.
    pub(super) fn reach_of<'o>(&'o self, script: &'o ScriptOutline) -> Option<BTreeSet<&'o str>> {
        let by_profiles = self.reach(&script.profiles);
        if script.stores.is_empty() {
            return by_profiles;
        }
        let stores = script.stores.iter().map(String::as_str);
        Some(stores.filter(|store| by_profiles.as_ref().is_none_or(|some| some.contains(store))).collect())
    }
}

fn recognised_by(rule: &GroupRule) -> String {
    let matches = &rule.matches;
    let parts = [("群", &matches.name), ("群号", &matches.id), ("群主", &matches.owner)];
    let parts = parts.iter().filter_map(|(what, value)| Some(format!("{what}「{}」", value.as_ref()?)));
    parts.collect::<Vec<_>>().join("")
}

fn group(rule: &GroupRule, rules: &Rulebook) -> GroupOutline {
    let ears = rule.ears.iter().map(ToString::to_string);
    let hands = rule.hands.iter().map(ToString::to_string);
    // What its store is marked with is told of the store.
    let store = rule.store.as_ref().and_then(|id| rules.stores.get(id));
    let own = rule.tags.iter().filter(|tag| store.is_none_or(|store| !store.tags.contains(tag)));
    let tags = own.cloned().collect::<Vec<_>>().join("、");
    GroupOutline {
        says: said([("小区", rule.estate.clone().unwrap_or_default()), ("标签", tags)]),
        store: rule.store.clone(),
        profile: rule.profile.to_string(),
        rest: ears.chain(hands).chain(rule.kol.iter().cloned()).collect::<Vec<_>>().join(","),
    }
}

fn store(store: &Store) -> Named {
    let says = [
        ("区域", store.region.clone()),
        ("地址", store.address.clone()),
        ("营业时间", store.hours.clone()),
        ("电话", store.phone.clone()),
        ("店长", store.owner.clone().unwrap_or_default()),
        ("店员", store.staff.join("、")),
        ("标签", store.tags.join("、")),
    ];
    Named { name: store.name.clone(), says: said(says), ..Named::default() }
}

fn brand(rules: &Rulebook) -> Named {
    let welcome = rules.contact_welcome.as_ref().map(|id| title_of(id, rules));
    let says = [
        ("运营", rules.brand.ops.join("、")),
        ("客户群收群发的规则", rules.send_budget.chinese().to_owned()),
        ("加好友的欢迎话术", welcome.unwrap_or_default()),
    ];
    Named { name: rules.brand.name.clone(), says: said(says), ..Named::default() }
}

fn welcome(template: &WelcomeTemplate, rules: &Rulebook) -> Named {
    Named { name: title_of(&template.script, rules), store: template.store.clone(), ..Named::default() }
}

fn title_of(script: &str, rules: &Rulebook) -> String {
    rules.scripts.get(script).map_or_else(|| script.to_owned(), |script| script.title.clone())
}

fn script(script: &Script, rules: &Rulebook) -> ScriptOutline {
    // Where it stands in the files is nothing that anybody notices.
    let rest = Script {
        profiles: Vec::new(),
        valid_from: None,
        valid_to: None,
        place: String::new(),
        ..script.clone()
    };
    ScriptOutline {
        title: script.title.clone(),
        profiles: script.profiles.clone(),
        stores: stores_of(script, rules),
        valid: valid(script.valid_from, script.valid_to),
        rest: fingerprint(&format!("{rest:?}")),
    }
}

/// Those that its lists of stores and regions leave; empty when it has none.
fn stores_of(script: &Script, rules: &Rulebook) -> BTreeSet<String> {
    if script.stores.is_empty() && script.regions.is_empty() {
        return BTreeSet::new();
    }
    let among = |list: &[String], name: &String| list.is_empty() || list.contains(name);
    let fits = |store: &&Store| among(&script.stores, &store.id) && among(&script.regions, &store.region);
    rules.stores.values().filter(fits).map(|store| store.id.clone()).collect()
}

fn over(over: &Override, rules: &Rulebook) -> (String, OverrideOutline) {
    let stores = match &over.scope {
        Scope::Store(id) => BTreeSet::from([id.clone()]),
        Scope::Region(region) => {
            let stores = rules.stores.values().filter(|store| store.region == *region);
            stores.map(|store| store.id.clone()).collect()
        }
    };
    let title = rules.scripts.get(&over.script).map_or(&over.script, |script| &script.title);
    let rest = Override { place: String::new(), ..over.clone() };
    let key = format!("{} {:?}", over.script, over.scope);
    (key, OverrideOutline { title: title.clone(), stores, rest: fingerprint(&format!("{rest:?}")) })
}

fn product(product: &Product) -> Named {
    let steps = product.steps.iter().map(|step| format!("{}{}起{}", step.from, product.unit, step.price));
    let says = [
        ("价钱", product.price.to_string()),
        ("原价", product.was.map(|was| was.to_string()).unwrap_or_default()),
        ("单位", product.unit.clone()),
        ("多买的价钱", steps.collect::<Vec<_>>().join("、")),
        ("价钱的有效期", valid(product.valid_from, product.valid_to)),
    ];
    Named { name: product.name.clone(), says: said(says), ..Named::default() }
}

fn valid(from: Option<Date>, to: Option<Date>) -> String {
    let day = |date: Date| format!("{}年{}月{}日", date.year(), date.month(), date.day());
    match (from, to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("{}起", day(from)),
        (None, Some(to)) => format!("到{}", day(to)),
        (Some(from), Some(to)) => format!("{}至{}", day(from), day(to)),
    }
}

fn said<K: Into<String>>(lines: impl IntoIterator<Item = (K, String)>) -> BTreeMap<String, String> {
    let lines = lines.into_iter().filter(|(_, value)| !value.is_empty());
    lines.map(|(key, value)| (key.into(), value)).collect()
}

fn on(off: bool) -> String {
    if off { "关" } else { "开" }.to_owned()
}

fn lasting(duration: SignedDuration) -> String {
    Duration(duration).to_string()
}

fn hours(quiet: QuietHours) -> String {
    format!("{}-{}", quiet.start.strftime("%H:%M"), quiet.end.strftime("%H:%M"))
}
