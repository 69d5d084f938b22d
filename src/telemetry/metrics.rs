//! Metrics in Prometheus' format. Labels are words of ours, never ids of groups or people, so that
//! the number of series is bounded and nothing personal leaves the house.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Bounds of the histograms of durations, in seconds: from one perception to the platform's own
/// patience of 5 s (wecom-receive.md §1.3).
const SECONDS: [f64; 12] =
    [0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0];

/// Bounds of the histogram of batch sizes: up to the most that a lane takes at once.
const BATCH_SIZES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallbackLabels {
    endpoint: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    act: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

/// Everything that is counted; share it behind an `Arc`.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    callbacks: Family<CallbackLabels, Counter>,
    callback_seconds: Histogram,
    events: Family<KindLabel, Counter>,
    perceive_seconds: Histogram,
    batch_events: Histogram,
    commit_seconds: Histogram,
    actions: Family<ActionLabels, Counter>,
    outbox_pending: Gauge,
    reloads: Family<ResultLabel, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("zhanggui"),
            callbacks: Family::default(),
            callback_seconds: Histogram::new(SECONDS),
            events: Family::default(),
            perceive_seconds: Histogram::new(SECONDS),
            batch_events: Histogram::new(BATCH_SIZES),
            commit_seconds: Histogram::new(SECONDS),
            actions: Family::default(),
            outbox_pending: Gauge::default(),
            reloads: Family::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        let counted = [
            ("callback", "Whole time of a callback, durable answer included", &self.callback_seconds),
            ("perceive", "Perception of one message", &self.perceive_seconds),
            ("intake_commit", "One transaction of an intake lane, fsync included", &self.commit_seconds),
        ];
        for (name, help, histogram) in counted {
            registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
        }
        registry.register("callbacks", "Callbacks by endpoint kind and result", self.callbacks.clone());
        registry.register("events", "Events accepted, by kind", self.events.clone());
        registry.register("intake_batch_events", "Events in one transaction", self.batch_events.clone());
        registry.register("actions", "Actions that ended, by act and outcome", self.actions.clone());
        registry.register("outbox_pending", "Actions that wait in the outbox", self.outbox_pending.clone());
        registry.register("reloads", "Loads of the rules, by result", self.reloads.clone());
    }

    /// A callback was answered. `endpoint` is the ear's name, `result` a word such as `accepted`
    /// or the cause of the refusal.
    pub fn callback(&self, endpoint: &'static str, result: &'static str, took: Duration) {
        self.callbacks.get_or_create(&CallbackLabels { endpoint, result }).inc();
        self.callback_seconds.observe(took.as_secs_f64());
    }

    /// An event was accepted for the first time; `kind` is [`crate::decision::EventKind::name`].
    pub fn event(&self, kind: &'static str) {
        self.events.get_or_create(&KindLabel { kind }).inc();
    }

    /// One message was looked at.
    pub fn perceived(&self, took: Duration) {
        self.perceive_seconds.observe(took.as_secs_f64());
    }

    /// An intake lane committed `events` in one transaction.
    pub fn batch(&self, events: usize, commit: Duration) {
        self.batch_events.observe(events as f64);
        self.commit_seconds.observe(commit.as_secs_f64());
    }

    /// An action ended.
    pub fn action(&self, act: &'static str, outcome: &'static str) {
        self.actions.get_or_create(&ActionLabels { act, outcome }).inc();
    }

    /// How many actions wait in the outbox now.
    pub fn set_outbox_pending(&self, actions: i64) {
        self.outbox_pending.set(actions);
    }

    pub fn outbox_pending(&self) -> i64 {
        self.outbox_pending.get()
    }

    /// The files were read: taken (`true`) or refused.
    pub fn reload(&self, taken: bool) {
        self.reloads.get_or_create(&ResultLabel { result: if taken { "ok" } else { "failed" } }).inc();
    }

    /// The text that `/metrics` answers.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_each_series_with_its_labels() {
        let metrics = Metrics::default();
        metrics.callback("app", "accepted", Duration::from_millis(3));
        metrics.event("message");
        metrics.perceived(Duration::from_micros(20));
        metrics.batch(12, Duration::from_millis(2));
        metrics.action("send", "done");
        metrics.set_outbox_pending(4);
        metrics.reload(false);
        let text = metrics.encode().expect("encodes");
        for line in [
            r#"zhanggui_callbacks_total{endpoint="app",result="accepted"} 1"#,
            r#"zhanggui_callback_seconds_bucket{le="0.005"} 1"#,
            r#"zhanggui_events_total{kind="message"} 1"#,
            "zhanggui_perceive_seconds_count 1",
            r#"zhanggui_intake_batch_events_bucket{le="16.0"} 1"#,
            "zhanggui_intake_commit_seconds_count 1",
            r#"zhanggui_actions_total{act="send",outcome="done"} 1"#,
            "zhanggui_outbox_pending 4",
            r#"zhanggui_reloads_total{result="failed"} 1"#,
        ] {
            assert!(text.lines().any(|there| there == line), "{line}\nis missing in\n{text}");
        }
    }
}
