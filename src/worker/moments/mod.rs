//! Waits with the staff who are asked to publish a moment: sees whether the platform has made the task, who has
//! published it and what customers made of it, has the others reminded, and ends it.
//!
//! What is found becomes events whose keys are made of the task or the moment, so a crash between two steps
//! repeats none of them. Everything that is known stands in the store; a restart goes on from there.

mod end;
mod plan;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::intake::{Bells, Intake};
use super::rounds;
use crate::channels::wecom::hands::moment::{MomentJob, is_same};
use crate::channels::wecom::hands::{Hands, NotNow, PersonAndLog};
use crate::clock::Clock;
use crate::decision::{MemberId, MomentEvent, MomentNews, MomentPerson};
use crate::store::{MomentEnd, MomentRow, Reader, Refused, RowState};
use plan::Due;
pub use plan::{first_look, look_up_from};

/// Tasks looked at side by side; the platform refuses too many parallel calls (45033).
const AT_ONCE: usize = 8;
/// Tasks taken from the store at once.
const TAKEN: usize = 64;
/// Our ids around the time of asking are known to be no lost ones.
const KNOWN_AROUND: SignedDuration = SignedDuration::from_hours(24);

/// The loop.
#[derive(Clone, Debug)]
pub struct Moments {
    pub reader: Reader,
    pub intake: Intake,
    pub hands: Arc<Hands>,
    pub clock: Clock,
    pub bells: Bells,
}

