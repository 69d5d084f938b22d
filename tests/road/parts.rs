//! Parts of every kind over real HTTP: the outbox, the hands and the simulated platform. What the
//! rules would decide stands in the outbox already.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::SignedDuration;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zhanggui::app::{Example, configure_for, connect, read_files};
use zhanggui::channels::wecom::hands::Hands;
use zhanggui::clock::Clock;
use zhanggui::decision::{Act, Action, Ear, Event, EventKey, EventKind, Hand, MediaFile, Part};
use zhanggui::perception::Signals;
use zhanggui::rules::Compiled;
use zhanggui::sim::world::{Attached, DEALERS};
use zhanggui::sim::{self, Addresses, Running, World};
use zhanggui::store::{self, Batch, NewEvent, Reader};
use zhanggui::worker::delivery::Delivery;
use zhanggui::worker::intake::{Bells, Intake, Watch};

/// Nothing in these tests takes this long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(10);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n mooncakes";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42 mooncakes";

/// The platform, and the folders of a bot.
struct Stage {
    folder: TempDir,
    files: Example,
    clock: Clock,
    simulator: Running,
}

/// The part of a bot that sends.
struct Office {
    reader: Reader,
    intake: Intake,
    bells: Bells,
    lane: std::thread::JoinHandle<()>,
    stop: watch::Sender<bool>,
    delivery: JoinHandle<()>,
}

