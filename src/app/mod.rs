//! Wiring: from the files on disk to a running bot, and to a graceful stop.
//!
//! Start: read the files, fetch the secrets, open the store, start the lane, start the loops, open
//! the door. Stop: close the door, let requests under way finish, stop the loops, and join the
//! lane's thread, which ends when everything that was accepted is on disk.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

mod acceptor;
mod at_rest;
mod connections;
mod example;
mod journal;
mod playground;

pub use acceptor::Door;
pub use at_rest::AtRest;
pub use connections::{Connected, connect};
pub use example::{Example, write_schemas};
pub use journal::PageJournal;
pub use playground::{Playground, PlaygroundError, configure_for};

use crate::channels::wecom::hands::{Hands, SetupError};
use crate::clock::Clock;
use crate::files::folder::{self, Trust};
use crate::files::{Diagnostic, SecretError, Severity};
use crate::perception::learned::Learned;
use crate::rules::{Compiled, Rulebook, ServerConfig, compile};
use crate::store::{self, Reader, StoreError, Writer};
use crate::telemetry::{Health, Metrics};
use crate::web;
use crate::web::control::{self, Control};
use crate::worker::confirmations::Confirmations;
use crate::worker::delivery::Delivery;
use crate::worker::intake::{Bells, Intake, Watch};
use crate::worker::learning::{self, Learning};
use crate::worker::moments::Moments;
use crate::worker::planning::Planning;
use crate::worker::posts::Posts;
use crate::worker::pull::{Pull, Puller};
use crate::worker::reload::{Reading, Reload, Tree};
use crate::worker::retention;
use crate::worker::sync::{self, Sync};
use crate::worker::ticker;

/// Looks up an environment variable.
pub type Environment = fn(&str) -> Option<String>;

/// What a bot is started with.
pub struct Settings {
    pub config: PathBuf,
    pub scripts: PathBuf,
    pub data: PathBuf,
    pub environment: Environment,
    /// Where to listen instead of where the configuration says; already bound, so that whoever
    /// starts us knows the address.
    pub listener: Option<TcpListener>,
    /// Served beside the edge (the playground's pages).
    pub beside: Router,
    pub clock: Clock,
    pub customer_groups_every: SignedDuration,
    pub member_lists_every: SignedDuration,
}

impl Settings {
    /// What `serve` runs with.
    pub fn new(config: PathBuf, scripts: PathBuf, data: PathBuf) -> Self {
        Self {
            config,
            scripts,
            data,
            environment: |name| std::env::var(name).ok(),
            listener: None,
            beside: Router::new(),
            clock: Clock::system(),
            customer_groups_every: sync::CUSTOMER_GROUPS_EVERY,
            member_lists_every: sync::MEMBER_LISTS_EVERY,
        }
    }
}

