//! One script, from its entry.

use super::judge::Surroundings;
use super::media::Shelf;
use super::messages::messages_of;
use super::reading::WrittenScript;
use super::{asks, messages, overrides, prices};
use crate::files::{At, Id, Report, Text};
use crate::rules::written::ScriptEntry;
use crate::scripts::{Joins, Script, ScriptMessage, ScriptRole, StoreField, Variant};

/// What it refers to besides other scripts, and whatever can be seen to be wrong without making it.
pub fn check_entry(entry: &ScriptEntry, surroundings: &Surroundings, report: &mut Report<'_>) {
    for profile in entry.profiles.iter().flat_map(|list| &list.value) {
        surroundings.profiles.check(&profile.0, profile.place, report);
    }
    for store in entry.stores.iter().flat_map(|list| &list.value) {
        surroundings.stores.check(&store.0, store.place, report);
    }
    for region in entry.regions.iter().flat_map(|list| &list.value) {
        surroundings.regions.check(&region.0, region.place, report);
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
pub fn script(written: &WrittenScript<'_>, media: &mut Shelf<'_>, report: &mut Report<'_>) -> Option<Script> {
    let entry = &written.entry;
    let scene =
        entry.scene.as_ref().map(|scene| scene.0.clone()).or_else(|| written.folder.map(str::to_owned));
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
