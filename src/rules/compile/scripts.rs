//! The script library, from the entries of the files.

use std::collections::BTreeMap;

use super::circles::References;
use super::media::Media;
use super::overrides::{self, Originals};
use super::reading::WrittenScript;
use super::templates::{Trial, messages_of};
use super::{Known, Reading, asks, messages, prices, triggers};
use crate::files::{At, Id, Report, Sources, Text};
use crate::rules::written::ScriptEntry;
use crate::scripts::{
    Joins, Library, LibraryParts, Products, Script, ScriptMessage, ScriptRole, StoreField, Variant,
};

pub fn check(
    reading: &Reading<'_>,
    sources: &Sources,
    products: Products,
    known: &Known,
    report: &mut Report<'_>,
) -> Library {
    let mut media = Media::of(sources);
    let mut scripts = Vec::new();
    let mut written = Vec::new();
    for entry in &reading.scripts {
        check_references(entry.entry, known, report);
        if let Some(script) = script(entry, &mut media, report) {
            scripts.push(script);
            written.push(entry);
        }
    }
    triggers::check(&written, &scripts, report);
    check_circles(&written, report);
    let originals: Originals<'_> = scripts
        .iter()
        .zip(&written)
        .map(|(script, written)| (script.id.as_str(), (script, written.entry)))
        .collect();
    let overrides = overrides::check(reading, &originals, known, &mut media, report);
    media.check_unused(report);
    let library = Library::of(LibraryParts {
        scripts,
        overrides: overrides.iter().map(|(over, _)| over.clone()).collect(),
        regions: regions(reading),
        products,
    });
    let trial = Trial::new(&library, known, reading);
    for (script, written) in library.all().iter().zip(written) {
        trial.check(script, messages_of(written.entry), report);
    }
    for (over, entry) in overrides {
        let Some(version) = library.version_in(&over.script, &over.scope) else { continue };
        if let Some(own) = &entry.message {
            trial.check(version, own.value.iter(), report);
        }
        if let Some(valid) = &entry.valid {
            trial.check_days(version, valid.place, report);
        }
    }
    library
}

/// Store id → region.
fn regions(reading: &Reading<'_>) -> BTreeMap<String, String> {
    let region = |store: &crate::rules::written::StoreEntry| {
        let region = store.region.as_ref().filter(|region| !region.0.is_empty())?;
        Some((store.id.as_ref()?.0.clone(), region.0.clone()))
    };
    reading.stores().filter_map(region).collect()
}

fn check_references(entry: &At<ScriptEntry>, known: &Known, report: &mut Report<'_>) {
    let ids = |list: &'_ Option<At<Vec<At<Id>>>>| -> Vec<At<Id>> {
        list.iter().flat_map(|list| list.value.iter().cloned()).collect()
    };
    for profile in ids(&entry.profiles) {
        known.profiles.check(&profile.0, profile.place, report);
    }
    for store in ids(&entry.stores) {
        known.stores.check(&store.0, store.place, report);
    }
    for region in entry.regions.iter().flat_map(|list| &list.value) {
        known.regions.check(&region.0, region.place, report);
    }
    let joins = entry.joins.iter().flat_map(|joins| [ids(&joins.before), ids(&joins.after)]).flatten();
    for script in joins.chain(entry.replaced_by.clone()) {
        known.scripts.check(&script.0, script.place, report);
    }
    prices::check_valid(entry.valid.as_ref(), report);
    if let Some(messages) = entry.message.as_ref().filter(|messages| messages.value.is_empty()) {
        report
            .error("empty-list", messages.place, "至少要有一条消息")
            .hint("加一行 [[script.message]]，下面写 text = \"…\"");
    }
    if let Some(roles) = entry.roles.as_ref().filter(|roles| roles.value.is_empty()) {
        report
            .error("empty-list", roles.place, "没有人能用这条话术")
            .hint("删掉这一行就是店员能用；只给机器人用的，把 triggers 删掉");
    }
}

