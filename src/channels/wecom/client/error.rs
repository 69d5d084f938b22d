//! How a call can fail, told to two readers: a Chinese sentence for people, an English cause for the log.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::codes::{self, Class};

/// The longest part of the platform's `errmsg` that we keep: it holds a hint and an IP, never a page.
const ERRMSG_CHARS: usize = 512;

/// A failed call. `Display` is for the log; [`CallError::person`] is for staff, ops and IT.
///
/// No variant can hold a token, a secret or a URL with one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CallError {
    /// The request surely did not reach the platform: doing it again cannot do it twice.
    #[error("{path} not sent: {cause}")]
    NotSent { path: &'static str, cause: String },
    /// The request may have been carried out; only its answer is missing.
    #[error("{path} in doubt: {cause}")]
    Doubt { path: &'static str, cause: String },
    #[error(transparent)]
    Refused(Refusal),
    /// The platform said yes with a content that we cannot read.
    #[error("{path} gave an unreadable answer: {cause}")]
    Unreadable { path: &'static str, cause: String },
    /// Our own check stopped the request before it was sent.
    #[error("{path} not allowed: {cause}")]
    Invalid { path: &'static str, cause: String, person: String },
}

/// The platform answered with an `errcode` other than 0.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{path} refused: errcode {code}, errmsg {errmsg:?}")]
pub struct Refusal {
    pub path: &'static str,
    pub code: i64,
    /// As it came, without line breaks. It may change at any time: for people, never to branch on (§0).
    pub errmsg: String,
}

/// One failure for its two readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonAndLog {
    /// Chinese, for members of staff, ops and IT.
    pub person: String,
    /// English, for the log.
    pub log: String,
}

impl PersonAndLog {
    pub fn new(person: impl Into<String>, log: impl Into<String>) -> Self {
        Self { person: person.into(), log: log.into() }
    }
}

impl From<&CallError> for PersonAndLog {
    fn from(error: &CallError) -> Self {
        Self::new(error.person(), error.to_string())
    }
}

impl CallError {
    /// Something that is longer or larger than the platform takes, in its own unit.
    pub(super) fn over_limit(path: &'static str, what: &str, size: usize, limit: usize, unit: &str) -> Self {
        Self::Invalid {
            path,
            cause: format!("{what}: {size} {unit}, limit {limit}"),
            person: format!("「{what}」超出企业微信的限制：{size}，最多 {limit}（{unit}）"),
        }
    }

    /// Of a request that failed on its way; the address is dropped because it holds the credential.
    pub(super) fn of_transport(path: &'static str, error: reqwest::Error) -> Self {
        let surely_not_sent = error.is_connect() || error.is_builder();
        let cause = chain(&error.without_url());
        if surely_not_sent { Self::NotSent { path, cause } } else { Self::Doubt { path, cause } }
    }

    /// The same failure when it befell the fetching of a token: what we meant to do was surely not sent.
    pub(super) fn before_sending(self) -> Self {
        match self {
            Self::Doubt { path, cause } | Self::Unreadable { path, cause } => Self::NotSent { path, cause },
            other => other,
        }
    }

    /// Asking again changes nothing: the input, the configuration or our reading of the answer is wrong.
    pub fn is_for_good(&self) -> bool {
        match self {
            Self::NotSent { .. } | Self::Doubt { .. } => false,
            Self::Refused(refusal) => refusal.class() == Class::Never,
            Self::Unreadable { .. } | Self::Invalid { .. } => true,
        }
    }

    pub fn refusal(&self) -> Option<&Refusal> {
        if let Self::Refused(refusal) = self { Some(refusal) } else { None }
    }

    /// The sentence for a person.
    pub fn person(&self) -> String {
        match self {
            Self::NotSent { .. } => "连不上企业微信，请检查服务器的网络、DNS 和代理设置".into(),
            Self::Doubt { .. } => "请求发出后没有收到企业微信的答复，可能已经生效，也可能没有".into(),
            Self::Refused(refusal) => refusal.person(),
            Self::Unreadable { .. } => "企业微信的答复无法识别，接口可能有变化，请把日志交给开发人员".into(),
            Self::Invalid { person, .. } => person.clone(),
        }
    }
}

impl Refusal {
    pub(super) fn new(path: &'static str, code: i64, errmsg: &str) -> Self {
        let one_line = |c: char| if c.is_control() { ' ' } else { c };
        Self { path, code, errmsg: errmsg.chars().map(one_line).take(ERRMSG_CHARS).collect() }
    }

    pub fn class(&self) -> Class {
        codes::class(self.code)
    }

    /// The `media_id` is not valid, or no longer: the file must be uploaded again (§2.2, 40007).
    pub fn is_spent_media(&self) -> bool {
        const INVALID_MEDIA_ID: i64 = 40007;
        self.code == INVALID_MEDIA_ID
    }

    fn person(&self) -> String {
        let code = self.code;
        match codes::lookup(code) {
            Some(entry) => match self.caller_ip() {
                Some(ip) => format!("{}（错误码 {code}，本机 IP 是 {ip}）", entry.meaning),
                None => format!("{}（错误码 {code}）", entry.meaning),
            },
            None => format!("企业微信返回了未收录的错误码 {code}，请把日志交给 IT 处理"),
        }
    }

    /// Our address as the platform saw it, which the message of 60020 tells (§2.1); shown, never relied on.
    fn caller_ip(&self) -> Option<&str> {
        const UNTRUSTED_IP: i64 = 60020;
        if self.code != UNTRUSTED_IP {
            return None;
        }
        let (_, rest) = self.errmsg.split_once("from ip: ")?;
        rest.split([',', ' ']).next().filter(|ip| ip.parse::<std::net::IpAddr>().is_ok())
    }
}

/// An error with all its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_untrusted_address_is_named() {
        let errmsg =
            "not allow to access from your ip, hint: [16902], from ip: 222.65.121.207, more info at x";
        let person = CallError::Refused(Refusal::new("/p", 60020, errmsg)).person();
        assert!(person.contains("222.65.121.207") && person.contains("可信IP"), "{person}");
    }

    #[test]
    fn a_message_of_the_platform_cannot_break_a_log_line() {
        let refusal = Refusal::new("/p", 1, "a\nb\r\u{7}c");
        assert_eq!(refusal.errmsg, "a b  c");
    }
}
