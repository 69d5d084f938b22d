//! Logs: one line per event on standard error, as text or as JSON.
//!
//! Whoever logs something that came from outside passes it through [`log_safe`] (no line breaks,
//! no control characters, bounded) and addresses through [`redact_url`] (no keys, no tokens).

use std::borrow::Cow;
use std::io::IsTerminal;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged when `RUST_LOG` says nothing.
const DEFAULT_FILTER: &str = "info";

/// Longest piece of outside text in a log line, in characters: enough for every id of the platform.
const LOGGED_CHARACTERS: usize = 64;

/// Query parameters of the platform's addresses that are secrets (wecom-send.md §1, §6).
const SECRET_PARAMETERS: [&str; 6] =
    ["access_token", "corpsecret", "key", "response_code", "secret", "suite_access_token"];

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people at a terminal.
    #[default]
    Text,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogSetupError {
    #[error("RUST_LOG is no valid filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("logging was started before: {0}")]
    StartedBefore(#[from] tracing_subscriber::util::TryInitError),
    #[error("RUST_LOG is not valid Unicode")]
    NotUnicode,
}

/// Starts logging for the whole process; `RUST_LOG` overrides the default level `info`.
pub fn start_logging(format: LogFormat) -> Result<(), LogSetupError> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(filter) => EnvFilter::try_new(filter)?,
        Err(std::env::VarError::NotPresent) => EnvFilter::try_new(DEFAULT_FILTER)?,
        Err(std::env::VarError::NotUnicode(_)) => return Err(LogSetupError::NotUnicode),
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).finish().try_init()?,
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}

/// Outside text that may stand in a log line: cut to 64 characters, every control, separator or
/// direction-changing character replaced, so that it can neither break nor fake a line.
pub fn log_safe(text: &str) -> Cow<'_, str> {
    let plain = |character: char| character.is_ascii_graphic() || character.is_alphanumeric();
    if text.len() <= LOGGED_CHARACTERS && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut safe: String = text
        .chars()
        .take(LOGGED_CHARACTERS)
        .map(|character| if plain(character) { character } else { '?' })
        .collect();
    if text.chars().nth(LOGGED_CHARACTERS).is_some() {
        safe.push('…');
    }
    Cow::Owned(safe)
}

/// An address with the values of its secret query parameters replaced by `***`.
pub fn redact_url(url: &str) -> Cow<'_, str> {
    let Some((address, query)) = url.split_once('?') else { return Cow::Borrowed(url) };
    let is_secret = |pair: &str| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        SECRET_PARAMETERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
    };
    if !query.split('&').any(is_secret) {
        return Cow::Borrowed(url);
    }
    let redacted: Vec<Cow<'_, str>> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(pair) => Cow::Owned(format!("{name}=***")),
            _ => Cow::Borrowed(pair),
        })
        .collect();
    Cow::Owned(format!("{address}?{}", redacted.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ids_are_not_copied() {
        assert!(matches!(log_safe("assistant-2"), Cow::Borrowed("assistant-2")));
        assert!(matches!(log_safe("店"), Cow::Borrowed("店")));
    }

    #[test]
    fn line_breaks_colours_and_direction_marks_are_replaced() {
        assert_eq!(log_safe("a\nINFO fake\u{1b}[31m\u{202e}x"), "a?INFO?fake?[31m?x");
    }

    #[test]
    fn long_text_is_cut_on_a_character() {
        let safe = log_safe(&"群".repeat(200)).into_owned();
        assert_eq!(safe.chars().count(), LOGGED_CHARACTERS + 1);
        assert!(safe.ends_with('…'));
        assert_eq!(log_safe(&"x".repeat(64)), "x".repeat(64));
    }

    #[test]
    fn secrets_in_addresses_are_hidden() {
        let url = "https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=ww1&corpsecret=abc";
        assert_eq!(redact_url(url), "https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=ww1&corpsecret=***");
        assert_eq!(redact_url("https://h/send?KEY=1&debug=1"), "https://h/send?KEY=***&debug=1");
        assert!(matches!(redact_url("https://h/send?debug=1"), Cow::Borrowed(_)));
        assert_eq!(redact_url("https://h/send?access_token"), "https://h/send?access_token");
    }
}
