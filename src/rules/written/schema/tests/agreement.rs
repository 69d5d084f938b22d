//! Schema and parser say the same: of the shipped files, of the collected mistakes, and of files
//! that are made at random from the declarations.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;

use super::judge::{complaint, regex};
use super::*;
use crate::files::{Diagnostic, FieldSpec, Need, Report, Shape, read_file};

/// What the parser finds wrong in a file by itself. `None` when it is no TOML or of no kind.
fn parsed(file: &SourceFile) -> Option<Vec<Diagnostic>> {
    let files = std::slice::from_ref(file);
    let mut report = Report::new(files);
    let (text, told) = (&file.text, &mut report);
    match FileKind::of(file)? {
        FileKind::Server => drop(read_file::<ServerFile>(0, text, told)),
        FileKind::Stores => drop(read_file::<StoresFile>(0, text, told)),
        FileKind::Stories => drop(read_file::<StoriesFile>(0, text, told)),
        FileKind::Goldens => drop(read_file::<GoldensFile>(0, text, told)),
        FileKind::Prices => drop(read_file::<PricesFile>(0, text, told)),
        FileKind::Overrides => drop(read_file::<OverridesFile>(0, text, told)),
        FileKind::Groups => drop(read_file::<GroupsFile>(0, text, told)),
        FileKind::Profile(_) => drop(read_file::<ProfileFile>(0, text, told)),
        FileKind::Lexicon => drop(read_file::<LexiconFile>(0, text, told)),
        FileKind::Playbook => drop(read_file::<PlaybookFile>(0, text, told)),
        FileKind::Scripts(_) => drop(read_file::<ScriptsFile>(0, text, told)),
        FileKind::Schedules => drop(read_file::<SchedulesFile>(0, text, told)),
        FileKind::Campaigns => drop(read_file::<CampaignsFile>(0, text, told)),
        FileKind::Calendar(_) => drop(read_file::<CalendarFile>(0, text, told)),
        FileKind::Org => drop(read_file::<OrgFile>(0, text, told)),
        FileKind::Contacts => drop(read_file::<ContactsFile>(0, text, told)),
        FileKind::WelcomeLibrary => drop(read_file::<WelcomeLibraryFile>(0, text, told)),
        FileKind::Cascade => drop(read_file::<CascadeFile>(0, text, told)),
        FileKind::JoinCodes => drop(read_file::<JoinCodesFile>(0, text, told)),
    }
    (!report.is_broken(0)).then(|| report.finish())
}

/// Fails when the schema says yes and the parser no, or the other way round. Gives the parser's word.
fn compare(file: &SourceFile, schema: &serde_json::Value) -> Option<bool> {
    let told = parsed(file)?;
    let table = toml::Value::Table(file.text.parse().expect("TOML, as the parser says"));
    let complaint = complaint(schema, &table);
    let seen = told.iter().any(|one| !ONLY_CHECKED.iter().any(|(code, _)| *code == one.code));
    match &complaint {
        Some(complaint) => assert!(
            !told.is_empty(),
            "the schema says no where the parser says yes:\n{complaint}\n{}\n{}",
            file.name,
            file.text
        ),
        None => assert!(
            !seen,
            "the schema says yes where the parser says no (a type without PATTERN?):\n{told:?}\n{}\n{}",
            file.name, file.text
        ),
    }
    Some(told.is_empty())
}

fn schema_of(kind: &FileSchema) -> serde_json::Value {
    serde_json::from_str(&json(kind).expect("a schema")).expect("JSON")
}

#[test]
fn of_the_shipped_files() {
    for file in &shipped().files {
        let kind = FileKind::of(file).unwrap_or_else(|| panic!("{} is of no kind", file.name));
        assert_eq!(compare(file, &schema_of(kind.schema())), Some(true), "{}", file.name);
    }
}

/// Every file of `tests/mistakes` that is TOML at all.
#[test]
fn of_the_collected_mistakes() {
    let mut answers = [0, 0];
    for entry in fs::read_dir(root().join("tests/mistakes")).expect("the cases") {
        let case = fs::read_to_string(entry.expect("a case").path()).expect("a case");
        for part in case.split("=== ").skip(1) {
            let (name, text) = part.split_once('\n').expect("a name and a text");
            let file = SourceFile::new(name, text);
            let Some(kind) = FileKind::of(&file) else { continue };
            if let Some(good) = compare(&file, &schema_of(kind.schema())) {
                answers[usize::from(good)] += 1;
            }
        }
    }
    assert!(answers[0] >= 8 && answers[1] >= 8, "wrong and right ones are there: {answers:?}");
}

proptest! {
    #[test]
    fn of_files_made_from_the_declarations(texts in KINDS.iter().map(|kind| keys(kind.spec, "\n")).collect::<Vec<_>>()) {
        for (kind, text) in KINDS.iter().zip(texts) {
            let file = SourceFile::new(kind.example, text);
            prop_assert!(compare(&file, &schema_of(kind)).is_some(), "no TOML was made:\n{}", file.text);
        }
    }
}

/// The random files are right often enough, and wrong often enough, to mean something.
#[test]
fn random_files_are_of_both_sorts() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    for kind in KINDS {
        let schema = schema_of(kind);
        let texts = keys(kind.spec, "\n");
        let mut answers = [0, 0];
        for _ in 0..200 {
            let text = texts.new_tree(&mut runner).expect("a text").current();
            let good = compare(&SourceFile::new(kind.example, text), &schema).expect("TOML");
            answers[usize::from(good)] += 1;
        }
        assert!(answers.iter().all(|count| *count >= 5), "{}: {answers:?}", kind.name);
    }
}

