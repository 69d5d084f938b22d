//! Failures that a tester asks the platform for.

use serde::{Deserialize, Serialize};

/// What a call meets instead of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Nothing is done and no answer comes.
    #[serde(rename = "timeout")]
    Timeout,
    /// Everything is done and no answer comes.
    #[serde(rename = "lost-answer")]
    LostAnswer,
    #[serde(rename = "-1")]
    Busy,
    #[serde(rename = "40014")]
    TokenInvalid,
    #[serde(rename = "42001")]
    TokenExpired,
    #[serde(rename = "45009")]
    TooOften,
    #[serde(rename = "45033")]
    TooManyAtOnce,
    #[serde(rename = "60020")]
    UntrustedAddress,
}

impl Fault {
    /// The errcode it answers, if it answers.
    pub fn errcode(self) -> Option<i64> {
        match self {
            Self::Timeout | Self::LostAnswer => None,
            Self::Busy => Some(-1),
            Self::TokenInvalid => Some(40014),
            Self::TokenExpired => Some(42001),
            Self::TooOften => Some(45009),
            Self::TooManyAtOnce => Some(45033),
            Self::UntrustedAddress => Some(60020),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    pub path: String,
    pub fault: Fault,
    /// How many calls meet it.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// The failures still to come, in the order they were asked for. They do not survive a restart.
#[derive(Debug, Default)]
pub struct Faults(Vec<Planned>);

impl Faults {
    pub fn plan(&mut self, planned: Planned) {
        self.0.push(planned);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The failure that a call of this path meets now.
    pub fn next(&mut self, path: &str) -> Option<Fault> {
        self.0.retain(|planned| planned.times > 0);
        let planned = self.0.iter_mut().find(|planned| planned.path == path)?;
        planned.times -= 1;
        Some(planned.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_met_in_order_and_run_out() {
        let mut faults = Faults::default();
        for (fault, times) in [("45009", 2), ("timeout", 1)] {
            let planned = serde_json::json!({"path": "/a", "fault": fault, "times": times});
            faults.plan(serde_json::from_value(planned).unwrap());
        }
        assert_eq!(faults.next("/b"), None);
        let met: Vec<_> = (0..4).map(|_| faults.next("/a")).collect();
        assert_eq!(met, [Some(Fault::TooOften), Some(Fault::TooOften), Some(Fault::Timeout), None]);
    }
}
