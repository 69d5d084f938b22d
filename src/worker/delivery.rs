//! Carries out what the outbox holds, outside any transaction.
//!
//! Rows of one target leave one after another, different targets side by side. A row is claimed
//! durably before it is sent and ended durably after, so that after a crash we know what is in
//! doubt; whether doubt is healed by doing it again is said by the act itself. The file that a row
//! needs is brought to the platform before the claim.

mod mass_send;
mod moment;
mod not_done;
mod welcome_template;

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::intake::{Bells, Intake};
use super::media;
use crate::channels::wecom::hands::{Hands, Prepared, Report, Uploaded};
use crate::clock::Clock;
use crate::decision::{Act, Ear, Event, EventKey, EventKind, GroupSnapshot, JoinCodeAct, JoinCodeDone};
use crate::store::{Batch, OutboxRow, Rank, Reader, Refused, RowState};
use crate::telemetry::Metrics;
use not_done::NotDone;

/// Targets served side by side; the platform refuses too many parallel calls (45033).
const AT_ONCE: usize = 32;
/// Of these, what schedules post may take so many: a reply always finds a place.
const SCHEDULED_AT_ONCE: usize = 24;
/// Places beside those for what has a deadline of seconds, so that it never waits for a free one.
const URGENT_AT_ONCE: usize = 16;
/// Rows looked up at once.
const LOOKED_UP: usize = 256;
/// Tries after which a row is given up; with [`backoff`] that is about 17 minutes.
pub(super) const TRIES: u32 = 10;
/// A row that was held up longer than this, by whatever, is not worth sending any more.
const TOO_LATE: SignedDuration = SignedDuration::from_hours(24);
/// History that matters for the hands' pace: their longest common window.
const PACE_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Pause after the database could not be read or written.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// The delivery loop.
#[derive(Debug)]
pub struct Delivery {
    pub reader: Reader,
    pub intake: Intake,
    pub hands: Arc<Hands>,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub bells: Bells,
}

/// What the tasks of one loop share.
#[derive(Debug)]
struct Shared {
    delivery: Delivery,
    stop: watch::Receiver<bool>,
    /// Targets with a row on its way.
    busy: Mutex<HashSet<String>>,
    /// How many of the rows on their way a schedule posts.
    scheduled: AtomicUsize,
}

/// Due rows that were read and not begun, oldest first. Thousands of them have as many targets, and looking for
/// the heads of all their queues after every row would cost tens of milliseconds.
#[derive(Debug, Default)]
struct Backlog {
    replies: VecDeque<OutboxRow>,
    scheduled: VecDeque<OutboxRow>,
}

impl Delivery {
    /// Runs until `stop` becomes true and what was on its way has ended.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let bell = Arc::clone(&self.bells.outbox);
        self.remember_pace();
        media::remember(&self.reader, &self.hands, &self.clock);
        let (busy, scheduled) = (Mutex::default(), AtomicUsize::new(0));
        let shared = Arc::new(Shared { delivery: self, stop: stop.clone(), busy, scheduled });
        while let Err(error) = shared.recover().await {
            tracing::error!(%error, "claims left by the last run could not be recovered; trying again");
            if stops_within(AFTER_ERROR, &mut stop).await {
                return;
            }
        }
        let (mut running, mut backlog) = (JoinSet::new(), Backlog::default());
        loop {
            let next = match shared.start_due(&mut running, &mut backlog).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "the outbox could not be read; trying again");
                    if stops_within(AFTER_ERROR, &mut stop).await {
                        break;
                    }
                    continue;
                }
            };
            tokio::select! {
                () = until(&shared.delivery.clock, next) => {}
                () = bell.notified() => {}
                Some(_) = running.join_next() => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// The platform goes on counting while we are away.
    fn remember_pace(&self) {
        let since = self.clock.now().saturating_sub(PACE_WINDOW).unwrap_or(Timestamp::MIN);
        match self.reader.sent_since(since) {
            Ok(sent) => sent.iter().for_each(|(at, action)| self.hands.remember(action, *at)),
            Err(error) => {
                tracing::error!(%error, "what was sent lately is unknown; the platform may drop messages")
            }
        }
    }
}

