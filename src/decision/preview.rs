//! What a campaign is going to post, word by word, as one store's groups would hear it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::rules::{Campaign, GroupRule, Rulebook, Schedule, Store, asker_in, facts_in};
use crate::scripts::{Asker, Facts, Part};

/// Posts that lie further ahead say little: prices and days will have changed.
const WITHIN: SignedDuration = SignedDuration::from_hours(366 * 24);
/// What stands for the name of a group that is not known yet.
const SOME_GROUP: &str = "（群名）";

/// One post that is to come.
#[derive(Debug)]
pub struct Planned<'r> {
    pub at: Timestamp,
    pub schedule: &'r Schedule,
    /// The first variant, filled in; or a Chinese sentence that says why there is nothing to post.
    pub parts: Result<Vec<Part>, String>,
}

impl Campaign {
    /// The next posts behind `after` in the groups of this store, or, without one, in those that come first in the
    /// files; at most so many.
    pub fn preview<'r>(
        &self,
        rules: &'r Rulebook,
        store: Option<&str>,
        after: Timestamp,
        at_most: usize,
    ) -> Vec<Planned<'r>> {
        let until = after.saturating_add(WITHIN).unwrap_or(Timestamp::MAX);
        let mut moments: Vec<(Timestamp, &Schedule, &GroupRule)> = Vec::new();
        for schedule in self.live_steps(rules) {
            let here = |rule: &&GroupRule| store.is_none() || rule.store.as_deref() == store;
            let Some(rule) = groups_of(schedule, rules).find(here) else { continue };
            let between = schedule.timing.between(after, until).take(at_most);
            moments.extend(between.map(|moment| (moment, schedule, rule)));
        }
        moments.sort_by_key(|(moment, ..)| *moment);
        moments.truncate(at_most);
        let planned = |(at, schedule, rule): (Timestamp, &'r Schedule, &GroupRule)| Planned {
            at,
            schedule,
            parts: filled(rules, schedule, rule, at),
        };
        moments.into_iter().map(planned).collect()
    }

    /// The next moment at which any step posts.
    pub fn next_post(&self, rules: &Rulebook, after: Timestamp) -> Option<Timestamp> {
        self.live_steps(rules).filter_map(|schedule| schedule.timing.next(after)).min()
    }

    /// Ids of the stores whose groups hear any of it, in the order of the files.
    pub fn stores<'r>(&self, rules: &'r Rulebook) -> Vec<&'r str> {
        let mut stores: Vec<&str> = Vec::new();
        for schedule in self.live_steps(rules) {
            for store in groups_of(schedule, rules).filter_map(|rule| rule.store.as_deref()) {
                if !stores.contains(&store) {
                    stores.push(store);
                }
            }
        }
        stores
    }

    fn live_steps<'r>(&self, rules: &'r Rulebook) -> impl Iterator<Item = &'r Schedule> {
        let steps = self.steps.iter().filter_map(|id| rules.schedules.get(id)).map(AsRef::as_ref);
        steps.filter(|schedule: &&Schedule| !schedule.off)
    }
}

/// The entries of `config/groups` whose groups may hear it.
fn groups_of<'r>(schedule: &'r Schedule, rules: &'r Rulebook) -> impl Iterator<Item = &'r GroupRule> {
    let takes = |rule: &&GroupRule| {
        schedule.groups.may_take(rule, store_of(rules, rule).map(|store| store.region.as_str()))
    };
    rules.groups.iter().filter(takes)
}

fn store_of<'r>(rules: &'r Rulebook, rule: &GroupRule) -> Option<&'r Store> {
    rules.stores.get(rule.store.as_ref()?)
}

fn filled(
    rules: &Rulebook,
    schedule: &Schedule,
    rule: &GroupRule,
    at: Timestamp,
) -> Result<Vec<Part>, String> {
    let store = store_of(rules, rule);
    let today = at.to_zoned(rules.timezone.clone()).date();
    let asker = Asker { profile: Some(&*rule.profile), ..asker_in(store, today) };
    let facts = Facts { group: SOME_GROUP.to_owned(), ..facts_in(&rules.brand.name, store, today) };
    let script = rules.scripts.resolved(&schedule.post, &asker);
    let script = script.ok_or_else(|| format!("话术 {} 在这里用不了", schedule.post))?;
    if !script.usable_on(today) {
        return Err(format!("话术「{}」那天不在有效期里", script.title));
    }
    rules.scripts.fill(script, None, &facts, &BTreeMap::new()).map_err(|error| error.to_string())
}
