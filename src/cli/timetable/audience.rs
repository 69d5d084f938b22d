//! Whom schedules reach: the groups that a bot has heard of, or, before there is one, the kinds of groups that the
//! rules know.

use std::path::Path;

use anyhow::anyhow;

use crate::decision::GroupState;
use crate::files::nearest;
use crate::rules::{GroupRule, Rulebook, Schedule};
use crate::store::{self, Reader};

/// Groups read from the store at once.
const PORTION: usize = 1_000;

/// Everybody that schedules may reach.
#[derive(Debug)]
pub struct Audience {
    everybody: Vec<Listener>,
    /// They are groups, not kinds of groups.
    pub known: bool,
}

/// A group, or a kind of groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Of a group that is known.
    pub id: Option<String>,
    /// The group's, or the pattern of the rule: `山谷小铺朝阳店*`.
    pub name: String,
    /// Its posts wait for the owner, so they are not spread.
    pub owner_confirms: bool,
    /// In the rulebook's groups.
    rule: usize,
}

impl Listener {
    fn under(rule: usize, id: Option<String>, name: String, rulebook: &Rulebook) -> Self {
        let owner_confirms = rulebook.groups.get(rule).is_some_and(GroupRule::owner_confirms);
        Self { id, name, owner_confirms, rule }
    }
}

impl Audience {
    pub fn of(group: Option<&str>, data: &Path, rulebook: &Rulebook) -> anyhow::Result<Self> {
        let known = data.join(store::DATABASE).is_file();
        let everybody = if known { groups(&store::read(data)?, rulebook)? } else { kinds(rulebook) };
        let Some(wanted) = group else { return Ok(Self { everybody, known }) };
        let found = everybody.iter().find(|one| one.id.as_deref() == Some(wanted) || one.name == wanted);
        if let Some(found) = found {
            return Ok(Self { everybody: vec![found.clone()], known });
        }
        // A group that is not heard of yet, by the name that it will have.
        let rule = rulebook.groups.first(Some(wanted), Some(wanted), None).ok_or_else(|| {
            let meant = nearest(wanted, everybody.iter().map(|one| one.name.as_str()));
            let meant = meant.map(|name| format!("，是不是想写 {name:?}？")).unwrap_or_default();
            anyhow!("config/groups 里没有哪一条管得到群 {wanted:?}{meant} / no rule for such a group")
        })?;
        Ok(Self { everybody: vec![Listener::under(rule, None, wanted.to_owned(), rulebook)], known: false })
    }

    /// Those of them that a schedule is for.
    pub fn listeners<'a>(&'a self, schedule: &Schedule, rulebook: &Rulebook) -> Vec<&'a Listener> {
        let hears = |one: &&Listener| {
            let Some(rule) = rulebook.groups.get(one.rule) else { return false };
            if one.name.contains('*') {
                schedule.groups.may_take(rule, region(rule, rulebook))
            } else {
                schedule.groups.takes(rule, rulebook, &one.name)
            }
        };
        self.everybody.iter().filter(hears).collect()
    }
}

fn region<'r>(rule: &GroupRule, rulebook: &'r Rulebook) -> Option<&'r str> {
    let store = rulebook.stores.get(rule.store.as_ref()?)?;
    Some(&store.region)
}

/// Groups that exist and fall under a rule.
fn groups(reader: &Reader, rulebook: &Rulebook) -> anyhow::Result<Vec<Listener>> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let portion = reader.groups(&after, PORTION)?;
        let Some(last) = portion.last() else { return Ok(all) };
        after = last.id.to_string();
        all.extend(portion.iter().filter_map(|group| listener(group, rulebook)));
    }
}

fn listener(group: &GroupState, rulebook: &Rulebook) -> Option<Listener> {
    let owner = group.owner.as_ref().map(|owner| owner.as_str());
    let rule = rulebook.groups.first(Some(group.id.as_str()), Some(&group.name), owner)?;
    let exists = group.dismissed_at.is_none();
    exists.then(|| Listener::under(rule, Some(group.id.to_string()), group.name.clone(), rulebook))
}

/// One for each rule.
fn kinds(rulebook: &Rulebook) -> Vec<Listener> {
    let kind = |(rule, one): (usize, &GroupRule)| {
        let matches = &one.matches;
        let name = matches.name.clone().or_else(|| matches.id.clone()).unwrap_or_else(|| "*".to_owned());
        Listener::under(rule, None, name, rulebook)
    };
    rulebook.groups.iter().enumerate().map(kind).collect()
}
