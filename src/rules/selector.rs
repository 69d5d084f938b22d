//! Which groups something is for: `groups = { profiles = ["direct-sale"], regions = ["北京"], size_at_least = 50 }`.
//!
//! Everything that goes to many groups says so with a [`Selector`]: schedules, campaigns, playbooks, join codes. Which
//! groups it may mean the files tell beforehand; what else must hold of a group at its turn is in [`Selector::turn`],
//! which schedules and campaigns alone may have.

use super::{GroupRule, Rulebook, TurnConditions, matching, wildcard};

/// All stated conditions must hold, of each one of its values; without any, every group that has a rule is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    pub profiles: Vec<String>,
    /// Ids of stores.
    pub stores: Vec<String>,
    /// Regions of the groups' stores.
    pub regions: Vec<String>,
    /// Names with `*` for any run of characters.
    pub names: Vec<String>,
    /// Estates (小区) of groups.
    pub estates: Vec<String>,
    /// Tags of groups, each its own or its store's.
    pub tags: Vec<String>,
    /// What must hold besides when the group's turn comes.
    pub turn: TurnConditions,
}

impl Selector {
    /// Whether it means the group of this name that falls under `rule`, as far as the files tell.
    pub fn takes(&self, rule: &GroupRule, rulebook: &Rulebook, group_name: &str) -> bool {
        let store = rule.store.as_ref().and_then(|id| rulebook.stores.get(id));
        let named = || self.names.iter().any(|pattern| wildcard(pattern, group_name));
        self.fits(rule, store.map(|store| store.region.as_str())) && (self.names.is_empty() || named())
    }

    /// Whether it may mean any group that falls under `rule`, whatever that group's name.
    pub fn may_take(&self, rule: &GroupRule, region: Option<&str>) -> bool {
        let pattern = rule.matches.name.as_deref().unwrap_or("*");
        let named = || self.names.iter().any(|name| matching::may_meet(name, pattern));
        self.fits(rule, region) && (self.names.is_empty() || named())
    }

    /// Everything but names.
    fn fits(&self, rule: &GroupRule, region: Option<&str>) -> bool {
        let among = |wanted: &[String], known: Option<&str>| {
            wanted.is_empty() || known.is_some_and(|known| wanted.iter().any(|one| one == known))
        };
        among(&self.profiles, Some(&rule.profile))
            && among(&self.stores, rule.store.as_deref())
            && among(&self.regions, region)
            && among(&self.estates, rule.estate.as_deref())
            && (self.tags.is_empty() || rule.tags.iter().any(|tag| self.tags.contains(tag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{SourceFile, Sources};
    use crate::rules::{compile, samples::SERVER};

    fn rulebook() -> Rulebook {
        let sources = Sources::new(vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/profiles/shop.toml", "name = \"店\""),
            SourceFile::new("config/profiles/staff.toml", "name = \"店员\""),
            SourceFile::new(
                "config/stores.toml",
                "[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nregion = \"北京\"\n\
                 [[store]]\nid = \"hexi\"\nname = \"河西店\"\nregion = \"天津\"\ntags = [\"旗舰店\", \"新店\"]",
            ),
            SourceFile::new(
                "config/groups/a.toml",
                "[[group]]\nmatch = { name = \"朝阳店*\" }\nstore = \"chaoyang\"\nprofile = \"shop\"\nestate = \"阳光里\"\ntags = [\"新店\"]\nears = []\n\
                 [[group]]\nmatch = { name = \"河西店*\" }\nstore = \"hexi\"\nprofile = \"shop\"\nears = []\n\
                 [[group]]\nmatch = { name = \"*店员*\" }\nprofile = \"staff\"\nears = []",
            ),
        ]);
        compile(&sources).expect("good files").rulebook
    }

    fn taken(selector: &Selector) -> Vec<&'static str> {
        let rulebook = rulebook();
        let names = ["朝阳店福利群", "朝阳店邻里群", "河西店福利群", "全体店员"];
        let takes = |name: &&str| {
            let rule = rulebook.rule_for("", name, None).expect("a rule");
            selector.takes(rule, &rulebook, name)
        };
        names.into_iter().filter(takes).collect()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn an_empty_one_means_every_group() {
        assert_eq!(taken(&Selector::default()).len(), 4);
    }

    #[test]
    fn all_conditions_must_hold_each_by_one_of_its_values() {
        let beijing = Selector { regions: words(&["北京"]), ..Selector::default() };
        assert_eq!(taken(&beijing), ["朝阳店福利群", "朝阳店邻里群"]);
        let welfare = Selector { names: words(&["*福利群", "没有这样的群"]), ..beijing };
        assert_eq!(taken(&welfare), ["朝阳店福利群"]);
        let stores = Selector { stores: words(&["hexi", "chaoyang"]), ..Selector::default() };
        assert_eq!(taken(&stores), ["朝阳店福利群", "朝阳店邻里群", "河西店福利群"]);
        let staff = Selector { profiles: words(&["staff"]), ..Selector::default() };
        assert_eq!(taken(&staff), ["全体店员"]);
        let nobody =
            Selector { profiles: words(&["staff"]), regions: words(&["北京"]), ..Selector::default() };
        assert_eq!(taken(&nobody), [] as [&str; 0], "a group without a store is in no region");
    }

    #[test]
    fn estates_are_of_groups_and_tags_of_groups_or_their_stores() {
        let sunny = Selector { estates: words(&["阳光里", "山水园"]), ..Selector::default() };
        assert_eq!(taken(&sunny), ["朝阳店福利群", "朝阳店邻里群"]);
        let flagship = Selector { tags: words(&["旗舰店"]), ..Selector::default() };
        assert_eq!(taken(&flagship), ["河西店福利群"]);
        let new = Selector { tags: words(&["新店"]), ..Selector::default() };
        assert_eq!(taken(&new), ["朝阳店福利群", "朝阳店邻里群", "河西店福利群"]);
        let nobody = Selector { estates: words(&["阳光里"]), ..flagship };
        assert_eq!(taken(&nobody), [] as [&str; 0]);
    }

    #[test]
    fn a_rule_that_no_name_can_fit_is_told_apart() {
        let rulebook = rulebook();
        let may = |names: &[&str]| {
            let selector = Selector { names: words(names), ..Selector::default() };
            rulebook.groups.iter().filter(|rule| selector.may_take(rule, None)).count()
        };
        assert_eq!(may(&["朝阳店*"]), 2, "its own groups, and a staff group called 朝阳店店员");
        assert_eq!(may(&["会员群"]), 0);
        assert_eq!(may(&["*群"]), 3);
    }
}
