//! Access tokens (wecom-send.md §2.1): one per app, one fetcher at a time, and never a loop with a wrong
//! secret, which would get our IP banned for an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::codes::Class;
use super::connection::AppConnection;
use super::error::CallError;
use super::transport::{Call, Credential};
use super::{Api, lenient};

pub(in super::super) const GETTOKEN: &str = "/cgi-bin/gettoken";

/// A token is fetched anew this long before it expires, so that none dies on its way.
const EXPIRY_MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// After a refusal for good (wrong secret or corp id, app disabled): 6 tries an hour stay far from the ban,
/// which falls at about 2000 (§2.1), and a corrected console setting is found by itself.
pub const REFUSED_PAUSE: SignedDuration = SignedDuration::from_mins(10);
/// 45009 on gettoken is the IP ban itself.
const BAN: SignedDuration = SignedDuration::from_hours(1);
/// After a network failure: callers that waited behind the failed one share its failure.
const FAILURE_PAUSE: SignedDuration = SignedDuration::from_secs(3);

#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<AppKey, SharedSlot>>);

/// Corp id and app id.
type AppKey = (Arc<str>, Arc<str>);
type SharedSlot = Arc<tokio::sync::Mutex<Slot>>;

/// The token of one (corp, app). Whoever holds the lock may fetch; everybody else waits for the result.
#[derive(Debug, Default)]
struct Slot {
    token: Option<Token>,
    failure: Option<Failure>,
    generation: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    value: SecretString,
    good_until: Timestamp,
    /// Tells a token that the platform refused from one that another call has fetched since.
    generation: u64,
}

#[derive(Debug)]
struct Failure {
    error: CallError,
    since: Timestamp,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    #[serde(default, deserialize_with = "lenient::integer")]
    expires_in: Option<i64>,
}

impl Tokens {
    fn slot(&self, app: &AppConnection) -> SharedSlot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry((app.corp_id.clone(), app.id.clone())).or_default().clone()
    }
}

impl Slot {
    /// What can be said without asking the platform: a token, a remembered failure, or nothing.
    fn known(&self, now: Timestamp, refused: Option<u64>) -> Option<Result<Token, CallError>> {
        if let Some(token) = &self.token
            && now < token.good_until
            && refused != Some(token.generation)
        {
            return Some(Ok(token.clone()));
        }
        let failure = self.failure.as_ref()?;
        (failure.since <= now && now < failure.until).then(|| Err(failure.error.clone()))
    }
}

impl Api {
    /// A call with the app's token; a token that the platform calls spent is renewed once.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        app: &AppConnection,
        call: Call<'_>,
    ) -> Result<T, CallError> {
        let token = self.token(app, None).await?;
        match self.exchange_with(&call, &token).await {
            Err(CallError::Refused(refusal)) if refusal.class() == Class::Token => {
                tracing::debug!(app = %app.id, code = refusal.code, "token refused, fetching another");
                let fresh = self.token(app, Some(token.generation)).await?;
                self.exchange_with(&call, &fresh).await
            }
            other => other,
        }
    }

    async fn exchange_with<T: DeserializeOwned>(
        &self,
        call: &Call<'_>,
        token: &Token,
    ) -> Result<T, CallError> {
        self.transport.exchange(call, &Credential { name: "access_token", value: &token.value }).await
    }

    /// A token other than the one of generation `refused`, from memory or from the platform.
    pub(super) async fn token(&self, app: &AppConnection, refused: Option<u64>) -> Result<Token, CallError> {
        let slot = self.tokens.slot(app);
        let mut slot = slot.lock().await;
        if let Some(known) = slot.known(self.clock.now(), refused) {
            return known;
        }
        let fetched = self.fetch_token(app, slot.generation + 1).await;
        match &fetched {
            Ok(token) => {
                slot.generation = token.generation;
                slot.token = Some(token.clone());
                slot.failure = None;
            }
            Err(error) => {
                let since = self.clock.now();
                slot.failure = Some(Failure { error: error.clone(), since, until: since + pause(error) });
            }
        }
        fetched
    }

    async fn fetch_token(&self, app: &AppConnection, generation: u64) -> Result<Token, CallError> {
        let asked_at = self.clock.now();
        let query = [("corpid", &*app.corp_id)];
        let call = Call::get(GETTOKEN, &query);
        let credential = Credential { name: "corpsecret", value: &app.secret };
        let answer: Answer =
            self.transport.exchange(&call, &credential).await.map_err(CallError::before_sending)?;
        let seconds = answer
            .expires_in
            // In its last second a token has 0 left: good for this call, and refused if it comes too late.
            .filter(|seconds| *seconds >= 0)
            .ok_or_else(|| CallError::NotSent { path: GETTOKEN, cause: "token without expires_in".into() })?;
        let life = SignedDuration::from_secs(seconds);
        let good_until = asked_at
            .saturating_add(life / 2)
            .unwrap_or(Timestamp::MAX)
            .max(asked_at.saturating_add(life - EXPIRY_MARGIN).unwrap_or(Timestamp::MAX));
        Ok(Token { value: answer.access_token, good_until, generation })
    }
}

