//! What the classifier says, beside the phrases: both read the same words, so they are one witness.

use super::classifier::Model;
use super::{Signal, SignalName};
use crate::text::Folded;

/// What is left of a phrase's weight where the classifier hears nothing but talk: neighbours who warn of a swindle
/// use its words.
const IN_TALK: f32 = 0.7;

/// A phrase of this weight says that it is enough by itself.
const ENOUGH: f32 = 1.0;

/// Adds a signal for each of the places that moved the classifier most, all with its weight: of one name only the
/// strongest counts. None while the weight is 0; the phrases that the classifier knows then count less.
pub(super) fn hear(model: &Model, folded: &Folded, found: &mut Vec<Signal>) {
    let (symbols, letters) = (&folded.chars, &folded.letters.chars);
    let weight = model.weight_of(model.score(symbols, letters));
    if weight <= 0.0 {
        let doubtful = |signal: &&mut Signal| signal.name.is_judged_by_words() && signal.weight < ENOUGH;
        found.iter_mut().filter(doubtful).for_each(|signal| signal.weight *= IN_TALK);
        return;
    }
    found.extend(model.explain(symbols, letters).into_iter().map(|range| Signal {
        name: SignalName::Classifier,
        span: folded.span(range.start, range.end),
        detail: symbols[range].iter().collect(),
        weight,
    }));
}

#[cfg(test)]
mod tests {
    use crate::perception::classifier::shipped;
    use crate::perception::{Perceiver, Phrase, SignalName, Signals};

    /// A neighbour who warns of a swindle uses its words; what a brand says is enough by itself stays enough.
    #[test]
    fn phrases_count_less_where_the_classifier_hears_talk() {
        let model = shipped().expect("the shipped model can be read");
        let phrase = |text: &str, weight| Phrase {
            text: text.to_owned(),
            category: SignalName::Fraud,
            weight,
            allow: Vec::new(),
        };
        let plain = Perceiver::new(&[phrase("安全账户", 0.6), phrase("会判刑", 1.0)]);
        let weight = |perceiver: &Perceiver, text| Signals::weight_of(&perceiver.perceive(text).found);
        let warning = "我妈说了，安全账户都是假的，谁信谁傻，赶紧吃饭";
        assert_eq!(weight(&plain, warning), 0.6);
        let perceiver = plain.with_classifier(model);
        assert_eq!(weight(&perceiver, warning), 0.42);
        assert_eq!(weight(&perceiver, "昨天新闻说这种人会判刑的，大家吃好喝好早点睡"), 1.0);
    }
}
