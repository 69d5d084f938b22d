use proptest::prelude::*;

use super::*;
use crate::text::Folded;

/// A message as the perceiver hands it over.
fn seen(text: &str) -> (Vec<char>, Vec<char>) {
    let folded = Folded::new(text);
    (folded.chars, folded.letters.chars)
}

fn model() -> Arc<Model> {
    shipped().expect("the shipped model can be read")
}

fn score(text: &str) -> f32 {
    let (symbols, letters) = seen(text);
    model().score(&symbols, &letters)
}

fn weight(text: &str) -> f32 {
    model().weight_of(score(text))
}

#[test]
fn the_shipped_model_is_whole_and_small() {
    let bytes = include_bytes!("shipped.model");
    assert_eq!(Model::from_bytes(bytes).as_ref(), Ok(&*model()));
    assert!(bytes.len() <= 2 << 20);
    assert!(model().calibration().is_sound());
}

#[test]
fn advertisements_are_told_from_talk() {
    for ad in ["兼职日结，在家就能做，丝我", "首充送88，稳台子，滴我", "无前期，黑户可做，大额私我"]
    {
        assert!(weight(ad) >= 0.5, "{ad}: {}", score(ad));
    }
    for talk in ["老板，月饼多少钱，可以加微信吗", "快递到了吗", "充500送50的活动还有吗", "哈哈哈哈"]
    {
        assert!(weight(talk) < 0.1, "{talk}: {}", score(talk));
    }
}

#[test]
fn the_explanation_names_what_moved_it() {
    let text = "今天天气真好啊，兼职日结丝我";
    let (symbols, letters) = seen(text);
    let spans = model().explain(&symbols, &letters);
    let named: String = spans.iter().flat_map(|span| &symbols[span.clone()]).collect();
    assert!(named.contains("日结") && !named.contains("天气"), "{named}");
    assert!(spans.len() <= 3 && spans.is_sorted_by_key(|span| span.start), "{spans:?}");
}

#[test]
fn the_explanation_begins_and_ends_with_what_a_person_reads() {
    for text in
        ["兼职 日结，加v：abc12345！", "群里有人一起拼一箱牛奶吗？我家两个人喝不完。（1795385102373）"]
    {
        let (symbols, letters) = seen(text);
        let spans = model().explain(&symbols, &letters);
        assert!(!spans.is_empty(), "{text}");
        for span in spans {
            let shown: String = symbols[span].iter().collect();
            let read = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            assert!(read(shown.chars().next()) && read(shown.chars().last()), "{text}: {shown}");
        }
    }
    let (symbols, letters) = seen("！！！？？？");
    assert_eq!(model().explain(&symbols, &letters).len(), 1, "then there is nothing else to show");
}

#[test]
fn no_single_letter_explains_anything() {
    for text in ["老板在吗，兼职", "家里做手工，j结", "丝我", "兼", "想赚钱的,v"] {
        let (symbols, letters) = seen(text);
        for span in model().explain(&symbols, &letters) {
            let alone = |at: usize| !symbols.get(at).is_some_and(|c| c.is_alphanumeric());
            let lonely = span.start.checked_sub(1).is_none_or(alone) && alone(span.end);
            assert!(span.len() >= 2 || lonely, "{text}: {span:?}");
        }
    }
}

#[test]
fn an_advertisement_in_a_long_text_is_not_thinned_out() {
    let ad = "兼职日结，在家就能做，宝妈学生都可以，一单一结不压单，日入三百，有意丝我加薇芯";
    let talk = "今天去菜市场买了两斤苹果，孩子说很甜，晚上一起吃饭。".repeat(8);
    assert!(weight(ad) >= 0.5);
    assert!(weight(&format!("{talk}{ad}{talk}")) >= 0.5);
    let (symbols, letters) = seen(&format!("{talk}{ad}{talk}"));
    let spans = model().explain(&symbols, &letters);
    let place = talk.chars().count();
    assert!(spans.iter().any(|span| span.start >= place && span.end <= place + ad.chars().count() + 1));
}

#[test]
fn odd_texts_have_a_logit() {
    for text in [
        String::new(),
        "\u{301}\u{336}".repeat(10_000),
        "😀".repeat(100_000),
        "买".repeat((1 << 20) / 3),
        "a".repeat(1 << 20),
        "\n \u{200b}".repeat(1_000),
    ] {
        let (symbols, letters) = seen(&text);
        assert!(model().score(&symbols, &letters).is_finite());
        assert!(model().explain(&symbols, &letters).len() <= 3);
    }
    assert!(model().explain(&[], &[]).is_empty());
}

proptest! {
    #[test]
    fn spans_lie_within_and_apart(text in "([兼职日结加微丝我今天苹果]|[ -~]|\\PC){0,300}") {
        let (symbols, letters) = seen(&text);
        prop_assert!(model().score(&symbols, &letters).is_finite());
        let mut end = 0;
        for span in model().explain(&symbols, &letters) {
            prop_assert!(span.start >= end && span.start < span.end && span.end <= symbols.len());
            end = span.end;
        }
    }

    #[test]
    fn letters_that_do_not_fit_the_symbols_do_no_harm(
        symbols in proptest::collection::vec(any::<char>(), 0..400),
        letters in proptest::collection::vec(any::<char>(), 0..400),
    ) {
        prop_assert!(model().score(&symbols, &letters).is_finite());
        model().explain(&symbols, &letters);
    }
}
