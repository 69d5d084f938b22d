//! What people type, and what they find.

use proptest::prelude::*;

use super::*;
use crate::scripts::{Asker, ScriptMessage};

fn script(id: &str, triggers: &[&str], title: &str, body: &str) -> Script {
    Script {
        id: id.to_owned(),
        title: title.to_owned(),
        scene: id.split('-').next().unwrap_or_default().to_owned(),
        triggers: triggers.iter().map(ToString::to_string).collect(),
        messages: vec![ScriptMessage::text(body)],
        ..Script::default()
    }
}

fn scripts() -> Vec<Script> {
    vec![
        script(
            "promo-mooncake",
            &["月饼", "中秋预订"],
            "中秋月饼预订",
            "{{ store.name }}的街坊们，月饼开订啦，莲蓉的最香。",
        ),
        script("promo-presale", &["月饼预售"], "下个月的预售", "先交定金。"),
        script("greet-zs", &["早上问候"], "早上好", "卷帘门刚拉上去。"),
        script("faq-chongqing", &["重庆小面"], "重庆的面怎么煮", "水开下面。"),
        script("faq-bank", &["行长来了"], "行长来了怎么接待", "泡茶。"),
        script("faq-refund", &["退换货"], "不合适怎么退", "七天内都能退。"),
        script("faq-tea", &["绿茶"], "绿茶怎么泡", "水别太烫。"),
        script("faq-vip", &["VIP价格"], "老友价", "只给老友。"),
        script("faq-aunt", &["阿姨好7"], "称呼", "见面先叫人。"),
        script("rule-own", &[], "月饼广告提醒", "月饼广告请先问群主。"),
    ]
}

fn found(index: &SearchIndex, all: &[Script], typed: &str) -> Vec<(String, How)> {
    let found = index.search(typed, 9, &Preference::default(), |_| true);
    found.into_iter().map(|found| (all[found.script].id.clone(), found.how)).collect()
}

#[test]
fn every_way_of_typing_finds_its_script() {
    use {Extent::*, Field::*, Way::*};
    let all = scripts();
    let index = SearchIndex::new(&all);
    for (typed, id, way, field, extent) in [
        ("月饼", "promo-mooncake", Written, Keyword, Whole),
        (" 月餅！", "promo-mooncake", Written, Keyword, Whole),
        ("中秋月饼预订", "promo-mooncake", Written, Title, Whole),
        ("中秋", "promo-mooncake", Written, Keyword, Start),
        ("预售", "promo-presale", Written, Keyword, Inside),
        ("怎么煮", "faq-chongqing", Written, Title, Inside),
        ("ＶＩＰ", "faq-vip", Written, Keyword, Start),
        ("yuebing", "promo-mooncake", Pinyin, Keyword, Whole),
        ("YUE BING", "promo-mooncake", Pinyin, Keyword, Whole),
        ("yue饼", "promo-mooncake", Pinyin, Keyword, Whole),
        ("yuebi", "promo-mooncake", Pinyin, Keyword, Whole),
        ("chongqing", "faq-chongqing", Pinyin, Keyword, Start),
        ("zhongqing", "faq-chongqing", Pinyin, Keyword, Start),
        ("hangzhang", "faq-bank", Pinyin, Keyword, Start),
        ("lvcha", "faq-tea", Pinyin, Keyword, Whole),
        ("lucha", "faq-tea", Pinyin, Keyword, Whole),
        ("vpjiage", "faq-vip", Typo, Keyword, Whole),
        ("vipjiage", "faq-vip", Pinyin, Keyword, Whole),
        ("zaoshang", "greet-zs", Pinyin, Keyword, Start),
        ("yb", "promo-mooncake", Initials, Keyword, Whole),
        ("ybys", "promo-presale", Initials, Keyword, Whole),
        ("zs问候", "greet-zs", Initials, Keyword, Whole),
        ("zswh", "greet-zs", Initials, Keyword, Whole),
        ("zqyb", "promo-mooncake", Initials, Title, Start),
        ("yuebys", "promo-presale", Initials, Keyword, Whole),
        ("ybyushou", "promo-presale", Initials, Keyword, Whole),
        ("ybyshou", "promo-presale", Initials, Keyword, Whole),
        ("ybysho", "promo-presale", Initials, Keyword, Whole),
        ("zshang", "greet-zs", Initials, Keyword, Start),
        ("zswen候", "greet-zs", Initials, Keyword, Whole),
        ("月并", "promo-mooncake", SameSound, Keyword, Whole),
        ("越兵预售", "promo-presale", SameSound, Keyword, Whole),
        ("退货", "faq-refund", Typo, Keyword, Whole),
        ("退还换货", "faq-refund", Typo, Keyword, Whole),
        ("退货换", "faq-refund", Typo, Keyword, Whole),
        ("月饼预告", "promo-presale", Typo, Keyword, Whole),
        ("yuebng", "promo-mooncake", Typo, Keyword, Whole),
        ("莲蓉", "promo-mooncake", Written, Body, Inside),
        ("月饼什么时候到", "promo-mooncake", Near, Keyword, Inside),
    ] {
        let found = found(&index, &all, typed);
        let best = found.first().map(|(found, how)| (found.as_str(), *how));
        assert_eq!(best, Some((id, How { way, field, extent })), "{typed:?}: {found:?}");
    }
}

