//! What regions and stores change of the brand's scripts, as far as the brand lets them.

use std::collections::BTreeMap;

use super::media::Shelf;
use super::{Known, Reading, messages};
use crate::files::{At, Place, Report};
use crate::rules::written::{OverrideEntry, ScriptEntry};
use crate::scripts::{Override, Scope, Script, ScriptMessage, StoreField, Variant};

/// The brand's scripts, each with the entry that it was made from.
pub type Originals<'a> = BTreeMap<&'a str, (&'a Script, &'a At<ScriptEntry>)>;

/// All that are right, each with the entry that it was made from.
pub fn check<'r>(
    reading: &Reading<'r>,
    originals: &Originals<'_>,
    known: &Known,
    media: &mut Shelf<'_>,
    report: &mut Report<'_>,
) -> Vec<(Override, &'r At<OverrideEntry>)> {
    let mut all = Vec::new();
    let mut seen: BTreeMap<(String, Scope), Place> = BTreeMap::new();
    for &entry in &reading.overrides {
        let Some(id) = &entry.script else { continue };
        let is_known = known.scripts.check(&id.0, id.place, report);
        let Some(scope) = scope(entry, known, report) else { continue };
        if let Some(first) = seen.get(&(id.0.clone(), scope.clone())) {
            let message = format!("这里对话术 {:?} 的改动已经写在 {}", id.0, report.locate(*first));
            report.error("duplicate-override", entry.place, message).hint("合成一处");
            continue;
        }
        seen.insert((id.0.clone(), scope.clone()), entry.place);
        let original = originals.get(id.0.as_str()).filter(|_| is_known);
        let Some((script, original)) = original else { continue };
        check_allowed(entry, script, original, report);
        let names_fit = check_names(entry, script, report);
        if let Some(over) = made(entry, scope, media, report).filter(|_| names_fit) {
            all.push((over, entry));
        }
    }
    all
}

/// `None` when it is not clear where it holds, which has been reported.
fn scope(entry: &At<OverrideEntry>, known: &Known, report: &mut Report<'_>) -> Option<Scope> {
    match (&entry.store, &entry.region) {
        (Some(store), None) => {
            known.stores.check(&store.0, store.place, report).then(|| Scope::Store(store.0.clone()))
        }
        (None, Some(region)) => {
            known.regions.check(&region.0, region.place, report).then(|| Scope::Region(region.0.clone()))
        }
        (Some(_), Some(region)) => {
            report
                .error("store-and-region", region.place, "门店和区域只写一个")
                .hint("要改几处就写几个 [[override]]");
            None
        }
        (None, None) => {
            report
                .error("missing-key", entry.place, "没有写改的是哪家门店或哪个区域")
                .hint("加一行 store = \"门店编号\" 或 region = \"区域\"");
            None
        }
    }
}

/// Every change is one that the brand lets stores make.
fn check_allowed(
    entry: &OverrideEntry,
    script: &Script,
    original: &At<ScriptEntry>,
    report: &mut Report<'_>,
) {
    let changes = [
        (StoreField::Off, "off", entry.off.as_ref().map(|at| at.place)),
        (StoreField::Triggers, "triggers", entry.triggers.as_ref().map(|at| at.place)),
        (StoreField::Valid, "valid", entry.valid.as_ref().map(|at| at.place)),
        (StoreField::Variants, "variants", entry.variants.as_ref().map(|at| at.place)),
        (StoreField::Defaults, "defaults", entry.defaults.as_ref().map(|at| at.place)),
        (StoreField::Text, "text", entry.message.as_ref().map(|at| at.place)),
    ];
    for (field, word, place) in changes {
        let Some(place) = place.filter(|_| !script.stores_may.contains(&field)) else { continue };
        let brand = original.stores_may.as_ref().map_or(original.place, |list| list.place);
        let message = match field {
            StoreField::Text => {
                format!("品牌没有让门店改 {:?} 的内容（{}）", script.id, report.locate(brand))
            }
            _ => format!("品牌没有让门店改 {:?} 的 {word}（{}）", script.id, report.locate(brand)),
        };
        report
            .error("override-not-allowed", place, message)
            .hint(format!("请品牌在那条话术的 stores_may 里加上 {word:?}，或删掉这里"));
    }
    super::prices::check_valid(entry.valid.as_ref(), report);
}

