//! Which rule a group falls under: first match wins, found without trying all of them.

use std::ops::Deref;

use foldhash::HashMap;

use super::{GroupMatch, GroupRule, Rulebook};

/// All group rules in their order, with an index by the most telling condition of each. Reads like
/// a slice.
#[derive(Clone, Debug, Default)]
pub struct GroupRules {
    rules: Vec<GroupRule>,
    by_id: HashMap<Box<str>, Vec<usize>>,
    by_owner: HashMap<Box<str>, Vec<usize>>,
    /// By what the name must begin with: the pattern up to its first `*`.
    by_prefix: HashMap<Box<str>, Vec<usize>>,
    /// The byte lengths of those beginnings, ascending: only these need looking up.
    prefix_lengths: Vec<usize>,
}

impl From<Vec<GroupRule>> for GroupRules {
    fn from(rules: Vec<GroupRule>) -> Self {
        let mut index = Self::default();
        for (at, rule) in rules.iter().enumerate() {
            let GroupMatch { id, name, owner } = &rule.matches;
            let name = name.as_deref().unwrap_or("*");
            let bucket = match (id, owner) {
                (Some(id), _) => index.by_id.entry(id.as_str().into()),
                (None, Some(owner)) => index.by_owner.entry(owner.as_str().into()),
                (None, None) => index.by_prefix.entry(prefix(name).into()),
            };
            bucket.or_default().push(at);
        }
        index.prefix_lengths = index.by_prefix.keys().map(|prefix| prefix.len()).collect();
        index.prefix_lengths.sort_unstable();
        index.prefix_lengths.dedup();
        index.rules = rules;
        index
    }
}

impl Deref for GroupRules {
    type Target = [GroupRule];

    fn deref(&self) -> &[GroupRule] {
        &self.rules
    }
}

impl GroupRules {
    /// The index of the first rule that holds for a group of which this is known.
    pub fn first(&self, id: Option<&str>, name: Option<&str>, owner: Option<&str>) -> Option<usize> {
        let by_prefix = name.into_iter().flat_map(|name| {
            let beginnings = self.prefix_lengths.iter().filter_map(|length| name.get(..*length));
            beginnings.filter_map(|beginning| self.by_prefix.get(beginning))
        });
        let by_id = id.and_then(|id| self.by_id.get(id));
        let by_owner = owner.and_then(|owner| self.by_owner.get(owner));
        let holds = |at: &&usize| self.rules[**at].matches.holds(id, name, owner);
        by_id
            .into_iter()
            .chain(by_owner)
            .chain(by_prefix)
            .filter_map(|bucket| bucket.iter().find(holds))
            .min()
            .copied()
    }
}

impl GroupMatch {
    /// Whether all stated conditions hold; what is not known fulfils none.
    pub fn holds(&self, id: Option<&str>, name: Option<&str>, owner: Option<&str>) -> bool {
        let same = |wanted: &Option<String>, known: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| known == Some(wanted))
        };
        let name_fits =
            self.name.as_deref().is_none_or(|pattern| name.is_some_and(|name| wildcard(pattern, name)));
        same(&self.id, id) && same(&self.owner, owner) && name_fits
    }
}

impl Rulebook {
    /// What applies to a group; `None` = the group is not ours to look after.
    pub fn rule_for(&self, id: &str, name: &str, owner: Option<&str>) -> Option<&GroupRule> {
        self.groups.first(Some(id), Some(name), owner).map(|at| &self.groups[at])
    }
}

fn prefix(pattern: &str) -> &str {
    pattern.split('*').next().unwrap_or_default()
}

