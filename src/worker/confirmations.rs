//! Waits with the owners: sees who has confirmed their mass sends, reminds, tells ops, withdraws.
//!
//! What is found becomes events whose keys are made of the mass send and the group, so a crash between two
//! steps repeats none of them. Everything that is known stands in the store; a restart goes on from there.

mod plan;
mod troubles;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::intake::{Bells, Intake};
use super::rounds;
use crate::channels::wecom::hands::mass_send::{Landed, Stage};
use crate::channels::wecom::hands::{Hands, NotNow};
use crate::clock::Clock;
use crate::decision::{
    Event, EventKind, GroupId, Hand, MassSend, PostEnding, PostName, PostOutcome, Trouble,
};
use crate::store::{Batch, MassSendRow, Reader, Refused, RowState, StoreError};
use plan::Due;
pub use plan::{first_look, look_up_from};

/// Mass sends looked at side by side; the platform refuses too many parallel calls (45033).
const AT_ONCE: usize = 8;
/// Mass sends taken from the store at once.
const TAKEN: usize = 256;
/// Our ids around the moment of asking are known to be no lost ones.
const KNOWN_AROUND: SignedDuration = SignedDuration::from_hours(1);

/// The loop.
#[derive(Clone, Debug)]
pub struct Confirmations {
    pub reader: Reader,
    pub intake: Intake,
    pub hands: Arc<Hands>,
    pub clock: Clock,
    pub bells: Bells,
}

/// A post of which ops has to be told, once all of its mass sends were looked at.
type Tell = (Trouble, PostName);

