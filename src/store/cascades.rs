//! Runs of cascades: one row for a run, one for each node, one for each person.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::batch::{from_json, to_json};
use super::{Batch, Reader, Result};
use crate::decision::{
    CascadeChange, CascadeMemory, CascadeNode, CascadePerson, CascadeRun, CascadesNeeded, MemberId,
};

impl Batch<'_> {
    pub fn cascades(&self, needed: &CascadesNeeded) -> Result<Vec<CascadeMemory>> {
        match needed {
            CascadesNeeded::None => Ok(Vec::new()),
            CascadesNeeded::Whole(run) => Ok(whole(self.connection, run)?.into_iter().collect()),
            CascadesNeeded::OfRun(run, person) => {
                Ok(of_person(self.connection, run, person)?.into_iter().collect())
            }
            CascadesNeeded::Waiting(person) => {
                let mut select = self.connection.prepare_cached(
                    "SELECT run FROM cascade_people JOIN cascades ON cascades.id = run
                     WHERE person = ?1 AND acknowledged = 0 AND running = 1 ORDER BY run",
                )?;
                let runs: Vec<String> =
                    select.query_map([person.as_str()], |row| row.get(0))?.collect::<Result<_, _>>()?;
                runs.iter().filter_map(|run| of_person(self.connection, run, person).transpose()).collect()
            }
        }
    }

    pub(super) fn change_cascade(&self, change: &CascadeChange) -> Result<()> {
        match change {
            CascadeChange::Run(run) => self.put(
                "INSERT INTO cascades (id, name, cascade, started_at, running, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (id) DO UPDATE SET running = excluded.running, body = excluded.body",
                params![
                    run.id,
                    run.name,
                    run.rule.id,
                    run.started_at.as_millisecond(),
                    run.is_running(),
                    to_json("cascades", run)?
                ],
            ),
            CascadeChange::Node { run, node } => self.put(
                "INSERT INTO cascade_nodes (run, node, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
                params![run, node.id, to_json("cascade_nodes", node)?],
            ),
            CascadeChange::Person { run, person } => self.put(
                "INSERT INTO cascade_people (run, person, waits, acknowledged, body)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET waits = excluded.waits,
                 acknowledged = excluded.acknowledged, body = excluded.body",
                params![
                    run,
                    person.id.as_str(),
                    person.waits(),
                    !person.may_answer(),
                    to_json("cascade_people", person)?
                ],
            ),
        }
    }

    /// Forgets runs that were started before `before` and are over.
    pub(super) fn forget_cascades(&self, before: Timestamp) -> Result<()> {
        let before = before.as_millisecond();
        const OVER: &str = "SELECT id FROM cascades WHERE started_at < ?1 AND running = 0";
        self.put(&format!("DELETE FROM cascade_people WHERE run IN ({OVER})"), [before])?;
        self.put(&format!("DELETE FROM cascade_nodes WHERE run IN ({OVER})"), [before])?;
        self.put("DELETE FROM cascades WHERE started_at < ?1 AND running = 0", [before])
    }
}

impl Reader {
    /// Runs of the cascade with this id, or the run with this name, the latest first; all of them
    /// when nothing is asked for.
    pub fn cascade_runs(&self, called: Option<&str>) -> Result<Vec<CascadeRun>> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT body FROM cascades WHERE ?1 IS NULL OR cascade = ?1 OR name = ?1
                 ORDER BY started_at DESC, name",
            )?;
            super::reader::bodies("cascades", select.query([called])?)
        })
    }

    /// Everything about the run with this id.
    pub fn cascade(&self, run: &str) -> Result<Option<CascadeMemory>> {
        self.with(|connection| whole(connection, run))
    }
}

fn the_run(connection: &Connection, id: &str) -> Result<Option<CascadeRun>> {
    let mut select = connection.prepare_cached("SELECT body FROM cascades WHERE id = ?1")?;
    let body: Option<String> = select.query_row([id], |row| row.get(0)).optional()?;
    body.map(|body| from_json("cascades", &body)).transpose()
}

fn whole(connection: &Connection, id: &str) -> Result<Option<CascadeMemory>> {
    let Some(run) = the_run(connection, id)? else { return Ok(None) };
    let mut memory = CascadeMemory::of(run);
    let mut select = connection.prepare_cached("SELECT body FROM cascade_nodes WHERE run = ?1")?;
    let nodes: Vec<CascadeNode> = super::reader::bodies("cascade_nodes", select.query([id])?)?;
    memory.nodes = nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
    let mut select = connection.prepare_cached("SELECT body FROM cascade_people WHERE run = ?1")?;
    let people: Vec<CascadePerson> = super::reader::bodies("cascade_people", select.query([id])?)?;
    memory.people = people.into_iter().map(|person| (person.id.clone(), person)).collect();
    Ok(Some(memory))
}