/// Whether `text` is `pattern` with each `*` standing for any run of characters.
///
/// Every event asks this of several patterns; names are short, so setting up a search would take longer than
/// walking along both.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // Behind the latest `*`, and the run of text that it does not stand for.
    let mut star = None;
    while seen < text.len() {
        match (pattern.get(at), &mut star) {
            (Some(b'*'), star) => {
                at += 1;
                *star = Some((at, seen));
            }
            (Some(byte), _) if *byte == text[seen] => {
                at += 1;
                seen += 1;
            }
            // Taking each piece as early as possible leaves the most for those after it.
            (_, Some((behind, from))) => {
                *from += 1;
                (at, seen) = (*behind, *from);
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Whether some text fits both patterns.
pub(super) fn may_meet(one: &str, other: &str) -> bool {
    let (Some((head, _)), Some((_, tail))) = (one.split_once('*'), one.rsplit_once('*')) else {
        return wildcard(other, one);
    };
    let (Some((their_head, _)), Some((_, their_tail))) = (other.split_once('*'), other.rsplit_once('*'))
    else {
        return wildcard(one, other);
    };
    // Between fitting ends, the middles of both patterns find room one after the other.
    (head.starts_with(their_head) || their_head.starts_with(head))
        && (tail.ends_with(their_tail) || their_tail.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            Some((letter, rest)) => {
                text.split_first().is_some_and(|(first, tail)| first == letter && naive(rest, tail))
            }
        }
    }

    fn rule(matches: GroupMatch) -> GroupRule {
        GroupRule {
            matches,
            store: None,
            profile: Arc::from("base"),
            ears: Vec::new(),
            hands: Vec::new(),
            kol: Vec::new(),
            place: String::new(),
            estate: None,
            tags: Vec::new(),
        }
    }

    fn conditions() -> impl Strategy<Value = GroupMatch> {
        let some = |pattern: &'static str| proptest::option::of(pattern);
        (some("[ab]"), some("[朝阳*]{0,4}"), some("[xy]")).prop_map(|(id, name, owner)| GroupMatch {
            id,
            name,
            owner,
        })
    }

    proptest! {
        #[test]
        fn wildcards_agree_with_the_naive_matcher(pattern in "[朝a*]{0,8}", text in "[朝a]{0,8}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(wildcard(&pattern, &text), naive(&letters(&pattern), &letters(&text)));
        }

        #[test]
        fn patterns_that_one_text_fits_may_meet(one in "[朝a*]{0,6}", other in "[朝a*]{0,6}", text in "[朝a]{0,6}") {
            prop_assert!(may_meet(&one, &other) || !(wildcard(&one, &text) && wildcard(&other, &text)));
            // A text that both fit is the ends with both middles between them.
            let ends = |pattern: &str| (pattern.split('*').next().unwrap_or("").to_owned(), pattern.rsplit('*').next().unwrap_or("").to_owned());
            let ((head, tail), (their_head, their_tail)) = (ends(&one), ends(&other));
            let longer = |one: String, other: String| if one.len() > other.len() { one } else { other };
            let middles = format!("{one}{other}").replace('*', "");
            let witness = format!("{}{middles}{}", longer(head, their_head), longer(tail, their_tail));
            if may_meet(&one, &other) && one.contains('*') && other.contains('*') {
                prop_assert!(wildcard(&one, &witness) && wildcard(&other, &witness), "{witness}");
            }
        }

        #[test]
        fn the_index_finds_what_a_walk_finds(
            all in proptest::collection::vec(conditions(), 0..12),
            id in "[abc]", name in "[朝阳]{0,4}", owner in proptest::option::of("[xyz]"),
        ) {
            let (id, name, owner) = (Some(&*id), Some(&*name), owner.as_deref());
            let walked = all.iter().position(|one| one.holds(id, name, owner));
            let rules = GroupRules::from(all.into_iter().map(rule).collect::<Vec<_>>());
            prop_assert_eq!(rules.first(id, name, owner), walked);
        }
    }

    #[test]
    fn names_with_stars() {
        assert!(wildcard("山谷小铺朝阳店*福利群", "山谷小铺朝阳店 3 号福利群"));
        assert!(wildcard("*", ""));
        assert!(!wildcard("aba*ba", "aba"));
        assert!(!wildcard("福利群", "福利群 2"));
    }
}
