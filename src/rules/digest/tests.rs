//! A small brand, and what is told of each change of it.

use super::*;
use crate::files::{SourceFile, Sources};
use crate::rules::compile;
use crate::rules::samples::SERVER;

const STORES: &str = r#"
    [[store]]
    id = "chaoyang"
    name = "朝阳店"
    hours = "9:00-21:00"
    [[store]]
    id = "haidian"
    name = "海淀店"
    [[store]]
    id = "fengtai"
    name = "丰台店"
"#;
const GROUPS: &str = r#"
    [[group]]
    match = { name = "朝阳*" }
    store = "chaoyang"
    profile = "direct-sale"
    ears = ["events"]
    [[group]]
    match = { name = "海淀*" }
    store = "haidian"
    profile = "vip"
    ears = ["events"]
    [[group]]
    match = { name = "丰台*" }
    store = "fengtai"
    profile = "vip"
    ears = ["events"]
"#;
const DIRECT_SALE: &str = r#"
    name = "直售群"
    [moderation]
    act_at = 1.0
    [[moderation.ladder]]
    strike = 1
    do = ["note"]
    [[moderation.ladder]]
    strike = 2
    do = ["remove"]
"#;
const SCRIPTS: &str = r#"
    [[script]]
    id = "hours"
    title = "营业时间"
    triggers = ["几点开门"]
    message = [{ text = "九点" }]
    [[script]]
    id = "gift"
    title = "礼盒"
    triggers = ["礼盒"]
    profiles = ["direct-sale"]
    valid = { to = 2026-09-25 }
    message = [{ text = "有" }]
"#;
const AD: &str = "category = \"ad\"\n[[phrase]]\ntexts = [\"兼职日结\", \"代开发票\"]\n";

fn outline(changes: &[(&str, &str, &str)]) -> Outline {
    let files = [
        ("config/zhanggui.toml", SERVER),
        ("config/stores.toml", STORES),
        ("config/groups/a.toml", GROUPS),
        ("config/profiles/direct-sale.toml", DIRECT_SALE),
        ("config/profiles/vip.toml", "name = \"会员群\"\nmoderation = { off = true }"),
        ("config/lexicons/ad.toml", AD),
        ("bot-scripts/faq/a.toml", SCRIPTS),
        ("bot-scripts/overrides/a.toml", "#"),
        ("config/prices.toml", "#"),
        ("config/schedules/a.toml", "#"),
        ("config/org.toml", "#"),
        ("config/cascades/a.toml", "#"),
        ("config/contacts.toml", "#"),
        ("config/welcome-library.toml", "#"),
    ];
    let files = files.into_iter().filter_map(|(name, text)| {
        let mut text = text.to_owned();
        for (file, from, to) in changes.iter().filter(|(file, ..)| name.contains(file)) {
            assert!(text.contains(from), "{file} has no {from}");
            text = text.replace(from, to);
        }
        // Some kinds of files may not be empty.
        (text != "#").then(|| SourceFile::new(name, text))
    });
    let compiled = compile(&Sources::new(files.collect()));
    let compiled = compiled.unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    Outline::of(&compiled.rulebook)
}

fn told(changes: &[(&str, &str, &str)]) -> Vec<String> {
    digest(&outline(&[]), &outline(changes))
}

#[test]
fn nothing_changed_is_nothing_told() {
    assert_eq!(told(&[]), [""; 0]);
    assert_eq!(told(&[("faq", "[[script]]", "# 一句说明\n[[script]]")]), [""; 0]);
}

#[test]
fn scripts_go_to_those_who_may_use_them() {
    let more = "[[script]]\nid = \"vip\"\ntitle = \"会员日\"\ntriggers = [\"会员\"]\nprofiles = [\"vip\"]\n\
                message = [{ text = \"到店\" }]\n[[script]]\nid = \"hours\"";
    let text =
        [("faq", "[[script]]\n    id = \"hours\"", more), ("faq", "九点", "十点"), ("faq", "09-25", "09-30")];
    assert_eq!(
        told(&text),
        [
            "全品牌：修改话术1条（营业时间）",
            "朝阳店：调整有效期的话术1条（礼盒：到2026年9月30日）",
            "丰台店、海淀店：新增话术1条（会员日）",
        ]
    );
    assert_eq!(digest(&outline(&text), &outline(&[]))[2], "丰台店、海淀店：删除话术1条（会员日）");
}

#[test]
fn rules_are_told_in_words() {
    let ladder = [
        ("direct-sale", "act_at = 1.0", "act_at = 0.8"),
        ("direct-sale", "do = [\"remove\"]", "do = [\"remove\", \"blacklist\"]"),
        ("vip", "off = true", "shadow = true"),
    ];
    assert_eq!(
        told(&ladder)[0],
        "朝阳店：群规「直售群」广告判定线由「1.00」改为「0.80」；\
         群规「直售群」第2次违规由「移出」改为「移出、拉黑（本群，永久）」"
    );
    assert!(told(&ladder)[1].starts_with("丰台店、海淀店："), "{:?}", told(&ladder));
    assert!(told(&ladder)[1].contains("群规「会员群」广告处理由「关」改为「开」"));
}

