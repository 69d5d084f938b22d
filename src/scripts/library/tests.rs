use jiff::civil::{Date, date};

use super::*;
use crate::scripts::{Preference, ScriptMessage};

const TODAY: Date = date(2026, 9, 20);

fn script(id: &str, scene: &str, triggers: &[&str]) -> Script {
    Script {
        id: id.to_owned(),
        title: format!("{id}的标题"),
        scene: scene.to_owned(),
        triggers: triggers.iter().map(ToString::to_string).collect(),
        messages: vec![ScriptMessage::text("{{ brand }}")],
        ..Script::default()
    }
}

/// Somebody who asks in a group of this profile, or anywhere.
fn asker(profile: Option<&str>, today: Date) -> Asker<'_> {
    Asker { profile, ..Asker::anybody(today) }
}

fn library() -> Library {
    let presale = Script {
        valid_from: Some(date(2026, 9, 1)),
        valid_to: Some(date(2026, 9, 25)),
        replaced_by: Some("mooncake".to_owned()),
        ..script("presale", "promotion", &["中秋", "月饼预售"])
    };
    let mooncake = Script {
        valid_from: Some(date(2026, 9, 26)),
        ..script("mooncake", "promotion", &["月饼", "中秋"])
    };
    let vip = Script { profiles: vec!["vip".to_owned()], ..script("vip", "greeting", &["ＶＩＰ问候"]) };
    Library::new(vec![
        script("hours", "faq", &["几点开门", "营业时间"]),
        presale,
        vip,
        mooncake,
        script("refund", "faq", &["退换货"]),
        script("ad-removed", "moderation", &[]),
    ])
}

fn triggered(keyword: &str, profile: Option<&str>, today: Date) -> Option<String> {
    library().triggered(keyword, &asker(profile, today)).map(|script| script.id.clone())
}

#[test]
fn a_keyword_brings_its_script_in_any_writing() {
    assert_eq!(triggered("營業時間！", None, TODAY).as_deref(), Some("hours"));
    assert_eq!(triggered("vip 问候", None, TODAY).as_deref(), Some("vip"));
    assert_eq!(triggered("refund的标题", None, TODAY).as_deref(), Some("refund"));
    assert_eq!(triggered("营业", None, TODAY), None);
    assert_eq!(triggered("ad-removed的标题", None, TODAY), None);
    assert_eq!(triggered("", None, TODAY), None);
}

#[test]
fn a_usable_script_comes_before_an_expired_one() {
    assert_eq!(triggered("中秋", None, TODAY).as_deref(), Some("presale"));
    assert_eq!(triggered("中秋", None, date(2026, 10, 1)).as_deref(), Some("mooncake"));
    assert_eq!(triggered("月饼预售", None, date(2026, 10, 1)).as_deref(), Some("presale"));
}

#[test]
fn profiles_narrow() {
    assert_eq!(triggered("vip问候", Some("moms"), TODAY), None);
    assert_eq!(triggered("vip问候", Some("vip"), TODAY).as_deref(), Some("vip"));
    assert_eq!(triggered("退换货", Some("moms"), TODAY).as_deref(), Some("refund"));
}

#[test]
fn nearest_first_and_usable_only() {
    let library = library();
    let ids = |keyword: &str, profile: Option<&str>| -> Vec<String> {
        let hits = library.search(keyword, 3, &Preference::default(), &asker(profile, TODAY));
        hits.iter().map(|hit| hit.script.id.clone()).collect()
    };
    assert_eq!(ids("月并预售", None), ["presale"]);
    assert_eq!(ids("退货", None)[0], "refund");
    assert_eq!(ids("问候语", Some("moms")), Vec::<String>::new());
    assert_eq!(ids("标题", None).len(), 3);
    assert_eq!(ids("", None), Vec::<String>::new());
}

#[test]
fn usable_goes_scene_by_scene() {
    let library = library();
    let ids: Vec<&str> =
        library.usable(&asker(None, TODAY)).iter().map(|script| script.id.as_str()).collect();
    assert_eq!(ids, ["hours", "refund", "presale", "vip"]);
}

#[test]
fn successors_are_followed_to_a_usable_one_and_never_in_a_circle() {
    let library = library();
    let presale = library.get("presale").expect("in the library");
    assert_eq!(
        library.successor(presale, &asker(None, date(2026, 10, 1))).map(|script| script.id.as_str()),
        Some("mooncake")
    );
    assert_eq!(library.successor(presale, &asker(None, date(2026, 9, 25))), None);
    let replaced =
        |id: &str, by: &str| Script { replaced_by: Some(by.to_owned()), ..script(id, "faq", &["问"]) };
    let circle = Library::new(vec![replaced("a", "b"), replaced("b", "a"), replaced("c", "nobody")]);
    assert_eq!(circle.successor(&circle.all()[0], &asker(None, TODAY)), None);
    assert_eq!(circle.successor(&circle.all()[2], &asker(None, TODAY)), None);
}

#[test]
fn validity_includes_its_first_and_last_day() {
    let library = library();
    let presale = library.get("presale").expect("in the library");
    let usable = [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 25), date(2026, 9, 26)];
    assert_eq!(usable.map(|day| presale.usable_on(day)), [false, true, true, false]);
    let replaced = Script { replaced_by: Some("hours".to_owned()), ..script("old", "faq", &["旧"]) };
    assert!(!replaced.usable_on(TODAY));
}

