//! Changing the library of group welcomes (wecom-send.md §7.2).

use super::attachment::{Attachment as Brought, Need};
use super::mass_send::{attachment, toll};
use super::{Hands, PersonAndLog, Report, Trouble, Uploaded};
use crate::channels::wecom::client::{
    ADD_WELCOME_TEMPLATE, Attachment, CallError, DELETE_WELCOME_TEMPLATE, EDIT_WELCOME_TEMPLATE,
    WelcomeTemplate,
};
use crate::decision::TemplateStep;
use crate::rules::welcome_library::text;

/// What a template needs before it is sent.
#[derive(Clone, Debug, Default)]
pub struct PreparedTemplate {
    attachment: Option<Attachment>,
    file: Brought,
    /// A new upload, to be kept in the store.
    pub uploaded: Option<Uploaded>,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Changed {
    /// The template's id; a deleted one has none.
    Done { template_id: Option<String> },
    /// `Done` is never among these.
    Not(Report),
}

impl Hands {
    /// Gets a template's file to the platform; to be asked again for every try. Nobody sees anything of it.
    pub async fn prepare_template(&self, app: &str, step: &TemplateStep) -> Result<PreparedTemplate, Report> {
        let failed = |why| Report::Failed { why };
        let app = self.sender(app).map_err(failed)?;
        let Some(part) = step.parts().iter().find(|part| !part.is_words()) else {
            return Ok(PreparedTemplate::default());
        };
        let (file, uploaded) = match Need::by_mass_send(part, app) {
            None => (Brought::None, None),
            Some(need) => match self.media.bring(&self.api, &need).await {
                Ok(brought) => brought,
                Err(Trouble::ForGood(why)) => return Err(Report::Failed { why }),
                Err(Trouble::Call(error) | Trouble::Spent(error)) => {
                    let now = self.clock.now();
                    return Err(Report::of_error(&error, true, now, || self.block(need.toll(), now)));
                }
            },
        };
        let attachment = Some(attachment(part, &file).map_err(failed)?);
        Ok(PreparedTemplate { attachment, file, uploaded })
    }

    /// The words of a template as the platform has them.
    pub async fn template_text(&self, app: &str, template_id: &str) -> Result<String, PersonAndLog> {
        let app = self.sender(app)?;
        let template = self.api.welcome_template(app, template_id).await;
        let template = template.map_err(|error| PersonAndLog::from(&error))?;
        Ok(template["text"]["content"].as_str().unwrap_or_default().to_owned())
    }

    /// Changes the library by one step.
    pub async fn change_template(
        &self,
        app: &str,
        step: &TemplateStep,
        prepared: &PreparedTemplate,
    ) -> Changed {
        let (path, now) = (path(step), self.clock.now());
        let app = match self.sender(app) {
            Ok(app) => app,
            Err(why) => return Changed::Not(Report::Failed { why }),
        };
        let toll = toll(app, path);
        if let Err(until) = self.lock_pace().admit(std::slice::from_ref(&toll), now) {
            let why = PersonAndLog::new("欢迎语素材改得太快，稍后自动继续", "welcome templates paced");
            return Changed::Not(Report::Wait { until, why });
        }
        let words = text(step.parts());
        let template = WelcomeTemplate { text: &words, attachment: prepared.attachment.as_ref() };
        let done = match step {
            TemplateStep::Add { .. } => self.api.add_welcome_template(app, &template).await.map(Some),
            TemplateStep::Edit { template_id, .. } => {
                let edited = self.api.edit_welcome_template(app, template_id, &template).await;
                edited.map(|()| Some(template_id.clone()))
            }
            TemplateStep::Delete { template_id } => {
                self.api.delete_welcome_template(app, template_id).await.map(|()| None)
            }
        };
        let files = std::slice::from_ref(&prepared.file);
        match done {
            Ok(template_id) => {
                self.files_worked(files);
                Changed::Done { template_id }
            }
            // The platform said yes and gave no id that we can read: the template is there.
            Err(error @ CallError::Unreadable { .. }) if !step.twice_is_harmless() => {
                Changed::Not(Report::Doubt { why: PersonAndLog::from(&error) })
            }
            Err(error) if self.files_are_spent(&error, files) => {
                Changed::Not(Report::Wait { until: now, why: PersonAndLog::from(&error) })
            }
            Err(error) => {
                let harmless = step.twice_is_harmless();
                Changed::Not(Report::of_error(&error, harmless, now, || self.block(Some(toll), now)))
            }
        }
    }
}

fn path(step: &TemplateStep) -> &'static str {
    match step {
        TemplateStep::Add { .. } => ADD_WELCOME_TEMPLATE,
        TemplateStep::Edit { .. } => EDIT_WELCOME_TEMPLATE,
        TemplateStep::Delete { .. } => DELETE_WELCOME_TEMPLATE,
    }
}
