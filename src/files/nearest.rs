//! What did they mean? The known word that comes nearest to an unknown one.

/// The candidate with the fewest edits (insert, delete, replace, swap neighbours) from `word`, if
/// that is at most about a third of the longer one.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = word.to_lowercase().chars().collect();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other: Vec<char> = candidate.to_lowercase().chars().collect();
            let longer = letters.len().max(other.len());
            let close_enough = longer.div_ceil(3).min(longer.saturating_sub(1));
            // The length alone rules most candidates out.
            if letters.len().abs_diff(other.len()) > close_enough {
                return None;
            }
            let edits = edits(&letters, &other);
            (edits <= close_enough).then_some((edits, candidate))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// More names in one hint than people read.
const LISTED_AT_MOST: usize = 8;

/// What to say about an id that is none of the known ones: the nearest, or some that there are.
/// `what` they are the ids of is Chinese.
pub fn known_ids<'a>(what: &str, id: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(meant) = nearest(id, known.clone()) {
        return format!("是不是想写 \"{meant}\"？");
    }
    let count = known.clone().count();
    if count == 0 {
        return format!("现在一个{what}也没有");
    }
    let more = if count > LISTED_AT_MOST { " 等" } else { "" };
    format!("现在有：{}{more}", known.take(LISTED_AT_MOST).collect::<Vec<_>>().join("、"))
}

/// Optimal string alignment distance.
fn edits(one: &[char], other: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut current = Vec::with_capacity(other.len() + 1);
        current.push(row + 1);
        for (column, counterpart) in other.iter().enumerate() {
            let replace = last[column] + usize::from(letter != counterpart);
            let mut best = replace.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped =
                row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *counterpart;
            if swapped {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_typos_and_nothing_else() {
        let keys = ["window", "script", "quiet", "repeat_after"];
        assert_eq!(nearest("windwo", keys), Some("window"));
        assert_eq!(nearest("Scripts", keys), Some("script"));
        assert_eq!(nearest("repeat-after", keys), Some("repeat_after"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("", keys), None);
        assert_eq!(nearest("直售", ["直销群", "业主群"]), None);
        assert_eq!(nearest("a", ["b"]), None);
    }

    #[test]
    fn counts_edits() {
        let count = |one: &str, other: &str| {
            edits(&one.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>())
        };
        assert_eq!(count("kitten", "sitting"), 3);
        assert_eq!(count("ab", "ba"), 1);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("群规", "群规"), 0);
    }
}