#[test]
fn what_says_too_little_finds_nothing() {
    let all = scripts();
    let index = SearchIndex::new(&all);
    for typed in ["", " ", "？", "y", "a", "7", "zz", "ib", "qqqqqq", "吗", "龘", &"月".repeat(100)] {
        assert_eq!(found(&index, &all, typed), [], "{typed:?}");
    }
    // The bot's own scripts are nobody's to find.
    assert!(found(&index, &all, "月饼广告提醒").iter().all(|(id, _)| id != "rule-own"));
}

#[test]
fn hits_are_ranked_by_match_then_scene_then_recent_use_then_place() {
    let all = [
        script("b-title", &["乙"], "说说月饼", ""),
        script("a-one", &["月饼一"], "一", ""),
        script("b-two", &["月饼二"], "二", ""),
        script("b-three", &["月饼三"], "三", ""),
        script("a-sound", &["阅兵"], "看看", ""),
        script("a-exact", &["月饼"], "月饼", ""),
    ];
    let index = SearchIndex::new(&all);
    let ids = |at_most: usize, preference: &Preference<'_>| -> Vec<&str> {
        let found = index.search("月饼", at_most, preference, |_| true);
        found.into_iter().map(|found| all[found.script].id.as_str()).collect()
    };
    let usual = ["a-exact", "a-one", "b-two", "b-three", "b-title", "a-sound"];
    assert_eq!(ids(9, &Preference::default()), usual);
    assert_eq!(ids(3, &Preference::default()), usual[..3]);
    let recent = ["b-three", "nobody", "b-two"];
    let preference = Preference { scene: None, recent: &recent };
    assert_eq!(ids(9, &preference), ["a-exact", "b-three", "b-two", "a-one", "b-title", "a-sound"]);
    let preference = Preference { scene: Some("a"), recent: &recent };
    assert_eq!(ids(9, &preference), ["a-exact", "a-one", "b-three", "b-two", "b-title", "a-sound"]);
    assert_eq!(ids(0, &preference), [""; 0]);
}

#[test]
fn only_what_fits_is_found() {
    let all = scripts();
    let index = SearchIndex::new(&all);
    let found = index.search("月饼", 9, &Preference::default(), |nth| all[nth].id != "promo-mooncake");
    assert_eq!(
        found.iter().map(|found| all[found.script].id.as_str()).collect::<Vec<_>>(),
        ["promo-presale"]
    );
}

#[test]
fn exact_keywords_come_before_exact_titles() {
    let all =
        [script("a", &["甲"], "乙", ""), script("b", &["乙", "乙！"], "丙", ""), script("c", &[], "乙", "")];
    let index = SearchIndex::new(&all);
    assert_eq!(index.exactly("乙"), [1, 0]);
    assert_eq!(index.exactly("丁"), [0; 0]);
}

