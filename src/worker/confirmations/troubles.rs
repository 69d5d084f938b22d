//! What ops is told: once per post and region, however many groups it is about.

use std::collections::BTreeMap;

use super::{Confirmations, Hand, MassSendRow, PostName, Trouble};
use crate::decision::{MemberId, OwnersGroups, PostOutcome, PostTrouble};
use crate::store::GroupOfSend;

impl Confirmations {
    /// Tells ops about every mass send of this post that is in this trouble now.
    pub(super) async fn tell(&self, trouble: Trouble, post: &PostName) -> anyhow::Result<()> {
        let (reader, name) = (self.reader.clone(), post.clone());
        let read = move || {
            let concerned = reader.mass_sends_of(&name.id, &name.region)?;
            let concerned: Vec<MassSendRow> =
                concerned.into_iter().filter(|row| is_in(trouble, row)).collect();
            let mut owners: BTreeMap<MemberId, OwnersGroups> = BTreeMap::new();
            for row in &concerned {
                let owner = row.send.owner.clone();
                let one = owners.entry(owner.clone()).or_insert_with(|| OwnersGroups {
                    owner,
                    groups: Vec::new(),
                    reminded: row.reminded,
                });
                for group in row.groups.iter().filter(|group| concerns(trouble, group)) {
                    one.groups.push(reader.group_name(&group.id)?);
                }
            }
            Ok::<_, anyhow::Error>((concerned, owners.into_values().collect::<Vec<_>>()))
        };
        let (concerned, owners) = tokio::task::spawn_blocking(read).await??;
        let Some(first) = concerned.first() else { return Ok(()) };
        let until = concerned.iter().map(|row| row.send.cancel_at).min();
        let until = until.filter(|_| trouble == Trouble::Unconfirmed);
        let told = PostTrouble { post: post.clone(), trouble, owners, until };
        let event = told.event(&Hand::MassSend { app: first.app.clone() }, first.id, self.clock.now());
        let marked = if trouble == Trouble::Unconfirmed { concerned } else { Vec::new() };
        let mark = move |batch: &super::Batch<'_>| {
            marked.iter().try_for_each(|row| batch.put_mass_send(&MassSendRow { told: true, ..row.clone() }))
        };
        self.intake.submit(event, mark).await?;
        Ok(())
    }
}

/// Which groups of a mass send are named: those that are full, that were lost, that are still to get it.
fn concerns(trouble: Trouble, group: &GroupOfSend) -> bool {
    match trouble {
        Trouble::Full => group.outcome == Some(PostOutcome::Full),
        Trouble::Lost => group.outcome == Some(PostOutcome::Lost),
        Trouble::Unconfirmed | Trouble::TooLate => !group.withdrawn,
    }
}

fn is_in(trouble: Trouble, row: &MassSendRow) -> bool {
    match trouble {
        Trouble::Unconfirmed => !row.ended && row.msgid.is_some() && row.confirmed_at.is_none() && !row.told,
        Trouble::Lost | Trouble::Full => row.groups.iter().any(|group| concerns(trouble, group)),
        // Such a post never became a mass send; delivery tells of it.
        Trouble::TooLate => false,
    }
}
