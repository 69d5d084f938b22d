//! What the house tells those who run it: logs without secrets, metrics without ids, health.

mod health;
mod logs;
mod metrics;

pub use health::{Health, HealthReport, LiveCommit, RulesReport};
pub use logs::{LogFormat, LogSetupError, log_safe, redact_url, start_logging};
pub use metrics::Metrics;
