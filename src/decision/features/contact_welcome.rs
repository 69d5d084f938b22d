//! F3 Welcome of a new customer in the 1:1 chat: within 20 seconds of being added, once, before anything
//! else that waits to be sent, and never after.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::decision::event::{ContactChange, EventKind, MemberId};
use crate::decision::{Act, Action, Draft, Hand, Part};
use crate::scripts::Asker;

pub const NAME: &str = "contact_welcome";

/// The changes that bring a code with which a customer may be welcomed (wecom-receive.md §3.2).
const ADDED: [&str; 2] = ["add_external_contact", "add_half_external_contact"];
/// How long the platform takes the code.
const VALID: SignedDuration = SignedDuration::from_secs(20);

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    let EventKind::ContactChanged(change) = &event.kind else { return };
    let (Some(user), Some(contact), Some(code)) = (&change.user, &change.contact, &change.welcome_code)
    else {
        return;
    };
    let Some(script) = draft.rules.contact_welcome.as_deref().filter(|_| is_new(change)) else { return };
    let until = event.at.saturating_add(VALID).unwrap_or(Timestamp::MAX);
    if until <= draft.now {
        return draft.because(NAME, "too_late", "欢迎语凭证已超过 20 秒，没有再发");
    }
    match filled(draft, script, user) {
        Ok(parts) => {
            draft.because(NAME, "greeted", format!("欢迎{user}新加的客户（话术 {script}）"));
            let act = Act::WelcomeContact { contact: contact.clone(), code: code.clone(), parts };
            let hand = Hand::App { app: event.via.clone() };
            draft.actions.push(Action { until: Some(until), ..Action::new(hand, act) });
        }
        Err(why) => draft.because(NAME, "not_filled", why),
    }
}

fn is_new(change: &ContactChange) -> bool {
    ADDED.contains(&change.change.as_str())
}

/// As it is for the store of the member who was added.
fn filled(draft: &Draft<'_>, id: &str, user: &MemberId) -> Result<Vec<Part>, String> {
    let library = &draft.rules.scripts;
    let asker = Asker { roles: &[], ..draft.asker(Some(user)) };
    let script = library.resolved(id, &asker).filter(|script| script.usable_on(draft.today()));
    let script = script.ok_or_else(|| format!("话术 {id} 今天在这里不能用，没有欢迎客户"))?;
    let variant = library.variant_for(script, crate::text::fingerprint(draft.event.key.as_str()));
    let facts = draft.facts(&[], Some(user));
    library.fill(script, variant, &facts, &BTreeMap::new()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{Decision, Ear, Event, EventKey, State, decide};
    use crate::files::folder;
    use crate::perception::Signals;
    use crate::rules::compile;

    fn decided(change: &str, code: Option<&str>, late: i64) -> Decision {
        let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let rules = compile(&folder::read(&config, &folder::scripts_of(&config)))
            .expect("the files are good")
            .rulebook;
        let at: Timestamp = "2026-11-21T09:00:00+08:00".parse().expect("a time");
        let change = ContactChange {
            change: change.into(),
            user: Some("li.na".into()),
            contact: Some("wm-1".into()),
            welcome_code: code.map(str::to_owned),
            ..ContactChange::default()
        };
        let event = Event {
            key: EventKey::from("contact:1"),
            at,
            ear: Ear::App,
            via: "assistant".into(),
            group: None,
            from: None,
            kind: EventKind::ContactChanged(change),
            raw: None,
        };
        let now = at + SignedDuration::from_secs(late);
        decide(&State::default(), &event, &Signals::default(), &rules, now)
    }

    #[test]
    fn a_new_customer_is_welcomed_for_the_store_and_only_in_time() {
        let decision = decided("add_external_contact", Some("CODE"), 2);
        let [Action { act: Act::WelcomeContact { code, parts, .. }, until, .. }] = &decision.actions[..]
        else {
            panic!("{decision:#?}")
        };
        assert_eq!(until.map(|until| until.to_string()), Some("2026-11-21T01:00:20Z".to_owned()));
        assert!(code == "CODE" && parts[0].in_words().contains("山谷小铺朝阳店"), "{parts:?}");
        for (change, code, late, reason) in [
            ("add_external_contact", Some("CODE"), 20, Some("too_late")),
            ("add_external_contact", None, 2, None),
            ("del_external_contact", Some("CODE"), 2, None),
        ] {
            let decision = decided(change, code, late);
            assert!(decision.actions.is_empty(), "{decision:#?}");
            assert_eq!(decision.reasons.first().map(|reason| &*reason.code), reason);
        }
    }
}