impl Confirmations {
    /// Runs until `stop` becomes true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds::run("mass sends", &self.clock, &self.bells.mass_sends, stop, || self.round()).await;
    }

    /// Looks at everything that is due; returns when something will be.
    async fn round(&self) -> anyhow::Result<Option<Timestamp>> {
        loop {
            let (reader, now) = (self.reader.clone(), self.clock.now());
            let read = move || {
                Ok::<_, anyhow::Error>((reader.due_mass_sends(now, TAKEN)?, reader.next_mass_send()?))
            };
            let (due, next) = tokio::task::spawn_blocking(read).await??;
            if due.is_empty() {
                return Ok(next);
            }
            let look = |row| {
                let this = self.clone();
                async move { this.look_at(row).await }
            };
            let tells: BTreeSet<Tell> =
                rounds::side_by_side(due, AT_ONCE, look).await?.into_iter().flatten().collect();
            for (trouble, post) in tells {
                self.tell(trouble, &post).await?;
            }
        }
    }

    async fn look_at(&self, mut row: MassSendRow) -> anyhow::Result<Option<Tell>> {
        match row.msgid.clone() {
            Some(msgid) => self.see(&mut row, &msgid).await,
            None => self.look_up(&mut row).await,
        }
    }

    /// Whether a mass send exists about which we heard no answer.
    async fn look_up(&self, row: &mut MassSendRow) -> anyhow::Result<Option<Tell>> {
        let now = self.clock.now();
        let around = row.asked_at.saturating_sub(KNOWN_AROUND).unwrap_or(row.asked_at);
        let reader = self.reader.clone();
        let known: HashSet<String> =
            tokio::task::spawn_blocking(move || reader.msgids_since(around)).await??.into_iter().collect();
        let found =
            self.hands.find_mass_send(&row.app, &row.send, row.asked_at, |id| known.contains(id)).await;
        row.looked += 1;
        match found {
            Ok(Some(msgid)) => {
                tracing::info!(id = row.id, msgid, "a mass send without an answer was found");
                row.msgid = Some(msgid);
                row.next_at = plan::first_look(row, now);
                let (row, owner) = (row.clone(), row.send.owner.clone());
                let result = format!("核对到企业群发已建好，等 {owner} 确认");
                self.write(move |batch| {
                    batch.put_mass_send(&row)?;
                    let ends = |row: i64| batch.end(row, RowState::Done, &result, now);
                    row.groups.iter().try_for_each(|group| ends(group.row))
                })
                .await?;
                return Ok(None);
            }
            Ok(None) => {}
            Err(NotNow::Later(why)) => {
                row.looked -= 1;
                tracing::info!(id = row.id, cause = %why.log, "a mass send could not be looked up now");
            }
            Err(NotNow::Never(why)) => {
                tracing::warn!(id = row.id, cause = %why.log, "a mass send could not be looked up");
            }
        }
        if let Some(next) = plan::look_up_again(row, now) {
            row.next_at = next;
            self.keep(row).await?;
            return Ok(None);
        }
        self.end_rest(row, PostOutcome::Lost).await?;
        let lost = row.groups.iter().any(|group| group.outcome == Some(PostOutcome::Lost));
        Ok(lost.then(|| (Trouble::Lost, row.send.post.clone())))
    }

    /// How far a mass send is, and what is due about it.
    async fn see(&self, row: &mut MassSendRow, msgid: &str) -> anyhow::Result<Option<Tell>> {
        let now = self.clock.now();
        row.next_at = plan::next_look(row, now);
        match self.hands.mass_send_stage(&row.app, msgid, &row.send.owner).await {
            Ok(Stage::Confirmed { at, groups }) => self.settle(row, at, &groups).await,
            Ok(Stage::Waiting) => self.still_waiting(row, msgid).await,
            Err(NotNow::Never(why)) if now >= row.send.cancel_at => {
                tracing::warn!(id = row.id, cause = %why.log, "what became of a mass send stays unknown");
                self.end_rest(row, PostOutcome::TooLate).await?;
                Ok(None)
            }
            Err(NotNow::Later(why) | NotNow::Never(why)) => {
                tracing::info!(id = row.id, cause = %why.log, "a mass send could not be looked at now");
                self.keep(row).await?;
                let untold = plan::due(row, now) == Due::Escalation;
                Ok(untold.then(|| (Trouble::Unconfirmed, row.send.post.clone())))
            }
        }
    }

    async fn still_waiting(&self, row: &mut MassSendRow, msgid: &str) -> anyhow::Result<Option<Tell>> {
        let now = self.clock.now();
        match plan::due(row, now) {
            Due::Nothing => {}
            Due::Escalation => {
                self.keep(row).await?;
                return Ok(Some((Trouble::Unconfirmed, row.send.post.clone())));
            }
            Due::TakingBack if now < row.send.cancel_at => return self.take_back(row, msgid).await,
            Due::TakingBack | Due::Withdrawal => return self.withdraw(row, msgid).await,
            Due::Reminder(over) => match self.hands.remind_mass_send(&row.app, msgid).await {
                Ok(sent) => {
                    tracing::info!(id = row.id, over, sent, "the owner of a mass send was reminded");
                    row.reminded = over;
                    row.next_at = plan::next_look(row, now);
                }
                Err(NotNow::Later(why)) => tracing::info!(id = row.id, cause = %why.log, "no reminder now"),
                Err(NotNow::Never(why)) => {
                    tracing::warn!(id = row.id, cause = %why.log, "the owner could not be reminded");
                    row.reminded = over;
                }
            },
        }
        self.keep(row).await?;
        Ok(None)
    }

    /// Too late. What the owner sent just before it was withdrawn counts all the same.
    async fn withdraw(&self, row: &mut MassSendRow, msgid: &str) -> anyhow::Result<Option<Tell>> {
        match self.hands.cancel_mass_send(&row.app, msgid).await {
            Ok(()) => {}
            Err(NotNow::Later(why)) => {
                tracing::info!(id = row.id, cause = %why.log, "a mass send could not be withdrawn now");
                self.keep(row).await?;
                return Ok(None);
            }
            Err(NotNow::Never(why)) => {
                tracing::warn!(id = row.id, cause = %why.log, "a mass send could not be withdrawn");
            }
        }
        match self.hands.mass_send_stage(&row.app, msgid, &row.send.owner).await {
            Ok(Stage::Confirmed { at, groups }) => self.settle(row, at, &groups).await,
            _ => {
                self.end_rest(row, PostOutcome::TooLate).await?;
                Ok(None)
            }
        }
    }

    /// It shall not go out to some groups, and the platform knows only the whole: the task is cancelled, and the
    /// owner is asked anew for the other groups, if there are any. Unless both is sure, that it was cancelled and
    /// that the owner did not send it before, nobody is asked anew: nothing comes twice.
    async fn take_back(&self, row: &mut MassSendRow, msgid: &str) -> anyhow::Result<Option<Tell>> {
        if let Err(NotNow::Later(why) | NotNow::Never(why)) =
            self.hands.cancel_mass_send(&row.app, msgid).await
        {
            tracing::warn!(id = row.id, cause = %why.log, "a mass send could not be taken back; it is tried again");
            self.keep(row).await?;
            return Ok(None);
        }
        match self.hands.mass_send_stage(&row.app, msgid, &row.send.owner).await {
            Ok(Stage::Confirmed { at, groups }) => self.settle(row, at, &groups).await,
            Ok(Stage::Waiting) => {
                self.end_rest(row, PostOutcome::AskedAgain).await?;
                Ok(None)
            }
            Err(NotNow::Later(why)) => {
                tracing::info!(id = row.id, cause = %why.log, "what became of a mass send is looked at again");
                self.keep(row).await?;
                Ok(None)
            }
            Err(NotNow::Never(why)) => {
                tracing::warn!(id = row.id, cause = %why.log, "what became of a mass send stays unknown");
                self.end_rest(row, PostOutcome::TooLate).await?;
                Ok(None)
            }
        }
    }

    /// The owner has confirmed it: what became of it in each group.
    async fn settle(
        &self,
        row: &mut MassSendRow,
        at: Timestamp,
        groups: &[(GroupId, Landed)],
    ) -> anyhow::Result<Option<Tell>> {
        let now = self.clock.now();
        row.confirmed_at = Some(at);
        let landed = |id: &GroupId| groups.iter().find(|(group, _)| group == id).map(|(_, landed)| *landed);
        let mut full = false;
        for place in 0..row.groups.len() {
            let Some(group) = row.groups.get(place).filter(|group| group.outcome.is_none()).cloned() else {
                continue;
            };
            let (outcome, when) = match landed(&group.id) {
                Some(Landed::Sent(when)) => (PostOutcome::Sent, when),
                Some(Landed::Full) => (PostOutcome::Full, now),
                Some(Landed::Not) | None if plan::is_settled(at, now) => (PostOutcome::LeftOut, now),
                Some(Landed::Not) | None => continue,
            };
            full |= outcome == PostOutcome::Full;
            self.end_one(row, place, outcome, when).await?;
        }
        row.ended = row.groups.iter().all(|group| group.outcome.is_some());
        self.keep(row).await?;
        Ok(full.then(|| (Trouble::Full, row.send.post.clone())))
    }

    /// Everything that has not ended yet ends so, unless it was taken back.
    async fn end_rest(&self, row: &mut MassSendRow, outcome: PostOutcome) -> Result<(), Refused> {
        let now = self.clock.now();
        for place in 0..row.groups.len() {
            match row.groups.get(place) {
                Some(group) if group.is_to_be_taken_back() => {
                    self.end_one(row, place, PostOutcome::Withdrawn, now).await?;
                }
                Some(group) if group.outcome.is_none() => self.end_one(row, place, outcome, now).await?,
                _ => {}
            }
        }
        row.ended = true;
        self.keep(row).await
    }

    /// One group's end as an event, and as the result of what was sent.
    async fn end_one(
        &self,
        row: &mut MassSendRow,
        place: usize,
        outcome: PostOutcome,
        at: Timestamp,
    ) -> Result<(), Refused> {
        let Some(group) = row.groups.get_mut(place) else { return Ok(()) };
        group.outcome = Some(outcome);
        let (owner, post) = (row.send.owner.clone(), row.send.post.clone());
        let asked_again = outcome == PostOutcome::AskedAgain;
        let again = asked_again.then(|| row.send.again(at)).flatten().map(|send| {
            // The row has what the groups share; each has its own store.
            Box::new(MassSend { store: group.store.clone(), ..send })
        });
        // One end for each row, whatever it is and however often it is found.
        let (key, hand) = (format!("mass-send:{}", group.row), Hand::MassSend { app: row.app.clone() });
        let from = (outcome == PostOutcome::Sent).then(|| owner.clone());
        let ending = PostEnding { post, owner: owner.clone(), outcome, again };
        let event = Event::of_hand(key, at, &hand, EventKind::PostEnded(Box::new(ending)));
        let event = Event { group: Some(group.id.clone()), from, ..event };
        let (id, result, now) = (group.row, outcome.in_words(owner.as_str()), self.clock.now());
        let record = move |batch: &Batch<'_>| match asked_again {
            true => batch.end(id, RowState::Failed, &result, now),
            false => batch.set_result(id, &result),
        };
        self.intake.submit(event, record).await.map(drop)
    }

    async fn keep(&self, row: &MassSendRow) -> Result<(), Refused> {
        let row = row.clone();
        self.write(move |batch| batch.put_mass_send(&row)).await
    }

    async fn write(
        &self,
        write: impl Fn(&Batch<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Refused> {
        self.intake.write(write).await
    }
}
