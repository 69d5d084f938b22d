//! `zhanggui triggers`: what every keyword brings, where it is written, and what it shadows.

use std::io::{self, IsTerminal};

use anyhow::{anyhow, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::Folders;
use crate::clock::Clock;
use crate::files::{Look, folder, nearest, render};
use crate::rules::{Answer, Rulebook, TriggerMap, compile};
use crate::scripts::{Asker, Script, scene_in_chinese};

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
    let answers = map.answers(&rulebook.scripts, |script| scope.has(script, today), today);
    print!("{}", told(&answers, args.format, &rulebook, today)?);
    Ok(!answers.is_empty())
}

fn told(answers: &[Answer<'_>], format: Format, rulebook: &Rulebook, today: Date) -> anyhow::Result<String> {
    match format {
        Format::Text => Ok(text(answers, rulebook, today)),
        Format::Json => {
            let rows: Vec<Row<'_>> = answers.iter().map(|answer| Row::of(answer, today)).collect();
            Ok(serde_json::to_string_pretty(&rows)? + "\n")
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

    fn has(&self, script: &Script, today: Date) -> bool {
        let (store, region) = (self.store.as_deref(), self.region.as_deref());
        let here = |profile| script.is_for(&Asker { profile, store, region, ..Asker::anybody(today) });
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

/// By scene, a line for each keyword.
fn text(answers: &[Answer<'_>], rulebook: &Rulebook, today: Date) -> String {
    let mut text = String::new();
    let mut scene = "";
    for Answer { trigger, script, shadows } in answers {
        if script.scene != scene {
            scene = &script.scene;
            text.push_str(&format!("【{}】{scene}\n", scene_in_chinese(scene)));
        }
        let title = if trigger.is_title { "（标题）" } else { "" };
        let unusable = if script.usable_on(today) { "" } else { "，今天不在有效期内" };
        let who = audience(script, rulebook);
        text.push_str(&format!(
            "  {}{title}  {}  {}「{}」 {who}{unusable}\n",
            trigger.keyword, trigger.place, script.id, script.title
        ));
        for shadowed in shadows {
            let what = if shadowed.is_title { "标题" } else { "关键词" };
            text.push_str(&format!("    挡住 {} {}的{what}\n", shadowed.place, shadowed.script));
        }
    }
    text + &format!("共 {} 个关键词和标题 ({} keywords and titles)\n", answers.len(), answers.len())
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
    fn of(answer: &Answer<'m>, today: Date) -> Self {
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
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::civil::date;

    use super::*;
    use crate::files::{SourceFile, Sources};

    const TODAY: Date = date(2026, 11, 21);

    fn example() -> Sources {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        folder::read(&config, &folder::scripts_of(&config))
    }

    fn scoped(
        sources: &Sources,
        group: Option<&str>,
        profile: Option<&str>,
        store: Option<&str>,
    ) -> anyhow::Result<String> {
        let args = TriggersArgs {
            folders: Folders { config: "config".into(), scripts: None },
            group: group.map(str::to_owned),
            profile: profile.map(str::to_owned),
            store: store.map(str::to_owned),
            format: Format::Text,
        };
        let rulebook = compile(sources).expect("good files").rulebook;
        let scope = Scope::of(&args, &rulebook)?;
        let map = TriggerMap::of(sources);
        let answers = map.answers(&rulebook.scripts, |script| scope.has(script, TODAY), TODAY);
        told(&answers, args.format, &rulebook, TODAY)
    }

    #[test]
    fn every_keyword_is_told_with_its_own_line() {
        let sources = example();
        let text = scoped(&sources, None, None, None).expect("told");
        let place = |keyword: &str, file: &str| {
            let file = sources.files.iter().find(|source| source.name == file).expect(file);
            let line =
                file.text.lines().position(|line| line.contains(&format!("\"{keyword}\""))).expect(keyword);
            format!("{}:{}", file.name, line + 1)
        };
        for (keyword, file) in
            [("早上好", "bot-scripts/greeting/daily.toml"), ("发车", "bot-scripts/staff/dealers.toml")]
        {
            assert!(text.contains(&format!("  {keyword}  {}  ", place(keyword, file))), "{keyword}\n{text}");
        }
        assert!(text.contains(
            "  早安问候（标题）  bot-scripts/greeting/daily.toml:8  greeting-morning「早安问候」 所有群\n"
        ));
    }

    #[test]
    fn groups_profiles_and_stores_narrow() {
        let sources = example();
        let has = |told: anyhow::Result<String>, keyword: &str| {
            told.expect("told").contains(&format!("  {keyword}  "))
        };
        assert!(has(scoped(&sources, Some("山谷小铺朝阳店宝妈群"), None, None), "宝妈欢迎"));
        assert!(!has(scoped(&sources, Some("山谷小铺朝阳店宝妈群"), None, None), "老友欢迎"));
        assert!(has(scoped(&sources, None, Some("vip"), None), "老友欢迎"));
        assert!(has(scoped(&sources, None, None, Some("chaoyang")), "宝妈欢迎"));
        assert!(!has(scoped(&sources, None, None, Some("chaoyang")), "发车"));
        let wrong = scoped(&sources, None, Some("vpi"), None).expect_err("no such profile").to_string();
        assert_eq!(wrong, "没有编号为 \"vpi\" 的群规，是不是想写 \"vip\"？");
        assert!(scoped(&sources, None, None, Some("nowhere")).is_err());
    }

    #[test]
    fn what_is_kept_from_answering_is_told() {
        let script = |id: &str, more: &str| {
            format!("[[script]]\nid = \"{id}\"\ntitle = \"{id}\"\n{more}\nmessage = [{{ text = \"好\" }}]\n")
        };
        let scripts = [
            script("old", "triggers = [\"月饼\"]\nvalid = { to = 2026-09-25 }"),
            script(
                "vip",
                "triggers = [\"老友\", \"月 餅\"]\nprofiles = [\"vip\"]\nvalid = { from = 2026-10-01 }",
            ),
        ];
        let mut sources = example();
        sources.files.retain(|file| {
            !file.name.starts_with("bot-scripts/") && !file.name.starts_with("config/profiles/")
        });
        sources.files.retain(|file| !file.name.starts_with("config/groups/"));
        sources.files.push(SourceFile::new("bot-scripts/promotion/a.toml", scripts.concat()));
        sources.files.push(SourceFile::new("config/profiles/vip.toml", "name = \"老友\"\n"));
        let sources = Sources::new(sources.files);
        let expected = "【好货】promotion\n  \
            月 餅  bot-scripts/promotion/a.toml:10  vip「vip」 老友\n    \
            挡住 bot-scripts/promotion/a.toml:4 old的关键词\n  \
            old（标题）  bot-scripts/promotion/a.toml:3  old「old」 所有群，今天不在有效期内\n  \
            老友  bot-scripts/promotion/a.toml:10  vip「vip」 老友\n  \
            vip（标题）  bot-scripts/promotion/a.toml:9  vip「vip」 老友\n\
            共 4 个关键词和标题 (4 keywords and titles)\n";
        assert_eq!(scoped(&sources, None, None, None).expect("told"), expected);
        let rulebook = compile(&sources).expect("good files").rulebook;
        let map = TriggerMap::of(&sources);
        let answers = map.answers(&rulebook.scripts, |_| true, TODAY);
        let json = told(&answers, Format::Json, &rulebook, TODAY).expect("told");
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
        let expected = serde_json::json!({
            "keyword": "月 餅", "field": "keyword", "place": "bot-scripts/promotion/a.toml:10", "script": "vip",
            "title": "vip", "scene": "promotion", "profiles": ["vip"], "usable_today": true,
            "shadows": [{ "field": "keyword", "place": "bot-scripts/promotion/a.toml:4", "script": "old" }],
        });
        assert_eq!((rows.len(), &rows[0]), (4, &expected));
    }
}
