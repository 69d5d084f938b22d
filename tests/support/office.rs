//! The sending part of a bot over real HTTP: the outbox, the hands, the confirmations and the simulated
//! platform. What the rules would decide is put into the outbox by the test.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zhanggui::app::{Example, configure_for, connect, read_files};
use zhanggui::channels::wecom::hands::Hands;
use zhanggui::clock::Clock;
use zhanggui::decision::{Action, Change, Ear, Event, EventKey, EventKind, MediaFile, Part};
use zhanggui::perception::Signals;
use zhanggui::rules::Compiled;
use zhanggui::sim::world::{Attached, DEALERS};
use zhanggui::sim::{self, Addresses, Running, World};
use zhanggui::store::{self, Batch, NewEvent, Reader};
use zhanggui::worker::confirmations::Confirmations;
use zhanggui::worker::delivery::Delivery;
use zhanggui::worker::intake::{Bells, Intake, Watch};
use zhanggui::worker::moments::Moments;

/// Nothing in these tests takes this long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(10);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n mooncakes";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42 mooncakes";

/// The platform, and the folders of a bot.
pub struct Stage {
    folder: TempDir,
    files: Example,
    pub clock: Clock,
    simulator: Running,
}

/// The part of a bot that sends.
pub struct Office {
    pub reader: Reader,
    pub intake: Intake,
    bells: Bells,
    lane: std::thread::JoinHandle<()>,
    stop: watch::Sender<bool>,
    delivery: JoinHandle<()>,
    confirmations: JoinHandle<()>,
    moments: JoinHandle<()>,
}

impl Stage {
    pub async fn build() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::system();
        let world = World::demo(clock.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let simulator = sim::serve(world.clone(), listener, "http://127.0.0.1:9").expect("a simulator");
        let base = format!("http://{}", simulator.addr);
        world.set_addresses(Addresses { api: base.clone(), bot: base });
        let files = configure_for(&world, folder.path()).expect("files");
        let stage = Self { folder, files, clock, simulator };
        for (name, bytes) in [("月饼.png", PNG), ("开箱.mp4", MP4), ("价目表.pdf", b"%PDF-1.7")] {
            stage.write(name, bytes);
        }
        stage
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let media = self.files.scripts.join("media");
        std::fs::create_dir_all(&media).expect("a folder");
        std::fs::write(media.join(name), bytes).expect("a file");
    }

    pub fn file(&self, name: &str) -> MediaFile {
        let bytes = std::fs::read(self.files.scripts.join("media").join(name)).expect("a file");
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        MediaFile { name: format!("bot-scripts/media/{name}"), sha256 }
    }

    pub fn image(&self) -> Part {
        Part::Image { file: self.file("月饼.png") }
    }

    pub fn mini_program(&self) -> Part {
        let appid = self.world().read(|state| state.corp.mini_programs[0].clone());
        Part::MiniProgram {
            title: "山谷小铺".into(),
            description: "今日到货".into(),
            appid,
            page: "pages/index".into(),
            picture: Some(self.file("月饼.png")),
        }
    }

