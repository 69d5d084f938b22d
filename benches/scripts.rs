//! Finding a script among 20 000: made from the words and sentences of the example brand, so that all of them
//! look alike, which is the hard case.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use zhanggui::files::folder;
use zhanggui::rules::compile;
use zhanggui::scripts::{Preference, Recogniser, Script, ScriptMessage, SearchIndex};
use zhanggui::text::readings;

const SCRIPTS: usize = 20_000;
/// Of each kind.
const QUERIES: usize = 1_000;

/// How many bytes are in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The same numbers in every run (Knuth's linear congruential generator).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

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
    let kinds: [(&str, Typed); 12] = [
        ("keyword", |script, _, _| script.triggers[0].clone()),
        ("word", |_, word, _| word.to_owned()),
        ("one letter", |_, word, _| start(word, 1)),
        ("two letters", |_, word, _| start(word, 2)),
        ("title", |script, _, _| script.title.clone()),
        ("pinyin", |_, word, _| pinyin(word, 6)),
        ("initials", |script, _, _| pinyin(&start(&script.title, 4), 1)),
        ("two initials", |_, word, _| pinyin(&start(word, 2), 1)),
        ("mixed", |script, word, _| pinyin(&start(word, 2), 1) + &start(&script.title, 4)),
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
    let (before, begun) = (IN_USE.load(Ordering::Relaxed), Instant::now());
    let made = make();
    let bytes = IN_USE.load(Ordering::Relaxed) - before;
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

criterion_group!(benches, find);
criterion_main!(benches);
