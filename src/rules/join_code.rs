//! A code that people scan to join a group: one `[[join_code]]` of `config/join-codes/*.toml`.

use serde::{Deserialize, Serialize};

use super::{GroupRule, Rulebook, Selector};

/// When nothing is said, the next group comes before this many members: a little under the 200 that a group
/// holds well, so that whoever scans between two looks still finds a place.
pub const NEXT_BEFORE: usize = 190;

/// A join code (加入群聊二维码): where it leads, and what its poster says.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinCode {
    pub id: String,
    /// What the poster invites to.
    pub title: String,
    /// What tells which poster brought a member: at most 30 characters, each code its own.
    pub state: String,
    /// Id of the store whose name the poster shows.
    pub store: Option<String>,
    /// Of these only customer groups count.
    pub groups: Selector,
    /// A group with so many members makes room for the next one.
    pub next_before: usize,
    /// What the platform makes by itself when all groups are full; `None` = nothing.
    pub new_groups: Option<NewGroups>,
    /// For people, on the platform: at most 30 characters.
    pub remark: String,
    /// What stands below the QR code on the poster.
    pub caption: String,
    /// `config/join-codes/posters.toml:4`, for people.
    pub place: String,
}

/// Names of the groups that the platform makes: `销售客服群10`, `销售客服群11` …
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewGroups {
    pub name: String,
    /// Of the first one.
    pub number: i64,
}

impl JoinCode {
    /// Its title in one line: on the poster it may have more.
    pub fn called(&self) -> String {
        self.title.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    }
}

impl Rulebook {
    /// The codes that lead to the group of this name, which falls under `rule`.
    pub fn join_codes_of<'r>(
        &'r self,
        rule: &'r GroupRule,
        name: &'r str,
    ) -> impl Iterator<Item = &'r JoinCode> {
        let codes = self.join_codes.values().map(AsRef::as_ref);
        codes.filter(move |code: &&JoinCode| code.groups.takes(rule, self, name))
    }
}
