//! Lines of playbooks and nudges, whoever says them: proof of the same kind as of schedules.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{MassSends, PostCourse, PostRecord, PostStatus, follow_failures, mass_sends_of};
use crate::decision::Act;
use crate::store::Result;
use crate::store::reader::{JournalAction, JournalEntry, actions_of, read_entry};

/// Those that were decided from `since` up to before `until`; of one playbook or profile only, if `plan` names it as
/// their posts are called: `playbook:first-seven-days`, `nudge:estate`.
pub(super) fn posts(
    connection: &Connection,
    since: Timestamp,
    until: Timestamp,
    plan: Option<&str>,
) -> Result<Vec<PostRecord>> {
    // By the indexes of what was sent and of what is open; lines are said when a timer is due.
    let mut select = connection.prepare_cached(
        "SELECT seq, heard_at, body, signals, reasons, rules FROM events WHERE seq IN (
             SELECT event FROM outbox WHERE sent_at IS NOT NULL AND sent_at >= ?1
             AND act IN ('mass_send', 'task_card', 'post')
             UNION
             SELECT event FROM outbox WHERE state IN ('pending', 'sending')
             AND act IN ('mass_send', 'task_card', 'post')
         ) AND kind = 'timer_due' AND at >= ?1 AND at < ?2 ORDER BY at, seq",
    )?;
    let range = params![since.as_millisecond(), until.as_millisecond()];
    let entries = select.query_and_then(range, read_entry)?.collect::<Result<Vec<_>>>()?;
    let mut lines = Lines { connection, plan, mass_sends: HashMap::new(), records: Vec::new() };
    entries.into_iter().try_for_each(|entry| lines.add(entry))?;
    Ok(lines.records)
}

struct Lines<'a> {
    connection: &'a Connection,
    plan: Option<&'a str>,
    /// By post: thousands of groups hear the same.
    mass_sends: HashMap<String, MassSends>,
    records: Vec<PostRecord>,
}

impl Lines<'_> {
    /// One look at a playbook can say several lines, and a line can have several parts.
    fn add(&mut self, entry: JournalEntry) -> Result<()> {
        let Some(group) = entry.event.group else { return Ok(()) };
        let mut said: Vec<(String, Vec<JournalAction>)> = Vec::new();
        for action in actions_of(self.connection, entry.seq)? {
            let Some(post) = post_of(&action) else { continue };
            match said.iter_mut().find(|(other, _)| *other == post) {
                Some((_, parts)) => parts.push(action),
                None => said.push((post, vec![action])),
            }
        }
        for (post, actions) in said {
            // What schedules post has no colon in its name, and is told of with its schedule.
            let plan = post.split('@').next().filter(|plan| plan.contains(':'));
            let Some(plan) = plan.filter(|plan| self.plan.is_none_or(|wanted| wanted == *plan)) else {
                continue;
            };
            let mut record = PostRecord {
                schedule: plan.to_owned(),
                occurrence: entry.event.at,
                due: entry.event.at,
                group: group.clone(),
                reasons: entry.reasons.clone(),
                actions,
                course: PostCourse::of(PostStatus::Waiting),
            };
            follow_failures(self.connection, &mut record)?;
            record.retrace(self.connection, self.mass_sends_of(&post)?)?;
            self.records.push(record);
        }
        Ok(())
    }

    fn mass_sends_of(&mut self, post: &str) -> Result<&MassSends> {
        if !self.mass_sends.contains_key(post) {
            self.mass_sends.insert(post.to_owned(), mass_sends_of(self.connection, post)?);
        }
        Ok(self.mass_sends.entry(post.to_owned()).or_default())
    }
}

/// What was written down before lines had names has that of its mass send.
fn post_of(action: &JournalAction) -> Option<String> {
    match (&action.action.line, &action.action.act) {
        (Some(line), _) => Some(line.clone()),
        (None, Act::MassSend(send)) => Some(send.post.id.clone()),
        _ => None,
    }
}
