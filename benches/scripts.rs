//! Finding a script among 20 000: made from the words and sentences of the example brand, so that all of them
//! look alike, which is the hard case.

mod common;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use common::{Counting, Random};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use zhanggui::files::folder;
use zhanggui::rules::compile;
use zhanggui::scripts::{
    Facts, Library, Preference, Recogniser, Script, ScriptMessage, SearchIndex, StoreFacts,
};
use zhanggui::text::readings;

const SCRIPTS: usize = 20_000;
/// Of each kind.
const QUERIES: usize = 1_000;

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

/// The text of a script that [`town`] made.
fn text_of(script: &Script) -> &str {
    script.messages[0].content.texts()[0].1
}

struct Town {
    words: Vec<String>,
    scripts: Vec<Script>,
    random: Random,
}

fn town() -> Town {
    let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let example =
        compile(&folder::read(&config, &folder::scripts_of(&config))).expect("the shipped files are good");
    let example = example.rulebook.scripts.all().to_vec();
    let words: Vec<String> =
        example.iter().flat_map(|script| script.triggers.iter().chain([&script.title])).cloned().collect();
    let lines =
        example.iter().flat_map(|script| &script.messages).flat_map(|message| message.content.texts());
    let lines = lines.flat_map(|(_, text)| text.lines());
    let lines: Vec<&str> = lines.filter(|line| line.chars().count() > 6).collect();
    let mut random = Random(7);
    let mut script = |nth: usize| {
        let body: Vec<&str> = (0..3 + random.below(3)).map(|_| *random.one_of(&lines)).collect();
        let two = |random: &mut Random| format!("{}{}", random.one_of(&words), random.one_of(&words));
        Script {
            id: format!("script-{nth}"),
            title: two(&mut random),
            triggers: vec![format!("{}{nth}", random.one_of(&words)), two(&mut random)],
            messages: vec![ScriptMessage::text(body.join("\n"))],
            ..(**random.one_of(&example)).clone()
        }
    };
    let scripts = (0..SCRIPTS).map(&mut script).collect();
    Town { words, scripts, random }
}

fn start(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect()
}

fn pinyin(text: &str, letters_each: usize) -> String {
    let typed = |c: char| readings(c).first().map_or(c.to_string(), |reading| start(reading, letters_each));
    text.chars().map(typed).collect()
}

/// One letter of a text replaced.
fn slip(text: &str, at: usize) -> String {
    text.chars().enumerate().map(|(nth, c)| if nth == at { '某' } else { c }).collect()
}

/// What people type, by kind.
fn queries(town: &mut Town) -> Vec<(&'static str, Vec<String>)> {
    type Typed = fn(&Script, &str, &mut Random) -> String;
    let kinds: [(&str, Typed); 13] = [
        ("keyword", |script, _, _| script.triggers[0].clone()),
        ("word", |_, word, _| word.to_owned()),
        ("one letter", |_, word, _| start(word, 1)),
        ("two letters", |_, word, _| start(word, 2)),
        ("title", |script, _, _| script.title.clone()),
        ("pinyin", |_, word, _| pinyin(word, 6)),
        ("initials", |script, _, _| pinyin(&start(&script.title, 4), 1)),
        ("two initials", |_, word, _| pinyin(&start(word, 2), 1)),
        ("mixed", |script, word, _| pinyin(&start(word, 2), 1) + &start(&script.title, 4)),
        ("pinyin and initials", |script, _, random| {
            let each = |(nth, c): (usize, char)| pinyin(&c.to_string(), if nth % 2 == 0 { 1 } else { 6 });
            script.title.chars().skip(random.below(2)).take(5).enumerate().map(each).collect()
        }),
        ("slip", |script, _, random| slip(&script.triggers[1], random.below(4))),
        ("body", |script, _, random| text_of(script).chars().skip(random.below(40)).take(5).collect()),
        ("miss", |_, word, _| format!("请问{}在哪里有没有", start(word, 2))),
    ];
    let Town { words, scripts, random } = town;
    let mut typed = |typed: Typed| -> Vec<String> {
        let one = |random: &mut Random| typed(random.one_of(scripts), random.one_of::<String>(words), random);
        (0..QUERIES).map(|_| one(random)).collect()
    };
    kinds.into_iter().map(|(name, kind)| (name, typed(kind))).collect()
}

