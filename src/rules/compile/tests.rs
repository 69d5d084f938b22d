use std::fs;
use std::path::Path;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::files::{Look, MediaForm, MediaSource, Need, Shape, SourceFile, Table, TableSpec, render};
use crate::rules::samples::SERVER;
use crate::rules::written::{FloodTable, ProfileFile, ServerFile};
use crate::rules::{Flood, Hand, Profile, RungAct, Welcome};

mod warm;

const NOW: &str = "now";
const SERVER_NAME: &str = "config/zhanggui.toml";

/// What is no TOML is a medium; its text is its first bytes, or `size N` and they. A file called `now` holds the
/// moment at which the others are judged.
fn sources(files: &[(&str, &str)]) -> Sources {
    let now =
        files.iter().find(|(name, _)| *name == NOW).map(|(_, text)| text.trim().parse().expect("a moment"));
    let files = files.iter().filter(|(name, _)| *name != NOW);
    let (files, media): (Vec<_>, Vec<_>) = files.partition(|(name, _)| name.ends_with(".toml"));
    let mut all: Vec<SourceFile> = files.iter().map(|(name, text)| SourceFile::new(*name, *text)).collect();
    if !files.iter().any(|(name, _)| *name == SERVER_NAME) {
        all.push(SourceFile::new(SERVER_NAME, SERVER));
    }
    let media = media.iter().map(|(name, text)| medium(name, text)).collect();
    Sources { media, now, ..Sources::new(all) }
}

fn medium(name: &str, text: &str) -> MediaSource {
    let sized = text.strip_prefix("size ").and_then(|text| text.split_once(' '));
    let bytes = sized.map_or(text.len() as u64, |(size, _)| size.parse().expect("a size"));
    let head = match sized.map_or(text, |(_, head)| head).trim() {
        "PNG" => b"\x89PNG\r\n\x1a\n".as_slice(),
        "MP4" => b"\0\0\0\x20ftypisom",
        "HEIC" => b"\0\0\0\x20ftypheic",
        other => other.as_bytes(),
    };
    let name = name.to_owned();
    MediaSource { path: name.clone(), name, bytes, sha256: "0".repeat(64), form: MediaForm::of(head) }
}

fn compiled(files: &[(&str, &str)]) -> Compiled {
    let sources = sources(files);
    compile(&sources).unwrap_or_else(|diagnostics| panic!("{}", render(&diagnostics, Look::Plain)))
}

fn diagnostics(sources: &Sources) -> Vec<Diagnostic> {
    compile(sources).map_or_else(|errors| errors, |compiled| compiled.warnings)
}

/// A case of `tests/mistakes`: files, each after a line `=== NAME`, and last what is expected.
fn parts(case: &str) -> (Vec<(&str, &str)>, &str) {
    let mut files = Vec::new();
    for part in case.split("=== ").skip(1) {
        let (name, text) = part.split_once('\n').expect("a name and a text");
        if name == "expected" {
            return (files, text);
        }
        files.push((name, text));
    }
    (files, "")
}

/// Every case of `tests/mistakes` is told as it is written there. After a change of a sentence:
/// `UPDATE_MISTAKES=1 cargo test mistakes`, then read the difference.
#[test]
fn mistakes_are_told_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes");
    let mut failed = Vec::new();
    let mut cases: Vec<_> =
        fs::read_dir(&folder).expect("the cases").map(|entry| entry.expect("a case").path()).collect();
    cases.sort();
    for path in &cases {
        let case = fs::read_to_string(path).expect("a case");
        let (files, expected) = parts(&case);
        let told = diagnostics(&sources(&files));
        let told = render(&told, Look::Plain);
        if std::env::var_os("UPDATE_MISTAKES").is_some() {
            let end = case.find("=== expected\n").unwrap_or(case.len());
            fs::write(path, format!("{}=== expected\n{told}", &case[..end])).expect("to write the case");
        } else if told != expected {
            failed.push(format!("{}\n--- expected\n{expected}\n--- told\n{told}", path.display()));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(cases.len() >= 10, "the cases are there");
}

#[test]
fn secrets_in_clear_are_never_shown() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes/secrets-in-clear.txt");
    let case = fs::read_to_string(path).expect("the case");
    let told = diagnostics(&sources(&parts(&case).0));
    assert!(told.iter().filter(|one| one.code == "secret-in-clear").count() >= 3);
    assert!(!format!("{told:?}{}", render(&told, Look::Plain)).contains("never-show"));
}