impl Stage {
    async fn build() -> Self {
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

    fn write(&self, name: &str, bytes: &[u8]) {
        let media = self.files.scripts.join("media");
        std::fs::create_dir_all(&media).expect("a folder");
        std::fs::write(media.join(name), bytes).expect("a file");
    }

    fn file(&self, name: &str) -> MediaFile {
        let bytes = std::fs::read(self.files.scripts.join("media").join(name)).expect("a file");
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        MediaFile { name: format!("bot-scripts/media/{name}"), sha256 }
    }

    fn image(&self) -> Part {
        Part::Image { file: self.file("月饼.png") }
    }

    fn mini_program(&self) -> Part {
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
    fn open(&self) -> Office {
        let Compiled { server, rulebook, .. } =
            read_files(&self.files.config, &self.files.scripts).expect("good files");
        let connected = connect(&server, |_| None, &self.files.config).expect("secrets");
        let scripts = self.files.scripts.clone();
        let hands = Hands::new(connected.connections, scripts, self.clock.clone()).expect("hands");
        let (writer, reader) = store::open(&self.folder.path().join("data")).expect("opens");
        let (bells, rules) = (Bells::default(), Arc::new(ArcSwap::from_pointee(rulebook)));
        let (intake, lane) =
            Intake::start(writer, rules, Arc::default(), self.clock.clone(), bells.clone(), Watch::default())
                .expect("starts");
        let delivery = Delivery {
            reader: reader.clone(),
            intake: intake.clone(),
            hands: Arc::new(hands),
            clock: self.clock.clone(),
            metrics: Arc::default(),
            bells: bells.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        let delivery = tokio::spawn(delivery.run(stopped));
        Office { reader, intake, bells, lane, stop, delivery }
    }

    fn world(&self) -> &World {
        self.simulator.world()
    }

    /// Paths and codes of all calls, in order.
    fn calls(&self) -> Vec<(String, Option<i64>)> {
        self.world().read(|state| {
            let short = |path: &str| path.trim_start_matches("/cgi-bin/").to_owned();
            state.outbound.iter().map(|call| (short(&call.path), call.errcode)).collect()
        })
    }

    fn times(&self, path: &str) -> usize {
        self.calls().iter().filter(|(called, _)| called == path).count()
    }

    fn in_group(&self) -> Vec<(String, Option<Attached>)> {
        self.world().read(|state| {
            let said = state.said.get(DEALERS).into_iter().flatten();
            said.map(|message| (message.kind.clone(), message.attached.clone())).collect()
        })
    }

    fn told(&self, person: &str) -> Vec<(String, String)> {
        self.world().read(|state| {
            let told = state.private.get(person).into_iter().flatten();
            told.map(|message| (message.kind.clone(), message.content.clone())).collect()
        })
    }

    async fn fault(&self, path: &str, fault: &str) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let body = json!({"path": format!("/cgi-bin/{path}"), "fault": fault}).to_string();
        let url = format!("http://{}/sim/faults", self.simulator.addr);
        let answer = client.post(url).body(body).send().await.expect("an answer");
        assert!(answer.status().is_success());
    }

    fn pass(&self, hours: i64) {
        self.world().move_clock(self.clock.offset() + SignedDuration::from_hours(hours));
    }

    async fn close(self) {
        self.simulator.stop().await.expect("stops");
    }
}

impl Office {
    /// Puts actions into the outbox.
    async fn decide(&self, stage: &Stage, key: &str, actions: Vec<Action>) {
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

    async fn all_sent(&self) {
        until("an empty outbox", || self.reader.outbox_open().expect("read") == 0).await;
    }

    async fn close(self) {
        let Self { intake, lane, stop, delivery, .. } = self;
        stop.send_replace(true);
        delivery.await.expect("it stops");
        free(intake, lane).await;
    }

    /// As a kill does it: what is under way never comes to its end.
    async fn kill(self) {
        let Self { intake, lane, delivery, .. } = self;
        delivery.abort();
        assert!(delivery.await.is_err_and(|error| error.is_cancelled()));
        free(intake, lane).await;
    }
}

/// Returns when the folder can be opened again.
async fn free(intake: Intake, lane: std::thread::JoinHandle<()>) {
    drop(intake);
    tokio::task::spawn_blocking(move || lane.join()).await.expect("joined").expect("no panic");
}

async fn until(what: &str, done: impl Fn() -> bool) {
    let looking = async {
        while !done() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

fn appchat(part: Part) -> Action {
    let hand = Hand::Appchat { app: "assistant".into() };
    let act = Act::Post { part, mentions: Vec::new() };
    Action { group: Some(DEALERS.into()), ..Action::new(hand, act) }
}

fn webhook(part: Part) -> Action {
    Action { hand: Hand::Webhook { id: "dealers".into() }, ..appchat(part) }
}

fn tell(part: Part) -> Action {
    Action::new(Hand::App { app: "assistant".into() }, Act::Tell { to: "lin.yun".into(), part })
}

fn kinds<T>(messages: &[(String, T)]) -> Vec<&str> {
    messages.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_arrives_by_every_hand_that_can() {
    let stage = Stage::build().await;
    let office = stage.open();
    let link = Part::Link {
        title: "中秋预售".into(),
        description: "限量".into(),
        url: "https://shop.example.com/m".into(),
        picture: Some(stage.file("月饼.png")),
    };
    let video =
        Part::Video { file: stage.file("开箱.mp4"), title: "开箱".into(), description: String::new() };
    let parts = [
        Part::text("早安"),
        Part::Markdown { text: "**早安**".into() },
        stage.image(),
        Part::File { file: stage.file("价目表.pdf") },
        link,
        video,
    ];
    let in_group = parts.iter().cloned().map(appchat).chain(parts.iter().take(5).cloned().map(webhook));
    let in_private = parts.iter().cloned().chain([stage.mini_program()]).map(tell);
    office.decide(&stage, "1", in_group.chain(in_private).collect()).await;
    office.all_sent().await;

    let said = stage.in_group();
    let by_robot = ["text", "markdown", "image", "file", "news"];
    assert_eq!(kinds(&said), [&by_robot[..], &["video"], &by_robot[..]].concat());
    for (kind, attached) in said.iter().filter(|(kind, _)| ["image", "news"].contains(&kind.as_str())) {
        let picture = attached.as_ref().and_then(|attached| attached.picture.as_deref());
        assert!(picture.is_some_and(|path| path.starts_with("/sim/media/")), "{kind}: {attached:?}");
    }
    let told = stage.told("lin.yun");
    assert_eq!(kinds(&told), [&by_robot[..], &["video", "news"]].concat());
    assert_eq!(told[6].1, "山谷小铺");
    assert!(stage.calls().iter().all(|(_, code)| *code == Some(0)), "{:?}", stage.calls());
    assert_eq!(stage.times("media/upload"), 3, "image, file and video, once each");
    assert_eq!((stage.times("media/uploadimg"), stage.times("webhook/upload_media")), (1, 1));
    office.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_uploaded_once_in_three_days_also_over_a_restart() {
    let stage = Stage::build().await;
    let mut office = stage.open();
    for (number, (hours, uploads)) in [(0, 1), (1, 1), (60, 1), (12, 2)].into_iter().enumerate() {
        stage.pass(hours);
        office.decide(&stage, &number.to_string(), vec![appchat(stage.image())]).await;
        office.all_sent().await;
        assert_eq!((stage.in_group().len(), stage.times("media/upload")), (number + 1, uploads));
        office.close().await;
        office = stage.open();
    }
    office.close().await;
    stage.close().await;
}

/// The platform has the file and the bot does not know: it sends the file again and the message once.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_upload_and_message_loses_nothing() {
    let stage = Stage::build().await;
    let office = stage.open();
    stage.fault("media/upload", "lost-answer").await;
    office.decide(&stage, "1", vec![appchat(stage.image())]).await;
    until("the upload", || stage.times("media/upload") == 1).await;
    office.kill().await;
    assert!(stage.in_group().is_empty());

    let office = stage.open();
    office.all_sent().await;
    assert_eq!(kinds(&stage.in_group()), ["image"]);
    let calls = stage.calls().into_iter().map(|(path, code)| format!("{path} {code:?}")).collect::<Vec<_>>();
    assert_eq!(calls, ["media/upload None", "media/upload Some(0)", "appchat/send Some(0)"]);
    office.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_hand_can_post_comes_to_a_person_with_its_card() {
    let stage = Stage::build().await;
    let office = stage.open();
    let person = Hand::StaffTask { app: "assistant".into() };
    let program = Action { fallback: vec![person.clone()], ..appchat(stage.mini_program()) };
    office.decide(&stage, "1", vec![program]).await;
    until("the card", || kinds(&stage.told("lin.yun")).contains(&"card")).await;
    office.all_sent().await;
    assert_eq!(kinds(&stage.told("lin.yun")), ["news", "card"]);

    let image = Action { fallback: vec![person], ..appchat(stage.image()) };
    stage.write("月饼.png", b"\x89PNG\r\n\x1a\n something else");
    office.decide(&stage, "2", vec![image]).await;
    until("the second card", || stage.told("lin.yun").len() == 4).await;
    office.all_sent().await;
    let told = stage.told("lin.yun");
    assert_eq!(kinds(&told[2..]), ["text", "card"]);
    assert!(told[2].1.contains("月饼.png") && told[2].1.contains("被改过或删掉了"), "{told:?}");
    let mut cards = stage.world().read(|state| {
        let cards = state.cards.values();
        cards.map(|card| (card.sent_at, card.content["horizontal_content_list"].clone())).collect::<Vec<_>>()
    });
    cards.sort_by_key(|(at, _)| *at);
    let rows = |number: usize| &cards[number].1;
    assert_eq!(rows(0)[0], json!({"keyname": "小程序", "value": "山谷小铺"}));
    assert_eq!(rows(0)[1], json!({"keyname": "页面", "value": "pages/index"}));
    assert_eq!(rows(1)[0], json!({"keyname": "图片", "value": "月饼.png"}));
    assert!(stage.in_group().is_empty());
    office.close().await;
    stage.close().await;
}