    /// Starts sending what is in the outbox.
    pub fn open(&self) -> Office {
        let Compiled { server, rulebook, .. } =
            read_files(&self.files.config, &self.files.scripts).expect("good files");
        let connected = connect(&server, |_| None, &self.files.config).expect("secrets");
        let scripts = self.files.scripts.clone();
        let hands = Arc::new(Hands::new(connected.connections, scripts, self.clock.clone()).expect("hands"));
        let (writer, reader) = store::open(&self.folder.path().join("data")).expect("opens");
        let (bells, rules) = (Bells::default(), Arc::new(ArcSwap::from_pointee(rulebook)));
        let (intake, lane) =
            Intake::start(writer, rules, Arc::default(), self.clock.clone(), bells.clone(), Watch::default())
                .expect("starts");
        let delivery = Delivery {
            reader: reader.clone(),
            intake: intake.clone(),
            hands: hands.clone(),
            clock: self.clock.clone(),
            metrics: Arc::default(),
            bells: bells.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        let confirmations = Confirmations {
            reader: reader.clone(),
            intake: intake.clone(),
            hands: hands.clone(),
            clock: self.clock.clone(),
            bells: bells.clone(),
        };
        let moments = Moments {
            reader: reader.clone(),
            intake: intake.clone(),
            hands,
            clock: self.clock.clone(),
            bells: bells.clone(),
        };
        let moments = tokio::spawn(moments.run(stopped.clone()));
        let confirmations = tokio::spawn(confirmations.run(stopped.clone()));
        let delivery = tokio::spawn(delivery.run(stopped));
        Office { reader, intake, bells, lane, stop, delivery, confirmations, moments }
    }

    pub fn world(&self) -> &World {
        self.simulator.world()
    }

    /// Paths and codes of all calls, in order.
    pub fn calls(&self) -> Vec<(String, Option<i64>)> {
        self.world().read(|state| {
            let short = |path: &str| path.trim_start_matches("/cgi-bin/").to_owned();
            state.outbound.iter().map(|call| (short(&call.path), call.errcode)).collect()
        })
    }

    pub fn times(&self, path: &str) -> usize {
        self.calls().iter().filter(|(called, _)| called == path).count()
    }

    pub fn in_group(&self) -> Vec<(String, Option<Attached>)> {
        self.world().read(|state| {
            let said = state.said.get(DEALERS).into_iter().flatten();
            said.map(|message| (message.kind.clone(), message.attached.clone())).collect()
        })
    }

    pub fn told(&self, person: &str) -> Vec<(String, String)> {
        self.world().read(|state| {
            let told = state.private.get(person).into_iter().flatten();
            told.map(|message| (message.kind.clone(), message.content.clone())).collect()
        })
    }

    pub async fn fault(&self, path: &str, fault: &str) {
        self.control("faults", json!({"path": format!("/cgi-bin/{path}"), "fault": fault})).await;
    }

    pub fn pass(&self, hours: i64) {
        self.pass_by(SignedDuration::from_hours(hours));
    }

    pub fn pass_by(&self, by: SignedDuration) {
        self.world().move_clock(self.clock.offset() + by);
    }

    /// A request to the control API of the simulator.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("http://{}/sim/{path}", self.simulator.addr);
        let answer = client.post(url).body(body.to_string()).send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("a whole answer"));
        assert!(status.is_success(), "{path} {body}: {status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    pub async fn close(self) {
        self.simulator.stop().await.expect("stops");
    }
}

impl Office {
    /// Puts actions into the outbox.
    pub async fn decide(&self, stage: &Stage, key: &str, actions: Vec<Action>) {
        let now = stage.clock.now();
        let event = Event {
            key: EventKey::from(key),
            at: now,
            ear: Ear::Clock,
            via: "test".into(),
            group: Some(DEALERS.into()),
            from: None,
            kind: EventKind::EnteredChat,
            raw: None,
        };
        let add = move |batch: &Batch<'_>| {
            let signals = Signals::default();
            let new = NewEvent {
                event: &event,
                signals: &signals,
                changes: &[],
                reasons: &[],
                actions: &actions,
                heard_at: now,
                rules: "",
            };
            batch.add_event(&new).map(drop)
        };
        self.intake.write(add).await.expect("written");
        self.bells.outbox.notify_one();
    }

    /// Takes back what this schedule asks owners for, in the groups of this store or in all.
    pub async fn withdraw(&self, stage: &Stage, schedule: &str, store: Option<&str>) {
        let (schedule, store) = (schedule.to_owned(), store.map(str::to_owned));
        let change = Change::WithdrawPosts { schedule, at: stage.clock.now(), store };
        self.intake.write(move |batch: &Batch<'_>| batch.apply(&change)).await.expect("written");
        self.bells.outbox.notify_one();
        self.bells.mass_sends.notify_one();
    }

    pub async fn all_sent(&self) {
        until("an empty outbox", || self.reader.outbox_open().expect("read") == 0).await;
    }

    pub async fn close(self) {
        let Self { intake, lane, stop, delivery, confirmations, moments, .. } = self;
        stop.send_replace(true);
        delivery.await.expect("it stops");
        confirmations.await.expect("they stop");
        moments.await.expect("they stop");
        free(intake, lane).await;
    }

    /// As a kill does it: what is under way never comes to its end.
    pub async fn kill(self) {
        let Self { intake, lane, delivery, confirmations, moments, .. } = self;
        for task in [delivery, confirmations, moments] {
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
        free(intake, lane).await;
    }
}

/// Returns when the folder can be opened again.
async fn free(intake: Intake, lane: std::thread::JoinHandle<()>) {
    drop(intake);
    tokio::task::spawn_blocking(move || lane.join()).await.expect("joined").expect("no panic");
}

pub async fn until(what: &str, done: impl Fn() -> bool) {
    let looking = async {
        while !done() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
}
