//! What we have put into the library of group welcomes. How the last change of a template ended is told by its
//! row in the outbox, so that nothing is written down twice.

use rusqlite::{Connection, params};

use super::batch::{from_json, to_json};
use super::{Batch, Reader, Result};
use crate::decision::{KnownTemplate, TemplateChange, TemplateStanding};

impl Batch<'_> {
    pub fn welcome_templates(&self) -> Result<Vec<KnownTemplate>> {
        all(self.connection)
    }

    /// A change that was decided, with the outbox row that leads to it.
    pub(super) fn begin_template(&self, outbox: i64, change: &TemplateChange) -> Result<()> {
        let fresh = KnownTemplate {
            key: change.key.clone(),
            title: change.title.clone(),
            template_id: None,
            parts: Vec::new(),
            standing: TemplateStanding::UnderWay,
        };
        self.put(
            "INSERT INTO welcome_templates (key, outbox, body) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET outbox = excluded.outbox",
            params![change.key, outbox, to_json("welcome_templates", &fresh)?],
        )
    }

    /// It says this on the platform now.
    pub fn put_template(&self, known: &KnownTemplate) -> Result<()> {
        self.put(
            "UPDATE welcome_templates SET body = ?2 WHERE key = ?1",
            params![known.key, to_json("welcome_templates", known)?],
        )
    }

    /// It is not on the platform any more, or never was.
    pub fn forget_template(&self, key: &str) -> Result<()> {
        self.put("DELETE FROM welcome_templates WHERE key = ?1", [key])
    }
}

impl Reader {
    /// Everything that we have put into the library, by key.
    pub fn welcome_templates(&self) -> Result<Vec<KnownTemplate>> {
        self.with(all)
    }
}

fn all(connection: &Connection) -> Result<Vec<KnownTemplate>> {
    let mut select = connection.prepare_cached(
        "SELECT welcome_templates.body, outbox.state, outbox.result
         FROM welcome_templates LEFT JOIN outbox ON outbox.id = outbox ORDER BY key",
    )?;
    let rows = select.query_and_then([], |row| {
        let body: String = row.get(0)?;
        let mut known: KnownTemplate = from_json("welcome_templates", &body)?;
        let (state, result): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
        known.standing = match state.as_deref() {
            Some("pending" | "sending") => TemplateStanding::UnderWay,
            Some("failed") => TemplateStanding::Failed(result.unwrap_or_default()),
            Some("doubt") => TemplateStanding::Doubt,
            // A row that is long forgotten has ended.
            _ => TemplateStanding::Done,
        };
        Ok(known)
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::decision::{
        Act, Action, Ear, Event, EventKey, EventKind, Hand, Part, TemplateStep, WelcomeLibraryEvent,
    };
    use crate::perception::Signals;
    use crate::store::{self, NewEvent, RowState};

    #[test]
    fn a_template_stands_as_its_last_change_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, reader) = store::open(folder.path()).expect("opens");
        let now = Timestamp::constant(1_790_000_000, 0);
        let parts = vec![Part::text("%NICKNAME%，欢迎")];
        let change = |key: &str| {
            let step = TemplateStep::Add { parts: parts.clone() };
            let change = TemplateChange { key: key.into(), title: key.into(), step, last_of: None };
            Action::new(Hand::App { app: "assistant".into() }, Act::WelcomeTemplate(Box::new(change)))
        };
        let actions = ["a", "b", "c", "d"].map(change);
        let event = Event {
            key: EventKey::from("apply"),
            at: now,
            ear: Ear::Operator,
            via: "control".into(),
            group: None,
            from: None,
            kind: EventKind::WelcomeLibrary(WelcomeLibraryEvent::Apply { all: false }),
            raw: None,
        };
        let signals = Signals::default();
        let new = NewEvent {
            event: &event,
            signals: &signals,
            changes: &[],
            reasons: &[],
            actions: &actions,
            heard_at: now,
            rules: "",
        };
        writer.commit(|batch| batch.add_event(&new)).expect("stored");
        let known = |reader: &Reader| reader.welcome_templates().expect("read");
        assert!(known(&reader).iter().all(|one| one.standing == TemplateStanding::UnderWay));
        let mut made = known(&reader).remove(0);
        (made.template_id, made.parts) = (Some("m1".into()), parts.clone());
        writer
            .commit(|batch| {
                batch.put_template(&made)?;
                batch.end(1, RowState::Done, "", now)?;
                batch.end(2, RowState::Failed, "没有权限", now)?;
                batch.end(3, RowState::Doubt, "没有答复", now)?;
                batch.forget_template("d")
            })
            .expect("stored");
        let standings: Vec<_> = known(&reader).into_iter().map(|one| (one.key, one.standing)).collect();
        let expected = [
            ("a".to_owned(), TemplateStanding::Done),
            ("b".to_owned(), TemplateStanding::Failed("没有权限".into())),
            ("c".to_owned(), TemplateStanding::Doubt),
        ];
        assert_eq!(standings, expected);
        assert_eq!(known(&reader)[0].template_id.as_deref(), Some("m1"));
        let all = writer.commit(|batch| batch.welcome_templates()).expect("read");
        assert!(!all[0].is_doubtful() && all[2].is_doubtful());
    }
}
