//! How callbacks and archive batches travel, and the waiting in between, so that tests can script
//! the other side and need not wait.

use std::future::Future;
use std::time::Duration;

use axum::http::Method;

/// The reply to a callback is at most a card or a 20 KB answer, encrypted; more is not read.
const REPLY_AT_MOST: usize = 1024 * 1024;

/// A request to the bot.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// Without an answer by then the connection is cut.
    pub answer_within: Duration,
}

/// Why there was no answer when the bot was too slow.
pub const TIMEOUT: &str = "timeout";

/// The bot's answer: HTTP status and body.
pub type Answered = (u16, String);

pub trait Transport: Send + Sync + 'static {
    /// # Errors
    /// Why there was no answer at all.
    fn send(&self, request: Outgoing) -> impl Future<Output = Result<Answered, String>> + Send;

    /// Waits before the next attempt.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration)
    }
}

/// HTTP for real.
pub struct Http(reqwest::Client);

impl Http {
    /// The bot is often on loopback, so no proxy; a redirect is a failure (wecom-receive.md §1.3).
    pub fn new() -> Result<Self, reqwest::Error> {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let roots = roots.map(|root| reqwest::Certificate::from_der(root)).collect::<Result<Vec<_>, _>>()?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_merge(roots)
            .build()?;
        Ok(Self(client))
    }
}

impl Transport for Http {
    async fn send(&self, request: Outgoing) -> Result<Answered, String> {
        let answer_within = request.answer_within;
        let answer = tokio::time::timeout(answer_within, self.ask(request)).await;
        answer.unwrap_or_else(|_| Err(TIMEOUT.into()))
    }
}

impl Http {
    async fn ask(&self, request: Outgoing) -> Result<Answered, String> {
        let mut builder = self.0.request(request.method, &request.url).body(request.body);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        let mut response = builder.send().await.map_err(reason)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(reason)? {
            body.extend_from_slice(&piece);
            if body.len() > REPLY_AT_MOST {
                return Err(format!("the reply is longer than {REPLY_AT_MOST} bytes"));
            }
        }
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// The innermost cause; the outer ones repeat the address.
fn reason(error: reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