/// Brand, region 北京 with the stores chaoyang and tongzhou, region 天津 with hexi.
fn overridden() -> Library {
    let ask = Ask {
        name: "left".to_owned(),
        label: "还剩多少？".to_owned(),
        choices: Vec::new(),
        pattern: None,
        default: Some("50".to_owned()),
    };
    let variant = |name: &str, weight| Variant { name: name.to_owned(), weight };
    let message = |name: &str| ScriptMessage {
        variant: Some(name.to_owned()),
        ..ScriptMessage::text(format!("{name}还剩{{{{ left }}}}盒"))
    };
    let left = Script {
        asks: vec![ask],
        variants: vec![variant("a", 1), variant("b", 3)],
        messages: vec![message("a"), message("b")],
        ..script("left", "promotion", &["还剩"])
    };
    let region = |id: &str, region: &str| Override::new(id, Scope::Region(region.to_owned()));
    let store = |id: &str, store: &str| Override::new(id, Scope::Store(store.to_owned()));
    Library::of(LibraryParts {
        scripts: [left, script("tail", "promotion", &["尾巴"])].map(Arc::new).into(),
        overrides: vec![
            Override {
                triggers: Some(vec!["开门".to_owned()]),
                defaults: vec![("left".to_owned(), "7".to_owned())],
                messages: Some(vec![ScriptMessage::text("{{ store.name }}有{{ left }}盒")]),
                ..store("left", "chaoyang")
            },
            Override { triggers: Some(vec!["北京还剩".to_owned()]), ..region("left", "北京") },
            Override { off: Some(true), ..region("tail", "北京") },
            Override { off: Some(false), ..store("tail", "tongzhou") },
        ],
        regions: [("chaoyang", "北京"), ("tongzhou", "北京"), ("hexi", "天津")]
            .map(|(store, region)| (store.to_owned(), region.to_owned()))
            .into(),
        ..LibraryParts::default()
    })
}

fn in_store(store: &str) -> Asker<'_> {
    Asker { store: Some(store), ..Asker::anybody(TODAY) }
}

#[test]
fn a_store_goes_over_its_region_and_that_over_the_brand() {
    let library = overridden();
    let triggers =
        |store: &str| library.resolved("left", &in_store(store)).map(|script| script.triggers.concat());
    assert_eq!(triggers("hexi").as_deref(), Some("还剩"));
    assert_eq!(triggers("tongzhou").as_deref(), Some("北京还剩"));
    assert_eq!(triggers("chaoyang").as_deref(), Some("开门"));
    assert!(library.triggered("开门", &in_store("chaoyang")).is_some());
    assert!(library.triggered("还剩", &in_store("chaoyang")).is_none());
    assert!(library.triggered("开门", &in_store("hexi")).is_none());
    let scopes: Vec<_> = library
        .overrides_of("left", &in_store("chaoyang"))
        .into_iter()
        .map(|over| over.scope.clone())
        .collect();
    assert_eq!(scopes, [Scope::Region("北京".to_owned()), Scope::Store("chaoyang".to_owned())]);
    assert_eq!(library.all().len(), 2);
}

#[test]
fn what_a_region_switches_off_a_store_may_use_again() {
    let library = overridden();
    let used = |store: &str| library.resolved("tail", &in_store(store)).is_some();
    assert_eq!(["chaoyang", "tongzhou", "hexi"].map(used), [false, true, true]);
    assert_eq!(library.usable(&in_store("chaoyang")).len(), 1);
}

#[test]
fn a_stores_own_words_and_defaults_are_filled_in() {
    let library = overridden();
    let said = |store: &str, variant| {
        let script = library.resolved("left", &in_store(store)).expect("used");
        let mut facts = Facts { today: TODAY, ..Facts::default() };
        facts.store.name = "店".to_owned();
        let filled = library.fill(script, variant, &facts, &BTreeMap::new()).expect("filled");
        filled.iter().map(|part| part.paste_or_kind()).collect::<Vec<_>>().join("|")
    };
    assert_eq!(said("chaoyang", Some("b")), "店有7盒");
    assert_eq!(said("hexi", Some("b")), "b还剩50盒");
    assert_eq!(said("hexi", None), "a还剩50盒");
}

#[test]
fn variants_are_drawn_by_weight_and_always_the_same() {
    let library = overridden();
    let left = library.get("left").expect("in the library");
    let drawn: Vec<_> = (0..8).map(|seed| library.variant_for(left, seed).unwrap_or_default()).collect();
    assert_eq!(drawn, ["a", "b", "b", "b", "a", "b", "b", "b"]);
    assert_eq!(library.variant_for(library.get("tail").expect("in the library"), 5), None);
}

#[test]
fn joined_scripts_go_along_once_and_only_while_they_are_usable() {
    let joined = |id: &str, before: &[&str], after: &[&str]| Script {
        joins: crate::scripts::Joins {
            before: before.iter().map(ToString::to_string).collect(),
            after: after.iter().map(ToString::to_string).collect(),
        },
        messages: vec![ScriptMessage::text(id)],
        ..script(id, "faq", &[])
    };
    let over = Script { valid_to: Some(date(2026, 9, 1)), ..joined("over", &[], &[]) };
    let library = Library::new(vec![
        joined("main", &["head"], &["tail", "over", "nobody"]),
        joined("head", &[], &["tail"]),
        joined("tail", &["main"], &[]),
        over,
    ]);
    let main = library.get("main").expect("in the library");
    let ids = |asker: &Asker<'_>| -> Vec<String> {
        library.with_joined(main, asker).iter().map(|script| script.id.clone()).collect()
    };
    assert_eq!(ids(&Asker::anybody(TODAY)), ["head", "tail", "main"]);
    assert_eq!(ids(&Asker::anybody(date(2026, 9, 1))), ["head", "tail", "main", "over"]);
    let facts = Facts { today: TODAY, ..Facts::default() };
    let filled = library.fill(main, None, &facts, &BTreeMap::new()).expect("filled");
    assert_eq!(filled.len(), 3);
}
