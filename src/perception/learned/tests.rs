use proptest::prelude::*;

use super::*;
use crate::perception::classifier::shipped;
use crate::perception::{Perceiver, SignalName};

const AD: &str = "新到一批海外直邮精仿手表，懂货的来，私聊看图13800000000";

fn ad<'a>(text: &'a str, teacher: &'a str) -> Lesson<'a> {
    Lesson { text, honest: false, teacher }
}

fn honest<'a>(text: &'a str, teacher: &'a str) -> Lesson<'a> {
    Lesson { text, honest: true, teacher }
}

fn known(learned: &Learned, text: &str) -> Option<Known> {
    learned.known(&Folded::new(text).letters.chars)
}

/// The weight that the classifier gives a text, as it was taught.
fn weight(learned: &Learned, text: &str) -> f32 {
    let model = learned.model().cloned().or_else(shipped).expect("a model ships");
    let folded = Folded::new(text);
    model.weight_of(model.score(&folded.chars, &folded.letters.chars))
}

#[test]
fn a_taught_text_is_known_in_its_copies() {
    let learned = Learned::of(None, [ad(AD, "li")]);
    let copies = [
        AD,
        "新到一批海外直邮精仿手表，懂货的来，私聊看图13911112222",
        "新-到-一-批-海-外-直-邮-精-仿-手-表，懂-货-的-来，私聊看图vx abc",
        "新到一批海外直邮精仿手錶，懂貨的來，思聊看图",
        "❤新到一批海外直邮精仿手表❤懂货的来❤私聊看图❤先到先得❤",
    ];
    for copy in copies {
        assert_eq!(known(&learned, copy), Some(Known { honest: false, weight: 1.0 }), "{copy}");
    }
    for other in ["新到一批海鲜，懂行的来", "手表坏了，哪里能修", "私聊看图", ""] {
        assert_eq!(known(&learned, other), None, "{other}");
    }
}

#[test]
fn a_long_text_is_known_again_too() {
    let parts = ["新到一批海外直邮精仿手表", "懂货的来私聊看图", "支持验货不满意包退", "先到先得数量有限"];
    let long: String = (0..40).map(|nth| format!("{}第{}款，", parts[nth % 4], number(nth))).collect();
    let learned = Learned::of(None, [ad(&long, "li")]);
    assert!(known(&learned, &long).is_some() && known(&learned, &format!("{long}快来")).is_some());
}

#[test]
fn somebody_elses_number_behind_honest_words_is_not_trusted() {
    let learned = Learned::of(None, [honest("周末团购山楂汁，要的加我微信shangu88", "li")]);
    let weight = |text: &str| known(&learned, text).map(|known| known.weight);
    assert_eq!(weight("周末团购山楂汁！要的加我微信 shangu88"), Some(1.0));
    assert_eq!(weight("周末团购山楂汁，要的加我微信pianzi99"), Some(HONEST_COPY_WEIGHT));
}

#[test]
fn short_texts_must_be_the_same() {
    let learned = Learned::of(None, [ad("dd我", "li"), ad("看主页", "li")]);
    for (text, is_known) in
        [("d-d 我！", true), ("dd你", false), ("看主页", true), ("看住页", false), ("先看主页再说", false)]
    {
        assert_eq!(known(&learned, text).is_some(), is_known, "{text}");
    }
}

#[test]
fn the_last_word_of_each_teacher_counts_and_two_cancel_each_other() {
    let mut learned = Learned::over(shipped());
    learned.teach(ad(AD, "li"));
    let strength = |learned: &Learned| {
        learned.texts.values().filter_map(|text| text.pull).map(|pull| pull.strength).sum::<f32>()
    };
    let once = strength(&learned);
    learned.teach(ad(AD, "li"));
    assert!(learned.len() == 1 && (strength(&learned) - once).abs() < 0.01, "taught twice");
    learned.teach(honest(AD, "wang"));
    assert_eq!(known(&learned, AD), None, "one says this, one that");
    assert!((weight(&learned, AD) - weight(&Learned::default(), AD)).abs() < 0.01);
    learned.teach(honest(AD, "li"));
    assert_eq!(known(&learned, AD), Some(Known { honest: true, weight: 1.0 }));
    assert!(weight(&learned, AD) < 0.5);
}

#[test]
fn a_lesson_moves_the_text_and_its_other_wordings_over_the_threshold() {
    let taught = "新到一批海外直邮精仿手表，懂货的来私聊看图";
    let other = "海外直邮精仿包包又到一批，懂货的私聊";
    let before = weight(&Learned::default(), other);
    let learned = Learned::of(shipped(), [ad(taught, "li")]);
    assert!(weight(&learned, taught) >= 1.0);
    assert!(weight(&learned, other) > before.min(0.99), "{before} → {}", weight(&learned, other));
    let unlearned = Learned::of(shipped(), [honest("兼职日结，在家就能做，丝我加薇芯，日入三百", "li")]);
    assert!(weight(&unlearned, "兼职日结，在家就能做，丝我加薇芯，日入三百") < 0.5);
}

