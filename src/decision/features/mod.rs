//! The features, one file each, in the order in which they see an event.

use super::draft::Draft;

mod activity;
mod answers;
mod campaigns;
mod cascades;
mod confirmations;
mod contact_welcome;
mod file_news;
mod join_codes;
mod moderation;
mod moments;
mod nudge;
mod outcomes;
mod pasted_scripts;
mod playbooks;
mod registry;
mod scheduled_posts;
mod staff_scripts;
mod staff_tasks;
mod welcome;
mod welcome_library;

pub use moments::{MomentPlan, plan as plan_moment};
pub use welcome_library::{LibraryPlan, plan as plan_welcome_library};

/// One feature. Its name is the name of its file and of its reasons in the journal.
pub struct Feature {
    pub name: &'static str,
    pub run: fn(&mut Draft<'_>),
}

/// The registry comes first, because it finds out who really joined; moderation comes before the
/// welcome, because nobody greets a person who is being shown the door, and before activity, because an
/// advertisement is no sign of life; activity comes before whatever asks how lively a group is. Cascades and campaigns
/// come before those who take any private message, or any tap, for theirs.
pub const FEATURES: &[Feature] = &[
    Feature { name: registry::NAME, run: registry::run },
    Feature { name: moderation::NAME, run: moderation::run },
    Feature { name: activity::NAME, run: activity::run },
    Feature { name: welcome::NAME, run: welcome::run },
    Feature { name: playbooks::NAME, run: playbooks::run },
    Feature { name: nudge::NAME, run: nudge::run },
    Feature { name: scheduled_posts::NAME, run: scheduled_posts::run },
    Feature { name: contact_welcome::NAME, run: contact_welcome::run },
    Feature { name: answers::NAME, run: answers::run },
    Feature { name: cascades::NAME, run: cascades::run },
    Feature { name: campaigns::NAME, run: campaigns::run },
    Feature { name: pasted_scripts::NAME, run: pasted_scripts::run },
    Feature { name: staff_scripts::NAME, run: staff_scripts::run },
    Feature { name: staff_tasks::NAME, run: staff_tasks::run },
    Feature { name: outcomes::NAME, run: outcomes::run },
    Feature { name: file_news::NAME, run: file_news::run },
    Feature { name: confirmations::NAME, run: confirmations::run },
    Feature { name: join_codes::NAME, run: join_codes::run },
    Feature { name: moments::NAME, run: moments::run },
    Feature { name: welcome_library::NAME, run: welcome_library::run },
];
