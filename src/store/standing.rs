//! What moderation remembers: verdicts of people, texts that go through the brand's groups, and what
//! holds for the whole brand.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::batch::{from_json, to_json};
use super::reader::bodies;
use super::{Batch, Reader, Result};
use crate::decision::{BrandState, EventKey, Spread, Verdict};

const BRAND: &str = "SELECT body FROM brand WHERE id = 1";

impl Batch<'_> {
    /// The latest verdict on a message.
    pub fn verdict(&self, message: &EventKey) -> Result<Option<Verdict>> {
        let sql = "SELECT body FROM verdicts WHERE message = ?1 ORDER BY seq DESC LIMIT 1";
        self.load("verdicts", sql, [message.as_str()])
    }

    pub(super) fn add_verdict(&self, verdict: &Verdict) -> Result<()> {
        self.put(
            "INSERT INTO verdicts (message, at, honest, body) VALUES (?1, ?2, ?3, ?4)",
            params![
                verdict.message.as_str(),
                verdict.at.as_millisecond(),
                verdict.honest,
                to_json("verdicts", verdict)?
            ],
        )
    }

    pub fn spread(&self, fingerprint: u64) -> Result<Option<Spread>> {
        let sql = "SELECT body FROM spreads WHERE fingerprint = ?1";
        self.load("spreads", sql, [fingerprint.cast_signed()])
    }

    /// The fingerprints of all texts that are kept.
    pub fn fingerprints(&self) -> Result<Vec<u64>> {
        let mut select = self.connection.prepare_cached("SELECT fingerprint FROM spreads")?;
        let fingerprints = select.query_map([], |row| row.get(0).map(i64::cast_unsigned))?;
        Ok(fingerprints.collect::<Result<_, _>>()?)
    }

    pub(super) fn set_spread(&self, spread: &Spread) -> Result<()> {
        let seen = spread.last_at().map_or(0, Timestamp::as_millisecond);
        self.put(
            "INSERT INTO spreads (fingerprint, seen_at, body) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at, body = excluded.body",
            params![spread.fingerprint.cast_signed(), seen, to_json("spreads", spread)?],
        )
    }

    /// Forgets texts that nobody wrote since `before`.
    pub fn forget_spreads(&self, before: Timestamp) -> Result<()> {
        self.put("DELETE FROM spreads WHERE seen_at < ?1", [before.as_millisecond()])
    }

    pub fn brand(&self) -> Result<BrandState> {
        Ok(self.load("brand", BRAND, [])?.unwrap_or_default())
    }

    pub(super) fn set_brand(&self, brand: &BrandState) -> Result<()> {
        self.put(
            "INSERT INTO brand (id, body) VALUES (1, ?1) ON CONFLICT DO UPDATE SET body = excluded.body",
            [to_json("brand", brand)?],
        )
    }
}

impl Reader {
    /// What is remembered for the whole brand.
    pub fn brand(&self) -> Result<BrandState> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(BRAND)?;
            let body: Option<String> = select.query_row([], |row| row.get(0)).optional()?;
            body.map_or(Ok(BrandState::default()), |body| from_json("brand", &body))
        })
    }

    /// The latest verdicts in the order in which they were given, each with its number.
    pub fn latest_verdicts(&self, at_most: usize) -> Result<Vec<(i64, Verdict)>> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let before: i64 = self.with(|connection| {
            let sql = "SELECT seq FROM verdicts ORDER BY seq DESC LIMIT 1 OFFSET ?1";
            Ok(connection.query_row(sql, [limit], |row| row.get(0)).optional()?.unwrap_or_default())
        })?;
        self.verdicts(before, at_most)
    }

    /// Whether a verdict behind number `after` is about a message that an earlier one is about, too.
    pub fn any_verdict_again(&self, after: i64) -> Result<bool> {
        self.with(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM verdicts AS later JOIN verdicts AS earlier
                       ON earlier.message = later.message AND earlier.seq < later.seq WHERE later.seq > ?1)";
            Ok(connection.query_row(sql, [after], |row| row.get(0))?)
        })
    }

    /// Verdicts behind number `after` in the order in which they were given, each with its number.
    pub fn verdicts(&self, after: i64, at_most: usize) -> Result<Vec<(i64, Verdict)>> {
        self.with(|connection| {
            let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
            let mut numbers =
                connection.prepare_cached("SELECT seq FROM verdicts WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
            let numbers: Vec<i64> =
                numbers.query_map([after, limit], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut select = connection
                .prepare_cached("SELECT body FROM verdicts WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
            let verdicts: Vec<Verdict> = bodies("verdicts", select.query([after, limit])?)?;
            Ok(numbers.into_iter().zip(verdicts).collect())
        })
    }
}
