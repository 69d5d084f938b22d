//! What it costs to look at a message: `cargo bench --bench perceive`. Prints first what 100 000 phrases take to load.
//!
//! The messages are those of the corpus that the classifier learns from, the phrases are the shipped ones and others
//! made of their pieces, which look like them: the hard case.

mod common;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use common::{Counting, Random};
use criterion::{Criterion, criterion_group, criterion_main};
use daachorse::CharwiseDoubleArrayAhoCorasick;
use zhanggui::perception::{Perceiver, Phrase, PhraseIndex, SignalName};
use zhanggui::text::Folded;

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All strings of the `text` and `texts` keys of the shipped lexicons.
fn shipped() -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(home().join("config/lexicons")).expect("the shipped lexicons") {
        let path = entry.expect("an entry").path();
        let file: toml::Table = fs::read_to_string(path).expect("a file").parse().expect("TOML");
        for phrase in file.get("phrase").and_then(toml::Value::as_array).into_iter().flatten() {
            texts.extend(phrase.get("text").and_then(toml::Value::as_str).map(str::to_owned));
            let more = phrase.get("texts").and_then(toml::Value::as_array).into_iter().flatten();
            texts.extend(more.filter_map(toml::Value::as_str).map(str::to_owned));
        }
    }
    texts.sort();
    texts
}

fn phrases(count: usize) -> Vec<Phrase> {
    let mut texts = shipped();
    let pieces: Vec<Vec<char>> = texts.iter().map(|text| text.chars().collect()).collect();
    let mut random = Random(7);
    while texts.len() < count {
        let mut piece = || {
            let from = &pieces[random.below(pieces.len())];
            let length = 2.min(from.len());
            let start = random.below(from.len() - length + 1);
            from[start..start + length].iter().collect::<String>()
        };
        texts.push(piece() + &piece());
    }
    texts.sort();
    texts.dedup();
    let phrase = |text| Phrase { text, category: SignalName::Ad, weight: 0.4, allow: Vec::new() };
    texts.into_iter().map(phrase).collect()
}

/// The lines of a folder of the corpus that have so many characters.
fn messages(folder: &str, length: std::ops::RangeInclusive<usize>) -> Vec<String> {
    let mut messages = Vec::new();
    for entry in fs::read_dir(home().join("data/corpus").join(folder)).expect("the corpus") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a file");
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.contains('{'));
        messages.extend(lines.filter(|line| length.contains(&line.chars().count())).map(str::to_owned));
    }
    messages.sort();
    messages
}

/// One message after the other, so that the figure is the mean of all.
fn each<T>(bencher: &mut criterion::Bencher<'_>, messages: &[T], mut work: impl FnMut(&T)) {
    let mut rounds = messages.iter().cycle();
    bencher.iter(|| work(rounds.next().expect("there are messages")));
}

fn loading() {
    for count in [10_000, 100_000] {
        let phrases = phrases(count);
        let before = ALLOCATOR.in_use();
        let started = Instant::now();
        let perceiver = Perceiver::new(&phrases);
        let took = started.elapsed();
        let bytes = ALLOCATOR.in_use() - before;
        println!("{:>7} phrases: made in {took:.1?}, {} kB", phrases.len(), bytes / 1024);
        drop(perceiver);
    }
}

/// How often an honest message in which nothing is found asks for memory.
fn allocations(perceiver: &Perceiver, messages: &[String]) {
    let quiet: Vec<&String> =
        messages.iter().filter(|text| perceiver.perceive(text).found.is_empty()).collect();
    let asked = |text: &&&String| {
        let before = ALLOCATOR.asked();
        black_box(perceiver.perceive(text));
        ALLOCATOR.asked() > before
    };
    let asking: Vec<_> = quiet.iter().filter(asked).collect();
    println!(
        "{} of {} messages hold nothing, {} of these ask for memory",
        quiet.len(),
        messages.len(),
        asking.len()
    );
    asking.iter().take(10).for_each(|text| println!("    {text}"));
}

fn perceive(criterion: &mut Criterion) {
    loading();
    let phrases = phrases(10_000);
    let perceiver = Perceiver::new(&phrases);
    let short = messages("chat", 13..=17);
    let long: Vec<String> = short.chunks_exact(4).map(|four| four.join("，")).collect();
    let ads = messages("ads", 20..=40);
    allocations(&perceiver, &short);
    allocations(&perceiver, &long);
    let mut group = criterion.benchmark_group("perceive");
    for (name, messages) in [("15 letters", &short), ("60 letters", &long), ("advertisement", &ads)] {
        println!("{name}: {} messages", messages.len());
        group.bench_function(name, |bencher| {
            each(bencher, messages, |text| drop(black_box(perceiver.perceive(black_box(text)))));
        });
    }
    let nothing = Perceiver::new(&[]);
    group.bench_function("15 letters, no phrases", |bencher| {
        each(bencher, &short, |text| drop(black_box(nothing.perceive(black_box(text)))));
    });
    let mut folded = Folded::default();
    group.bench_function("15 letters, fold alone", |bencher| {
        each(bencher, &short, |text| folded.fold(black_box(text)));
    });
    group.finish();
    compare(criterion, &phrases, &short);
}

/// All places of 10 000 phrases in folded letters, by our index and by daachorse.
fn compare(criterion: &mut Criterion, phrases: &[Phrase], messages: &[String]) {
    let letters: Vec<Vec<char>> = messages.iter().map(|text| Folded::new(text).letters.chars).collect();
    let texts: Vec<String> = letters.iter().map(|letters| letters.iter().collect()).collect();
    let mut folded: Vec<Vec<char>> =
        phrases.iter().map(|phrase| Folded::new(&phrase.text).letters.chars).collect();
    folded.sort();
    folded.dedup();
    folded.retain(|phrase| !phrase.is_empty());
    let index = PhraseIndex::new(folded.iter().map(Vec::as_slice).zip(0..));
    let automaton = CharwiseDoubleArrayAhoCorasick::<u32>::new(
        folded.iter().map(|phrase| phrase.iter().collect::<String>()),
    )
    .expect("phrases are unique");
    let ours = |letters: &Vec<char>| {
        let mut count = 0;
        index.find(letters, |_| count += 1);
        count
    };
    let theirs = |text: &String| automaton.find_overlapping_iter(text).count();
    let places = letters.iter().map(ours).sum::<usize>();
    assert_eq!(places, texts.iter().map(theirs).sum::<usize>());
    println!("{places} places of phrases in {} messages, by either", messages.len());
    write_for_peers(&folded, &texts);
    let mut group = criterion.benchmark_group("10 000 phrases, 15 letters");
    group.bench_function("rarest pairs", |bencher| {
        each(bencher, &letters, |letters| {
            black_box(ours(letters));
        })
    });
    group.bench_function("daachorse, charwise", |bencher| {
        each(bencher, &texts, |text| {
            black_box(theirs(text));
        })
    });
    group.finish();
}

/// So that `benches/peers.sh` gives the same to filters in other languages.
fn write_for_peers(phrases: &[Vec<char>], messages: &[String]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let phrases: Vec<String> = phrases.iter().map(|phrase| phrase.iter().collect()).collect();
    for (name, lines) in [("phrases.txt", &phrases[..]), ("messages.txt", messages)] {
        fs::write(folder.join(name), lines.join("\n")).expect("a place for it");
    }
}

criterion_group!(benches, perceive);
criterion_main!(benches);