#[test]
fn groups_stores_and_phrases() {
    let moved = [("groups", "store = \"haidian\"", "store = \"chaoyang\"")];
    assert_eq!(told(&moved), ["朝阳店、海淀店：群「海淀*」由「海淀店」改归「朝阳店」"]);
    let profile = [(
        "groups",
        "match = { name = \"海淀*\" }\n    store = \"haidian\"\n    profile = \"vip\"",
        "match = { name = \"海淀*\" }\n    store = \"haidian\"\n    profile = \"direct-sale\"",
    )];
    assert_eq!(told(&profile), ["海淀店：群「海淀*」由群规「会员群」改用「直售群」"]);
    let hours = [("stores", "21:00", "22:00"), ("ad.toml", "\"代开发票\"", "\"刷单返利\", \"扫码进群\"")];
    assert_eq!(
        told(&hours),
        [
            "全品牌：广告用语新增2个说法（刷单返利、扫码进群）；广告用语停用1个说法（代开发票）",
            "朝阳店：营业时间由「9:00-21:00」改为「9:00-22:00」",
        ]
    );
}

#[test]
fn prices_and_what_stores_make_of_scripts() {
    const SOLD: &str = "[[product]]\nid = \"juice\"\nname = \"山楂汁\"\nprice = \"9.9元\"\nunit = \"瓶\"\n";
    const OWN: &str = "[[override]]\nscript = \"hours\"\nstore = \"chaoyang\"\ntriggers = [\"开门\"]\n";
    let sold = [("prices", "#", SOLD)];
    let dearer = [("prices", "#", SOLD), ("prices", "9.9元", "10.9元")];
    assert_eq!(told(&sold), ["全品牌：新增商品「山楂汁」"]);
    let price = digest(&outline(&sold), &outline(&dearer));
    assert_eq!(price, ["全品牌：商品「山楂汁」价钱由「9.9元」改为「10.9元」"]);

    let own = [("overrides", "#", OWN)];
    assert_eq!(told(&own), ["朝阳店：改成自己样子的话术1条（营业时间）"]);
    assert_eq!(digest(&outline(&own), &outline(&[])), ["朝阳店：改回品牌样子的话术1条（营业时间）"]);

    let only_there = [("faq", "id = \"hours\"", "id = \"hours\"\n    stores = [\"haidian\"]")];
    assert_eq!(told(&only_there), ["海淀店：修改话术1条（营业时间）"]);
}

#[test]
fn schedules_are_told_in_words() {
    const MORNING: &str =
        "[[schedule]]\nid = \"morning\"\ntitle = \"早安\"\ncron = \"30 8 * * *\"\npost = \"hours\"\n";
    let morning = [("schedules", "#", MORNING)];
    assert_eq!(told(&morning), ["全品牌：新增排期「早安」"]);
    let later = "cron = \"0 9 * * *\"\nonly = [\"workday\"]\ngroups = { stores = [\"haidian\"] }\nmissed = { catch_up_within = \"30m\" }";
    let changed = [("schedules", "#", MORNING), ("schedules", "cron = \"30 8 * * *\"", later)];
    assert_eq!(
        digest(&outline(&morning), &outline(&changed)),
        ["全品牌：排期「早安」哪些日子定为「workday」；排期「早安」时间由「30 8 * * *」改为「0 9 * * *」；\
          排期「早安」没发成由「不补发」改为「晚 30m 以内补发」；排期「早安」群由「所有群」改为「门店 haidian」"]
    );
    assert_eq!(digest(&outline(&morning), &outline(&[])), ["全品牌：撤下排期「早安」"]);
}

#[test]
fn many_changes_are_counted() {
    let script = |nth: usize| {
        format!(
            "[[script]]\nid = \"s{nth}\"\ntitle = \"第{nth}条\"\ntriggers = [\"词{nth}号\"]\nmessage = [{{ text = \"好\" }}]\n"
        )
    };
    let many: String = (10..60).map(script).collect();
    let lines =
        told(&[("faq", "[[script]]\n    id = \"hours\"", &format!("{many}[[script]]\nid = \"hours\""))]);
    assert_eq!(lines, ["全品牌：新增话术50条（第10条、第11条、第12条等）"]);
}

#[test]
fn an_outline_survives_the_store() {
    let outline = outline(&[]);
    let text = serde_json::to_string(&outline).expect("written");
    assert_eq!(serde_json::from_str::<Outline>(&text).expect("read"), outline);
}

