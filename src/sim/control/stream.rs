//! `GET /sim/stream`: tells pages what to read again.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::{Stream, StreamExt};

use crate::sim::world::{Notice, STOP, World};

pub async fn stream(State(world): State<World>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = BroadcastStream::new(world.notices()).map_while(|notice| match notice {
        Ok(Notice { what: STOP, .. }) => None,
        Ok(notice) => {
            let event = Event::default().event("change").json_data(&notice);
            Some(Ok(event.unwrap_or_else(|_| Event::default().event("lagged"))))
        }
        Err(BroadcastStreamRecvError::Lagged(_)) => Some(Ok(Event::default().event("lagged").data("{}"))),
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