fn of_person(connection: &Connection, id: &str, person: &MemberId) -> Result<Option<CascadeMemory>> {
    let Some(run) = the_run(connection, id)? else { return Ok(None) };
    let mut memory = CascadeMemory::of(run);
    let mut select =
        connection.prepare_cached("SELECT body FROM cascade_people WHERE run = ?1 AND person = ?2")?;
    let own: Option<String> = select.query_row([id, person.as_str()], |row| row.get(0)).optional()?;
    if let Some(own) = own {
        let own: CascadePerson = from_json("cascade_people", &own)?;
        let mut select =
            connection.prepare_cached("SELECT body FROM cascade_nodes WHERE run = ?1 AND node = ?2")?;
        let node: Option<String> = select.query_row([id, own.node.as_str()], |row| row.get(0)).optional()?;
        if let Some(node) = node {
            memory.nodes.insert(own.node.clone(), from_json("cascade_nodes", &node)?);
        }
        memory.people.insert(own.id.clone(), own);
    }
    let mut select = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM cascade_people WHERE run = ?1 AND waits = 1 AND person <> ?2)",
    )?;
    memory.others_wait = select.query_row([id, person.as_str()], |row| row.get(0))?;
    Ok(Some(memory))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::decision::{CascadeState, Change};
    use crate::rules::{CascadeOrder, CascadeRule, CascadeText, OrgLevel};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn run(name: &str, state: CascadeState) -> CascadeRun {
        let rule = CascadeRule {
            id: "notice".into(),
            title: "通知".into(),
            says: CascadeText::Text("看到请回执".into()),
            levels: OrgLevel::ALL.to_vec(),
            under: Vec::new(),
            order: CascadeOrder::AllAtOnce,
            deadline: SignedDuration::from_hours(24),
            remind_after: None,
            escalate_to: Vec::new(),
            quiet: None,
        };
        let started_at = at("2026-11-21T01:00:00Z");
        let (id, name, by) = (CascadeRun::id_of(name), name.to_owned(), MemberId::from("lin.yun"));
        CascadeRun { id, name, rule, by, started_at, stepped_at: None, state }
    }

    fn rows(run: &CascadeRun, people: &[&str]) -> Vec<Change> {
        let node = CascadeNode {
            id: "brand".into(),
            name: "总部".into(),
            level: OrgLevel::Brand,
            distributor: None,
            store: None,
            told_at: run.started_at,
            acknowledged_at: None,
            late: false,
        };
        let person = |id: &&str| CascadeChange::Person {
            run: run.id.clone(),
            person: CascadePerson::of((*id).into(), "brand", run.started_at),
        };
        let all = [CascadeChange::Run(run.clone()), CascadeChange::Node { run: run.id.clone(), node }];
        let all = all.into_iter().chain(people.iter().map(person));
        all.map(|change| Change::Cascade(Box::new(change))).collect()
    }

    #[test]
    fn a_person_is_found_with_what_concerns_them_and_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, reader) = crate::store::open(folder.path()).expect("opens");
        let (first, over) = (
            run("first", CascadeState::Running),
            run("over", CascadeState::Ended { at: at("2026-11-22T01:00:00Z") }),
        );
        let changes = [rows(&first, &["a", "b"]), rows(&over, &["a"])].concat();
        writer.commit(|batch| changes.iter().try_for_each(|change| batch.apply(change))).expect("stored");
        let load = |writer: &mut crate::store::Writer, needed: CascadesNeeded| {
            writer.commit(|batch| batch.cascades(&needed)).expect("read")
        };
        let waiting = load(&mut writer, CascadesNeeded::Waiting("a".into()));
        let [memory] = &waiting[..] else { panic!("{waiting:?}") };
        assert_eq!((memory.run.name.as_str(), memory.people.len(), memory.others_wait), ("first", 1, true));
        assert_eq!(load(&mut writer, CascadesNeeded::OfRun(over.id.clone(), "b".into()))[0].people.len(), 0);
        assert_eq!(load(&mut writer, CascadesNeeded::Whole(first.id.clone()))[0].people.len(), 2);
        assert!(load(&mut writer, CascadesNeeded::Whole("c0".into())).is_empty());

        let mut answered = memory.people[&MemberId::from("a")].clone();
        answered.acknowledged_at = Some(at("2026-11-21T02:00:00Z"));
        let change = CascadeChange::Person { run: first.id.clone(), person: answered };
        writer.commit(|batch| batch.apply(&Change::Cascade(Box::new(change)))).expect("stored");
        assert!(load(&mut writer, CascadesNeeded::Waiting("a".into())).is_empty());
        assert!(!load(&mut writer, CascadesNeeded::OfRun(first.id.clone(), "b".into()))[0].others_wait);
        assert_eq!(reader.cascade_runs(Some("notice")).expect("read").len(), 2);
        assert_eq!(reader.cascade_runs(Some("over")).expect("read"), std::slice::from_ref(&over));
        assert_eq!(reader.cascade(&first.id).expect("read").expect("a run").people.len(), 2);

        writer.commit(|batch| batch.forget_cascades(at("2027-01-01T00:00:00Z"))).expect("forgotten");
        assert_eq!(reader.cascade_runs(None).expect("read"), [first], "what runs is kept");
        assert_eq!(reader.cascade(&over.id).expect("read"), None);
    }
}
