//! Changing the library of group welcomes (wecom-send.md §7.2).

use super::attachment::Need;
use super::requests::{Attached, toll};
use super::{Hands, PersonAndLog, Report};
use crate::channels::wecom::client::{
    ADD_WELCOME_TEMPLATE, Attachment, DELETE_WELCOME_TEMPLATE, EDIT_WELCOME_TEMPLATE, WelcomeTemplate,
};
use crate::decision::TemplateStep;
use crate::rules::welcome_library::text;

impl Hands {
    /// Gets a template's file to the platform; to be asked again for every try. Nobody sees anything of it.
    pub async fn prepare_template(
        &self,
        app: &str,
        step: &TemplateStep,
    ) -> Result<Attached<Attachment>, Report> {
        let app = self.sender(app).map_err(|why| Report::Failed { why })?;
        let mut attached = Attached::default();
        if let Some(part) = step.parts().iter().find(|part| !part.is_words()) {
            let need = Need::by_mass_send(part, app);
            self.attach(&mut attached, need, |brought| brought.in_mass_send(part)).await?;
        }
        Ok(attached)
    }

    /// The words of a template as the platform has them.
    pub async fn template_text(&self, app: &str, template_id: &str) -> Result<String, PersonAndLog> {
        let app = self.sender(app)?;
        let template = self.api.welcome_template(app, template_id).await;
        let template = template.map_err(|error| PersonAndLog::from(&error))?;
        Ok(template["text"]["content"].as_str().unwrap_or_default().to_owned())
    }

    /// Changes the library by one step. Returns the template's id, which a deleted one has not; the report is
    /// never `Done`.
    pub async fn change_template(
        &self,
        app: &str,
        step: &TemplateStep,
        attached: &Attached<Attachment>,
    ) -> Result<Option<String>, Report> {
        let app = self.sender(app).map_err(|why| Report::Failed { why })?;
        let paced = PersonAndLog::new("欢迎语素材改得太快，稍后自动继续", "welcome templates paced");
        let words = text(step.parts());
        let template = WelcomeTemplate { text: &words, attachment: attached.attachments.first() };
        let call = async {
            match step {
                TemplateStep::Add { .. } => self.api.add_welcome_template(app, &template).await.map(Some),
                TemplateStep::Edit { template_id, .. } => {
                    let edited = self.api.edit_welcome_template(app, template_id, &template).await;
                    edited.map(|()| Some(template_id.clone()))
                }
                TemplateStep::Delete { template_id } => {
                    self.api.delete_welcome_template(app, template_id).await.map(|()| None)
                }
            }
        };
        self.request(toll(app, path(step)), paced, step.twice_is_harmless(), attached, call).await
    }
}

fn path(step: &TemplateStep) -> &'static str {
    match step {
        TemplateStep::Add { .. } => ADD_WELCOME_TEMPLATE,
        TemplateStep::Edit { .. } => EDIT_WELCOME_TEMPLATE,
        TemplateStep::Delete { .. } => DELETE_WELCOME_TEMPLATE,
    }
}