/// Lines `key = value` of a table: nearly all required keys, some others, and seldom a wrong one.
fn keys(spec: &'static TableSpec, separator: &'static str) -> BoxedStrategy<String> {
    let fields: Vec<BoxedStrategy<Option<String>>> = spec.fields.iter().map(line).collect();
    let unknown = proptest::option::weighted(0.04, Just("onwer = 1".to_owned()));
    (fields, unknown)
        .prop_map(move |(lines, unknown)| {
            lines.into_iter().flatten().chain(unknown).collect::<Vec<_>>().join(separator)
        })
        .boxed()
}

fn line(field: &'static FieldSpec) -> BoxedStrategy<Option<String>> {
    let often = if field.need == Need::Required { 0.99 } else { 0.4 };
    let right = value(&field.shape, field.pattern);
    let value = prop_oneof![15 => right, 1 => select(STRANGE).prop_map(str::to_owned)];
    proptest::option::weighted(often, value.prop_map(|value| format!("{} = {value}", field.key))).boxed()
}

/// A value that is right for the shape.
fn value(shape: &'static Shape, pattern: Option<&'static str>) -> BoxedStrategy<String> {
    match shape {
        Shape::Text | Shape::Id | Shape::Duration | Shape::Hours | Shape::Secret | Shape::Special { .. } => {
            text(shape, pattern)
        }
        Shape::Day => {
            (1_u8..=12, 1_u8..=28).prop_map(|(month, day)| format!("2026-{month:02}-{day:02}")).boxed()
        }
        Shape::Moment => {
            select(&["2026-11-21T09:00:00+08:00", "2026-11-21 09:00:00"][..]).prop_map(str::to_owned).boxed()
        }
        Shape::OneOrMore(inner) => prop_oneof![
            value(inner, pattern),
            proptest::collection::vec(value(inner, pattern), 0..3)
                .prop_map(|items| format!("[{}]", items.join(", "))),
        ]
        .boxed(),
        Shape::Flag => any::<bool>().prop_map(|flag| flag.to_string()).boxed(),
        Shape::Whole { at_least, at_most } => {
            (*at_least..=*at_most).prop_map(|whole| whole.to_string()).boxed()
        }
        Shape::Number { at_most } => {
            let most = i64::from(*at_most) * 100;
            (1..=most).prop_map(|hundredths| format!("{}.{:02}", hundredths / 100, hundredths % 100)).boxed()
        }
        Shape::Choice(choices) => select(*choices).prop_map(|choice| format!("\"{}\"", choice.word)).boxed(),
        Shape::WordOr { word, other } => {
            prop_oneof![Just(format!("\"{}\"", word.word)), value(other, pattern)].boxed()
        }
        Shape::List(inner) => proptest::collection::vec(value(inner, pattern), 0..3)
            .prop_map(|items| format!("[{}]", items.join(", ")))
            .boxed(),
        Shape::Map(inner) => proptest::collection::btree_map("[a-z]{1,3}", value(inner, pattern), 0..3)
            .prop_map(|values| {
                let pairs: Vec<String> =
                    values.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", pairs.join(", "))
            })
            .boxed(),
        Shape::Table(spec) => keys(spec, ", ").prop_map(|keys| format!("{{ {keys} }}")).boxed(),
    }
}

fn text(shape: &Shape, pattern: Option<&'static str>) -> BoxedStrategy<String> {
    let Some(pattern) = pattern else { return select(WORDS).prop_map(quoted).boxed() };
    let regex = regex(pattern);
    let right: Vec<&'static str> = WORDS.iter().copied().filter(|word| regex.is_match(word)).collect();
    if right.is_empty() {
        let bare = pattern.trim_start_matches('^').trim_end_matches('$');
        let made = string_regex(bare).unwrap_or_else(|error| panic!("{shape:?}: {error}"));
        return made.prop_map(|text| quoted(&text)).boxed();
    }
    select(right).prop_map(quoted).boxed()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "’"))
}

/// Texts of every form that there is, and near misses.
const WORDS: &[&str] = &[
    "",
    " ",
    "　",
    "朝阳店",
    "chaoyang-2",
    "Chao_Yang",
    "30s",
    "9999d",
    "30秒",
    "22:00-08:00",
    "22:00-24:00",
    "08:00-8:00",
    "25:00-08:00",
    "env:WECOM_SECRET",
    "env:1",
    "file:a/b",
    "file: ",
    "shop.example.com",
    "https://shop.example.com",
    "http://127.0.0.1:8080/",
    "https:///x",
    "Asia/Shanghai",
    "Asia/Beijing",
    "127.0.0.1:8080",
    "[::1]:80",
    "999.0.0.1:8080",
    "9.9元",
    "0元",
    "68",
    "left",
    "[0-9]{1,4}",
    "[0-9",
    "21:30",
    "24:00",
    "2d ago",
    "昨天",
    "appchat",
    "webhook:notice",
    "webhook:",
    "off",
    "2026-09-01",
];

/// What people write by mistake, of every type.
const STRANGE: &[&str] = &[
    "''",
    "' '",
    "'文字'",
    "'Off'",
    "5",
    "-1",
    "0",
    "1.0",
    "0.5",
    "true",
    "2026-09-01",
    "2026-09-01T08:00:00",
    "08:00:00",
    "[]",
    "['']",
    "['a', 5]",
    "{}",
    "{ a = 1 }",
    "[{}]",
];
