//! Moments leave by a task of the platform.
//!
//! That it is asked for is written down with the claim, before the platform hears of it: when no answer comes,
//! or the program ends first, it is looked up by [`crate::worker::moments`] and never asked for again.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Act, Batch, NotDone, OutboxRow, Refused, Report, RowState, Shared, media};
use crate::channels::wecom::hands::Attached;
use crate::decision::Hand;
use crate::store::{MomentEnd, MomentRow};
use crate::worker::moments::{first_look, look_up_from};

/// Why a task was not made although nobody refused it.
const NOT_IN_TIME: &str = "到截止时间还没能建成，不再补建";
const CANCELLED: &str = "还没建就取消了";

impl Shared {
    pub(super) async fn deliver_moment(&self, row: OutboxRow) -> Result<(), Refused> {
        let delivery = &self.delivery;
        let (Act::Moment(task), Hand::App { app }) = (&row.action.act, &row.action.hand) else {
            return self.failed(row, "这只手不能发朋友圈").await;
        };
        let now = delivery.clock.now();
        let Some(moment) = self.moment(row.id).await? else {
            return self.failed(row, "这条朋友圈的记录已经清理，没有发出").await;
        };
        if now >= moment.task.ends_at {
            let why = if moment.cancelled_by.is_some() { CANCELLED } else { NOT_IN_TIME };
            return self.moment_ended(&row, moment, why).await;
        }
        let prepared = match delivery.hands.prepare_moment(app, task).await {
            Ok(prepared) => prepared,
            Err(report) => {
                let id = row.id;
                delivery.intake.write(move |batch| batch.tried(id)).await?;
                return self.moment_not_taken(&row, moment, report).await;
            }
        };
        let Some(asked) = self.claim_moment(row.id, &prepared).await? else { return Ok(()) };
        match delivery.hands.ask_for_moment(app, task, &prepared).await {
            Ok(jobid) => self.moment_taken(&row, asked, jobid).await,
            Err(report) => self.moment_not_taken(&row, asked, report).await,
        }
    }

    async fn moment(&self, id: i64) -> Result<Option<MomentRow>, Refused> {
        let reader = self.delivery.reader.clone();
        match tokio::task::spawn_blocking(move || reader.moment(id)).await {
            Ok(Ok(moment)) => Ok(moment),
            unread => {
                tracing::error!(id, ?unread, "a moment could not be read; trying again");
                Err(Refused::Storage)
            }
        }
    }

    /// From here on the row remembers that it was asked for. `None` when it was taken back meanwhile: the next
    /// try ends it.
    async fn claim_moment<A>(&self, id: i64, prepared: &Attached<A>) -> Result<Option<MomentRow>, Refused> {
        let now = self.delivery.clock.now();
        let uploaded: Vec<_> = prepared.uploaded.iter().cloned().map(media::row).collect();
        let claimed = Arc::new(Mutex::new(None));
        let claim = {
            let claimed = Arc::clone(&claimed);
            move |batch: &Batch<'_>| {
                uploaded.iter().try_for_each(|uploaded| batch.keep_media(uploaded))?;
                let wanted = batch.moment(id)?.filter(|moment| now < moment.task.ends_at);
                let Some(mut moment) = wanted else { return Ok(()) };
                if !batch.claim(id)? {
                    return Ok(());
                }
                (moment.asked_at, moment.next_at) = (Some(now), Some(look_up_from(now)));
                batch.put_moment(&moment)?;
                *claimed.lock().unwrap_or_else(PoisonError::into_inner) = Some(moment);
                Ok(())
            }
        };
        self.delivery.intake.write(claim).await?;
        let moment = claimed.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(moment)
    }

    /// What we did is done; what becomes of it will be events.
    async fn moment_taken(
        &self,
        row: &OutboxRow,
        mut moment: MomentRow,
        jobid: String,
    ) -> Result<(), Refused> {
        let (id, now) = (row.id, self.delivery.clock.now());
        moment.jobid = Some(jobid);
        moment.next_at = Some(first_look(now));
        self.delivery.metrics.action(row.action.act.name(), RowState::Done.as_str());
        let result = format!("已交给企业微信，等 {} 人发表", moment.task.people.len());
        let record = move |batch: &Batch<'_>| {
            batch.put_moment(&moment)?;
            batch.end(id, RowState::Done, &result, now)
        };
        self.stored(record).await?;
        self.delivery.bells.moments.notify_one();
        Ok(())
    }

    async fn moment_not_taken(
        &self,
        row: &OutboxRow,
        mut moment: MomentRow,
        report: Report,
    ) -> Result<(), Refused> {
        let (id, now) = (row.id, self.delivery.clock.now());
        let (until, counts, why) = match NotDone::of(report, row.attempts, now) {
            Some(NotDone::Again { at, counts, why }) => (at, counts, why),
            Some(NotDone::Over { state: RowState::Doubt, why }) => {
                return self.moment_in_doubt(row, why.person).await;
            }
            Some(NotDone::Over { why, .. }) => {
                tracing::warn!(id, cause = %why.log, "a moment failed");
                return self.moment_ended(row, moment, &why.person).await;
            }
            None => return Ok(()),
        };
        tracing::info!(id, cause = %why.log, "a moment has to wait");
        // Surely not taken: as if it had never been asked for.
        (moment.asked_at, moment.next_at) = (None, None);
        let until = until.min(moment.task.ends_at);
        let postpone = move |batch: &Batch<'_>| {
            batch.put_moment(&moment)?;
            batch.postpone(id, until, counts, &why.person)
        };
        self.stored(postpone).await
    }

    /// The written row stays: it is looked up.
    async fn moment_in_doubt(&self, row: &OutboxRow, why: String) -> Result<(), Refused> {
        let (id, now) = (row.id, self.delivery.clock.now());
        tracing::warn!(id, cause = %why, "no answer about a moment; it is looked up");
        self.delivery.metrics.action(row.action.act.name(), RowState::Doubt.as_str());
        let result = format!("{why}；正在核对，不会重复建");
        self.stored(move |batch| batch.end(id, RowState::Doubt, &result, now)).await
    }

    /// It does not exist and will not: the loop tells whoever has to know.
    async fn moment_ended(&self, row: &OutboxRow, mut moment: MomentRow, why: &str) -> Result<(), Refused> {
        let (id, now, why) = (row.id, self.delivery.clock.now(), why.to_owned());
        moment.end = Some(MomentEnd::NotMade { at: now, why: why.clone() });
        (moment.asked_at, moment.next_at) = (None, Some(now));
        self.delivery.metrics.action(row.action.act.name(), RowState::Failed.as_str());
        let end = move |batch: &Batch<'_>| {
            batch.put_moment(&moment)?;
            batch.end(id, RowState::Failed, &why, now)
        };
        self.stored(end).await?;
        self.delivery.bells.moments.notify_one();
        Ok(())
    }
}
