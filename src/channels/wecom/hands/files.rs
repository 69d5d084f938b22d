//! What the hands do about files: bring them to the platform before an action, and go on without them where
//! that is better.

use super::attachment::{Attachment, Prepared};
use super::media::Uploaded;
use super::{AppConnection, Hands, Outcome, Report, Trouble, plan, received};
use crate::channels::wecom::client::{CallError, Content, PersonAndLog, shorten};
use crate::decision::{Act, Action, MemberId, Part};

/// Characters of the sentence that tells why a file is missing: far below a message's 2048 bytes.
const MISSING_CHARS: usize = 500;

impl Hands {
    /// Gets the file that the action needs to the platform, or says why not; to be asked again for every try.
    ///
    /// Nobody sees anything of it, so nothing is in doubt when it is interrupted. A task's card never waits
    /// for its file.
    pub async fn prepare(&self, action: &Action) -> Result<Prepared, Report> {
        let failed = |why| Report::Failed { why };
        let steps = plan::steps(action, &self.connections).map_err(failed)?;
        let Some(need) = plan::need(&steps, &self.connections).map_err(failed)? else {
            return Ok(Prepared::nothing());
        };
        let trouble = match self.media.bring(&self.api, &need).await {
            Ok((attachment, uploaded)) => return Ok(Prepared { attachment, uploaded }),
            Err(trouble) => trouble,
        };
        if let Act::TaskCard { .. } = action.act {
            let why = match trouble {
                Trouble::ForGood(why) => why,
                Trouble::Call(error) | Trouble::Spent(error) => PersonAndLog::from(&error),
            };
            return Ok(Prepared { attachment: Attachment::Missing(why), uploaded: None });
        }
        Err(self.not_brought(trouble, &need))
    }

    /// What was uploaded before this process started: the store seeds the memory.
    pub fn remember_upload(&self, uploaded: Uploaded) {
        self.media.remember(uploaded);
    }

    /// Sends a person what a task asks to post. When that will never work, the person is told why, and the
    /// card goes out all the same.
    pub(super) async fn hand_over(
        &self,
        app: &AppConnection,
        to: &MemberId,
        part: &Part,
        prepared: &Prepared,
        duplicate_interval: u32,
    ) -> Result<Outcome, Trouble> {
        let why = match prepared.content(part) {
            Err(why) => why,
            Ok(content) => match self.api.send_message(app, &[to], content, duplicate_interval).await {
                Ok(sent) => return received(to, sent),
                Err(error) => match self.trouble(error, prepared) {
                    Trouble::Call(error) if error.is_for_good() => PersonAndLog::from(&error),
                    trouble => return Err(trouble),
                },
            },
        };
        tracing::warn!(part = part.kind().chinese(), cause = %why.log, "a task goes out without what it asks to post");
        let text = format!("{}没能发给您：{}", part.in_words(), why.person);
        let told = shorten(&text, MISSING_CHARS);
        let sent = self.api.send_message(app, &[to], Content::Text(&told), duplicate_interval).await?;
        received(to, sent)
    }

    /// Tells a file that the platform has forgotten from other failures.
    pub(super) fn trouble(&self, error: CallError, prepared: &Prepared) -> Trouble {
        match (&prepared.attachment, error.refusal()) {
            (Attachment::Id { id, key }, Some(refusal))
                if refusal.is_spent_media() && self.media.spent(key, id) =>
            {
                Trouble::Spent(error)
            }
            _ => Trouble::Call(error),
        }
    }
}
