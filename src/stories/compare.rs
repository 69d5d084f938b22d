//! What was expected beside what was done, in order.

use crate::files::At;
use crate::rules::written::ByHand;

use super::story::{Expectation, Subject, Words};

/// One pair, or one side without its counterpart; indexes into expectations and deeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aligned {
    Done(usize),
    Missing(usize),
    Extra(usize),
}

/// The longest way to pair both in order; `holds` says whether a deed is what was expected.
pub fn align(expected: usize, done: usize, holds: impl Fn(usize, usize) -> bool) -> Vec<Aligned> {
    // longest[i][j]: pairs that can be made of everything from `i` and `j` on.
    let mut longest = vec![vec![0_usize; done + 1]; expected + 1];
    for i in (0..expected).rev() {
        for j in (0..done).rev() {
            let without = longest[i + 1][j].max(longest[i][j + 1]);
            let with = if holds(i, j) { longest[i + 1][j + 1] + 1 } else { 0 };
            longest[i][j] = with.max(without);
        }
    }
    let (mut i, mut j, mut aligned) = (0, 0, Vec::new());
    while i < expected || j < done {
        let pair = i < expected && j < done && holds(i, j) && longest[i][j] == longest[i + 1][j + 1] + 1;
        if pair {
            aligned.push(Aligned::Done(j));
            (i, j) = (i + 1, j + 1);
        } else if j == done || (i < expected && longest[i + 1][j] >= longest[i][j + 1]) {
            aligned.push(Aligned::Missing(i));
            i += 1;
        } else {
            aligned.push(Aligned::Extra(j));
            j += 1;
        }
    }
    aligned
}

/// In one Chinese sentence, as [`crate::decision::Action::in_words`] tells what was done.
pub fn in_words(expected: &At<Expectation>) -> String {
    let to = expected.to.as_ref().map(|to| format!(" {to}")).unwrap_or_default();
    let mut text = match &expected.subject {
        Subject::Post(words) => format!("在群里说{}", quoted(words)),
        Subject::Remove(name) => format!("把 {name} 移出群"),
        Subject::Tell(words) => format!("私聊{to}{}", quoted(words)),
        Subject::Answer(words) => format!("回答{}", quoted(words)),
        Subject::Card(title) if to.is_empty() => format!("发待办卡「…{title}…」"),
        Subject::Card(title) => format!("给{to} 发待办卡「…{title}…」"),
        Subject::CardSays(label) => format!("把卡片改成「…{label}…」"),
        Subject::Moment(words) => format!("请人发朋友圈{}", quoted(words)),
    };
    match expected.mentions.as_deref() {
        Some([]) => text.push_str("，谁也不点名"),
        Some(names) => text.push_str(&format!("，点名 {}", names.join("、"))),
        None => {}
    }
    if let Some(people) = &expected.people {
        text.push_str(&format!("，请的是 {}", people.join("、")));
    }
    if let Some(why) = &expected.why {
        text.push_str(&format!("，原因有「…{why}…」"));
    }
    if let Some(paste) = &expected.paste {
        text.push_str(&format!("，要贴{}", quoted(paste)));
    }
    if let Some(by) = expected.by {
        text.push_str(&format!(" · {}", hand(by)));
    }
    text
}

fn quoted(words: &Words) -> String {
    match words {
        Words::Script(id) => format!("话术 {id}"),
        Words::Text(text) => format!("「…{text}…」"),
    }
}

/// The beginning of the hand's name in the journal.
pub fn hand(by: ByHand) -> &'static str {
    match by {
        ByHand::Appchat => "appchat",
        ByHand::Webhook => "webhook",
        ByHand::App => "app:",
        ByHand::Answer => "answer",
        ByHand::StaffTask => "staff-task",
        ByHand::MassSend => "mass-send",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_in_order_and_leaves_the_rest() {
        let aligned = |expected: &[char], done: &[char]| {
            let pairs = align(expected.len(), done.len(), |i, j| expected[i] == done[j]);
            let sign = |one: &Aligned| match one {
                Aligned::Done(at) => format!("={}", done[*at]),
                Aligned::Missing(at) => format!("-{}", expected[*at]),
                Aligned::Extra(at) => format!("+{}", done[*at]),
            };
            pairs.iter().map(sign).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(aligned(&['a', 'b'], &['a', 'b']), "=a =b");
        assert_eq!(aligned(&['a'], &['b']), "-a +b");
        assert_eq!(aligned(&['a', 'b', 'c'], &['a', 'c', 'd']), "=a -b =c +d");
        assert_eq!(aligned(&['a', 'b'], &['b', 'a']).matches('=').count(), 1, "order counts");
        assert_eq!(aligned(&[], &[]), "");
    }
}
