use std::path::Path;

use jiff::civil::date;

use super::*;
use crate::files::{SourceFile, Sources};

const TODAY: Date = date(2026, 11, 21);

/// The example brand without the files that name scripts or people which a test takes away.
fn example() -> Sources {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut sources = folder::read(&config, &folder::scripts_of(&config));
    let gone = [
        "config/cascades/",
        "config/join-codes/",
        "config/org.toml",
        "config/contacts.toml",
        "config/welcome-library.toml",
    ];
    sources.files.retain(|file| !gone.iter().any(|name| file.name.starts_with(name)));
    sources
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
    Found::of(&map, &scope, &rulebook, TODAY).told(args.format, &rulebook, TODAY)
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
    let has =
        |told: anyhow::Result<String>, keyword: &str| told.expect("told").contains(&format!("  {keyword}  "));
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
    sources
        .files
        .retain(|file| !file.name.starts_with("bot-scripts/") && !file.name.starts_with("config/profiles/"));
    sources.files.retain(|file| {
        !["config/groups/", "config/schedules/", "config/campaigns/", "config/playbooks/"]
            .iter()
            .any(|gone| file.name.starts_with(gone))
    });
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
    let found = Found::of(&map, &Scope::default(), &rulebook, TODAY);
    let json = found.told(Format::Json, &rulebook, TODAY).expect("told");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
    let expected = serde_json::json!({
        "keyword": "月 餅", "field": "keyword", "place": "bot-scripts/promotion/a.toml:10", "script": "vip",
        "title": "vip", "scene": "promotion", "profiles": ["vip"], "usable_today": true,
        "shadows": [{ "field": "keyword", "place": "bot-scripts/promotion/a.toml:4", "script": "old" }],
    });
    assert_eq!((rows.len(), &rows[0]), (4, &expected));
}

/// A region and a store with keywords of their own, and a store that uses a script of its region's not.
#[test]
fn keywords_of_regions_and_stores_are_told_where_they_hold() {
    let mut sources = example();
    sources.files.retain(|file| !file.name.starts_with("bot-scripts/"));
    sources.files.retain(|file| {
        let gone = [
            "config/groups/",
            "config/profiles/",
            "config/schedules/",
            "config/campaigns/",
            "config/playbooks/",
        ];
        !gone.iter().any(|folder| file.name.starts_with(folder))
    });
    let script = "[[script]]\nid = \"hours\"\ntitle = \"营业时间\"\ntriggers = [\"几点开门\"]\n\
        message = [{ text = \"九点\" }]\n";
    let overrides = "[[override]]\nscript = \"hours\"\nregion = \"北京\"\ntriggers = [\"开门\", \"营业时间\"]\n\
        [[override]]\nscript = \"hours\"\nstore = \"chaoyang\"\ntriggers = [\"朝阳几点\"]\n\
        [[override]]\nscript = \"hours\"\nstore = \"hexi\"\noff = true\n";
    let stores = "[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nregion = \"北京\"\n\
        [[store]]\nid = \"tongzhou\"\nname = \"通州店\"\nregion = \"北京\"\n\
        [[store]]\nid = \"hexi\"\nname = \"河西店\"\nregion = \"天津\"\n";
    sources.files.retain(|file| file.name != "config/stores.toml");
    sources.files.extend([
        SourceFile::new("bot-scripts/faq/a.toml", script),
        SourceFile::new("bot-scripts/overrides/a.toml", overrides),
        SourceFile::new("config/stores.toml", stores),
    ]);
    let sources = Sources::new(sources.files);
    let hours = "hours「营业时间」 所有群\n";
    let title = format!("  营业时间（标题）  bot-scripts/faq/a.toml:3  {hours}");
    let expected = format!(
        "【常见问题】faq\n  几点开门  bot-scripts/faq/a.toml:4  {hours}{title}\
         【区域 北京】不一样的 (differs in region 北京)\n  \
           营业时间  bot-scripts/overrides/a.toml:4  {hours}  开门  bot-scripts/overrides/a.toml:4  {hours}  \
           几点开门  在这里得不到话术\n\
         【门店 朝阳店】不一样的 (differs in store chaoyang)\n  \
           朝阳几点  bot-scripts/overrides/a.toml:8  {hours}  几点开门  在这里得不到话术\n\
         【门店 河西店】不一样的 (differs in store hexi)\n  \
           几点开门  在这里得不到话术\n  营业时间（标题）  在这里得不到话术\n\
         共 2 个关键词和标题 (2 keywords and titles)\n"
    );
    assert_eq!(scoped(&sources, None, None, None).expect("told"), expected);
    let groups = ["chaoyang", "tongzhou", "hexi"].map(|store| {
        format!(
            "[[group]]\nmatch = {{ name = \"{store}\" }}\nprofile = \"vip\"\nstore = \"{store}\"\nears = []\n"
        )
    });
    let mut sources = sources;
    sources.files.push(SourceFile::new("config/groups/a.toml", groups.concat()));
    sources.files.push(SourceFile::new("config/profiles/vip.toml", "name = \"老友\"\n"));
    let sources = Sources::new(sources.files);
    for (store, keyword) in [("chaoyang", "朝阳几点"), ("tongzhou", "开门")] {
        let told = scoped(&sources, None, None, Some(store)).expect("told");
        assert!(told.contains(&format!("  {keyword}  bot-scripts/overrides/a.toml:")), "{told}");
        assert!(!told.contains("几点开门  ") && !told.contains("不一样"), "{told}");
    }
    assert!(scoped(&sources, None, None, Some("hexi")).expect("told").contains("共 0 个"));
}
