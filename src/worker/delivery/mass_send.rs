//! Posts of one owner leave as one mass send.
//!
//! What is asked is written down with the claims, before the platform hears of it: when no answer comes, or
//! the program ends first, the task is looked up by [`crate::worker::confirmations`] and never asked for again.

use std::sync::{Arc, Mutex, PoisonError};

use super::{
    AFTER_ERROR, Act, Batch, NotDone, OutboxRow, Refused, Report, RowState, Shared, media, stops_within,
};
use crate::channels::wecom::hands::Attached;
use crate::channels::wecom::hands::mass_send::{CHATS_AT_MOST, Made};
use crate::decision::{
    EventKind, GroupId, Hand, MassSend, OwnersGroups, PostEnding, PostOutcome, PostTrouble, Trouble,
};
use crate::store::{GroupOfSend, MassSendRow};
use crate::worker::confirmations::{first_look, look_up_from};

/// Why a group's post failed although its mass send was made.
const REFUSED: &str = "企业微信不能往这个群发：群不是客户群，或群主换了人";
/// Why a group's post failed although nobody refused it.
const NOT_IN_TIME: &str = "到截止时间还没能建成企业群发，不再补建";

impl Shared {
    /// Sends `head` and whatever can go with it.
    pub(super) async fn deliver_mass_send(&self, head: OutboxRow) -> Result<(), Refused> {
        let delivery = &self.delivery;
        let (Act::MassSend(send), Hand::MassSend { app }) = (&head.action.act, &head.action.hand) else {
            return self.failed(head, "这只手不能建企业群发").await;
        };
        let (send, app) = (send.as_ref().clone(), Arc::clone(app));
        let rows = self.alike(&head).await;
        if send.withdrawn {
            return self.taken_back(&send, rows).await;
        }
        if delivery.clock.now() >= send.cancel_at {
            return self.too_late(&app, &send, rows).await;
        }
        let prepared = match delivery.hands.prepare_mass_send(&app, &send).await {
            Ok(prepared) => prepared,
            Err(report) => {
                self.tried(&rows).await?;
                return self.not_made(rows, None, report).await;
            }
        };
        let (rows, asked) = self.claim(&app, &send, rows, &prepared).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let chats: Vec<GroupId> = asked.groups.iter().map(|group| group.id.clone()).collect();
        match delivery.hands.ask_for_mass_send(&app, &send, &chats, &prepared).await {
            Ok(Made { msgid, refused }) => self.made(rows, asked, msgid, &refused).await,
            Err(report) => self.not_made(rows, Some(asked.id), report).await,
        }
    }

    /// The platform could not be asked for as long as it was worth asking. Nobody is asked to post it now;
    /// ops hears of it once per post and region.
    async fn too_late(&self, app: &Arc<str>, send: &MassSend, rows: Vec<OutboxRow>) -> Result<(), Refused> {
        let (post, owner) = (&send.post, &send.owner);
        let owners =
            vec![OwnersGroups { owner: owner.clone(), groups: self.names(&rows).await, reminded: 0 }];
        let told = PostTrouble { post: post.clone(), trouble: Trouble::TooLate, owners, until: None };
        let first = rows.first().map_or(0, |row| row.id);
        let event = told.event(&Hand::MassSend { app: Arc::clone(app) }, first, self.delivery.clock.now());
        self.delivery.intake.submit(event, |_| Ok(())).await?;
        for row in rows {
            let outcome = PostOutcome::TooLate;
            let ending = PostEnding { post: post.clone(), owner: owner.clone(), outcome, again: None };
            let kind = EventKind::PostEnded(Box::new(ending));
            self.end_as_event(row, RowState::Failed, NOT_IN_TIME.into(), kind).await?;
        }
        Ok(())
    }

    /// Somebody has decided that it shall not go out, before the platform was asked.
    async fn taken_back(&self, send: &MassSend, rows: Vec<OutboxRow>) -> Result<(), Refused> {
        let outcome = PostOutcome::Withdrawn;
        for row in rows {
            let (post, owner) = (send.post.clone(), send.owner.clone());
            let result = outcome.in_words(owner.as_str());
            let kind = EventKind::PostEnded(Box::new(PostEnding { post, owner, outcome, again: None }));
            self.end_as_event(row, RowState::Failed, result, kind).await?;
        }
        Ok(())
    }

