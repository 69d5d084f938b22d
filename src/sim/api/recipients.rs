//! Whom `message/send` reaches (wecom-send.md §3.1).

use super::error::{ApiError, Checked};
use super::fields::text;
use crate::sim::world::{Person, State};
use serde_json::Value;

const USERS_AT_MOST: usize = 1_000;
const PARTIES_AT_MOST: usize = 100;
const EVERYBODY: &str = "@all";
/// The example corp has one department, the root; everybody belongs to it. It has no tags.
const ROOT: &str = "1";

/// People reached, each once, and what could not be resolved. Ids come back in lower case.
#[derive(Debug, Default, PartialEq)]
pub struct Recipients {
    pub people: Vec<String>,
    pub invalid_users: Vec<String>,
    pub invalid_parties: Vec<String>,
    pub invalid_tags: Vec<String>,
}

impl Recipients {
    pub fn of(state: &State, body: &Value) -> Checked<Self> {
        let (users, parties, tags) = (text(body, "touser")?, text(body, "toparty")?, text(body, "totag")?);
        if users == EVERYBODY {
            return Ok(Self {
                people: members(state).map(|person| person.id.clone()).collect(),
                ..Self::default()
            });
        }
        let (users, parties, tags) = (split(users), split(parties), split(tags));
        for (list, at_most, code) in [
            (&users, USERS_AT_MOST, 40032),
            (&parties, PARTIES_AT_MOST, 82002),
            (&tags, PARTIES_AT_MOST, 82003),
        ] {
            if list.len() > at_most {
                return Err(ApiError::because(code, format!("{} of at most {at_most}", list.len())));
            }
        }
        if users.is_empty() && parties.is_empty() && tags.is_empty() {
            return Err(ApiError::new(82001));
        }
        let mut found = Self { invalid_tags: tags, ..Self::default() };
        for user in users {
            if state.is_corp_member(&user) {
                found.add(user);
            } else {
                found.invalid_users.push(user.to_lowercase());
            }
        }
        for party in parties {
            if party == ROOT {
                members(state).for_each(|person| found.add(person.id.clone()));
            } else {
                found.invalid_parties.push(party);
            }
        }
        if found.people.is_empty() { Err(ApiError::new(81013)) } else { Ok(found) }
    }

    fn add(&mut self, person: String) {
        if !self.people.contains(&person) {
            self.people.push(person);
        }
    }
}

fn members(state: &State) -> impl Iterator<Item = &Person> {
    state.people.values().filter(|person| person.corp_member)
}

fn split(list: &str) -> Vec<String> {
    list.split('|').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}
