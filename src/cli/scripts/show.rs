//! One script as a store has it: every field with its origin, and the messages that staff get.

use std::collections::BTreeMap;

use clap::Args;

use super::{name_of, table, validity};
use crate::rules::{Rulebook, Store, facts_in};
use crate::scripts::{Ask, Asker, Override, Scope, Script, ScriptRole, StoreField, scene_in_chinese};

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The script's id 话术编号
    id: String,
    /// An answer to what is filled in 要填的空
    #[arg(long = "answer", value_name = "NAME=VALUE", value_parser = answer)]
    answers: Vec<(String, String)>,
}

fn answer(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("写成 名字=回答 / write name=value")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Returns whether the store has the script.
pub fn show(
    rulebook: &Rulebook,
    store: Option<&Store>,
    asker: &Asker<'_>,
    args: &ShowArgs,
) -> anyhow::Result<(String, bool)> {
    let library = &rulebook.scripts;
    let Some(original) = library.get(&args.id) else {
        anyhow::bail!("没有话术 {} / no such script", args.id);
    };
    let overrides = library.overrides_of(&args.id, asker);
    let Some(script) = library.resolved(&args.id, asker) else {
        let off = overrides.iter().rev().find(|over| over.off == Some(true));
        let why = off.map_or_else(
            || format!("不给它用（{}）", original.place),
            |over| format!("关掉了（{}）", over.place),
        );
        return Ok((format!("{}：{} {why}\n", name_of(store), args.id), false));
    };
    let mut text = format!("{}「{}」· {}\n\n", script.id, script.title, name_of(store));
    text.push_str(&table(&fields(script, original, &overrides, asker)));
    let asks = library.asks(script, asker);
    if !asks.is_empty() {
        text.push_str("\n要填的空：\n");
        asks.iter().for_each(|ask| text.push_str(&format!("  {}\n", in_words(ask))));
    }
    text.push_str(&messages(rulebook, store, script, asker, &args.answers));
    Ok((text, true))
}

/// Name, value and origin of every field that says something.
fn fields(
    script: &Script,
    original: &Script,
    overrides: &[&Override],
    asker: &Asker<'_>,
) -> Vec<[String; 3]> {
    let changed = |changes: fn(&Override) -> bool| {
        let over = overrides.iter().rev().find(|over| changes(over));
        over.map_or_else(
            || original.place.clone(),
            |over| format!("{}（{}）", over.place, scope_in_words(&over.scope)),
        )
    };
    let brands = || original.place.clone();
    let joined = |list: &[String]| list.join("、");
    let variants = script.variants.iter().map(|variant| format!("{} {}", variant.name, variant.weight));
    let roles = script.roles.iter().map(|role| role_in_words(*role));
    let may = script.stores_may.iter().map(|field| field_in_words(*field));
    let all = [
        ("场景", scene_in_chinese(&script.scene).to_owned(), brands()),
        ("感觉", joined(&script.senses), brands()),
        ("关键词", joined(&script.triggers), changed(|over| over.triggers.is_some())),
        ("谁能用", roles.collect::<Vec<_>>().join("、"), brands()),
        ("群规", joined(&script.profiles), brands()),
        ("区域", joined(&script.regions), brands()),
        ("门店", joined(&script.stores), brands()),
        ("有效期", validity(script, asker), changed(|over| over.valid.is_some())),
        ("过期换", script.replaced_by.clone().unwrap_or_default(), brands()),
        ("先发", joined(&script.joins.before), brands()),
        ("再发", joined(&script.joins.after), brands()),
        ("默认值", defaults(script), changed(|over| !over.defaults.is_empty())),
        ("版本", variants.collect::<Vec<_>>().join("、"), changed(|over| !over.variants.is_empty())),
        ("内容", format!("{} 条消息", script.messages.len()), changed(|over| over.messages.is_some())),
        ("负责人", script.owner.clone().unwrap_or_default(), brands()),
        ("门店可改", may.collect::<Vec<_>>().join("、"), brands()),
    ];
    let said = all.into_iter().filter(|(_, value, _)| !value.is_empty());
    said.map(|(name, value, origin)| [name.to_owned(), value, origin]).collect()
}

fn defaults(script: &Script) -> String {
    let given = script.asks.iter().filter_map(|ask| Some(format!("{} {}", ask.name, ask.default.as_ref()?)));
    given.collect::<Vec<_>>().join("、")
}

fn in_words(ask: &Ask) -> String {
    let wanted = match (&ask.choices[..], &ask.pattern) {
        ([], Some(pattern)) => format!("（格式 {}）", pattern.source()),
        ([], None) => String::new(),
        _ => format!("（{}）", ask.listed()),
    };
    let default =
        ask.default.as_ref().map_or("必须填".to_owned(), |default| format!("不填就是 {default}"));
    format!("{}：{}{wanted}；{default}", ask.name, ask.label)
}

/// The messages of every variant, filled in.
fn messages(
    rulebook: &Rulebook,
    store: Option<&Store>,
    script: &Script,
    asker: &Asker<'_>,
    answers: &[(String, String)],
) -> String {
    let facts = facts_in(&rulebook.brand.name, store, asker.today);
    let answers: BTreeMap<String, String> = answers.iter().cloned().collect();
    let names = script.variants.iter().map(|variant| Some(variant.name.as_str()));
    let names: Vec<Option<&str>> = if script.variants.is_empty() { vec![None] } else { names.collect() };
    let mut text = String::new();
    for name in names {
        text.push_str(&format!(
            "\n店员拿到的{}：\n",
            name.map(|name| format!("（版本 {name}）")).unwrap_or_default()
        ));
        match rulebook.scripts.fill(script, name, &facts, &answers) {
            Ok(filled) => {
                for (part, number) in filled.iter().zip(1..) {
                    text.push_str(&format!(
                        "── {number} {} ──\n{}\n",
                        part.kind().chinese(),
                        part.paste_or_kind()
                    ));
                }
            }
            Err(error) => text.push_str(&format!("{}（用 --answer 名字=回答 填空）\n", error.why)),
        }
    }
    text
}

fn scope_in_words(scope: &Scope) -> String {
    match scope {
        Scope::Region(region) => format!("区域 {region}"),
        Scope::Store(store) => format!("门店 {store}"),
    }
}

fn role_in_words(role: ScriptRole) -> &'static str {
    match role {
        ScriptRole::Staff => "店员",
        ScriptRole::Ops => "运营",
        ScriptRole::Kol => "意见领袖",
    }
}