#[test]
fn the_organisation_is_told_to_its_stores() {
    const ORG: &str = "[[node]]\nid = \"brand\"\nname = \"总部\"\npeople = [\"lin.yun\"]\n\
                       [[node]]\nid = \"north\"\nname = \"华北经销商\"\nparent = \"brand\"\npeople = [\"he.qiang\"]\n\
                       [[node]]\nid = \"chaoyang\"\nparent = \"north\"\nstore = \"chaoyang\"\n";
    let owner = ("stores", "name = \"朝阳店\"", "name = \"朝阳店\"\n    owner = \"wang.min\"");
    let org = [owner, ("org", "#", ORG)];
    assert_eq!(
        digest(&outline(&[owner]), &outline(&org)),
        ["全品牌：新增组织节点「总部」；新增组织节点「华北经销商」", "朝阳店：新增组织节点「朝阳店」"]
    );
    let moved = [
        owner,
        ("org", "#", ORG),
        ("org", "parent = \"north\"", "parent = \"brand\""),
        ("org", "he.qiang", "sun.wei"),
    ];
    assert_eq!(
        digest(&outline(&org), &outline(&moved)),
        [
            "全品牌：组织节点「华北经销商」人员由「he.qiang」改为「sun.wei」",
            "朝阳店：组织节点「朝阳店」上级由「华北经销商」改为「总部」",
        ]
    );
    let successor = [owner, ("org", "#", ORG), ("stores", "wang.min", "li.na")];
    let told = digest(&outline(&org), &outline(&successor));
    assert_eq!(told, ["朝阳店：店员由「wang.min」改为「li.na」；店长由「wang.min」改为「li.na」"], "once");
}

#[test]
fn announcements_are_told_in_words() {
    const ORG: &str = "[[node]]\nid = \"brand\"\nname = \"总部\"\npeople = [\"lin.yun\"]\n";
    const CHECK: &str = "[cascade]\nid = \"check\"\ntitle = \"冷链检查\"\ntext = \"请各店今天检查冷柜。\"\n";
    let written = [("org", "#", ORG), ("cascades", "#", CHECK)];
    let told = |changes: &[(&str, &str, &str)]| {
        let all: Vec<(&str, &str, &str)> = written.iter().chain(changes).copied().collect();
        digest(&outline(&written), &outline(&all))
    };
    assert_eq!(digest(&outline(&written[..1]), &outline(&written)), ["全品牌：新增传达「冷链检查」"]);
    let hurried = "title = \"冷链检查\"\ndeadline = \"2h\"\nremind_after = \"off\"\norder = \"all-at-once\"";
    assert_eq!(
        told(&[("cascades", "title = \"冷链检查\"", hurried)]),
        [
            "全品牌：传达「冷链检查」先后由「一层一层」改为「同时」；传达「冷链检查」回执期限由「1d」改为「2h」；\
          传达「冷链检查」去掉了提醒"
        ]
    );
    let long = format!("请各店今天检查冷柜，{}", "并且记下温度，".repeat(8));
    let longer = format!("{long}拍照。");
    let (before, after) =
        ([("cascades", "请各店今天检查冷柜。", &*long)], [("cascades", "请各店今天检查冷柜。", &*longer)]);
    let outlined =
        |change: &[(&str, &str, &str)]| outline(&written.iter().chain(change).copied().collect::<Vec<_>>());
    assert_eq!(digest(&outlined(&before), &outlined(&after)), ["全品牌：传达「冷链检查」的内容有变"]);
}

#[test]
fn welcomes_on_the_platform_are_told_where_they_hold() {
    const LIBRARY: &str =
        "[[template]]\nscript = \"hours\"\n[[template]]\nscript = \"hours\"\nstores = [\"chaoyang\"]\n";
    const CONTACT: &str = "[contact_welcome]\nscript = \"hours\"\n";
    let written = [("welcome-library", "#", LIBRARY), ("contacts", "#", CONTACT)];
    assert_eq!(
        told(&written),
        [
            "全品牌：加好友的欢迎话术定为「营业时间」；新增入群欢迎语「营业时间」",
            "朝阳店：新增入群欢迎语「营业时间」"
        ]
    );
    let off = [written[0], ("contacts", "#", "[contact_welcome]\nscript = \"hours\"\noff = true\n")];
    assert_eq!(digest(&outline(&written), &outline(&off)), ["全品牌：去掉了加好友的欢迎话术"]);
}

#[test]
fn estates_and_tags_are_told_once() {
    let marked = [
        (
            "groups",
            "match = { name = \"海淀*\" }",
            "match = { name = \"海淀*\" }\n    estate = \"阳光里\"\n    tags = [\"新群\"]",
        ),
        ("stores", "name = \"海淀店\"", "name = \"海淀店\"\n    tags = [\"旗舰店\"]"),
    ];
    assert_eq!(
        told(&marked),
        ["海淀店：标签定为「旗舰店」；群「海淀*」小区定为「阳光里」；群「海淀*」标签定为「新群」"]
    );
}
