//! The library of group welcomes (入群欢迎语素材, wecom-send.md §7.2): templates from which owners of customer groups
//! pick theirs in the client. It cannot be listed, and an app edits only its own.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::connection::AppConnection;
use super::contacts::Attachment;
use super::content::check_bytes;
use super::error::CallError;
use super::mass_send::check_attachment;
use super::transport::Call;

/// Paths, also for the limits that the platform counts by.
pub(in super::super) const ADD: &str = "/cgi-bin/externalcontact/group_welcome_template/add";
pub(in super::super) const EDIT: &str = "/cgi-bin/externalcontact/group_welcome_template/edit";
pub(in super::super) const DELETE: &str = "/cgi-bin/externalcontact/group_welcome_template/del";
const GET: &str = "/cgi-bin/externalcontact/group_welcome_template/get";

const TEXT_BYTES: usize = 3000;

/// What a template says.
#[derive(Clone, Copy, Debug)]
pub struct WelcomeTemplate<'a> {
    /// `%NICKNAME%` becomes the customer's name. May be empty when something is attached.
    pub text: &'a str,
    pub attachment: Option<&'a Attachment>,
}

#[derive(Deserialize)]
struct Added {
    template_id: String,
}

impl WelcomeTemplate<'_> {
    fn body(&self, path: &'static str) -> Result<Value, CallError> {
        check_bytes(path, "入群欢迎语", self.text, TEXT_BYTES)?;
        if self.text.is_empty() && self.attachment.is_none() {
            let person = "入群欢迎语的文字和附件不能都为空".into();
            return Err(CallError::Invalid { path, cause: "neither text nor attachment".into(), person });
        }
        let mut body = match self.attachment {
            Some(attachment) => {
                check_attachment(path, attachment)?;
                json!(attachment)
            }
            None => json!({}),
        };
        if !self.text.is_empty() {
            body["text"] = json!({ "content": self.text });
        }
        Ok(body)
    }
}

impl Api {
    /// Adds a template and gives its id; members are told that they may pick it. At most 100 per corp (41055).
    /// When the answer is lost, it may be there, and nobody can look.
    pub async fn add_welcome_template(
        &self,
        app: &AppConnection,
        template: &WelcomeTemplate<'_>,
    ) -> Result<String, CallError> {
        const TELL_MEMBERS: i64 = 1;
        let mut body = template.body(ADD)?;
        body["notify"] = json!(TELL_MEMBERS);
        self.call::<Added>(app, Call::post(ADD, &body)?).await.map(|added| added.template_id)
    }

    /// Replaces what a template says. 41058 when another app made it.
    pub async fn edit_welcome_template(
        &self,
        app: &AppConnection,
        id: &str,
        template: &WelcomeTemplate<'_>,
    ) -> Result<(), CallError> {
        let mut body = template.body(EDIT)?;
        body["template_id"] = json!(id);
        self.call::<Value>(app, Call::post(EDIT, &body)?).await.map(drop)
    }

    /// The template's fields as the platform has them; pictures have addresses there.
    pub async fn welcome_template(&self, app: &AppConnection, id: &str) -> Result<Value, CallError> {
        self.call(app, Call::post(GET, &json!({ "template_id": id }))?).await
    }

    pub async fn delete_welcome_template(&self, app: &AppConnection, id: &str) -> Result<(), CallError> {
        self.call::<Value>(app, Call::post(DELETE, &json!({ "template_id": id }))?).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Answer, Platform, app};
    use super::*;

    #[tokio::test]
    async fn a_template_has_the_shape_of_the_page() {
        let platform = Platform::start().await;
        let api = platform.api();
        platform.script(ADD, [Answer::Json(json!({ "errcode": 0, "template_id": "msg1" }))]);
        let image = Attachment::Image { media_id: "MEDIA_ID".into() };
        let template =
            WelcomeTemplate { text: "亲爱的%NICKNAME%用户，你好", attachment: Some(&image) };
        assert_eq!(api.add_welcome_template(&app(), &template).await.unwrap(), "msg1");
        let (text, image) =
            (json!({ "content": "亲爱的%NICKNAME%用户，你好" }), json!({ "media_id": "MEDIA_ID" }));
        assert_eq!(platform.asked(ADD)[0].json(), json!({ "text": text, "image": image, "notify": 1 }));
        api.edit_welcome_template(&app(), "msg1", &template).await.unwrap();
        assert_eq!(
            platform.asked(EDIT)[0].json(),
            json!({ "text": text, "image": image, "template_id": "msg1" })
        );
        api.delete_welcome_template(&app(), "msg1").await.unwrap();
        api.welcome_template(&app(), "msg1").await.unwrap();
        for path in [DELETE, GET] {
            assert_eq!(platform.asked(path)[0].json(), json!({ "template_id": "msg1" }));
        }
    }

    #[tokio::test]
    async fn what_the_platform_would_refuse_is_not_sent() {
        let platform = Platform::start().await;
        let long = "长".repeat(1001);
        let link = Attachment::Link {
            title: "长".repeat(43),
            picurl: String::new(),
            desc: String::new(),
            url: "https://a.example".into(),
        };
        for (text, attachment) in [("", None), (long.as_str(), None), ("欢迎", Some(&link))] {
            let template = WelcomeTemplate { text, attachment };
            let refused = platform.api().add_welcome_template(&app(), &template).await;
            assert!(matches!(refused, Err(CallError::Invalid { .. })), "{text}");
        }
        assert!(platform.asked(ADD).is_empty());
    }
}
