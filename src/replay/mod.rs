//! PURE. Stored events once more, under two versions of the files: what would differ.
//!
//! [`Run`] is one version's bot: its rules, its memory, its time. Both hear the same events in the
//! stored order, each at the moment at which the real bot heard it. What comes from outside
//! (messages, joins, readings of groups, taps) is the same for both, whatever they do. What the bot
//! itself brought about follows from decisions and is made anew:
//!
//! - **Timers** fire from the run's own memory. One that the real bot fired, too (the same key and
//!   moment), fires at its stored place; any other when virtual time passes its moment.
//! - **Outcomes of actions** (`ActionDone`, `ActionFailed`) are given to a run only if it took the
//!   same kind of action, by the same hand, about the same person, because of the same event; it
//!   gets them for its own action, whose words may be others. An action that only this run takes
//!   succeeds at once.
//! - **Staff tasks** are told apart by their ids, which follow from the event that opened them. A
//!   stored tap closes the task with that id. A task that the real bot never opened is done at once
//!   by whoever gets the card: nobody can know better.
//!
//! Whatever was kept before the time of interest warms the memory up, under the older files. When
//! retention has cut the journal, the memory starts with what the store knows and the cut-off events
//! had told ([`Remembered`]); both runs start with the same, so that a group met in the middle is no
//! difference. The flood window is the lane's memory only: it starts empty here, as after a restart.

mod compare;
mod deed;
mod masks;
mod record;
mod remembered;
mod report;
mod run;
mod style;
#[cfg(test)]
mod tests;

pub use compare::{Comparison, Difference, Turn};
pub use deed::{Deed, DeedKind};
pub use record::{Heard, Record, StoredOutcome};
pub use remembered::Remembered;
pub use report::{Report, Summary};
pub use run::{Decided, Run};
pub use style::Style;
