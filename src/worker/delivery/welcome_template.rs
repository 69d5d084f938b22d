//! The library of group welcomes is changed one template after the other. Edits and deletions are done again when
//! an answer is lost; what was added without an answer stays in doubt, because nobody can look it up.

use super::{Act, Batch, NotDone, OutboxRow, Refused, Report, RowState, Shared, TOO_LATE};
use crate::decision::{Hand, KnownTemplate, TemplateChange, TemplateStanding, TemplateStep};
use crate::store::StoreError;

impl Shared {
    pub(super) async fn deliver_welcome_template(&self, row: OutboxRow) -> Result<(), Refused> {
        let delivery = &self.delivery;
        let (Act::WelcomeTemplate(change), Hand::App { app }) = (&row.action.act, &row.action.hand) else {
            return self.failed(row, "这只手不能改入群欢迎语").await;
        };
        if delivery.clock.now().duration_since(row.created_at) > TOO_LATE {
            return self.template_ended(&row, change, RowState::Failed, "过了 24 小时仍没能改成").await;
        }
        let prepared = match delivery.hands.prepare_template(app, &change.step).await {
            Ok(prepared) => prepared,
            Err(report) => {
                let id = row.id;
                delivery.intake.write(move |batch| batch.tried(id)).await?;
                return self.template_not_changed(&row, change, report).await;
            }
        };
        if !self.claim_with(row.id, &prepared.uploaded).await? {
            return Ok(());
        }
        match delivery.hands.change_template(app, &change.step, &prepared).await {
            Ok(template_id) => self.template_changed(&row, change, template_id).await,
            Err(report) => self.template_not_changed(&row, change, report).await,
        }
    }

    async fn template_changed(
        &self,
        row: &OutboxRow,
        change: &TemplateChange,
        template_id: Option<String>,
    ) -> Result<(), Refused> {
        let known = KnownTemplate {
            key: change.key.clone(),
            title: change.title.clone(),
            template_id,
            parts: change.step.parts().to_vec(),
            standing: TemplateStanding::Done,
        };
        let deleted = matches!(change.step, TemplateStep::Delete { .. });
        let remember = move |batch: &Batch<'_>| match deleted {
            true => batch.forget_template(&known.key),
            false => batch.put_template(&known),
        };
        self.template_ends(row, change, (RowState::Done, String::new()), remember).await
    }

    async fn template_not_changed(
        &self,
        row: &OutboxRow,
        change: &TemplateChange,
        report: Report,
    ) -> Result<(), Refused> {
        let (id, now) = (row.id, self.delivery.clock.now());
        let (until, counts, why) = match NotDone::of(report, row.attempts, now) {
            Some(NotDone::Again { at, counts, why }) => (at, counts, why),
            Some(NotDone::Over { state, why }) => {
                // One whose addition may have been heard is not repeated either.
                tracing::warn!(id, state = state.as_str(), cause = %why.log, "a welcome template is not changed");
                return self.template_ended(row, change, state, &why.person).await;
            }
            None => return Ok(()),
        };
        tracing::info!(id, cause = %why.log, "a welcome template has to wait");
        self.stored(move |batch| batch.postpone(id, until, counts, &why.person)).await
    }

    async fn template_ended(
        &self,
        row: &OutboxRow,
        change: &TemplateChange,
        state: RowState,
        why: &str,
    ) -> Result<(), Refused> {
        self.template_ends(row, change, (state, why.to_owned()), |_| Ok(())).await
    }

    /// The row's end, what is remembered, and, of the last one, the event that tells so are one commit.
    async fn template_ends(
        &self,
        row: &OutboxRow,
        change: &TemplateChange,
        (state, result): (RowState, String),
        remember: impl Fn(&Batch<'_>) -> Result<(), StoreError> + Clone + Send + 'static,
    ) -> Result<(), Refused> {
        let (id, now) = (row.id, self.delivery.clock.now());
        self.delivery.metrics.action(row.action.act.name(), state.as_str());
        let standing = match state {
            RowState::Doubt => TemplateStanding::Doubt,
            RowState::Failed => TemplateStanding::Failed(result.clone()),
            _ => TemplateStanding::Done,
        };
        let end = move |batch: &Batch<'_>| {
            batch.end(id, state, &result, now)?;
            remember(batch)
        };
        if change.last_of.is_none() {
            return self.stored(end).await;
        }
        let event = change.applied(standing, &row.action.hand, now);
        while let Err(error) = self.delivery.intake.submit(event.clone(), end.clone()).await {
            self.again_after(error).await?;
        }
        Ok(())
    }
}
