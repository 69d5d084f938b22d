use super::*;
use crate::perception::learned::Learned;
use crate::perception::{Perceiver, Phrase, SignalName};
use crate::training::Row;

fn judges() -> Judges {
    let phrase = |text: &str, weight| Phrase {
        text: text.to_owned(),
        category: SignalName::Ad,
        weight,
        allow: Vec::new(),
    };
    let perceiver = Perceiver::new(&[phrase("刷单", 1.0), phrase("兼职", 0.5)]);
    Judges { perceiver, model: None, baseline: None, learned: Learned::default() }
}

fn row(id: &str, is_ad: bool, source: &str, category: &str, text: &str) -> Row {
    let [id, source, category, text] = [id, source, category, text].map(str::to_owned);
    Row { id, is_ad, category, source, text }
}

fn measured() -> Measured {
    let mut measured = Measured::default();
    for row in [
        row("1", true, "qqmc", "ad", "刷单"),
        row("2", true, "qqmc", "ad", "兼职"),
        row("3", true, "charm", "fraud", "贷款"),
        row("4", false, "lccc", "chat", "你好"),
        row("5", false, "shop", "review", "我在兼职"),
        row("6", true, "probe", "plain", "刷单"),
        row("7", false, "probe", "qa", "有人刷单吗"),
        row("8", false, "probe", "owner_promo", "招兼职"),
    ] {
        measured.add(row, &judges());
    }
    measured
}

#[test]
fn counts_verdicts_at_both_thresholds() {
    let report = report(&measured(), &judges(), &EvadedCounts::default());
    let Outcome { precision, recall, f1, false_alarms_per_1000 } = report.act;
    assert_eq!((precision, recall, false_alarms_per_1000), (2.0 / 3.0, 0.5, 250.0));
    assert!((f1 - 4.0 / 7.0).abs() < 1e-9);
    assert_eq!(report.ask.recall, 0.75);
    let qqmc = Counts { ads: 2, ads_acted: 1, ads_asked: 2, ..Counts::default() };
    assert_eq!(report.sources["qqmc"], qqmc);
    assert_eq!(report.categories["qqmc / ad"], qqmc);
    let probe = report.probe.expect("there are rows of the probe");
    assert_eq!((probe.talk.honest, probe.talk.honest_acted), (1, 1));
    assert_eq!((probe.owner.honest, probe.owner.honest_asked), (1, 1));
}

#[test]
fn mix_takes_its_sources_alone() {
    let lines = mix(&measured(), &judges());
    let judges: Vec<&str> = lines.iter().map(|line| line.judge).collect();
    assert_eq!(judges, ["perceiver"; 3], "judges that are not there are left out");
    // With two honest messages the highest is the threshold: only what is above 0.5 is found.
    assert_eq!(lines[1].threshold, 0.5);
    assert_eq!(lines[1].recall, 1.0 / 3.0);
    assert_eq!(lines[1].probe_recall, Some(1.0));
    assert_eq!(lines[1].probe_alarms, Some(1));
    assert!(mix(&Measured::default(), &self::judges()).is_empty());
}

#[test]
fn audited_labels_replace_the_given_ones() {
    let mut measured = measured();
    measured.audit("5", Some(true));
    measured.audit("3", None);
    measured.audit("unknown", None);
    let report = report(&measured, &judges(), &EvadedCounts::default());
    assert_eq!(report.sources["shop"], Counts { ads: 1, ads_asked: 1, ..Counts::default() });
    assert_eq!(report.sources["charm"], Counts::default());
}

#[test]
fn disguised_copies_are_set_against_their_parents() {
    let measured = measured();
    let mut evaded = EvadedCounts::default();
    for (id, weight) in [("1", 1.0), ("2", 0.0), ("3", 0.0), ("9", 1.0)] {
        evaded.add("space", measured.by_id(id), weight);
    }
    assert_eq!(evaded.orphans, 1);
    let report = report(&measured, &judges(), &evaded);
    let expected = Evaded { trick: "space".to_owned(), copies: 3, at_ask: 0.5, at_mix: 1.0 };
    assert_eq!(report.evaded, [expected]);
}

#[test]
fn the_worst_mistakes_are_few_and_short() {
    let mut measured = Measured::default();
    for nth in 0..100 {
        measured.add(
            row(&nth.to_string(), false, "shop", "review", &format!("刷单{}", "啊".repeat(500))),
            &judges(),
        );
    }
    let report = report(&measured, &judges(), &EvadedCounts::default());
    assert_eq!(report.flagged.len(), 12);
    assert!(report.flagged[0].text.chars().count() <= 40);
    assert!(report.to_string().contains("| shop | 0 | 0 | 0 | 100 | 100 | 100 |"));
}

#[test]
fn nothing_measured_is_a_report_too() {
    let report = report(&Measured::default(), &judges(), &EvadedCounts::default());
    assert_eq!(report.act, Outcome::default());
    assert!(report.to_string().contains("| act | 0.000 |"));
}
