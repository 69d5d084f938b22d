//! What a load run found out.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;

/// Unit of the CPU times in `/proc/PID/stat`: `USER_HZ`, 100 on every Linux of today (proc(5)).
const TICKS_PER_SECOND: f64 = 100.0;

/// What one connection saw; tallies add up.
#[derive(Debug, Default)]
pub struct Tally {
    /// One entry per answered request, in microseconds.
    latencies: Vec<u32>,
    /// Answers by HTTP status.
    statuses: BTreeMap<u16, u64>,
    /// Requests that got no answer, and why the first of them did not.
    broken: u64,
    first_error: Option<String>,
}

impl Tally {
    pub fn answered(&mut self, status: u16, latency: Duration) {
        self.latencies.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
        *self.statuses.entry(status).or_default() += 1;
    }

    pub fn broken(&mut self, error: &anyhow::Error) {
        self.broken += 1;
        self.first_error.get_or_insert_with(|| format!("{error:#}"));
    }

    pub fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.broken += other.broken;
        self.first_error = self.first_error.take().or(other.first_error);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }
}

/// The numbers of one run.
#[derive(Debug, PartialEq, serde::Serialize)]
pub struct Report {
    pub requests: usize,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub max_ms: f64,
    pub statuses: BTreeMap<u16, u64>,
    pub broken: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_error: Option<String>,
    /// CPU time of the server per answered request, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_us: Option<f64>,
}

impl Report {
    /// `cpu` is what the server's process used during the run, if known.
    pub fn new(mut tally: Tally, took: Duration, cpu: Option<Duration>) -> Self {
        tally.latencies.sort_unstable();
        let requests = tally.latencies.len();
        let at = |share: f64| percentile(&tally.latencies, share) / 1000.0;
        Self {
            requests,
            per_second: requests as f64 / took.as_secs_f64(),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: at(1.0),
            statuses: tally.statuses,
            broken: tally.broken,
            first_error: tally.first_error,
            cpu_us: cpu.filter(|_| requests > 0).map(|cpu| cpu.as_secs_f64() * 1e6 / requests as f64),
        }
    }

    /// A few lines for a terminal.
    pub fn to_text(&self) -> String {
        let statuses: Vec<String> =
            self.statuses.iter().map(|(status, count)| format!("{status} × {count}")).collect();
        let mut text = format!(
            "  吞吐   {:.0} 个/秒（共 {} 个）\n  延迟   p50 {:.2} ms，p90 {:.2} ms，p99 {:.2} ms，p99.9 {:.2} ms，最大 {:.2} ms\n  状态码 {}\n",
            self.per_second,
            self.requests,
            self.p50_ms,
            self.p90_ms,
            self.p99_ms,
            self.p999_ms,
            self.max_ms,
            if statuses.is_empty() { "没有收到应答".to_owned() } else { statuses.join("，") },
        );
        if let Some(error) = &self.first_error {
            text += &format!("  断开   {} 个请求没有得到应答，第一个的原因：{error}\n", self.broken);
        }
        if let Some(cpu) = self.cpu_us {
            text += &format!("  CPU    每个请求 {cpu:.1} 微秒\n");
        }
        text
    }
}

/// The value that `share` of the sorted values do not exceed; 0 without values.
pub fn percentile(sorted: &[u32], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().map_or(0.0, f64::from)
}

/// CPU time, user and system, that a process has used so far.
pub fn cpu_time(pid: u32) -> anyhow::Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    parse_cpu_time(&stat).with_context(|| format!("{path} is not as proc(5) says"))
}

/// Fields 14 and 15 (utime, stime); the second field is a name in parentheses that may hold blanks.
fn parse_cpu_time(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(Duration::from_secs_f64((user + system) / TICKS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let sorted: Vec<u32> = (1..=1000).collect();
        assert_eq!(percentile(&sorted, 0.5), 500.0);
        assert_eq!(percentile(&sorted, 0.99), 990.0);
        assert_eq!(percentile(&sorted, 0.999), 999.0);
        assert_eq!(percentile(&sorted, 1.0), 1000.0);
        assert_eq!(percentile(&[7], 0.5), 7.0);
        assert_eq!(percentile(&[], 0.5), 0.0);
    }

    #[test]
    fn tallies_add_up() {
        let mut all = Tally::default();
        for status in [200, 503] {
            let mut one = Tally::default();
            one.answered(status, Duration::from_millis(2));
            one.broken(&anyhow::anyhow!("closed"));
            all.add(one);
        }
        let report = Report::new(all, Duration::from_secs(2), Some(Duration::from_micros(60)));
        assert_eq!((report.requests, report.per_second, report.broken), (2, 1.0, 2));
        assert_eq!(report.statuses, BTreeMap::from([(200, 1), (503, 1)]));
        assert_eq!((report.p99_ms, report.cpu_us), (2.0, Some(30.0)));
    }

    #[test]
    fn cpu_time_is_read_after_the_name() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 3 0 99 1000 10";
        assert_eq!(parse_cpu_time(stat), Some(Duration::from_secs(2)));
        assert_eq!(parse_cpu_time("nonsense"), None);
    }
}