/// Texts as they are heard: pasted, with every eighth letter changed, and not from the library.
fn heard(town: &mut Town) -> Vec<(&'static str, Vec<String>)> {
    let pasted: Vec<String> =
        (0..QUERIES).map(|_| text_of(town.random.one_of(&town.scripts)).to_owned()).collect();
    let edit =
        |text: &String| text.chars().enumerate().map(|(at, c)| if at % 8 == 5 { '某' } else { c }).collect();
    let edited = pasted.iter().map(edit).collect();
    let chat = pasted.iter().map(|text| text.lines().next().unwrap_or_default().repeat(2)).collect();
    vec![("pasted", pasted), ("edited", edited), ("chat", chat)]
}

/// The middle and the slowest hundredth.
fn tell(name: &str, texts: &[String], mut run: impl FnMut(&str)) {
    let mut times: Vec<Duration> = Vec::new();
    for text in texts {
        let begun = Instant::now();
        run(text);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    println!(
        "{name:>14}: p50 {:>10.1?}, p99 {:>10.1?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
}

fn measured<T>(name: &str, make: impl FnOnce() -> T) -> T {
    let (before, begun) = (ALLOCATOR.in_use(), Instant::now());
    let made = make();
    let bytes = ALLOCATOR.in_use() - before;
    println!(
        "{name:>14}: {:.0?}, {:.1} MiB for {SCRIPTS} scripts",
        begun.elapsed(),
        bytes as f64 / 1_048_576.0
    );
    made
}

fn find(criterion: &mut Criterion) {
    let mut town = town();
    let index = measured("search index", || SearchIndex::new(&town.scripts));
    let recogniser = measured("recogniser", || Recogniser::new(&town.scripts));
    let (queries, heard) = (queries(&mut town), heard(&mut town));
    let preference = Preference { scene: Some("faq"), recent: &["script-7", "script-77"] };
    let search = |typed: &str| {
        black_box(index.search(typed, 10, &preference, |_| true));
    };
    let recognise = |text: &str| {
        black_box(recogniser.recognise(text));
    };
    queries.iter().for_each(|(name, texts)| tell(name, texts, search));
    let all: Vec<String> = queries.iter().flat_map(|(_, texts)| texts).cloned().collect();
    tell("all searches", &all, search);
    heard.iter().for_each(|(name, texts)| tell(name, texts, recognise));

    let mut group = criterion.benchmark_group("find among 20 000 scripts");
    group.throughput(Throughput::Elements(QUERIES as u64));
    for (name, texts) in &queries {
        group.bench_function(*name, |bencher| bencher.iter(|| texts.iter().for_each(|text| search(text))));
    }
    for (name, texts) in &heard {
        group.bench_function(*name, |bencher| bencher.iter(|| texts.iter().for_each(|text| recognise(text))));
    }
    group.sample_size(10);
    group.bench_function("make the index", |bencher| bencher.iter(|| SearchIndex::new(&town.scripts)));
    group.finish();
}

/// A script as people write them: three parts with ten variables between them.
fn fill(criterion: &mut Criterion) {
    let texts = [
        "{{ members }}，欢迎来{{ store.name }}！{{ today | date }}（{{ today | weekday }}）{{ store.hours }}都在。",
        "{% if count > 1 %}{{ count }}位一起来的，{% endif %}到店报{{ group }}，地址{{ store.address }}。",
        "有事打{{ store.phone }}，{{ brand }}祝大家今天顺利。",
    ];
    let messages = texts.map(ScriptMessage::text).into();
    let library = Library::new(vec![Script { id: "welcome".to_owned(), messages, ..Script::default() }]);
    let text = |text: &str| text.to_owned();
    let facts = Facts {
        brand: text("山谷小铺（示例品牌）"),
        store: StoreFacts {
            id: text("chaoyang"),
            name: text("朝阳店"),
            region: text("北京"),
            address: text("朝阳路 1 号"),
            hours: text("9:00-21:00"),
            phone: text("010-00000000"),
        },
        group: text("朝阳店宝妈群"),
        member: text("小王"),
        members: text("小王、小李"),
        count: 2,
        today: jiff::civil::date(2026, 11, 22),
    };
    let (script, answers) = (&library.all()[0], BTreeMap::new());
    criterion.bench_function("fill a script of three parts", |bencher| {
        bencher.iter(|| library.fill(script, None, black_box(&facts), &answers).expect("filled"));
    });
}

criterion_group!(benches, fill, find);
criterion_main!(benches);