impl Moments {
    /// Runs until `stop` becomes true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let round = || {
            let (this, mut stop) = (&self, stop.clone());
            // Broken off, a round is as after a crash, and a moment of thousands takes a while.
            async move {
                tokio::select! {
                    next = this.round() => next,
                    _ = stop.wait_for(|stop| *stop) => Ok(None),
                }
            }
        };
        rounds::run("moments", &self.clock, &self.bells.moments, stop.clone(), round).await;
    }

    /// Looks at everything that is due; returns when something will be.
    async fn round(&self) -> anyhow::Result<Option<Timestamp>> {
        loop {
            let (reader, now) = (self.reader.clone(), self.clock.now());
            let read =
                move || Ok::<_, anyhow::Error>((reader.due_moments(now, TAKEN)?, reader.next_moment()?));
            let (due, next) = tokio::task::spawn_blocking(read).await??;
            if due.is_empty() {
                return Ok(next);
            }
            // Whatever is known of a task by now, the moment as a whole may be told of.
            let moments: BTreeSet<String> = due.iter().map(|row| row.task.moment.clone()).collect();
            let look = |row| {
                let this = self.clone();
                async move { this.look_at(row).await }
            };
            rounds::side_by_side(due, AT_ONCE, look).await?;
            for moment in moments {
                self.tell(&moment).await?;
            }
        }
    }

    async fn look_at(&self, mut row: MomentRow) -> anyhow::Result<()> {
        if row.end.is_some() {
            return self.follow(&mut row).await;
        }
        match (row.moment_id.clone(), row.jobid.clone()) {
            (Some(moment_id), _) => self.see(&mut row, &moment_id).await,
            (None, Some(jobid)) => self.see_job(&mut row, &jobid).await,
            (None, None) => self.look_up(&mut row).await,
        }
    }

    /// Whether a moment exists about which we heard no answer.
    async fn look_up(&self, row: &mut MomentRow) -> anyhow::Result<()> {
        let now = self.clock.now();
        let around = row.decided_at.saturating_sub(KNOWN_AROUND).unwrap_or(row.decided_at);
        let reader = self.reader.clone();
        let known = tokio::task::spawn_blocking(move || reader.moment_ids_since(around)).await??;
        let known: HashSet<String> = known.into_iter().collect();
        let asked_at = row.asked_at.unwrap_or(row.decided_at);
        row.looked += 1;
        match self.hands.find_moment(&row.app, &row.task, asked_at, |id| known.contains(id)).await {
            Ok(Some(moment_id)) => {
                tracing::info!(id = row.id, moment_id, "a moment without an answer was found");
                return self.made(row, moment_id, &[]).await;
            }
            Ok(None) => {}
            Err(NotNow::Later(why)) => {
                row.looked -= 1;
                tracing::info!(id = row.id, cause = %why.log, "a moment could not be looked up now");
            }
            Err(NotNow::Never(why)) => {
                tracing::warn!(id = row.id, cause = %why.log, "a moment could not be looked up");
            }
        }
        match plan::look_up_again(row, now) {
            Some(next) => {
                row.next_at = Some(next);
                Ok(self.keep(row).await?)
            }
            None => self.not_made(row, "企业微信没有答复，半小时里也查不到这条朋友圈").await,
        }
    }

    /// Whether the platform has made it.
    async fn see_job(&self, row: &mut MomentRow, jobid: &str) -> anyhow::Result<()> {
        match self.hands.moment_job(&row.app, jobid).await {
            Ok(MomentJob::Made { moment_id, invalid }) => return self.made(row, moment_id, &invalid).await,
            Ok(MomentJob::Failed(error)) => {
                let why = PersonAndLog::from(&error);
                tracing::warn!(id = row.id, cause = %why.log, "the platform did not make a moment");
                return self.not_made(row, &why.person).await;
            }
            Ok(MomentJob::Running) => {}
            Err(NotNow::Later(why) | NotNow::Never(why)) => {
                tracing::info!(id = row.id, cause = %why.log, "the job of a moment could not be asked for");
            }
        }
        match plan::job_again(row, self.clock.now()) {
            Some(next) => {
                row.next_at = Some(next);
                Ok(self.keep(row).await?)
            }
            None => self.not_made(row, "企业微信一天都没有建好这条朋友圈").await,
        }
    }

    /// It exists; people have got their notices.
    async fn made(&self, row: &mut MomentRow, moment_id: String, invalid: &[MemberId]) -> anyhow::Result<()> {
        let now = self.clock.now();
        for person in &mut row.task.people {
            person.unable = invalid.iter().any(|id| is_same(id, &person.id));
        }
        row.moment_id = Some(moment_id);
        row.next_at = Some(plan::next_look(row, now).min(plan::first_look(now)));
        let able = row.task.people.iter().filter(|person| !person.unable).count();
        let (row, result) = (row.clone(), format!("已建好，等 {able} 人发表"));
        let write = move |batch: &crate::store::Batch<'_>| {
            batch.put_moment(&row)?;
            batch.end(row.id, RowState::Done, &result, now)
        };
        Ok(self.intake.write(write).await?)
    }

    /// Who has published it, and what is due.
    async fn see(&self, row: &mut MomentRow, moment_id: &str) -> anyhow::Result<()> {
        let now = self.clock.now();
        match self.hands.published(&row.app, moment_id).await {
            Ok(published) => self.note_published(row, &published, now).await?,
            Err(NotNow::Later(why) | NotNow::Never(why)) => {
                tracing::info!(id = row.id, cause = %why.log, "who has published a moment is not known now");
            }
        }
        if plan::wants_figures(row, now) {
            self.read_figures(row, moment_id).await;
        }
        match plan::due(row, now) {
            Due::Nothing => {}
            Due::Reminder => self.remind(row).await?,
            Due::End => return self.end(row, moment_id).await,
        }
        row.next_at = Some(plan::next_look(row, now));
        Ok(self.keep(row).await?)
    }

    async fn note_published(
        &self,
        row: &mut MomentRow,
        published: &[MemberId],
        now: Timestamp,
    ) -> Result<(), Refused> {
        let mut people = Vec::new();
        for person in row.task.people.iter_mut().filter(|person| person.seen_at.is_none()) {
            if published.iter().any(|id| is_same(id, &person.id)) {
                (person.seen_at, person.unable) = (Some(now), false);
                people.push(person.id.clone());
            }
        }
        if people.is_empty() {
            return Ok(());
        }
        // Read at this very look: hours may pass until the next one asks.
        row.figures_at = None;
        self.submit(row, MomentEvent::Published { people }).await
    }

    /// Likes and comments of everybody who has published it. Whoever cannot be asked for keeps the last figures.
    async fn read_figures(&self, row: &mut MomentRow, moment_id: &str) {
        let (app, id) = (Arc::clone(&row.app), row.id);
        for person in row.task.people.iter_mut().filter(|person| person.seen_at.is_some()) {
            match self.hands.moment_echo(&app, moment_id, &person.id).await {
                Ok(Some(echo)) => (person.likes, person.comments) = (echo.likes, echo.comments),
                Ok(None) => {}
                Err(NotNow::Later(why) | NotNow::Never(why)) => {
                    tracing::info!(id, cause = %why.log, "likes and comments could not be read now");
                    return;
                }
            }
        }
        row.figures_at = Some(self.clock.now());
    }

    async fn remind(&self, row: &mut MomentRow) -> Result<(), Refused> {
        row.reminded = true;
        let waits = row.task.people.iter().filter(|person| MomentPerson::waits(person));
        let people: Vec<MemberId> = waits.map(|person| person.id.clone()).collect();
        if people.is_empty() {
            return Ok(());
        }
        let until = row.task.ends_at;
        self.submit(row, MomentEvent::Unpublished { people, until }).await
    }

    /// The event and what is known of the task are one commit.
    async fn submit(&self, row: &MomentRow, what: MomentEvent) -> Result<(), Refused> {
        let news = MomentNews { moment: row.task.moment.clone(), title: row.task.title.clone(), what };
        let (event, row) = (news.event(&row.hand(), row.id, self.clock.now()), row.clone());
        self.intake.submit(event, move |batch| batch.put_moment(&row)).await.map(drop)
    }

    async fn not_made(&self, row: &mut MomentRow, why: &str) -> anyhow::Result<()> {
        let (now, why) = (self.clock.now(), why.to_owned());
        row.end = Some(MomentEnd::NotMade { at: now, why: why.clone() });
        row.next_at = Some(now);
        let row = row.clone();
        let write = move |batch: &crate::store::Batch<'_>| {
            batch.put_moment(&row)?;
            batch.set_result(row.id, &why)
        };
        Ok(self.intake.write(write).await?)
    }

    async fn keep(&self, row: &MomentRow) -> Result<(), Refused> {
        let row = row.clone();
        self.intake.write(move |batch| batch.put_moment(&row)).await
    }
}
