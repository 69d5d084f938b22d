//! The first look at a request: a callback goes straight to its handler, everything else to the router.
//!
//! Callbacks come by the thousand, and a router copies the address of each, boxes its future twice and asks in turn
//! who wants it, which costs as much as half of our own work on it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use tower::Service;

use super::server::Answer;
use super::{Acceptor, Edge, router};

/// Every address of the bot.
pub struct Front<A> {
    edge: Arc<Edge<A>>,
    others: Router,
}

impl<A> Clone for Front<A> {
    fn clone(&self) -> Self {
        Self { edge: Arc::clone(&self.edge), others: self.others.clone() }
    }
}

impl<A: Acceptor> Front<A> {
    /// The addresses of the edge, and what else is served beside them (the playground's).
    pub fn new(edge: Arc<Edge<A>>, beside: Router) -> Self {
        let others = router(Arc::clone(&edge)).merge(beside);
        Self { edge, others }
    }

    pub async fn respond<B>(mut self, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let (head, body) = request.into_parts();
        if let Some((endpoints, id)) = self.edge.endpoints.called_at(head.uri.path()) {
            return self.edge.called_back(endpoints, id, &head, body).await;
        }
        match self.others.call(Request::from_parts(head, Body::new(body))).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl<A: Acceptor> Answer for Front<A> {
    async fn answer(self, request: Request<Incoming>) -> Response {
        self.respond(request).await
    }
}
