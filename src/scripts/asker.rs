//! For whom a script is looked up.

use jiff::civil::Date;

use super::{Script, ScriptRole};

/// Who asks, and where. What is not known does not narrow.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// Id of the group's profile, when it is asked for a group.
    pub profile: Option<&'a str>,
    /// Id of the store.
    pub store: Option<&'a str>,
    pub region: Option<&'a str>,
    /// What the person is; empty = the bot itself, which may use every script.
    pub roles: &'a [ScriptRole],
    pub today: Date,
}

impl Asker<'_> {
    /// The bot itself, anywhere.
    pub fn anybody(today: Date) -> Self {
        Self { profile: None, store: None, region: None, roles: &[], today }
    }
}

impl Script {
    /// Whether this person may use it here, on whatever day.
    pub fn is_for(&self, asker: &Asker<'_>) -> bool {
        let among = |allowed: &[String], here: Option<&str>| {
            allowed.is_empty() || here.is_none_or(|here| allowed.iter().any(|one| one == here))
        };
        let person = asker.roles.is_empty()
            || asker.roles.contains(&ScriptRole::Ops)
            || asker.roles.iter().any(|role| self.roles.contains(role));
        person
            && among(&self.profiles, asker.profile)
            && among(&self.regions, asker.region)
            && among(&self.stores, asker.store)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_audience_is_all_of_its_conditions() {
        let script = Script {
            roles: vec![ScriptRole::Staff, ScriptRole::Kol],
            profiles: vec!["vip".to_owned()],
            regions: vec!["北京".to_owned()],
            stores: vec!["chaoyang".to_owned()],
            ..Script::default()
        };
        let here = Asker {
            profile: Some("vip"),
            store: Some("chaoyang"),
            region: Some("北京"),
            roles: &[ScriptRole::Kol],
            today: date(2026, 9, 1),
        };
        assert!(script.is_for(&here));
        assert!(script.is_for(&Asker::anybody(here.today)));
        assert!(script.is_for(&Asker { roles: &[ScriptRole::Ops], ..here }));
        for elsewhere in [
            Asker { profile: Some("moms"), ..here },
            Asker { store: Some("hexi"), ..here },
            Asker { region: Some("天津"), ..here },
        ] {
            assert!(!script.is_for(&elsewhere), "{elsewhere:?}");
        }
        let for_ops = Script { roles: vec![ScriptRole::Ops], ..script };
        assert!(!for_ops.is_for(&here));
    }
}
