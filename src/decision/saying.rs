//! A script as a group hears it: looked up for the group, drawn, filled in, posted message by message.

use std::collections::BTreeMap;

use super::action::Act;
use super::draft::Draft;
use super::event::MemberId;
use super::route::Request;
use crate::scripts::{Facts, Part};

/// Why there is nothing to say.
pub(super) struct Unsaid {
    /// For the reason: `no_script`, `not_filled`.
    pub code: &'static str,
    /// Chinese.
    pub why: String,
}

/// What a person reads who is asked to say it.
pub(super) struct Asked {
    pub title: &'static str,
    pub why: String,
}

impl Draft<'_> {
    /// The messages of a script for this group today, those of a variant that this event draws.
    pub(super) fn words_of(&self, id: &str, facts: &Facts) -> Result<Vec<Part>, Unsaid> {
        let (library, asker) = (&self.rules.scripts, self.asker(None));
        let Some(script) = library.resolved(id, &asker) else {
            return Err(Unsaid { code: "no_script", why: format!("话术 {id} 在这个群用不了") });
        };
        if !script.usable_on(asker.today) {
            let why = format!("话术「{}」今天不在有效期里", script.title);
            return Err(Unsaid { code: "no_script", why });
        }
        let seed = crate::text::fingerprint(&format!("{}#{id}", self.event.key));
        library
            .fill(script, library.variant_for(script, seed), facts, &BTreeMap::new())
            .map_err(|error| Unsaid { code: "not_filled", why: error.to_string() })
    }

    /// Says them by the group's best hand, or asks a person to. A picture cannot mention anybody: the first
    /// words do.
    pub(super) fn say(&mut self, parts: Vec<Part>, mentions: &[MemberId], asked: &Asked) {
        let group = self.group().map(|group| group.name.clone()).unwrap_or_default();
        for act in posts(parts, mentions) {
            let rows = vec![("群".to_owned(), group.clone())];
            self.act(act, None, Request { title: asked.title, why: asked.why.clone(), rows });
        }
    }
}

/// One post for each part.
pub(super) fn posts(parts: Vec<Part>, mentions: &[MemberId]) -> Vec<Act> {
    let first_words = parts.iter().position(Part::is_words);
    let post = |(number, part)| {
        let mentions = if first_words == Some(number) { mentions.to_vec() } else { Vec::new() };
        Act::Post { part, mentions }
    };
    parts.into_iter().enumerate().map(post).collect()
}
