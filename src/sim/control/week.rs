//! A week that goes by in a minute.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use serde_json::json;

use super::request::{self, Playback, read};
use super::{Answer, ok};
use crate::sim::refusal::Refusal;
use crate::sim::week;
use crate::sim::world::World;

/// How long a week takes unless somebody says otherwise.
const TAKES: Duration = Duration::from_secs(60);

pub async fn begin(State(world): State<World>, body: Bytes) -> Answer {
    let Playback { takes } = read(&body)?;
    let takes = takes.map_or(Ok(TAKES), |takes| {
        Duration::try_from(request::duration(&takes)?).map_err(|error| Refusal::Invalid(error.to_string()))
    })?;
    let week = week::begin(&world, takes)?;
    let owner = world.read(|state| state.groups.get(&week.chat).map(|group| group.owner.clone()));
    ok(json!({"chat_id": week.chat, "owner": owner, "from": week.from, "until": week.until}))
}

pub async fn stop(State(world): State<World>) -> Answer {
    world.stop_playing();
    ok(json!({}))
}
