//! The end of a task, the days after it, and what ops is told of the moment as a whole.

use std::collections::BTreeSet;

use super::plan;
use super::{Moments, NotNow};
use crate::decision::{MomentEvent, MomentFigures, MomentNews, MomentNotMade, MomentPerson};
use crate::store::{MomentEnd, MomentRow};

impl Moments {
    /// Nobody can publish it any more. What somebody published just before counts all the same.
    pub(super) async fn end(&self, row: &mut MomentRow, moment_id: &str) -> anyhow::Result<()> {
        let now = self.clock.now();
        if row.task.people.iter().any(MomentPerson::waits) {
            match self.hands.cancel_moment(&row.app, moment_id).await {
                Ok(()) => {}
                Err(NotNow::Later(why)) => {
                    tracing::info!(id = row.id, cause = %why.log, "a moment could not be ended now");
                    row.next_at = Some(plan::next_look(row, now));
                    return Ok(self.keep(row).await?);
                }
                Err(NotNow::Never(why)) => {
                    tracing::warn!(id = row.id, cause = %why.log, "a moment could not be ended");
                }
            }
        }
        row.end = Some(MomentEnd::Over { at: now });
        row.next_at = plan::follow(row, now);
        Ok(self.keep(row).await?)
    }

    /// Likes and comments go on coming; what was never made waits for the rest of its moment.
    pub(super) async fn follow(&self, row: &mut MomentRow) -> anyhow::Result<()> {
        let now = self.clock.now();
        if let Some(moment_id) = row.moment_id.clone() {
            self.read_figures(row, &moment_id).await;
            row.next_at = plan::follow(row, now);
            return Ok(self.keep(row).await?);
        }
        let reader = self.reader.clone();
        let moment = row.task.moment.clone();
        let tasks = tokio::task::spawn_blocking(move || reader.tasks_of_moment(&moment)).await??;
        // As long as others are under way, ops has not heard the end.
        let running = tasks.iter().filter(|task| task.end.is_none()).map(|task| task.task.ends_at).max();
        row.next_at = running.map(|ends_at| ends_at.max(plan::next_look(row, now)));
        if row.next_at.is_none() {
            // Told first: a crash in between repeats an event, and loses none.
            self.tell(&row.task.moment).await?;
        }
        Ok(self.keep(row).await?)
    }

    /// Ops hears once what was not made while the rest was, and once how it all ended.
    pub(super) async fn tell(&self, moment: &str) -> anyhow::Result<()> {
        let (reader, name) = (self.reader.clone(), moment.to_owned());
        let tasks = tokio::task::spawn_blocking(move || reader.tasks_of_moment(&name)).await??;
        let Some(first) = tasks.first() else { return Ok(()) };
        let missing: Vec<MomentNotMade> = tasks.iter().filter_map(not_made).collect();
        let what = if tasks.iter().all(|row| row.end.is_some()) {
            MomentEvent::Over(Box::new(figures(&tasks, missing)))
        } else if tasks.iter().all(MomentRow::is_settled) && !missing.is_empty() {
            MomentEvent::NotMade { tasks: missing }
        } else {
            return Ok(());
        };
        let news = MomentNews { moment: moment.to_owned(), title: first.task.title.clone(), what };
        let event = news.event(&first.hand(), first.id, self.clock.now());
        // Told before, it is the same event and changes nothing.
        self.intake.submit(event, |_| Ok(())).await?;
        Ok(())
    }
}

fn not_made(row: &MomentRow) -> Option<MomentNotMade> {
    let why = row.not_made()?.to_owned();
    let stores: BTreeSet<&String> = row.task.people.iter().map(|person| &person.store).collect();
    let stores = stores.into_iter().cloned().collect();
    Some(MomentNotMade { stores, people: row.task.people.len(), why })
}

/// Whom it never reached is not counted among those who did not publish it.
fn figures(tasks: &[MomentRow], not_made: Vec<MomentNotMade>) -> MomentFigures {
    let made = tasks.iter().filter(|row| row.not_made().is_none());
    let cancelled_by = tasks.iter().find_map(|row| row.cancelled_by.clone());
    let figures = MomentFigures::of(made.flat_map(|row| &row.task.people));
    MomentFigures { not_made, cancelled_by, ..figures }
}
