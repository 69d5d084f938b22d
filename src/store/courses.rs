//! Courses: which verdicts are learned from. A course names verdicts and holds no weights, so it can be taken
//! back, and what it taught can be worked out again.

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use super::batch::{from_json, to_json};
use super::{Batch, Reader, Result};

/// The verdicts with the numbers up to `settled_to` were gone through until they settled; those behind `open_from` are
/// learned from as they come; those between do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub settled_to: i64,
    pub open_from: i64,
    /// Who asked for it: a userid.
    pub by: String,
    /// The version that was gone back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<i64>,
}

impl Course {
    /// Whether the verdict with this number counts.
    pub fn counts(&self, number: i64) -> bool {
        number <= self.settled_to || number > self.open_from
    }
}

impl Batch<'_> {
    pub fn add_course(&self, course: &Course, at: Timestamp) -> Result<()> {
        self.put(
            "INSERT INTO courses (at, body) VALUES (?1, ?2)",
            rusqlite::params![at.as_millisecond(), to_json("courses", course)?],
        )
    }
}

impl Reader {
    /// The course in force with its version; version 0, under which every verdict counts as it comes, when there is none.
    pub fn course(&self) -> Result<(i64, Course)> {
        self.with(|connection| {
            let sql = "SELECT version, body FROM courses ORDER BY version DESC LIMIT 1";
            let row: Option<(i64, String)> =
                connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((version, body)) = row else { return Ok((0, Course::default())) };
            Ok((version, from_json("courses", &body)?))
        })
    }

    /// Every course with its version and the moment from which it held, oldest first.
    pub fn courses(&self) -> Result<Vec<(i64, Timestamp, Course)>> {
        self.with(|connection| {
            let mut select =
                connection.prepare_cached("SELECT version, at, body FROM courses ORDER BY version")?;
            let rows = select.query_and_then([], |row| {
                let (version, at, body): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
                Ok((version, at, from_json("courses", &body)?))
            })?;
            rows.collect()
        })
    }

    /// One course.
    pub fn course_of(&self, version: i64) -> Result<Option<Course>> {
        self.with(|connection| {
            let sql = "SELECT body FROM courses WHERE version = ?1";
            let body: Option<String> = connection.query_row(sql, [version], |row| row.get(0)).optional()?;
            body.map(|body| from_json("courses", &body)).transpose()
        })
    }

    /// The number of the last verdict; 0 when there is none.
    pub fn last_verdict(&self) -> Result<i64> {
        self.with(|connection| {
            let sql = "SELECT COALESCE(MAX(seq), 0) FROM verdicts";
            Ok(connection.query_row(sql, [], |row| row.get(0))?)
        })
    }
}
