//! Every rule is tested by its own examples, and all of them by texts that are fine.

use proptest::prelude::*;

use super::*;

/// An example without its marks, and the marked spans.
fn marked(example: &str) -> (String, Vec<Range<usize>>) {
    let (mut text, mut spans) = (String::new(), Vec::new());
    for (nth, piece) in example.split(['«', '»']).enumerate() {
        let start = text.len();
        text.push_str(piece);
        if nth % 2 == 1 {
            spans.push(start..text.len());
        }
    }
    (text, spans)
}

fn scene_of(rule: &Rule) -> &'static str {
    rule.scene.unwrap_or("promotion")
}

#[test]
fn each_rule_finds_what_its_examples_mark() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for example in rule.failing {
            let (text, marks) = marked(example);
            let findings = check(scene_of(rule), &[&text]);
            let found: Vec<&str> = findings
                .iter()
                .filter(|finding| finding.rule.code == rule.code)
                .map(|finding| &text[finding.span.clone()])
                .collect();
            let expected: Vec<&str> = marks.into_iter().map(|span| &text[span]).collect();
            if found != expected {
                wrong.push(format!("{}: {example}\n    found {found:?}", rule.id()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_rule_finds_anything_in_what_passes() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for example in rule.passing {
            for finding in check(scene_of(rule), &[example]) {
                wrong.push(format!(
                    "{}: {example}\n    {}: {}",
                    rule.id(),
                    finding.rule.id(),
                    finding.message
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What shop people really write.
#[test]
fn honest_texts_are_left_alone() {
    let honest = include_str!("../../tests/data/compliance/honest.txt");
    let texts: Vec<&str> = honest.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(texts.len() >= 150, "{} honest texts", texts.len());
    let findings = texts.iter().flat_map(|text| {
        check("promotion", &[text])
            .into_iter()
            .map(move |finding| format!("{text}\n    {}: {}", finding.rule.id(), finding.message))
    });
    let wrong: Vec<String> = findings.collect();
    assert!(wrong.is_empty(), "{} false alarms:\n{}", wrong.len(), wrong.join("\n"));
}

/// What they should not write: one text a line, the rules that must find something in it before it.
#[test]
fn dishonest_texts_are_found() {
    let dishonest = include_str!("../../tests/data/compliance/dishonest.txt");
    let mut wrong = Vec::new();
    for line in dishonest.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (rules, text) = line.split_once(": ").expect("rules and a text");
        let findings = check("promotion", &[text]);
        for rule in rules.split(' ').filter(|rule| !findings.iter().any(|finding| finding.rule.id() == *rule))
        {
            wrong.push(format!("{rule} finds nothing in {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_are_well_formed() {
    let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), RULES.len(), "ids are unique");
    for rule in RULES {
        assert!(rule.code.starts_with(CODE_PREFIX) && !rule.id().is_empty(), "{}", rule.code);
        assert!(
            !rule.basis.is_empty() && rule.failing.len() >= 4 && rule.passing.len() >= 5,
            "{}",
            rule.code
        );
        assert!(!rule.instead.ends_with('。') && rule.why.ends_with('。'), "{}", rule.code);
    }
    assert!(rule("absolute-terms").is_some() && rule("compliance/absolute-terms").is_some());
    assert!(rule("absolute").is_none());
}

proptest! {
    #[test]
    fn any_text_is_looked_at_without_panic(
        text in "(\\PC|最|第一|100%|元|原价|转发|送|抽奖|酒|[0-9]{1,12}|\\{\\{ store.phone \\}\\}|[，。！\\n ]){0,40}",
        scene in prop_oneof![Just("moments"), Just("promotion")],
    ) {
        for finding in check(scene, &[&text, ""]) {
            prop_assert_eq!(finding.text, 0);
            prop_assert!(text.get(finding.span.clone()).is_some_and(|found| !found.is_empty()), "{:?}", finding);
            prop_assert!(!finding.message.is_empty());
        }
    }
}

#[test]
fn conditions_may_stand_in_another_message() {
    let told = |texts: &[&str]| check("promotion", texts).len();
    assert_eq!(told(&["山楂汁每瓶9.9元"]), 1);
    assert_eq!(told(&["山楂汁每瓶9.9元", "到9月25日为止，每户限两瓶"]), 0);
}

#[test]
fn a_finding_says_what_and_where() {
    let text = "来！我们是全網 最 低 价。";
    let findings = check("promotion", &[text]);
    assert_eq!(findings.len(), 1);
    assert_eq!(&text[findings[0].span.clone()], "全網 最 低 价");
    assert_eq!(findings[0].message, "“全網 最 低 价”是绝对化用语，不能用来说自己的货和服务");
    assert!(findings[0].rule.hint().contains("依据：《中华人民共和国广告法》第九条第（三）项"));
}
