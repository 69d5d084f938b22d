//! A simulated WeCom on the real wire (product.md F22).
//!
//! It plays the platform for the playground, the stories and the tests: a corp with apps, robots,
//! an archive, people and groups. It posts encrypted callbacks and archive batches to a bot and
//! serves the API paths with the limits, errcodes and silent drops of the protocol pages. What it
//! does follows those pages, never what our own client happens to send; it shares no code with
//! `channels`.
//!
//! ```text
//! people (control API) ─▶ world ─▶ callbacks, archive ─▶ the bot
//!                           ▲  └─ log (sim.jsonl)            │
//!                           └────────── api ◀────────────────┘
//! ```
//!
//! Start it with [`Simulator::start`] and put [`router`] behind a listener, or let [`serve`] do
//! both.

mod api;
mod archive;
mod callbacks;
mod connection;
mod content;
mod control;
mod events;
mod faults;
mod people;
mod persist;
mod random;
mod refusal;
mod replies;
mod transport;
pub mod week;
mod wire;
pub mod world;
mod xml;

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use archive::Puller;
use callbacks::Poster;
use transport::Http;
use week::{AtRest, Player};

pub use connection::{connection_file, write_connection_file};
pub use persist::OpenError;
pub use random::Secret;
pub use world::{Addresses, World};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("模拟平台的 HTTP 客户端无法建立：{0}")]
    Client(#[from] reqwest::Error),
    #[error("模拟平台的监听地址无法使用：{0}")]
    Listen(#[from] std::io::Error),
}

/// The platform's API and the control API, for a server that carries other routes too.
pub fn router(world: World) -> Router {
    api::router().merge(control::router()).with_state(world)
}

/// The tasks that post to the bot.
pub struct Simulator {
    world: World,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Starts posting callbacks and archive batches to the bot at `addresses.bot`. What was waiting
    /// in the world's log is posted first.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn start(world: World, addresses: Addresses) -> Result<Self, reqwest::Error> {
        world.set_addresses(addresses);
        let stop = watch::Sender::new(false);
        let poster = Poster::new(world.clone(), Http::new()?);
        let puller = Puller::new(world.clone(), Http::new()?);
        let tasks =
            vec![tokio::spawn(poster.run(stop.subscribe())), tokio::spawn(puller.run(stop.subscribe()))];
        Ok(Self { world, stop, tasks })
    }

    /// Lets weeks be played ([`week`]) with the bot at the same clock.
    pub fn play_weeks(&mut self, at_rest: AtRest) {
        let player = Player::new(self.world.clone(), at_rest);
        self.tasks.push(tokio::spawn(player.run(self.stop.subscribe())));
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    /// Ends the tasks and the control API's streams. Callbacks on their way stay in the log.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.world.end_streams();
        for task in self.tasks {
            // A task that panicked has said so itself; there is nothing left to stop.
            let _ = task.await;
        }
    }
}

/// A simulator with its own server.
pub struct Running {
    pub addr: SocketAddr,
    simulator: Simulator,
    stop: watch::Sender<bool>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Running {
    pub fn world(&self) -> &World {
        self.simulator.world()
    }

    /// Ends the tasks, then the server.
    pub async fn stop(self) -> std::io::Result<()> {
        self.stop.send_replace(true);
        self.simulator.stop().await;
        match self.server.await {
            Ok(result) => result,
            Err(error) => Err(std::io::Error::other(error)),
        }
    }
}

/// Serves the platform at `listener` and posts to the bot at `bot` (base URL without a final `/`).
pub fn serve(world: World, listener: TcpListener, bot: &str) -> Result<Running, StartError> {
    let addr = listener.local_addr()?;
    let addresses = Addresses { api: format!("http://{addr}"), bot: bot.to_owned() };
    let simulator = Simulator::start(world.clone(), addresses)?;
    let stop = watch::Sender::new(false);
    let mut stopped = stop.subscribe();
    let server = tokio::spawn(async move {
        let until_stopped = async move {
            // An error means the sender is gone, which is a stop too.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        axum::serve(listener, router(world)).with_graceful_shutdown(until_stopped).await
    });
    Ok(Running { addr, simulator, stop, server })
}

#[cfg(test)]
mod tests;