/// The brand that is shipped, as staff would search it.
#[test]
fn the_example_brand_is_found_by_whatever_is_typed() {
    let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let sources = crate::files::folder::read(&config, &crate::files::folder::scripts_of(&config));
    let library = crate::rules::compile(&sources).expect("good files").rulebook.scripts;
    // A day on which every season's scripts may be used is none; this one is in the moon festival.
    let asker = Asker::anybody(jiff::civil::date(2026, 9, 10));
    for (typed, id, way, field) in [
        ("早安", "greeting-morning", "关键词", Field::Keyword),
        ("早 安！", "greeting-morning", "关键词", Field::Keyword),
        ("早安問候", "greeting-morning", "标题", Field::Title),
        ("zaoan", "greeting-morning", "拼音", Field::Keyword),
        ("za", "greeting-morning", "拼音首字母", Field::Keyword),
        ("za问候", "greeting-morning", "拼音首字母", Field::Title),
        ("zao安", "greeting-morning", "拼音", Field::Keyword),
        ("早按", "greeting-morning", "同音字", Field::Keyword),
        ("yuebing", "mooncake-presale", "拼音", Field::Keyword),
        ("yb", "mooncake-presale", "拼音首字母", Field::Keyword),
        ("yue饼", "mooncake-presale", "拼音", Field::Keyword),
        ("月并", "mooncake-presale", "同音字", Field::Keyword),
        ("月餅預訂", "mooncake-presale", "标题", Field::Title),
        ("中秋月预订", "mooncake-presale", "差一个字", Field::Keyword),
        ("yingyeshijian", "faq-hours", "拼音", Field::Keyword),
        ("几点关", "faq-hours", "关键词", Field::Keyword),
        ("fp", "faq-invoice", "拼音首字母", Field::Keyword),
        ("tuihuo", "after-sales-refund", "拼音", Field::Keyword),
        ("番茄炒蛋", "greeting-quiet-group", "正文", Field::Body),
        ("卷帘门", "greeting-morning", "正文", Field::Body),
        ("地址在哪里啊", "faq-address", "相近", Field::Title),
    ] {
        let hits = library.search(typed, 5, &Preference::default(), &asker);
        let told: Vec<_> = hits.iter().map(|hit| (hit.script.id.as_str(), hit.how)).collect();
        let best = hits.first().map(|hit| (hit.script.id.as_str(), hit.how.chinese(), hit.how.field));
        assert_eq!(best, Some((id, way, field)), "{typed}: {told:?}");
    }
}

fn any_scripts() -> impl Strategy<Value = Vec<Script>> {
    let word = "[月饼并重行长退换货abyue1 ]{0,6}|\\PC{0,4}";
    let one = (
        prop::collection::vec(word, 0..3),
        word,
        "(月|饼|\\{\\{ a \\}\\}|\\{% if a %\\}|\\{% endif %\\}|y){0,8}",
    );
    prop::collection::vec(one, 0..12).prop_map(|made| {
        let script = |(nth, (triggers, title, body)): (usize, &(Vec<String>, String, String))| {
            let triggers: Vec<&str> = triggers.iter().map(String::as_str).collect();
            script(&nth.to_string(), &triggers, title, body)
        };
        made.iter().enumerate().map(script).collect()
    })
}

proptest! {
    #[test]
    fn any_text_is_searched(
        all in any_scripts(), typed in "[月饼并重行长退换货abyue1 ]{0,8}|\\PC{0,60}", odd in any::<bool>(), at_most in 0_usize..5,
    ) {
        let index = SearchIndex::new(&all);
        let fits = |nth: usize| !odd || nth % 2 == 1;
        let found = index.search(&typed, at_most, &Preference::default(), fits);
        prop_assert!(found.len() <= at_most);
        prop_assert!(found.iter().all(|found| fits(found.script) && !all[found.script].triggers.is_empty()));
        let mut scripts: Vec<usize> = found.iter().map(|found| found.script).collect();
        scripts.sort_unstable();
        scripts.dedup();
        prop_assert_eq!(scripts.len(), found.len());
        prop_assert_eq!(index.search(&typed, at_most, &Preference::default(), fits), found);
    }

    #[test]
    fn an_exact_keyword_always_ranks_first(all in any_scripts(), which in any::<prop::sample::Index>()) {
        let keywords: Vec<(usize, &String)> =
            all.iter().enumerate().flat_map(|(nth, script)| script.triggers.iter().map(move |word| (nth, word))).collect();
        prop_assume!(!keywords.is_empty());
        let (_, keyword) = keywords[which.index(keywords.len())];
        let index = SearchIndex::new(&all);
        let first = index.search(keyword, 1, &Preference::default(), |_| true)[0];
        let holds = |script: &Script| script.triggers.iter().any(|word| matching_key(word) == matching_key(keyword));
        prop_assert!(holds(&all[first.script]), "{first:?}");
        prop_assert_eq!(first.how, How { way: Way::Written, field: Field::Keyword, extent: Extent::Whole });
    }
}
