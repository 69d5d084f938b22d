//! `zhanggui triggers`: what every keyword brings, where it is written, and what it shadows.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};

use anyhow::{anyhow, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::Folders;
use crate::clock::Clock;
use crate::files::{Look, folder, nearest, render};
use crate::rules::{Answer, Difference, Rulebook, Trigger, TriggerMap, compile};
use crate::scripts::{self, Asker, Script, scene_in_chinese};

#[derive(Args, Clone, Debug)]
pub struct TriggersArgs {
    #[command(flatten)]
    folders: Folders,
    /// Of this group, by its name or id 某个群（群名或群编号）
    #[arg(long, value_name = "GROUP", conflicts_with = "profile")]
    group: Option<String>,
    /// Of groups with this profile 某种群规的群
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Of this store's groups 某家门店的群
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// An array with one object a keyword.
    Json,
}

/// Returns whether the files are good and some keyword brings a script.
pub fn run(args: &TriggersArgs) -> anyhow::Result<bool> {
    let sources = folder::read(&args.folders.config(), &args.folders.scripts());
    let rulebook = match compile(&sources) {
        Ok(compiled) => compiled.rulebook,
        Err(diagnostics) => {
            let look = if io::stdout().is_terminal() { Look::Coloured } else { Look::Plain };
            print!("{}", render(&diagnostics, look));
            return Ok(false);
        }
    };
    let today = Clock::system().now().to_zoned(rulebook.timezone.clone()).date();
    let scope = Scope::of(args, &rulebook)?;
    let map = TriggerMap::of(&sources);
    let found = Found::of(&map, &scope, &rulebook, today);
    print!("{}", found.told(args.format, &rulebook, today)?);
    Ok(!found.answers.is_empty())
}

/// What is answered in the scope and, when that is of no store in particular, what stores and regions change.
struct Found<'m> {
    answers: Vec<Answer<'m>>,
    differences: Vec<Difference<'m>>,
}

impl<'m> Found<'m> {
    fn of(map: &'m TriggerMap, scope: &Scope, rulebook: &'m Rulebook, today: Date) -> Self {
        let library = &rulebook.scripts;
        let answers = map.answers(library, &scope.asker(today), |script| scope.has(script, today));
        let mut differences = Vec::new();
        if scope.store.is_none() {
            let scopes: BTreeSet<_> = library.overrides().iter().map(|over| &over.scope).collect();
            for own in scopes {
                let profiles = scope.profiles.clone();
                let there = Scope { profiles, ..Scope::of_override(own, rulebook) };
                let fits = |script: &Script| there.has(script, today);
                differences.extend(map.difference(library, own, &there.asker(today), fits));
            }
        }
        Self { answers, differences }
    }

    fn told(&self, format: Format, rulebook: &Rulebook, today: Date) -> anyhow::Result<String> {
        match format {
            Format::Text => Ok(text(self, rulebook, today)),
            Format::Json => {
                let everywhere = self.answers.iter().map(|answer| Row::of(answer, None, today));
                let changed = self.differences.iter().flat_map(|difference| {
                    difference.answers.iter().map(|answer| Row::of(answer, Some(difference.scope), today))
                });
                let rows: Vec<Row<'_>> = everywhere.chain(changed).collect();
                Ok(serde_json::to_string_pretty(&rows)? + "\n")
            }
        }
    }
}

/// Where keywords are asked for.
#[derive(Default)]
struct Scope {
    /// The profiles of the groups in question; `None` = all groups.
    profiles: Option<Vec<String>>,
    store: Option<String>,
    region: Option<String>,
}

impl Scope {
    fn of(args: &TriggersArgs, rulebook: &Rulebook) -> anyhow::Result<Self> {
        if let Some(group) = &args.group {
            let rule = rulebook.rule_for(group, group, None);
            let rule = rule.ok_or_else(|| anyhow!("config/groups 里没有哪一条管得到群 {group:?}"))?;
            let profiles = Some(vec![rule.profile.to_string()]);
            return Ok(Self { profiles, ..Self::in_store(rule.store.as_deref(), rulebook) });
        }
        if let Some(profile) = &args.profile {
            if !rulebook.profiles.contains_key(profile) {
                bail!("没有编号为 {profile:?} 的群规{}", meant(profile, rulebook.profiles.keys()));
            }
            let store = Self::in_store(args.store.as_deref(), rulebook);
            return Ok(Self { profiles: Some(vec![profile.clone()]), ..store });
        }
        let Some(store) = &args.store else { return Ok(Self::default()) };
        if !rulebook.stores.contains_key(store) {
            bail!("没有编号为 {store:?} 的门店{}", meant(store, rulebook.stores.keys()));
        }
        let rules = rulebook.groups.iter().filter(|rule| rule.store.as_deref() == Some(store));
        let profiles = Some(rules.map(|rule| rule.profile.to_string()).collect());
        Ok(Self { profiles, ..Self::in_store(Some(store), rulebook) })
    }

    fn in_store(store: Option<&str>, rulebook: &Rulebook) -> Self {
        let region = store.and_then(|store| rulebook.stores.get(store)).map(|store| store.region.clone());
        Self { profiles: None, store: store.map(str::to_owned), region }
    }