/// How long a failure to fetch a token is answered from memory.
fn pause(error: &CallError) -> SignedDuration {
    match error.refusal().map(|refusal| refusal.class()) {
        Some(Class::Never | Class::Done) => REFUSED_PAUSE,
        Some(Class::Wait(_)) => BAN,
        Some(Class::Token | Class::Retry | Class::Later) | None => FAILURE_PAUSE,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::scripted::{Answer, Platform, SECRET, app, errcode, nowhere};
    use super::super::{Api, Content};
    use super::*;
    use crate::clock::Clock;
    use crate::decision::MemberId;

    const SEND: &str = "/cgi-bin/message/send";

    async fn send(api: &Api) -> Result<(), CallError> {
        let to = MemberId::from("lin.yun");
        api.send_message(&app(), &[&to], Content::Text("你好"), 1800).await.map(drop)
    }

    #[tokio::test]
    async fn fifty_callers_fetch_one_token() {
        let platform = Platform::start().await;
        let api = Arc::new(platform.api());
        let calls = (0..50).map(|_| {
            let api = api.clone();
            tokio::spawn(async move { send(&api).await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
        assert_eq!(platform.asked(GETTOKEN).len(), 1);
        assert_eq!(platform.asked(SEND).len(), 50);
    }

    #[tokio::test]
    async fn an_expired_token_is_renewed_exactly_once() {
        for code in [40014, 42001] {
            let platform = Platform::start().await;
            let api = platform.api();
            send(&api).await.unwrap();
            platform.refuse(SEND, code);
            send(&api).await.unwrap();
            assert_eq!(platform.asked(GETTOKEN).len(), 2);
            let asked = platform.asked(SEND);
            assert!(asked[1].query.contains("token-1") && asked[2].query.contains("token-2"));
            assert_eq!(asked[1].bytes, asked[2].bytes, "a repetition is byte by byte the same");
        }
    }

    #[tokio::test]
    async fn a_token_that_stays_refused_is_not_renewed_forever() {
        let platform = Platform::start().await;
        platform.script(SEND, [errcode(42001), errcode(42001)]);
        let error = send(&platform.api()).await.unwrap_err();
        assert_eq!(error.refusal().unwrap().code, 42001);
        assert_eq!(platform.asked(GETTOKEN).len(), 2);
        assert_eq!(platform.asked(SEND).len(), 2);
    }

    #[tokio::test]
    async fn many_callers_with_one_expired_token_renew_it_once() {
        let platform = Platform::start().await;
        let api = Arc::new(platform.api());
        send(&api).await.unwrap();
        platform.expire_tokens();
        let calls = (0..20).map(|_| {
            let api = api.clone();
            tokio::spawn(async move { send(&api).await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
        assert_eq!(platform.asked(GETTOKEN).len(), 2);
    }

    #[tokio::test]
    async fn a_wrong_secret_is_not_tried_in_a_loop() {
        let platform = Platform::start().await;
        platform.refuse(GETTOKEN, 40001);
        let clock = Clock::system();
        let api = Api::new(&platform.base, clock.clone()).unwrap();
        for _ in 0..10 {
            assert_eq!(send(&api).await.unwrap_err().refusal().unwrap().code, 40001);
        }
        assert_eq!(platform.asked(GETTOKEN).len(), 1);
        assert!(platform.asked(SEND).is_empty());

        clock.set_offset(REFUSED_PAUSE);
        send(&api).await.unwrap();
        assert_eq!(platform.asked(GETTOKEN).len(), 2);
    }

    #[tokio::test]
    async fn a_token_is_renewed_before_it_expires() {
        let platform = Platform::start().await;
        let clock = Clock::system();
        let api = Api::new(&platform.base, clock.clone()).unwrap();
        send(&api).await.unwrap();
        clock.set_offset(SignedDuration::from_secs(7200) - EXPIRY_MARGIN - SignedDuration::from_secs(60));
        send(&api).await.unwrap();
        assert_eq!(platform.asked(GETTOKEN).len(), 1);
        clock.set_offset(SignedDuration::from_secs(7200) - EXPIRY_MARGIN);
        send(&api).await.unwrap();
        assert_eq!(platform.asked(GETTOKEN).len(), 2);
    }

    #[tokio::test]
    async fn a_token_in_its_last_second_serves_one_call() {
        let platform = Platform::start().await;
        let dying = json!({ "errcode": 0, "errmsg": "ok", "access_token": "token-1", "expires_in": 0 });
        platform.script(GETTOKEN, [Answer::Json(dying)]);
        let api = platform.api();
        send(&api).await.unwrap();
        send(&api).await.unwrap();
        assert_eq!(platform.asked(GETTOKEN).len(), 2);
    }

    #[tokio::test]
    async fn a_failed_fetch_leaves_no_doubt_about_the_call() {
        let platform = Platform::start().await;
        platform.script(GETTOKEN, [Answer::Http(502)]);
        assert!(matches!(send(&platform.api()).await, Err(CallError::NotSent { path: GETTOKEN, .. })));
    }

    #[tokio::test]
    async fn no_error_shows_a_credential() {
        let answers = [
            Answer::Json(json!({ "errcode": 40001, "errmsg": format!("invalid secret {SECRET}") })),
            Answer::Http(500),
            Answer::Http(404),
            Answer::Text("not json"),
            Answer::Broken,
        ];
        let mut errors = vec![send(&Api::new(&nowhere().await, Clock::system()).unwrap()).await.unwrap_err()];
        for answer in answers {
            let platform = Platform::start().await;
            platform.script(GETTOKEN, [answer.clone()]);
            errors.push(send(&platform.api()).await.unwrap_err());
            if !matches!(answer, Answer::Json(_)) {
                platform.script(SEND, [answer]);
                errors.push(send(&platform.api()).await.unwrap_err());
            }
        }
        for error in errors {
            let shown = format!("{error} {error:?} {}", error.person());
            for secret in [SECRET, "token-", "corpsecret", "access_token="] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }
}
