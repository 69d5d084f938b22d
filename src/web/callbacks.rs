//! `GET` and `POST /callback/…`: the platform checks an address, the platform tells what happened.

use std::borrow::Cow;
use std::time::Instant;

use axum::body::{Bytes, HttpBody};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::endpoint::{Asker, Endpoint, EndpointMap};
use super::refusal::Refusal;
use super::{Acceptor, Edge, Refused, query};
use crate::channels::wecom::credentials::OpenError;
use crate::channels::wecom::{ParseError, Query, crypto};
use crate::telemetry::log_safe;

/// The label in metrics of callbacks to an id that does not exist.
const NO_ENDPOINT: &str = "none";

const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// A refusal and what exactly was wrong, for the log: an error of ours, never outside text.
#[derive(Debug)]
pub(super) struct Rejection {
    pub refusal: Refusal,
    pub detail: Cow<'static, str>,
}

/// What became of a request that was not refused.
struct Taken {
    /// The word in metrics.
    result: &'static str,
    response: Response,
}

impl<A: Acceptor> Edge<A> {
    /// The platform checks an address (GET) or tells what happened (POST).
    pub(super) async fn called_back<B>(
        &self,
        endpoints: &EndpointMap,
        id: &str,
        head: &Parts,
        body: B,
    ) -> Response
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let query = head.uri.query();
        match head.method {
            Method::POST => self.receive(endpoints, id, query, body).await,
            Method::GET | Method::HEAD => self.check(endpoints, id, query),
            _ => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,HEAD,POST")]).into_response(),
        }
    }

    /// Proves to the platform that the address is ours (wecom-receive.md §1.2).
    fn check(&self, endpoints: &EndpointMap, id: &str, query: Option<&str>) -> Response {
        let started = Instant::now();
        let Some(endpoint) = endpoints.get(id) else { return self.unknown(id, started) };
        let taken = self.echo(endpoint, query);
        self.answer(endpoint.listener.ear().as_str(), id, started, taken)
    }

    fn echo(&self, endpoint: &Endpoint, query: Option<&str>) -> Result<Taken, Rejection> {
        let query = query::parse(query)?;
        let echo = endpoint.credentials.open_echo(&query)?;
        fresh(&query.timestamp, self.clock.now())?;
        Ok(Taken { result: "checked", response: typed(PLAIN_TEXT, echo) })
    }

    async fn receive<B>(&self, endpoints: &EndpointMap, id: &str, query: Option<&str>, body: B) -> Response
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let started = Instant::now();
        let Some(endpoint) = endpoints.get(id) else { return self.unknown(id, started) };
        let taken = self.take(endpoint, query, body).await;
        self.answer(endpoint.listener.ear().as_str(), id, started, taken)
    }

    /// Nothing is decrypted before the signature was found right, nothing is accepted that was
    /// signed long ago.
    async fn take<B>(&self, endpoint: &Endpoint, query: Option<&str>, body: B) -> Result<Taken, Rejection>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let query: Query = query::parse(query)?;
        let body = self.read(body).await?;
        let plain = endpoint.credentials.open(&query, &body)?;
        let now = self.clock.now();
        fresh(&query.timestamp, now)?;
        let event = endpoint.parse(&plain.message, now)?;
        let asker = Asker::of(&event, plain.used, query.nonce);
        let accepted = self.accept(event).await?;
        let response = match &accepted.answer {
            Some(text) => reply(endpoint, &asker, text, now),
            None => ().into_response(),
        };
        Ok(Taken { result: if accepted.repeat { "repeat" } else { "accepted" }, response })
    }

    fn unknown(&self, id: &str, started: Instant) -> Response {
        let rejection = Rejection { refusal: Refusal::UnknownId, detail: "".into() };
        self.refuse(NO_ENDPOINT, id, started, rejection)
    }

    fn answer(
        &self,
        endpoint: &'static str,
        id: &str,
        started: Instant,
        taken: Result<Taken, Rejection>,
    ) -> Response {
        match taken {
            Ok(taken) => {
                self.metrics.callback(endpoint, taken.result, started.elapsed());
                taken.response
            }
            Err(rejection) => self.refuse(endpoint, id, started, rejection),
        }
    }

    pub(super) fn refuse(
        &self,
        endpoint: &'static str,
        id: &str,
        started: Instant,
        Rejection { refusal, detail }: Rejection,
    ) -> Response {
        self.metrics.callback(endpoint, refusal.name(), started.elapsed());
        self.refusals.log(refusal, endpoint, &log_safe(id), &detail);
        refusal.into_response()
    }
}

fn fresh(timestamp: &str, now: Timestamp) -> Result<(), Rejection> {
    if crypto::is_fresh(timestamp, now) {
        return Ok(());
    }
    Err(Rejection {
        refusal: Refusal::WrongTime,
        detail: "signed more than 10 minutes before or after our clock".into(),
    })
}

/// The encrypted passive reply. When none can be made, the answer stays empty: the event is
/// accepted, and a refusal would only make the platform ask again.
fn reply(endpoint: &Endpoint, asker: &Asker, text: &str, now: Timestamp) -> Response {
    match endpoint.reply(asker, text, now) {
        Ok(body) => typed(if endpoint.listener.speaks_json() { PLAIN_TEXT } else { XML }, body),
        Err(error) => {
            tracing::error!(id = &*endpoint.id, %error, "no passive reply");
            ().into_response()
        }
    }
}

fn typed(content_type: HeaderValue, body: String) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

impl Rejection {
    pub fn new(refusal: Refusal, error: impl std::error::Error) -> Self {
        Self { refusal, detail: error.to_string().into() }
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, detail: "".into() }
    }
}

impl From<query::QueryError> for Rejection {
    fn from(error: query::QueryError) -> Self {
        Self::new(Refusal::BadQuery, error)
    }
}

impl From<OpenError> for Rejection {
    fn from(error: OpenError) -> Self {
        let refusal = match error {
            OpenError::Signature => Refusal::WrongSignature,
            OpenError::NoEchostr => Refusal::BadQuery,
            OpenError::Envelope(_) => Refusal::BrokenBody,
            OpenError::Crypto(_) => Refusal::Undecryptable,
        };
        Self::new(refusal, error)
    }
}

impl From<ParseError> for Rejection {
    fn from(error: ParseError) -> Self {
        Self::new(Refusal::BrokenBody, error)
    }
}

impl From<Refused> for Rejection {
    fn from(error: Refused) -> Self {
        let refusal = match error {
            Refused::Full => Refusal::Full,
            Refused::Stopping => Refusal::Stopping,
            Refused::Storage => Refusal::Storage,
        };
        Self::new(refusal, error)
    }
}
