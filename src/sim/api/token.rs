//! `gettoken`, and who is behind a token (wecom-send.md §2.1).

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::error::{ApiError, Checked};
use super::{Call, Outcome, Request};
use crate::sim::random::Secret;
use crate::sim::wire::same;
use crate::sim::world::{AccessToken, App, Change, Limit, Step};

const LIVES: SignedDuration = SignedDuration::from_secs(7200);
/// Wrong secrets that an address may send before it is banned for the hour.
const WRONG_SECRETS: [Limit; 1] = [Limit::per_hour(2_000)];
/// The simulator sees one address only.
const WRONG_SECRETS_BUDGET: &str = "wrong-secrets";

/// `GET /cgi-bin/gettoken?corpid=…&corpsecret=…`. A valid token is given again with what is left of
/// its life; the page promises neither that nor the contrary.
pub fn get(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let now = step.now();
    if step.state().budgets.exhausted(WRONG_SECRETS_BUDGET, &WRONG_SECRETS, now, 1) {
        return Err(ApiError::new(45009));
    }
    if request.query("corpid") != step.state().corp.id {
        return Err(ApiError::new(40013));
    }
    let secret = request.query("corpsecret");
    let app = step.state().apps.iter().find(|app| same(app.secret.expose(), secret)).cloned();
    let Some(app) = app else {
        step.make(Change::Booked { budget: WRONG_SECRETS_BUDGET.into(), at: now, weight: 1 });
        return Err(ApiError::new(40001));
    };
    let valid = |token: &&AccessToken| token.app == app.id && token.expires_at > now;
    let known = step.state().tokens.iter().rev().find(valid).cloned();
    let token = known.unwrap_or_else(|| issue(step, &app, now));
    let left = token.expires_at.duration_since(now).as_secs();
    Ok(Outcome::answering(json!({"access_token": token.token.expose(), "expires_in": left})))
}

fn issue(step: &mut Step<'_>, app: &App, now: Timestamp) -> AccessToken {
    let token = AccessToken { token: Secret::random(128), app: app.id.clone(), expires_at: now + LIVES };
    step.make(Change::TokenIssued(token.clone()));
    token
}

/// The app behind `access_token`: missing 41001, unknown 40014, expired 42001.
pub fn check(step: &Step<'_>, call: &Call) -> Checked<App> {
    let given =
        call.query.get("access_token").filter(|token| !token.is_empty()).ok_or(ApiError::new(41001))?;
    let state = step.state();
    let token = state.tokens.iter().find(|token| same(token.token.expose(), given));
    let token = token.ok_or(ApiError::new(40014))?;
    if token.expires_at <= step.now() {
        return Err(ApiError::new(42001));
    }
    state.app(&token.app).cloned().ok_or(ApiError::new(40014))
}

/// `GET /cgi-bin/getcallbackip` (wecom-receive.md §1.1): this machine alone.
pub fn callback_addresses(_: &mut Step<'_>, _: &Request<'_>) -> Checked<Outcome> {
    Ok(Outcome::answering(json!({"ip_list": ["127.0.0.1"]})))
}