/// Whether variants and asks are those of the script, and defaults what may be answered.
fn check_names(entry: &OverrideEntry, script: &Script, report: &mut Report<'_>) -> bool {
    let mut all_fit = true;
    for (name, _) in entry.variants.iter().flat_map(|map| &map.0) {
        if !script.variants.iter().any(|variant| variant.name == name.value) {
            all_fit = false;
            let names: Vec<_> = script.variants.iter().map(|variant| variant.name.as_str()).collect();
            report
                .error(
                    "unknown-variant",
                    name.place,
                    format!("话术 {:?} 没有版本 {:?}", script.id, name.value),
                )
                .hint(existing("版本", &names));
        }
    }
    for (name, default) in entry.defaults.iter().flat_map(|map| &map.0) {
        match script.asks.iter().find(|ask| ask.name == name.value) {
            Some(ask) => {
                if let Err(why) = ask.accepts(&default.0) {
                    report.error("bad-default", default.place, why).hint("改成一个可以填的回答");
                }
            }
            None => {
                all_fit = false;
                let names: Vec<_> = script.asks.iter().map(|ask| ask.name.as_str()).collect();
                report
                    .error("unknown-ask", name.place, format!("话术 {:?} 没有空 {:?}", script.id, name.value))
                    .hint(existing("空", &names));
            }
        }
    }
    all_fit
}

fn existing(what: &str, names: &[&str]) -> String {
    if names.is_empty() {
        format!("这条话术没有{what}")
    } else {
        format!("有：{}", names.join("、"))
    }
}

/// `None` when a message is wrong, which has been reported.
fn made(
    entry: &At<OverrideEntry>,
    scope: Scope,
    media: &mut Shelf<'_>,
    report: &mut Report<'_>,
) -> Option<Override> {
    let day = |day: &Option<At<crate::files::Day>>| day.as_ref().map(|day| day.0);
    let weight = |(name, weight): &(At<String>, At<_>)| variant(name, weight);
    Some(Override {
        script: entry.script.as_ref()?.0.clone(),
        scope,
        off: entry.off.as_ref().map(|off| off.value),
        triggers: entry
            .triggers
            .as_ref()
            .map(|list| list.value.iter().map(|trigger| trigger.0.clone()).collect()),
        valid: entry.valid.as_ref().map(|valid| (day(&valid.from), day(&valid.to))),
        variants: entry.variants.iter().flat_map(|map| &map.0).map(weight).collect(),
        defaults: entry
            .defaults
            .iter()
            .flat_map(|map| &map.0)
            .map(|(name, default)| (name.value.clone(), default.0.clone()))
            .collect(),
        messages: match &entry.message {
            Some(list) => Some(own_messages(list, media, report)?),
            None => None,
        },
        place: report.locate(entry.place),
    })
}

fn own_messages(
    list: &At<Vec<At<crate::rules::written::MessageEntry>>>,
    media: &mut Shelf<'_>,
    report: &mut Report<'_>,
) -> Option<Vec<ScriptMessage>> {
    for variant in list.value.iter().filter_map(|message| message.variant.as_ref()) {
        report.error("variant-in-override", variant.place, "门店自己的内容不分版本").hint("删掉这一行");
    }
    let made = list.value.iter().map(|message| messages::message(message, media, report));
    made.collect::<Vec<_>>().into_iter().collect()
}

/// A variant as it is written.
pub fn variant(name: &At<String>, weight: &At<crate::files::Whole<0, 100>>) -> Variant {
    Variant { name: name.value.clone(), weight: u32::try_from(weight.0).unwrap_or_default() }
}