/// Why a bot could not be started: every mistake at once, each with what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("配置有 {} 处错误 / the files have mistakes:\n{}", .0.len(), lines(.0))]
    Files(Vec<Diagnostic>),
    #[error("文件一直在变，没有读到完整的一版 / the files keep changing; no whole version could be read")]
    Unsettled,
    #[error("缺少密钥 / secrets are missing:\n{}", lines(.0))]
    Secrets(Vec<SecretError>),
    #[error("密钥不可用 / secrets are unusable:\n{}", .0.join("\n"))]
    Credentials(Vec<String>),
    #[error("数据目录不可用 / the data folder is unusable")]
    Store(#[from] StoreError),
    #[error("接口客户端无法启动 / the API client cannot start")]
    Client(#[from] SetupError),
    #[error("无法监听 {address}：{cause} / cannot listen there")]
    Listen { address: SocketAddr, cause: std::io::Error },
    #[error("无法启动线程 / a thread cannot be started: {0}")]
    Thread(std::io::Error),
}

fn lines<T: ToString>(errors: &[T]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A bot that runs.
#[derive(Debug)]
pub struct House {
    pub address: SocketAddr,
    pub reader: Reader,
    pub health: Arc<Health>,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub learned: learning::Shared,
    pub at_rest: AtRest,
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
    lane: std::thread::JoinHandle<()>,
}

/// Reads and checks the files. Warnings are logged. Nothing is called expired: a bot must not stay down
/// because a day has passed.
pub fn read_files(config: &std::path::Path, scripts: &std::path::Path) -> Result<Compiled, StartError> {
    let compiled = compile(&folder::read(config, scripts)).map_err(StartError::Files)?;
    log_remarks(&compiled.warnings);
    Ok(compiled)
}

/// A note is nothing that anybody has to look after.
fn log_remarks(remarks: &[Diagnostic]) {
    for remark in remarks {
        match remark.severity {
            Severity::Note => tracing::debug!(note = %remark, "the files are accepted"),
            _ => tracing::warn!(warning = %remark, "the files are accepted, with a warning"),
        }
    }
}

/// The same for a bot that goes on reading.
fn read_tree(config: PathBuf, scripts: PathBuf) -> Result<(Tree, Compiled), StartError> {
    let mut tree = Tree::new(config, scripts);
    match tree.read(Trust::Nothing, None) {
        Reading::Good(compiled) => {
            log_remarks(&compiled.warnings);
            Ok((tree, *compiled))
        }
        Reading::Broken(mistakes) => Err(StartError::Files(mistakes)),
        Reading::Unsettled | Reading::Same => Err(StartError::Unsettled),
    }
}

impl House {
    /// Starts a bot; when this returns, callbacks are welcome.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let (config, scripts) = (settings.config.clone(), settings.scripts.clone());
        let read = tokio::task::spawn_blocking(move || read_tree(config, scripts)).await;
        // A panic is a mistake of ours, and there is nothing running yet that it could harm.
        let (tree, compiled) = read.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
        let Compiled { server, rulebook, .. } = compiled;
        let connected = connect(&server, settings.environment, &settings.config)?;
        let hands =
            Arc::new(Hands::new(connected.connections, settings.scripts.clone(), settings.clock.clone())?);
        let (writer, reader) = store::open(&settings.data)?;
        let health = Arc::new(Health::default());
        health.rules_loaded(&rulebook.version, settings.clock.now());
        let learned = Learned::over(rulebook.perceiver.classifier().cloned());
        let learned = Arc::new(ArcSwap::from_pointee(learned));
        let rules = Arc::new(ArcSwap::from_pointee(rulebook));
        let parts =
            Parts { settings, server, hands, reader, health, rules, learned, metrics: Arc::default() };
        parts.run(writer, connected.endpoints, tree).await
    }

    /// Stops gracefully. What was answered with 200 is on disk when this returns.
    pub async fn stop(mut self) {
        self.health.set_ready(false);
        self.stop.send_replace(true);
        while self.loops.join_next().await.is_some() {}
        // All handles to the lane are dropped with the loops, so its thread ends.
        let lane = self.lane;
        if tokio::task::spawn_blocking(move || lane.join()).await.is_err() {
            tracing::error!("the lane's thread could not be joined");
        }
        tracing::info!("stopped; everything accepted is on disk");
    }
}

/// What all loops are made of.
struct Parts {
    settings: Settings,
    server: ServerConfig,
    hands: Arc<Hands>,
    reader: Reader,
    health: Arc<Health>,
    rules: Arc<ArcSwap<Rulebook>>,
    learned: learning::Shared,
    metrics: Arc<Metrics>,
}

impl Parts {
    async fn run(
        mut self,
        writer: Writer,
        endpoints: web::Endpoints,
        tree: Tree,
    ) -> Result<House, StartError> {
        let (listener, address) = self.listener().await?;
        let (stop, stopping) = watch::channel(false);
        let bells = Bells::default();
        let lookout = Watch { metrics: self.metrics.clone(), health: self.health.clone() };
        let clock = self.settings.clock.clone();
        let learning = Learning::start(self.reader.clone(), self.learned.clone())?;
        let (rules, learned) = (self.rules.clone(), self.learned.clone());
        let (intake, lane) = Intake::start(writer, rules, learned, clock, bells.clone(), lookout)
            .map_err(StartError::Thread)?;

        let mut loops = JoinSet::new();
        loops.spawn(learning.run(bells.verdicts.clone(), stopping.clone()));
        self.open_control(&mut loops, &intake, &bells, &stopping);
        loops.spawn(self.serve(listener, endpoints, self.door(&intake, &bells), stopping.clone()));
        self.start_file_loops(&mut loops, &intake, &bells, tree, &stopping);
        // Until the schedules are worked out, something may be due.
        let next_post = watch::Sender::new(Some(Timestamp::MIN));
        let at_rest = AtRest { reader: self.reader.clone(), posts: next_post.subscribe() };
        self.start_loops(&mut loops, &intake, bells, next_post, &stopping);
        self.health.set_ready(true);
        tracing::info!(%address, "ready");
        let Self { reader, health, rules, learned, .. } = self;
        Ok(House { address, reader, health, rules, learned, at_rest, stop, loops, lane })
    }

    fn door(&self, intake: &Intake, bells: &Bells) -> Door {
        let (reader, clock) = (self.reader.clone(), self.settings.clock.clone());
        Door { intake: intake.clone(), reader, clock, bells: bells.clone() }
    }

    /// The door: closes when told to stop, and lets requests under way finish.
    fn serve(
        &mut self,
        listener: TcpListener,
        endpoints: web::Endpoints,
        door: Door,
        mut stopping: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + use<> {
        let (rules, learned, clock) = (self.rules.clone(), self.learned.clone(), self.settings.clock.clone());
        let (metrics, health) = (self.metrics.clone(), self.health.clone());
        let edge = web::Edge::new(endpoints, door, rules, learned, clock, metrics, health);
        let front = web::Front::new(Arc::new(edge), std::mem::take(&mut self.settings.beside));
        web::server::serve(listener, front, async move {
            // An error means that the sender is gone, which is a stop, too.
            let _ = stopping.wait_for(|stop| *stop).await;
        })
    }

    /// The door for commands. Without it the bot does all its work, so it starts all the same.
    fn open_control(
        &self,
        loops: &mut JoinSet<()>,
        intake: &Intake,
        bells: &Bells,
        stopping: &watch::Receiver<bool>,
    ) {
        let data = self.settings.data.clone();
        let listener = match control::open(&data) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::error!(%error, "no control socket: zhanggui pardon will not reach this bot");
                return;
            }
        };
        let acceptor = self.door(intake, bells);
        let (reader, clock) = (self.reader.clone(), self.settings.clock.clone());
        let mut stopping = stopping.clone();
        loops.spawn(control::serve(listener, data, Control { acceptor, reader, clock }, async move {
            // An error means that the sender is gone, which is a stop, too.
            let _ = stopping.wait_for(|stop| *stop).await;
        }));
    }

    fn start_loops(
        &self,
        loops: &mut JoinSet<()>,
        intake: &Intake,
        bells: Bells,
        next_post: watch::Sender<Option<Timestamp>>,
        stopping: &watch::Receiver<bool>,
    ) {
        let Self { settings, server, hands, reader, rules, metrics, .. } = self;
        let clock = &settings.clock;
        let timers = bells.timers.clone();
        loops.spawn(ticker::run(reader.clone(), intake.clone(), clock.clone(), timers, stopping.clone()));
        let posts = Posts {
            reader: reader.clone(),
            intake: intake.clone(),
            rules: rules.clone(),
            clock: clock.clone(),
            changed: bells.rules.subscribe(),
            next: next_post,
        };
        loops.spawn(posts.run(stopping.clone()));
        let delivery = Delivery {
            reader: reader.clone(),
            intake: intake.clone(),
            hands: hands.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            bells: bells.clone(),
        };
        loops.spawn(delivery.run(stopping.clone()));
        let confirmations = Confirmations {
            reader: reader.clone(),
            intake: intake.clone(),
            hands: hands.clone(),
            clock: clock.clone(),
            bells: bells.clone(),
        };
        loops.spawn(confirmations.run(stopping.clone()));
        let moments = Moments {
            reader: reader.clone(),
            intake: intake.clone(),
            hands: hands.clone(),
            clock: clock.clone(),
            bells: bells.clone(),
        };
        loops.spawn(moments.run(stopping.clone()));
        let syncing = Sync {
            reader: reader.clone(),
            intake: intake.clone(),
            hands: hands.clone(),
            rules: rules.clone(),
            clock: clock.clone(),
            apps: server.apps.iter().filter(|app| app.sync).map(|app| app.id.clone()).collect(),
            customer_groups_every: settings.customer_groups_every,
            member_lists_every: settings.member_lists_every,
        };
        loops.spawn(syncing.run(stopping.clone()));
        loops.spawn(retention::run(intake.clone(), clock.clone(), server.retention, stopping.clone()));
    }

    fn start_file_loops(
        &self,
        loops: &mut JoinSet<()>,
        intake: &Intake,
        bells: &Bells,
        tree: Tree,
        stopping: &watch::Receiver<bool>,
    ) {
        let Self { settings, server, reader, health, rules, metrics, .. } = self;
        let reload = Reload {
            tree,
            rules: rules.clone(),
            server: server.clone(),
            intake: intake.clone(),
            reader: reader.clone(),
            clock: settings.clock.clone(),
            health: health.clone(),
            metrics: metrics.clone(),
            changed: bells.rules.clone(),
        };
        let planning = Planning {
            reader: reader.clone(),
            intake: intake.clone(),
            rules: rules.clone(),
            clock: settings.clock.clone(),
            changed: bells.rules.subscribe(),
        };
        loops.spawn(planning.run(stopping.clone()));
        loops.spawn(reload.run(stopping.clone()));
        if let Some(git) = server.git.clone() {
            let puller = Puller {
                pull: Pull { config: settings.config.clone(), scripts: settings.scripts.clone(), git },
                intake: intake.clone(),
                clock: settings.clock.clone(),
                health: health.clone(),
            };
            loops.spawn(puller.run(stopping.clone()));
        }
    }

    async fn listener(&mut self) -> Result<(TcpListener, SocketAddr), StartError> {
        let address = self.server.listen;
        let cannot = |cause| StartError::Listen { address, cause };
        let listener = match self.settings.listener.take() {
            Some(listener) => listener,
            None => TcpListener::bind(address).await.map_err(cannot)?,
        };
        let address = listener.local_addr().map_err(cannot)?;
        Ok((listener, address))
    }
}