#[test]
fn everyday_words_of_one_teacher_do_not_accuse_anybody() {
    let mut learned = Learned::of(shipped(), [ad("好的", "li")]);
    assert_eq!(known(&learned, "好的"), Some(Known { honest: false, weight: EVERYDAY_WEIGHT }));
    learned.teach(ad("好的", "wang"));
    assert_eq!(known(&learned, "好的"), Some(Known { honest: false, weight: 1.0 }));
}

/// The honest messages of the gate, none of which anything was trained on.
fn everyday_messages() -> Vec<String> {
    let rows = include_str!("../../../tests/data/moderation/gate.tsv").lines().skip(1);
    let fields = rows.map(|row| row.split('\t').collect::<Vec<_>>());
    fields.filter(|fields| fields[1] == "0").map(|fields| fields[4].to_owned()).collect()
}

#[test]
fn one_teacher_cannot_make_everyday_messages_suspicious() {
    let messages = everyday_messages();
    assert!(messages.len() > 50);
    // What members say all day, plain and with an advertiser's words behind.
    let talk = include_str!("../../../data/corpus/chat/chat-mixed.txt").lines();
    let talk: Vec<&str> = talk.filter(|line| !line.contains(['{', '#']) && !line.is_empty()).collect();
    let taught: Vec<String> = (0..1_000)
        .map(|nth| {
            let (one, two) = (talk[nth % talk.len()], talk[(nth * 7 + nth / talk.len() + 1) % talk.len()]);
            format!("{one}，{two}{}", if nth % 2 == 0 { "" } else { "，懂的丝我" })
        })
        .collect();
    let learned = Learned::of(shipped(), taught.iter().map(|text| ad(text, "thief")));
    let perceiver = Perceiver::new(&[]).with_classifier(shipped().expect("a model ships"));
    let ask = |learned: &Learned| -> Vec<&String> {
        let asked = |text: &&String| {
            let found = perceiver.perceive_with(text, learned).found;
            let weight = |name| found.iter().filter(move |signal| signal.name == name).map(|s| s.weight);
            weight(SignalName::Classifier).chain(weight(SignalName::KnownAd)).fold(0.0, f32::max) >= 0.5
        };
        messages.iter().filter(asked).collect()
    };
    let (before, after) = (ask(Learned::nothing()), ask(&learned));
    assert!(after.len() <= before.len(), "{after:#?}");
}

#[test]
fn a_teacher_moves_weights_by_a_bounded_number_of_texts() {
    let texts: Vec<String> =
        (0..TEXTS_OF_A_TEACHER_AT_MOST + 20).map(|nth| format!("{AD}{}", number(nth))).collect();
    let lessons: Vec<Lesson<'_>> = texts.iter().map(|text| ad(text, "li")).collect();
    let all = Learned::of(shipped(), lessons.iter().copied());
    assert!(all.teachers.values().all(|&count| count <= TEXTS_OF_A_TEACHER_AT_MOST));
    let settled = Learned::settled(shipped(), &lessons);
    assert_eq!((settled.len(), &settled.teachers), (all.len(), &all.teachers));
}

/// A number that is not folded away.
fn number(nth: usize) -> String {
    nth.to_string()
        .chars()
        .map(|digit| "甲乙丙丁戊己庚辛壬癸".chars().nth(digit as usize - '0' as usize).unwrap_or('子'))
        .collect()
}

#[test]
fn the_oldest_text_goes_first() {
    let mut near = Near::default();
    let letters = |nth: usize| -> Vec<char> {
        // Four syllables that no other number has.
        (0..4)
            .filter_map(|place| char::from_u32(0x4e00 + (nth >> (4 * place) & 0xf) as u32 * 997 % 20_000))
            .collect()
    };
    let mut forgotten = Vec::new();
    let keys: Vec<Key> = (0..TEXTS_AT_MOST + 40)
        .filter_map(|nth| {
            let letters = letters(nth);
            let key = Key::of(&letters)?;
            forgotten.extend(near.add(key, &letters));
            Some(key)
        })
        .collect();
    assert!(near.len() <= TEXTS_AT_MOST);
    assert!(forgotten.iter().zip(&keys).all(|(gone, key)| gone == key));
    assert!(near.find(&letters(TEXTS_AT_MOST + 39)).is_some());
}

proptest! {
    #[test]
    fn any_text_can_be_taught_and_looked_up(
        taught in proptest::collection::vec(("\\PC{0,30}|[加我看主页a1]{0,9}", any::<bool>()), 0..8),
        text in "\\PC{0,60}",
    ) {
        let lessons = taught.iter().map(|(text, honest)| Lesson { text, honest: *honest, teacher: "li" });
        let learned = Learned::of(None, lessons);
        known(&learned, &text);
        if let Some((text, honest)) = taught.last() {
            let key = Key::of(&Folded::new(text).letters.chars);
            let is_known = learned.texts.get(&key.unwrap_or(Key::of(&['空']).expect("a letter")));
            prop_assert_eq!(is_known.and_then(Text::is_honest), key.map(|_| *honest));
        }
    }
}
