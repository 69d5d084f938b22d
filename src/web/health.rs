//! `/health`, `/ready` and `/metrics`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Acceptor, Edge};

/// The exposition format that prometheus-client writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is known about the house, as JSON; 200 also when it is degraded, since it still works.
pub(super) async fn health<A: Acceptor>(State(edge): State<Arc<Edge<A>>>) -> Response {
    Json(edge.health.report(edge.metrics.outbox_pending())).into_response()
}

/// 200 when callbacks are welcome, else 503.
pub(super) async fn ready<A: Acceptor>(State(edge): State<Arc<Edge<A>>>) -> (StatusCode, &'static str) {
    if edge.health.is_ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}

pub(super) async fn metrics<A: Acceptor>(State(edge): State<Arc<Edge<A>>>) -> Response {
    match edge.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