fn field_in_words(field: StoreField) -> &'static str {
    match field {
        StoreField::Triggers => "关键词",
        StoreField::Valid => "有效期",
        StoreField::Variants => "版本",
        StoreField::Defaults => "默认值",
        StoreField::Off => "停用",
        StoreField::Text => "内容",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::files::{SourceFile, Sources};
    use crate::rules::compile;
    use crate::rules::samples::SERVER;

    fn shown(id: &str, answers: &[&str]) -> (String, bool) {
        let stores = "[[store]]\nid = \"hexi\"\nname = \"河西店\"\nregion = \"天津\"\n";
        let scripts = "[[script]]\nid = \"left\"\ntitle = \"还剩多少\"\ntriggers = [\"还剩\"]\n\
            [[script.ask]]\nname = \"left\"\nlabel = \"还剩几盒？\"\npattern = \"[0-9]+\"\n\
            [[script.message]]\ntext = \"{{ store.name }}还剩{{ left }}盒\"\n\
            [[script]]\nid = \"gone\"\ntitle = \"停了\"\n[[script.message]]\ntext = \"停\"\n";
        let overrides = "[[override]]\nscript = \"left\"\nregion = \"天津\"\ntriggers = [\"剩几盒\"]\n\
            [[override]]\nscript = \"gone\"\nstore = \"hexi\"\noff = true\n";
        let files = vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/stores.toml", stores),
            SourceFile::new("bot-scripts/promotion/a.toml", scripts),
            SourceFile::new("bot-scripts/overrides/a.toml", overrides),
        ];
        let rulebook = compile(&Sources::new(files)).expect("good files").rulebook;
        let asker = Asker { store: Some("hexi"), ..Asker::anybody(date(2026, 9, 20)) };
        let answers = answers.iter().map(|text| answer(text).expect("an answer")).collect();
        let args = ShowArgs { id: id.to_owned(), answers };
        show(&rulebook, rulebook.stores.get("hexi"), &asker, &args).expect("a known script")
    }

    #[test]
    fn each_field_tells_where_it_comes_from() {
        let (text, found) = shown("left", &["left=12"]);
        assert!(found);
        for line in [
            "left「还剩多少」· 河西店",
            "场景      好货                                bot-scripts/promotion/a.toml:1",
            "关键词    剩几盒                              bot-scripts/overrides/a.toml:1（区域 天津）",
            "  left：还剩几盒？（格式 [0-9]+）；必须填",
            "── 1 文字 ──",
            "河西店还剩12盒",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n---\n{text}");
        }
    }

    #[test]
    fn what_is_missing_or_switched_off_is_said() {
        assert!(shown("left", &[]).0.contains("还没有填：还剩几盒？（用 --answer 名字=回答 填空）"));
        assert_eq!(
            shown("gone", &[]),
            ("河西店：gone 关掉了（bot-scripts/overrides/a.toml:5）\n".to_owned(), false)
        );
    }
}