#[test]
fn an_empty_brand_compiles() {
    let Compiled { server, rulebook, warnings } = compiled(&[]);
    assert_eq!(warnings, []);
    assert_eq!(server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(server.api, "https://qyapi.weixin.qq.com");
    assert_eq!(server.retention, SignedDuration::from_hours(90 * 24));
    assert_eq!(server.apps[0].secret.place, "config/zhanggui.toml:12");
    assert_eq!(&*rulebook.app, "assistant");
    assert_eq!(rulebook.rule_for("wr1", "任何群", None), None);
}

#[test]
fn later_wins_and_lists_replace() {
    let rulebook = compiled(&[
        (
            "config/profiles/base.toml",
            r#"
            name = "基础"
            [welcome]
            window = "1m"
            quiet = "22:00-08:00"
            [moderation]
            allow_links = ["a.example.com"]
            flood = { messages = 5 }
            [[moderation.ladder]]
            strike = 2
            do = ["remove", "blacklist"]
            blacklist = { scope = "brand", lasts = "365d" }
            [[moderation.ladder]]
            strike = 1
            do = ["note"]
            "#,
        ),
        (
            "config/profiles/middle.toml",
            "name = \"中\"\nextends = \"base\"\n[welcome]\nrepeat_after = \"3d\"",
        ),
        (
            "config/profiles/leaf.toml",
            r#"
            name = "叶"
            extends = "middle"
            [welcome]
            quiet = "off"
            [moderation]
            allow_links = ["b.example.com"]
            "#,
        ),
    ])
    .rulebook;
    let leaf = &rulebook.profiles["leaf"];
    let expected = Welcome {
        window: SignedDuration::from_mins(1),
        repeat_after: SignedDuration::from_hours(72),
        ..Welcome::default()
    };
    assert_eq!(leaf.welcome, expected);
    assert_eq!(leaf.name, "叶");
    assert_eq!(leaf.moderation.allow_links, ["b.example.com"]);
    assert_eq!(leaf.moderation.flood, Some(Flood { messages: 5, ..Flood::default() }));
    let acts: Vec<_> = leaf.moderation.ladder.iter().map(|rung| (rung.strike, rung.acts.clone())).collect();
    assert_eq!(acts, [(1, vec![RungAct::Note]), (2, vec![RungAct::Remove, RungAct::Blacklist])]);
    assert!(rulebook.profiles["middle"].welcome.quiet.is_some());
}

#[test]
fn groups_take_the_first_rule_that_matches() {
    let rulebook = compiled(&[
        ("config/profiles/base.toml", "name = \"基础\"\n"),
        (
            "config/stores.toml",
            "[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nowner = \"wang\"\nstaff = [\"li\", \"wang\"]",
        ),
        (
            "config/groups/a.toml",
            r#"
            [[group]]
            match = { name = "朝阳店*福利群", owner = "wang" }
            store = "chaoyang"
            profile = "base"
            ears = ["events"]
            [[group]]
            match = { id = "wr9" }
            profile = "base"
            ears = []
            hands = ["appchat", "staff-task"]
            "#,
        ),
        ("config/groups/b.toml", "[[group]]\nmatch = { name = \"*\" }\nprofile = \"base\"\nears = []"),
    ])
    .rulebook;
    let place = |id: &str, name: &str, owner: Option<&str>| {
        rulebook.rule_for(id, name, owner).map(|rule| rule.place.as_str())
    };
    assert_eq!(place("wr1", "朝阳店 1 号福利群", Some("wang")), Some("config/groups/a.toml:2"));
    assert_eq!(place("wr1", "朝阳店 1 号福利群", None), Some("config/groups/b.toml:1"));
    assert_eq!(place("wr9", "", None), Some("config/groups/a.toml:7"));
    let app = std::sync::Arc::<str>::from("assistant");
    assert_eq!(rulebook.groups[0].hands, [Hand::StaffTask { app: app.clone() }]);
    assert_eq!(rulebook.groups[1].hands, [Hand::Appchat { app: app.clone() }, Hand::StaffTask { app }]);
    assert_eq!(rulebook.stores["chaoyang"].staff, ["wang", "li"]);
}

#[test]
fn the_version_tells_files_apart() {
    let version = |name: &str, text: &str| compiled(&[(name, text)]).rulebook.version;
    let first = version("config/stores.toml", "# 1");
    assert_eq!(first.len(), 64);
    assert_eq!(first, version("config/stores.toml", "# 1"));
    assert_ne!(first, version("config/stores.toml", "# 2"));
    assert_ne!(first, version("config/groups/a.toml", "# 1"));
}

#[test]
fn what_could_not_be_read_is_no_unknown_reference() {
    let mut broken = sources(&[(
        "config/profiles/base.toml",
        "name = \"基础\"\n[welcome]\nscript = \"in-the-unread-file\"",
    )]);
    let problem = Diagnostic::of_file(crate::files::Severity::Error, "not-utf8", "bot-scripts/a.toml", "x");
    broken.problems.push(problem);
    let codes: Vec<_> = diagnostics(&broken).into_iter().map(|one| one.code).collect();
    assert_eq!(codes, ["not-utf8"]);
}

/// All declared defaults of a table, written out as people would.
fn defaults(spec: &TableSpec) -> String {
    let mut text = String::new();
    for field in spec.fields {
        let listed = matches!(field.shape, Shape::Table(_) | Shape::List(Shape::Table(_)));
        if let Need::Default(value) = field.need
            && !listed
        {
            text.push_str(&format!("{} = {value}\n", field.key));
        }
    }
    for field in spec.fields {
        if let Shape::Table(inner) = field.shape {
            text.push_str(&format!("[{}]\n{}", field.key, defaults(inner)));
        }
    }
    text
}

fn profile(text: &str) -> Profile {
    Profile::clone(&compiled(&[("config/profiles/p.toml", text)]).rulebook.profiles["p"])
}

#[test]
fn declared_defaults_are_the_used_ones() {
    let written = format!("name = \"p\"\n{}", defaults(&ProfileFile::SPEC));
    assert!(written.contains("[moderation]") && written.contains("window = \"30s\""), "{written}");
    assert_eq!(profile(&written), profile("name = \"p\""));

    let inline = defaults(&FloodTable::SPEC).trim().replace('\n', ", ");
    let flood =
        profile(&format!("name = \"p\"\n[moderation]\nladder = []\nflood = {{ {inline} }}")).moderation.flood;
    assert_eq!(flood, Some(Flood::default()));

    let server = defaults(&ServerFile::SPEC);
    let listed = |table: &str| {
        let after = server.split_once(table).map_or("", |(_, after)| after);
        after.split("\n[").next().unwrap_or_default().to_owned()
    };
    let written = SERVER
        .replace("[server]", &format!("[server]{}", listed("[server]")))
        .replace("[wecom]\n", &format!("[wecom]{}\n", listed("[wecom]")));
    assert_eq!(compiled(&[(SERVER_NAME, &written)]).server.retention, compiled(&[]).server.retention);
    let (declared, used) = (compiled(&[(SERVER_NAME, &written)]).server, compiled(&[]).server);
    assert_eq!((declared.listen, declared.timezone, declared.api), (used.listen, used.timezone, used.api));

    let git = |text: &str| compiled(&[(SERVER_NAME, &format!("{SERVER}{text}"))]).server.git;
    assert_eq!(git(&format!("[git]{}", listed("[git]"))), git("[git]\n"));
    assert!(git("[git]\n").is_some_and(|git| git.branch == "main" && git.deploy_key.is_none()));
    assert_eq!(git(""), None);
}

/// Files with something of everything, to be damaged.
const GOOD: &[(&str, &str)] = &[
    (SERVER_NAME, SERVER),
    ("config/stores.toml", "[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nstaff = [\"li\"]\n"),
    (
        "config/profiles/base.toml",
        "name = \"基础\"\n[welcome]\nwindow = \"30s\"\nscript = \"hello\"\nquiet = \"22:00-08:00\"\n\
         [moderation]\nact_at = 1.5\n[[moderation.ladder]]\nstrike = 1\ndo = [\"warn\"]\nscript = \"hello\"\n",
    ),
    (
        "config/groups/a.toml",
        "[[group]]\nmatch = { name = \"朝阳*\" }\nstore = \"chaoyang\"\nprofile = \"base\"\nears = [\"events\"]\n",
    ),
    ("config/lexicons/ad.toml", "category = \"ad\"\n[[phrase]]\ntexts = [\"兼职日结\"]\nweight = 0.6\n"),
    (
        "bot-scripts/welcome/a.toml",
        "[[script]]\nid = \"hello\"\ntitle = \"你好\"\nvalid = { from = 2026-09-01, to = 2026-09-25 }\n\
         [[script.ask]]\nname = \"left\"\nlabel = \"还剩？\"\npattern = \"[0-9]+\"\ndefault = \"5\"\n\
         [[script.message]]\nvariant = \"a\"\ntext = \"\"\"\n欢迎 {{ members }}{{ product('juice').price }}{{ left }}\n\"\"\"\n",
    ),
    (
        "bot-scripts/overrides/a.toml",
        "[[override]]\nscript = \"hello\"\nstore = \"chaoyang\"\noff = false\ntriggers = [\"欢迎\"]\n\
         variants = { a = 2 }\ndefaults = { left = \"8\" }\n",
    ),
    (
        "config/prices.toml",
        "[[product]]\nid = \"juice\"\nname = \"山楂汁\"\nprice = \"9.9元\"\nunit = \"瓶\"\n\
         steps = [{ from = 6, price = \"9元\" }]\n",
    ),
    (
        "config/schedules/a.toml",
        "[[schedule]]\nid = \"morning\"\ntitle = \"早安\"\ncron = \"30 8 * * 1-5\"\nonly = [\"workday\", \"lunar:正月初一\"]\n\
         except = [\"term:冬至\", \"2026-12-20..2027-01-03\"]\nfrom = 2026-01-01\ngroups = { stores = [\"chaoyang\"], names = [\"朝*\"] }\n\
         post = \"hello\"\njitter = \"10m\"\nmissed = { catch_up_within = \"30m\" }\ntimezone = \"Asia/Shanghai\"\n",
    ),
    (
        "config/calendar/2026.toml",
        "source = \"通知\"\n[[holiday]]\nname = \"元旦\"\nfrom = 2026-01-01\nto = 2026-01-03\nmakeup = [2026-01-04]\n",
    ),
];

#[test]
fn good_files_are_good() {
    let told = diagnostics(&sources(GOOD));
    assert!(
        told.iter().all(|one| one.code == "price-not-valid" || !one.is_error()),
        "{}",
        render(&told, Look::Plain)
    );
}

fn check_positions(sources: &Sources) -> Result<(), TestCaseError> {
    for one in diagnostics(sources) {
        let Some(file) = sources.files.iter().find(|file| file.path == one.file) else {
            prop_assert_eq!((one.line, one.column), (1, 1));
            continue;
        };
        prop_assert!(one.span.start <= one.span.end && one.span.end <= file.text.len(), "{one:?}");
        prop_assert!((one.line, one.column) <= (one.end_line, one.end_column), "{one:?}");
        let line = file.text.split('\n').nth(one.line - 1);
        prop_assert!(line.is_some_and(|line| one.column <= line.chars().count() + 1), "{one:?}");
        prop_assert!(!one.message.is_empty() && one.hint.as_deref() != Some(""), "{one:?}");
        let excerpt = one.excerpt.iter().all(|excerpt| excerpt.text.get(excerpt.span.clone()).is_some());
        prop_assert!(excerpt, "{one:?}");
        render(std::slice::from_ref(&one), Look::Plain);
    }
    Ok(())
}

proptest! {
    #[test]
    fn damaged_files_are_told_with_good_positions(
        which in 0..GOOD.len(), at in 0_usize..400, length in 0_usize..30,
        instead in "([\\[\\]{}=\"',.#“”：名a1\n \r-]|env:|\\PC){0,12}",
    ) {
        let mut files = GOOD.to_vec();
        let text = files[which].1;
        let start = text.floor_char_boundary(at);
        let end = text.floor_char_boundary(start + length).max(start);
        let damaged = format!("{}{instead}{}", &text[..start], &text[end..]);
        files[which].1 = &damaged;
        check_positions(&sources(&files))?;
    }

    #[test]
    fn any_text_is_read_without_panic(which in 0..GOOD.len(), text in "(\\PC|\n|\t|\u{feff}){0,200}") {
        let mut files = GOOD.to_vec();
        files[which].1 = &text;
        check_positions(&sources(&files))?;
    }
}

/// A compiler that has seen other files before says of each the same as a fresh one.
#[test]
fn a_compiler_remembers_nothing_wrong() {
    let good = sources(&[("bot-scripts/faq/a.toml", SCRIPT), ("config/groups/a.toml", "")]);
    let renamed =
        sources(&[("bot-scripts/faq/a.toml", &SCRIPT.replace("hours", "open")), ("config/a.toml", "")]);
    let doubled = sources(&[("bot-scripts/faq/a.toml", SCRIPT), ("bot-scripts/faq/b.toml", SCRIPT)]);
    let broken = sources(&[("bot-scripts/faq/a.toml", "[[script]"), ("config/groups/a.toml", "")]);
    let mut compiler = Compiler::default();
    for sources in [&good, &broken, &doubled, &good, &renamed, &broken, &good] {
        let told = |compiled: Result<Compiled, Vec<Diagnostic>>| match compiled {
            Ok(compiled) => {
                (Some(compiled.rulebook.version), compiled.rulebook.scripts.all().to_vec(), compiled.warnings)
            }
            Err(mistakes) => (None, Vec::new(), mistakes),
        };
        assert_eq!(told(compiler.compile(sources)), told(compile(sources)));
    }
}

const SCRIPT: &str = r#"
[[script]]
id = "hours"
title = "营业时间"
triggers = ["几点开门"]
[[script.message]]
text = "{{ store.hours }}"
"#;