async fn until(clock: &Clock, moment: Option<Timestamp>) {
    match moment {
        Some(moment) => clock.sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Pauses after an error; true when it is time to stop.
async fn stops_within(pause: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::time::timeout(pause, stop.wait_for(|stop| *stop)).await.is_ok()
}

impl Shared {
    async fn recover(&self) -> anyhow::Result<()> {
        let now = self.delivery.clock.now();
        let reader = self.delivery.reader.clone();
        for row in tokio::task::spawn_blocking(move || reader.claimed()).await?? {
            let act = &row.action.act;
            if act.doubt_is_news() && !act.twice_is_harmless() {
                let (id, act) = (row.id, act.name());
                tracing::warn!(id, act, "was under way when the program ended; it is not repeated");
                self.doubted(row, "请求发出时程序中断了，没有等到答复".to_owned()).await?;
            }
        }
        let recover = move |batch: &Batch<'_>| {
            for id in batch.recover_claims(now)? {
                tracing::warn!(id, "a post was under way when the program ended; it is not repeated");
            }
            Ok(())
        };
        Ok(self.delivery.intake.write(recover).await?)
    }

    /// Starts what is due and free: what is good for seconds only, then replies, then what schedules post; returns when something waiting will be due.
    async fn start_due(
        self: &Arc<Self>,
        running: &mut JoinSet<()>,
        backlog: &mut Backlog,
    ) -> anyhow::Result<Option<Timestamp>> {
        if running.len() >= AT_ONCE + URGENT_AT_ONCE {
            // Whatever is due, it begins when something has ended.
            return Ok(None);
        }
        let (reader, now) = (self.delivery.reader.clone(), self.delivery.clock.now());
        // What ends while we read would be seen as it was before, and sent again: a target that is
        // busy now has its turn next time.
        let busy = self.lock_busy().clone();
        let (no_replies, none_scheduled) = (backlog.replies.is_empty(), backlog.scheduled.is_empty());
        let read = move || {
            let due = |rank, wanted| {
                if wanted { reader.due_rows(rank, now, LOOKED_UP) } else { Ok(Vec::new()) }
            };
            Ok::<_, anyhow::Error>((
                due(Rank::Urgent, true)?,
                due(Rank::Reply, no_replies)?,
                due(Rank::Scheduled, none_scheduled)?,
                reader.next_due(now)?,
                reader.outbox_open()?,
            ))
        };
        let (urgent, replies, scheduled, next, open) = tokio::task::spawn_blocking(read).await??;
        self.delivery.metrics.set_outbox_pending(i64::try_from(open).unwrap_or(i64::MAX));
        let free = |row: &OutboxRow| !busy.contains(&row.target);
        backlog.replies.extend(replies.into_iter().filter(free));
        backlog.scheduled.extend(scheduled.into_iter().filter(free));
        let mut urgent = urgent.into_iter().filter(free).collect();
        self.start_while(&mut urgent, Rank::Urgent, running, |running| running < AT_ONCE + URGENT_AT_ONCE);
        self.start_while(&mut backlog.replies, Rank::Reply, running, |running| running < AT_ONCE);
        self.start_while(&mut backlog.scheduled, Rank::Scheduled, running, |running| {
            running < AT_ONCE && self.scheduled.load(Ordering::Relaxed) < SCHEDULED_AT_ONCE
        });
        Ok(next)
    }

    /// Starts rows in order while there is room, which is asked with the number of those on their way.
    fn start_while(
        self: &Arc<Self>,
        rows: &mut VecDeque<OutboxRow>,
        rank: Rank,
        running: &mut JoinSet<()>,
        room: impl Fn(usize) -> bool,
    ) {
        while room(running.len()) {
            let Some(row) = rows.pop_front() else { return };
            // Another row to the same target may have begun since it was read; then it is read again.
            if !self.lock_busy().contains(&row.target) {
                self.start(row, rank, running);
            }
        }
    }

    fn start(self: &Arc<Self>, row: OutboxRow, rank: Rank, running: &mut JoinSet<()>) {
        self.lock_busy().insert(row.target.clone());
        let scheduled = usize::from(rank == Rank::Scheduled);
        self.scheduled.fetch_add(scheduled, Ordering::Relaxed);
        let shared = Arc::clone(self);
        running.spawn(async move {
            let (id, target) = (row.id, row.target.clone());
            if let Err(error) = shared.deliver(row).await {
                tracing::warn!(id, %error, "a delivery could not be stored");
                stops_within(AFTER_ERROR, &mut shared.stop.clone()).await;
            }
            shared.scheduled.fetch_sub(scheduled, Ordering::Relaxed);
            shared.lock_busy().remove(&target);
        });
    }

    fn lock_busy(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.busy.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn deliver(&self, row: OutboxRow) -> Result<(), Refused> {
        let delivery = &self.delivery;
        let (id, now) = (row.id, delivery.clock.now());
        match row.action.act {
            Act::MassSend(_) => return self.deliver_mass_send(row).await,
            Act::Moment(_) => return self.deliver_moment(row).await,
            Act::WelcomeTemplate(_) => return self.deliver_welcome_template(row).await,
            _ => {}
        }
        if now.duration_since(row.created_at) > TOO_LATE {
            return self.failed(row, "过了 24 小时仍没能发出").await;
        }
        if row.action.until.is_some_and(|until| until <= now) {
            return self.failed(row, "过了最晚能发的时间，没有再发").await;
        }
        let report = match delivery.hands.prepare(&row.action).await {
            Ok(prepared) => match self.carry_out(&row, &prepared).await? {
                Some(report) => report,
                None => return Ok(()),
            },
            Err(report) => {
                delivery.intake.write(move |batch| batch.tried(id)).await?;
                report
            }
        };
        // Left as it is, the claim would hold up its target until a restart makes it doubtful.
        while let Err(error) = self.ended(row.clone(), report.clone()).await {
            tracing::error!(id, %error, "a delivery's outcome could not be stored; trying again");
            if error != Refused::Storage || stops_within(AFTER_ERROR, &mut self.stop.clone()).await {
                return Err(error);
            }
        }
        Ok(())
    }

    /// `None` when the row was taken back meanwhile.
    async fn carry_out(&self, row: &OutboxRow, prepared: &Prepared) -> Result<Option<Report>, Refused> {
        if !self.claim_with(row.id, &prepared.uploaded).await? {
            return Ok(None);
        }
        Ok(Some(self.delivery.hands.carry_out(&row.action, &row.id.to_string(), prepared).await))
    }

    /// Until the claim nothing can be in doubt: whatever had to be uploaded is there, and known with it.
    /// False when the row was taken back meanwhile.
    async fn claim_with(
        &self,
        id: i64,
        uploaded: impl IntoIterator<Item = &Uploaded>,
    ) -> Result<bool, Refused> {
        let uploaded: Vec<_> = uploaded.into_iter().cloned().map(media::row).collect();
        let claimed = Arc::new(AtomicBool::new(false));
        let claim = {
            let claimed = Arc::clone(&claimed);
            move |batch: &Batch<'_>| {
                uploaded.iter().try_for_each(|uploaded| batch.keep_media(uploaded))?;
                claimed.store(batch.claim(id)?, Ordering::Release);
                Ok(())
            }
        };
        self.delivery.intake.write(claim).await?;
        Ok(claimed.load(Ordering::Acquire))
    }

    async fn ended(&self, row: OutboxRow, report: Report) -> Result<(), Refused> {
        match report {
            Report::Done { detail, snapshot, config_id, .. } => {
                if let Some(snapshot) = snapshot {
                    self.read(&row, *snapshot).await?;
                }
                let detail = detail.unwrap_or_default();
                if let (Act::JoinCode(act), Some(config_id)) = (&row.action.act, config_id) {
                    let done = JoinCodeDone { act: JoinCodeAct::clone(act), config_id };
                    let kind = EventKind::JoinCodeDone(Box::new(done));
                    self.end_as_event(row, RowState::Done, detail, kind).await
                } else if row.action.then.is_some() {
                    self.done(row, detail).await
                } else {
                    self.end(&row, RowState::Done, detail).await
                }
            }
            not_done => self.not_done(row, not_done).await,
        }
    }

    async fn not_done(&self, row: OutboxRow, report: Report) -> Result<(), Refused> {
        let id = row.id;
        match NotDone::of(report, row.attempts, self.delivery.clock.now()) {
            Some(NotDone::Again { at, counts, why }) => {
                tracing::info!(id, attempts = row.attempts, counts, cause = %why.log, "will be tried again");
                self.postpone(id, at, counts, why.person).await
            }
            Some(NotDone::Over { state: RowState::Doubt, why }) => {
                tracing::warn!(id, cause = %why.log, "no answer; it may have gone out and is not repeated");
                self.doubted(row, why.person).await
            }
            Some(NotDone::Over { why, .. }) => {
                tracing::warn!(id, act = row.action.act.name(), hand = %row.action.hand, cause = %why.log, "failed");
                self.failed(row, &why.person).await
            }
            None => Ok(()),
        }
    }

    async fn postpone(&self, id: i64, next_at: Timestamp, counts: bool, why: String) -> Result<(), Refused> {
        self.delivery.intake.write(move |batch| batch.postpone(id, next_at, counts, &why)).await
    }

    async fn end(&self, row: &OutboxRow, state: RowState, result: String) -> Result<(), Refused> {
        let (id, now) = (row.id, self.delivery.clock.now());
        self.delivery.metrics.action(row.action.act.name(), state.as_str());
        self.delivery.intake.write(move |batch| batch.end(id, state, &result, now)).await
    }

    /// The success becomes an event, because something waits for it.
    async fn done(&self, row: OutboxRow, result: String) -> Result<(), Refused> {
        let kind = EventKind::ActionDone { id: row.id, action: Box::new(row.action.clone()) };
        self.end_as_event(row, RowState::Done, result, kind).await
    }

    /// The failure becomes an event, so that the next hand or a person can be found.
    async fn failed(&self, row: OutboxRow, why: &str) -> Result<(), Refused> {
        let (action, why) = (Box::new(row.action.clone()), why.to_owned());
        let kind = EventKind::ActionFailed { id: row.id, action, why: why.clone() };
        self.end_as_event(row, RowState::Failed, why, kind).await
    }

    /// A doubt becomes an event where somebody must know of it.
    async fn doubted(&self, row: OutboxRow, why: String) -> Result<(), Refused> {
        if !row.action.act.doubt_is_news() {
            return self.end(&row, RowState::Doubt, why).await;
        }
        let kind =
            EventKind::ActionDoubted { id: row.id, action: Box::new(row.action.clone()), why: why.clone() };
        self.end_as_event(row, RowState::Doubt, why, kind).await
    }

    /// The row's end and the event are one commit.
    async fn end_as_event(
        &self,
        row: OutboxRow,
        state: RowState,
        result: String,
        kind: EventKind,
    ) -> Result<(), Refused> {
        let (id, now) = (row.id, self.delivery.clock.now());
        self.delivery.metrics.action(row.action.act.name(), state.as_str());
        let event = Event::of_hand(format!("{}:{id}", state.as_str()), now, &row.action.hand, kind);
        let event = Event { group: row.action.group, ..event };
        self.delivery.intake.submit(event, move |batch| batch.end(id, state, &result, now)).await?;
        Ok(())
    }

    /// A group's details that were asked for come back as an event.
    async fn read(&self, row: &OutboxRow, snapshot: GroupSnapshot) -> Result<(), Refused> {
        debug_assert!(matches!(row.action.act, Act::ReadGroup { .. }), "only a reading brings a snapshot");
        let event = Event {
            key: EventKey::new(format!("read:{}", row.id)),
            at: self.delivery.clock.now(),
            ear: Ear::Sync,
            via: row.action.hand.to_string().into(),
            group: row.action.group.clone(),
            from: None,
            kind: EventKind::GroupSnapshot(Box::new(snapshot)),
            raw: None,
        };
        self.delivery.intake.submit(event, |_| Ok(())).await?;
        Ok(())
    }
}