/// `None` when something required is missing or wrong, which has been reported.
fn script(written: &WrittenScript<'_>, media: &mut Media<'_>, report: &mut Report<'_>) -> Option<Script> {
    let entry = &written.entry;
    let scene = entry.scene.as_ref().map(|scene| scene.0.clone()).or_else(|| written.folder.clone());
    if scene.is_none() {
        report
            .error("missing-key", entry.place, "不知道这条话术属于哪个场景")
            .hint("把文件放进场景的文件夹，例如 bot-scripts/welcome/，或加一行 scene = \"welcome\"");
    }
    let asks = asks::check(entry, report);
    let messages: Vec<Option<ScriptMessage>> =
        messages_of(entry).map(|message| messages::message(message, media, report)).collect();
    let messages: Vec<ScriptMessage> = messages.into_iter().collect::<Option<_>>()?;
    let valid = entry.valid.as_ref();
    let joins = entry.joins.as_ref();
    Some(Script {
        id: entry.id.as_ref()?.0.clone(),
        title: entry.title.as_ref()?.0.clone(),
        scene: scene?,
        step: entry.step.as_ref().map(|step| step.value),
        senses: each(&entry.senses, |sense| sense.0.to_owned()),
        triggers: each(&entry.triggers, text),
        roles: entry
            .roles
            .as_ref()
            .map_or(vec![ScriptRole::Staff], |list| list.value.iter().map(|role| role.value).collect()),
        profiles: each(&entry.profiles, id),
        regions: each(&entry.regions, text),
        stores: each(&entry.stores, id),
        owner: entry.owner.as_ref().map(|owner| owner.0.clone()),
        valid_from: valid.and_then(|valid| valid.from.as_ref()).map(|day| day.0),
        valid_to: valid.and_then(|valid| valid.to.as_ref()).map(|day| day.0),
        replaced_by: entry.replaced_by.as_ref().map(|id| id.0.clone()),
        joins: Joins {
            before: joins.map(|joins| each(&joins.before, id)).unwrap_or_default(),
            after: joins.map(|joins| each(&joins.after, id)).unwrap_or_default(),
        },
        asks,
        variants: variants(entry, &messages, report),
        stores_may: entry
            .stores_may
            .as_ref()
            .map_or(StoreField::USUAL.to_vec(), |list| list.value.iter().map(|field| field.value).collect()),
        messages,
        place: report.locate(entry.place),
    })
}

fn each<T, U>(list: &Option<At<Vec<At<T>>>>, one: impl Fn(&T) -> U) -> Vec<U> {
    list.iter().flat_map(|list| &list.value).map(|item| one(&item.value)).collect()
}

fn text(text: &Text) -> String {
    text.0.clone()
}

fn id(id: &Id) -> String {
    id.0.clone()
}

/// The variants of the messages in their order, with the weights that are written; 1 where none is.
fn variants(entry: &ScriptEntry, messages: &[ScriptMessage], report: &mut Report<'_>) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for name in messages.iter().filter_map(|message| message.variant.as_ref()) {
        if !variants.iter().any(|variant| variant.name == *name) {
            variants.push(Variant { name: name.clone(), weight: 1 });
        }
    }
    let Some(weights) = &entry.variants else { return variants };
    for (name, weight) in &weights.0 {
        match variants.iter_mut().find(|variant| variant.name == name.value) {
            Some(variant) => *variant = overrides::variant(name, weight),
            None => {
                report
                    .error("unknown-variant", name.place, format!("没有哪条消息属于版本 {:?}", name.value))
                    .hint(format!("在消息里写 variant = {:?}，或删掉这里", name.value));
            }
        }
    }
    if !variants.is_empty() && variants.iter().all(|variant| variant.weight == 0) {
        report
            .error("no-variant", weights.place, "所有版本的比例都是 0，一个也抽不到")
            .hint("至少一个大于 0");
    }
    variants
}

/// Successors and joined scripts must lead to an end.
fn check_circles(written: &[&WrittenScript<'_>], report: &mut Report<'_>) {
    let (mut successors, mut joins) = (References::default(), References::default());
    for written in written {
        let entry = &written.entry.value;
        let Some(id) = entry.id.as_ref().map(|id| id.0.as_str()) else { continue };
        if let Some(successor) = &entry.replaced_by {
            successors.add(id, &successor.0, successor.place);
        }
        let joined = entry.joins.iter().flat_map(|joins| [&joins.before, &joins.after]);
        for joined in joined.flat_map(|list| list.iter().flat_map(|list| &list.value)) {
            joins.add(id, &joined.0, joined.place);
        }
    }
    let message = |id: &str| format!("话术 {id:?} 换来换去又换回了自己");
    successors.check("replaced-by-cycle", message, "删掉其中一个 replaced_by", report);
    let message = |id: &str| format!("话术 {id:?} 带来带去又带上了自己");
    joins.check("joins-cycle", message, "从其中一条的 joins 里删掉", report);
}