    /// What people call the groups of these rows.
    async fn names(&self, rows: &[OutboxRow]) -> Vec<String> {
        let groups: Vec<GroupId> = rows.iter().filter_map(|row| row.action.group.clone()).collect();
        let (reader, ids) = (self.delivery.reader.clone(), groups.clone());
        let read = move || ids.iter().map(|id| reader.group_name(id)).collect::<Result<Vec<_>, _>>();
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(names)) => names,
            unread => {
                tracing::warn!(?unread, "the names of groups could not be read; their ids are told");
                groups.iter().map(ToString::to_string).collect()
            }
        }
    }

    /// When the store cannot be read, the others go by themselves.
    async fn alike(&self, head: &OutboxRow) -> Vec<OutboxRow> {
        let (reader, first) = (self.delivery.reader.clone(), head.clone());
        match tokio::task::spawn_blocking(move || reader.alike(&first, CHATS_AT_MOST)).await {
            Ok(Ok(rows)) => rows,
            Ok(Err(error)) => {
                tracing::error!(%error, "what goes with a mass send is unknown; it goes alone");
                vec![head.clone()]
            }
            Err(error) => {
                tracing::error!(%error, "reading what goes with a mass send panicked; it goes alone");
                vec![head.clone()]
            }
        }
    }

    /// Until the claims nothing can be in doubt; from then on the written row remembers what is asked for. Rows
    /// that were taken back meanwhile are left out.
    async fn claim<A>(
        &self,
        app: &Arc<str>,
        send: &MassSend,
        rows: Vec<OutboxRow>,
        prepared: &Attached<A>,
    ) -> Result<(Vec<OutboxRow>, MassSendRow), Refused> {
        let now = self.delivery.clock.now();
        let group = |row: &OutboxRow| {
            let store = match &row.action.act {
                Act::MassSend(send) => send.store.clone(),
                _ => String::new(),
            };
            let id = row.action.group.clone()?;
            Some(GroupOfSend { id, row: row.id, outcome: None, store, withdrawn: false })
        };
        let asked = MassSendRow {
            id: rows.first().map_or(0, |head| head.id),
            app: Arc::clone(app),
            send: send.clone(),
            groups: rows.iter().filter_map(group).collect(),
            asked_at: now,
            next_at: look_up_from(now),
            msgid: None,
            confirmed_at: None,
            reminded: 0,
            looked: 0,
            told: false,
            ended: false,
        };
        let uploaded: Vec<_> = prepared.uploaded.iter().cloned().map(media::row).collect();
        let claimed = Arc::new(Mutex::new(asked));
        let claim = {
            let claimed = Arc::clone(&claimed);
            move |batch: &Batch<'_>| {
                uploaded.iter().try_for_each(|uploaded| batch.keep_media(uploaded))?;
                let mut asked = claimed.lock().unwrap_or_else(PoisonError::into_inner);
                let mut kept = Vec::new();
                for group in &asked.groups {
                    if batch.claim_mass_send(group.row)? {
                        kept.push(group.clone());
                    }
                }
                asked.groups = kept;
                if asked.groups.is_empty() { Ok(()) } else { batch.put_mass_send(&asked) }
            }
        };
        self.delivery.intake.write(claim).await?;
        let asked = claimed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let kept: Vec<i64> = asked.groups.iter().map(|group| group.row).collect();
        Ok((rows.into_iter().filter(|row| kept.contains(&row.id)).collect(), asked))
    }

    async fn tried(&self, rows: &[OutboxRow]) -> Result<(), Refused> {
        let ids = ids(rows);
        let tried = move |batch: &Batch<'_>| ids.iter().try_for_each(|id| batch.tried(*id));
        self.delivery.intake.write(tried).await
    }

    /// The owner has the task. What we did is done; how it ends in each group will be an event.
    async fn made(
        &self,
        rows: Vec<OutboxRow>,
        mut asked: MassSendRow,
        msgid: String,
        refused: &[GroupId],
    ) -> Result<(), Refused> {
        let now = self.delivery.clock.now();
        let (out, waiting): (Vec<OutboxRow>, Vec<OutboxRow>) = rows
            .into_iter()
            .partition(|row| row.action.group.as_ref().is_some_and(|group| refused.contains(group)));
        asked.groups.retain(|group| !refused.contains(&group.id));
        asked.ended = asked.groups.is_empty();
        asked.msgid = Some(msgid);
        asked.next_at = first_look(&asked, now);
        let (ids, result) = (ids(&waiting), format!("已建企业群发，等 {} 确认", asked.send.owner));
        for row in &waiting {
            self.delivery.metrics.action(row.action.act.name(), RowState::Done.as_str());
        }
        let record = move |batch: &Batch<'_>| {
            batch.put_mass_send(&asked)?;
            ids.iter().try_for_each(|id| batch.end(*id, RowState::Done, &result, now))
        };
        self.stored(record).await?;
        self.delivery.bells.mass_sends.notify_one();
        self.all_failed(out, REFUSED).await
    }

    async fn not_made(
        &self,
        rows: Vec<OutboxRow>,
        forgotten: Option<i64>,
        report: Report,
    ) -> Result<(), Refused> {
        let now = self.delivery.clock.now();
        let attempts = rows.first().map_or(0, |head| head.attempts);
        let (until, counts, why) = match NotDone::of(report, attempts, now) {
            Some(NotDone::Again { at, counts, why }) => (at, counts, why),
            Some(NotDone::Over { state: RowState::Doubt, why }) => {
                return self.in_doubt(&rows, why.person).await;
            }
            Some(NotDone::Over { why, .. }) => {
                tracing::warn!(rows = rows.len(), cause = %why.log, "a mass send failed");
                self.all_failed(rows, &why.person).await?;
                return self.forget(forgotten).await;
            }
            None => return Ok(()),
        };
        tracing::info!(rows = rows.len(), cause = %why.log, "a mass send has to wait");
        let ids = ids(&rows);
        let postpone = move |batch: &Batch<'_>| {
            forgotten.map_or(Ok(()), |id| batch.forget_mass_send(id))?;
            ids.iter().try_for_each(|id| batch.postpone(*id, until, counts, &why.person))
        };
        self.stored(postpone).await
    }

    /// The written row stays: it is looked up.
    async fn in_doubt(&self, rows: &[OutboxRow], why: String) -> Result<(), Refused> {
        tracing::warn!(rows = rows.len(), cause = %why, "no answer about a mass send; it is looked up");
        let (ids, now) = (ids(rows), self.delivery.clock.now());
        for row in rows {
            self.delivery.metrics.action(row.action.act.name(), RowState::Doubt.as_str());
        }
        let result = format!("{why}；正在核对，不会重复建");
        let end = move |batch: &Batch<'_>| {
            ids.iter().try_for_each(|id| batch.end(*id, RowState::Doubt, &result, now))
        };
        self.stored(end).await?;
        self.delivery.bells.mass_sends.notify_one();
        Ok(())
    }

    /// Each failure is an event, so that the next hand or a person can be found.
    async fn all_failed(&self, rows: Vec<OutboxRow>, why: &str) -> Result<(), Refused> {
        for row in rows {
            while let Err(error) = self.failed(row.clone(), why).await {
                self.again_after(error).await?;
            }
        }
        Ok(())
    }

    async fn forget(&self, id: Option<i64>) -> Result<(), Refused> {
        let Some(id) = id else { return Ok(()) };
        self.stored(move |batch| batch.forget_mass_send(id)).await
    }

    /// Left unwritten, claims would hold up their owner's other posts until a restart.
    pub(super) async fn stored(
        &self,
        write: impl Fn(&Batch<'_>) -> Result<(), crate::store::StoreError> + Clone + Send + 'static,
    ) -> Result<(), Refused> {
        while let Err(error) = self.delivery.intake.write(write.clone()).await {
            self.again_after(error).await?;
        }
        Ok(())
    }

    /// Pauses before another try, unless there is none.
    pub(super) async fn again_after(&self, error: Refused) -> Result<(), Refused> {
        tracing::error!(%error, "a mass send's outcome could not be stored; trying again");
        if error != Refused::Storage || stops_within(AFTER_ERROR, &mut self.stop.clone()).await {
            return Err(error);
        }
        Ok(())
    }
}

fn ids(rows: &[OutboxRow]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}