    /// Where an override holds.
    fn of_override(scope: &scripts::Scope, rulebook: &Rulebook) -> Self {
        match scope {
            scripts::Scope::Store(store) => Self::in_store(Some(store), rulebook),
            scripts::Scope::Region(region) => Self { region: Some(region.clone()), ..Self::default() },
        }
    }

    fn asker(&self, today: Date) -> Asker<'_> {
        let (store, region) = (self.store.as_deref(), self.region.as_deref());
        Asker { store, region, ..Asker::anybody(today) }
    }

    fn has(&self, script: &Script, today: Date) -> bool {
        let here = |profile| script.is_for(&Asker { profile, ..self.asker(today) });
        match &self.profiles {
            None => here(None),
            Some(profiles) => profiles.iter().any(|profile| here(Some(profile))),
        }
    }
}

fn meant<'n>(word: &str, names: impl Iterator<Item = &'n String>) -> String {
    nearest(word, names.map(String::as_str))
        .map(|name| format!("，是不是想写 {name:?}？"))
        .unwrap_or_default()
}

/// By scene, a line for each keyword; then what regions and stores change.
fn text(found: &Found<'_>, rulebook: &Rulebook, today: Date) -> String {
    let mut text = String::new();
    let mut scene = "";
    for answer in &found.answers {
        if answer.script.scene != scene {
            scene = &answer.script.scene;
            text.push_str(&format!("【{}】{scene}\n", scene_in_chinese(scene)));
        }
        text.push_str(&line(answer, rulebook, today));
    }
    for difference in &found.differences {
        let (chinese, english) = named(difference.scope, rulebook);
        text.push_str(&format!("【{chinese}】不一样的 (differs in {english})\n"));
        difference.answers.iter().for_each(|answer| text.push_str(&line(answer, rulebook, today)));
        for silent in &difference.silent {
            let title = title(silent);
            text.push_str(&format!("  {}{title}  在这里得不到话术\n", silent.keyword));
        }
    }
    let count = found.answers.len();
    text + &format!("共 {count} 个关键词和标题 ({count} keywords and titles)\n")
}

fn title(trigger: &Trigger) -> &'static str {
    if trigger.is_title { "（标题）" } else { "" }
}

/// Of one keyword, and of those that it shadows.
fn line(Answer { trigger, script, shadows }: &Answer<'_>, rulebook: &Rulebook, today: Date) -> String {
    let unusable = if script.usable_on(today) { "" } else { "，今天不在有效期内" };
    let (title, who) = (title(trigger), audience(script, rulebook));
    let mut line = format!(
        "  {}{title}  {}  {}「{}」 {who}{unusable}\n",
        trigger.keyword, trigger.place, script.id, script.title
    );
    for shadowed in shadows {
        let what = if shadowed.is_title { "标题" } else { "关键词" };
        line.push_str(&format!("    挡住 {} {}的{what}\n", shadowed.place, shadowed.script));
    }
    line
}

/// A region or a store, Chinese and English.
fn named(scope: &scripts::Scope, rulebook: &Rulebook) -> (String, String) {
    match scope {
        scripts::Scope::Region(region) => (format!("区域 {region}"), format!("region {region}")),
        scripts::Scope::Store(store) => {
            let name = rulebook.stores.get(store).map_or(store.as_str(), |store| store.name.as_str());
            (format!("门店 {name}"), format!("store {store}"))
        }
    }
}

/// Who may use it.
fn audience(script: &Script, rulebook: &Rulebook) -> String {
    if script.profiles.is_empty() {
        return "所有群".to_owned();
    }
    let name = |id: &String| rulebook.profiles.get(id).map_or(id.clone(), |profile| profile.name.clone());
    script.profiles.iter().map(name).collect::<Vec<_>>().join("、")
}

#[derive(Serialize)]
struct Row<'m> {
    keyword: &'m str,
    /// `keyword` or `title`.
    field: &'static str,
    /// `bot-scripts/promotion/mooncake.toml:6`
    place: &'m str,
    script: &'m str,
    title: &'m str,
    scene: &'m str,
    /// Empty = all.
    profiles: &'m [String],
    /// Only in this region or store, where it differs from what is answered elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'m str>,
    usable_today: bool,
    shadows: Vec<Shadowed<'m>>,
}

#[derive(Serialize)]
struct Shadowed<'m> {
    field: &'static str,
    place: &'m str,
    script: &'m str,
}

impl<'m> Row<'m> {
    fn of(answer: &Answer<'m>, scope: Option<&'m scripts::Scope>, today: Date) -> Self {
        let field = |is_title: bool| if is_title { "title" } else { "keyword" };
        let shadowed = answer.shadows.iter().map(|trigger| Shadowed {
            field: field(trigger.is_title),
            place: &trigger.place,
            script: &trigger.script,
        });
        Self {
            keyword: &answer.trigger.keyword,
            field: field(answer.trigger.is_title),
            place: &answer.trigger.place,
            script: &answer.script.id,
            title: &answer.script.title,
            scene: &answer.script.scene,
            profiles: &answer.script.profiles,
            usable_today: answer.script.usable_on(today),
            shadows: shadowed.collect(),
            region: scope.and_then(|scope| match scope {
                scripts::Scope::Region(region) => Some(region.as_str()),
                scripts::Scope::Store(_) => None,
            }),
            store: scope.and_then(|scope| match scope {
                scripts::Scope::Store(store) => Some(store.as_str()),
                scripts::Scope::Region(_) => None,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
