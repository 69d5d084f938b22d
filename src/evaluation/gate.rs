//! The gate: a sample of our own that no model is trained on. A new model must not be worse on it.

use crate::perception::Perceiver;
use crate::perception::classifier::shipped;
use crate::perception::learned::Learned;
use crate::training::evasion::{Disguiser, Trick};
use crate::training::{Random, Row, read_rows};

use super::{Counts, EvadedCounts, Judges, Measured, report};

/// What the shipped model reached when it was made. A new model that loses more here than it wins does not ship.
const ADS_ASKED_AT_LEAST: usize = 58;
const ADS_ACTED_AT_LEAST: usize = 42;
const HONEST_ASKED_AT_MOST: usize = 0;
const HONEST_ACTED_AT_MOST: usize = 0;

/// The share of disguised copies that still reach a person, of those whose plain text does.
const DISGUISED_AT_LEAST: f64 = 0.95;
const COPIES: u64 = 4;

fn rows() -> Vec<Row> {
    let file = include_str!("../../tests/data/moderation/gate.tsv");
    let mut rows = Vec::new();
    let mistakes = read_rows("gate.tsv", file.as_bytes(), |row| rows.push(row)).expect("memory can be read");
    assert_eq!(mistakes.count, 0, "{:?}", mistakes.told);
    rows
}

/// Without lexicons: they are the files' business.
fn judges() -> Judges {
    let model = shipped().expect("the shipped model can be read");
    let perceiver = Perceiver::new(&[]).with_classifier(model.clone());
    Judges { perceiver, model: Some(model), baseline: None, learned: Learned::default() }
}

fn asked(judges: &Judges, text: &str) -> bool {
    judges.score(text)[0] >= super::ASK_FROM
}

#[test]
fn recall_and_false_alarms_are_no_worse() {
    let mut measured = Measured::default();
    let judges = judges();
    rows().into_iter().for_each(|row| measured.add(row, &judges));
    let report = report(&measured, &judges, &EvadedCounts::default());
    let Counts { ads_asked, ads_acted, honest_asked, honest_acted, .. } = report.sources["gate"];
    assert!(ads_asked >= ADS_ASKED_AT_LEAST, "{ads_asked}\n{report}");
    assert!(ads_acted >= ADS_ACTED_AT_LEAST, "{ads_acted}\n{report}");
    assert!(honest_asked == HONEST_ASKED_AT_MOST, "{honest_asked}\n{report}");
    assert!(honest_acted == HONEST_ACTED_AT_MOST, "{honest_acted}\n{report}");
}

#[test]
fn no_disguise_hides_an_advertisement() {
    let (judges, rows) = (judges(), rows());
    let disguiser = Disguiser::new(rows.iter().map(|row| row.text.as_str()));
    let known: Vec<&Row> = rows.iter().filter(|row| row.is_ad && asked(&judges, &row.text)).collect();
    let mut weak = Vec::new();
    for trick in Trick::ALL {
        let mut random = Random::for_part(1, &format!("{trick:?}"));
        let copies = known.iter().flat_map(|row| (0..COPIES).map(move |_| row));
        let found: usize = copies
            .map(|row| usize::from(asked(&judges, &disguiser.apply(trick, &row.text, &mut random))))
            .sum();
        let share = found as f64 / (known.len() as f64 * COPIES as f64);
        if share < DISGUISED_AT_LEAST {
            weak.push(format!("{trick:?} {share:.2}"));
        }
    }
    assert!(weak.is_empty(), "found too rarely: {weak:?}");
}

/// One advertisement in every dress: none of them may slip through.
#[test]
fn a_known_advertisement_is_seen_under_every_trick() {
    let judges = judges();
    let ad = "兼职日结300元，在家就能做，加微信abc10020，有意私我";
    let disguiser = Disguiser::new(rows().iter().map(|row| &*row.text));
    for trick in Trick::ALL {
        let text = disguiser.apply(trick, ad, &mut Random::for_part(7, &format!("{trick:?}")));
        assert!(asked(&judges, &text), "{trick:?}: {text}");
    }
}
