//! kill -9 at random moments under load: what was answered with 200 is kept and counts once, and
//! what the outbox holds was sent at most once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use zhanggui::app::configure_for;
use zhanggui::clock::Clock;
use zhanggui::decision::GroupId;
use zhanggui::sim::{self, Addresses, Running, World, world};
use zhanggui::store::{self, DATABASE};

pub mod bot;
mod schedules;
mod traffic;

use crate::support::calm_brand;
use bot::{Bot, Place};
use traffic::{Kind, Ledger, Platform};

/// Kills while callbacks pour in, each up to [`LATEST_KILL_MS`] after the bot was ready.
const KILLS: usize = 50;
const LATEST_KILL_MS: u64 = 300;
/// Before every so many of them the bot is also killed while it starts.
const KILLED_STARTING: usize = 8;
const SENDERS: usize = 6;
/// Ads that may come between two kills. Right after a start the bot counts a post as 200
/// person-messages of the 20 000 a minute that the platform takes from one corp, so that more ads
/// than about 90 in a minute would have to wait.
const ADS_A_ROUND: usize = 2;
const ADS_AT_MOST: usize = 84;
/// How long the last bot may take to work off what is left, and how often it is looked at.
const WORKED_OFF_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_under_load_loses_nothing_and_does_nothing_twice() {
    let seed = RandomState::new().hash_one(std::process::id());
    println!("seed {seed}");
    let stage = Stage::build(seed).await;
    let mut moments = Random(!seed);
    let mut logs = Vec::new();
    for round in 0..KILLS {
        if round % KILLED_STARTING == 0 {
            let starting = Bot::start(&stage.place);
            sleep(Duration::from_millis(moments.below(LATEST_KILL_MS))).await;
            logs.extend(starting.kill());
        }
        stage.say_in_the_archived_group(round).await;
        stage.ledger().allow_ads(if round * ADS_A_ROUND < ADS_AT_MOST { ADS_A_ROUND } else { 0 });
        let mut bot = Bot::start(&stage.place);
        let base = bot.ready().await;
        let senders = stage.send(&base);
        sleep(Duration::from_millis(moments.below(LATEST_KILL_MS))).await;
        logs.extend(bot.kill());
        senders.join_all().await;
    }
    logs.extend(stage.finish().await);
    stage.check();
    let alarming: Vec<_> = logs.iter().filter(|line| is_alarming(line)).collect();
    assert!(alarming.is_empty(), "{alarming:#?}");
}

/// A warning, an error or a panic. That a post is in doubt is what kill -9 is expected to bring.
fn is_alarming(line: &str) -> bool {
    let told = [r#""level":"WARN""#, r#""level":"ERROR""#].iter().any(|level| line.contains(level));
    (told || !line.starts_with('{')) && !line.contains("it is not repeated")
}

/// A seeded sequence (splitmix64): kill moments and traffic can be drawn again from the seed.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The platform, the bot's folders and what was sent.
struct Stage {
    _folder: tempfile::TempDir,
    place: Place,
    platform: Arc<Platform>,
    simulator: Running,
    ledger: Arc<Mutex<Ledger>>,
    archived: Mutex<BTreeSet<String>>,
}

impl Stage {
    async fn build(seed: u64) -> Self {
        let folder = calm_brand();
        let world = World::demo(Clock::system());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let simulator = sim::serve(world.clone(), listener, "http://127.0.0.1:9").expect("a simulator");
        let files = configure_for(&world, folder.path()).expect("files");
        let place = Place { files, data: folder.path().join("data") };
        Self {
            _folder: folder,
            place,
            platform: Arc::new(Platform::of(&world)),
            simulator,
            ledger: Arc::new(Mutex::new(Ledger::new(Random(seed)))),
            archived: Mutex::default(),
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// The archive hears it some seconds later and posts it in batches, whatever happened meanwhile.
    async fn say_in_the_archived_group(&self, round: usize) {
        let url = format!("http://{}/sim/groups/{}/messages", self.simulator.addr, world::CHAOYANG);
        let said = json!({"from": "wm-chen.ayi", "content": format!("今天第{round}个问题：香蕉到货了吗？")});
        let answer = self.platform.client.post(url).body(said.to_string()).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        lock(&self.archived).insert(answer["msgid"].as_str().expect("an id").to_owned());
    }

    /// The platform's own posts, the archive's, go there from now on.
    fn point_to(&self, bot: &str) {
        let addresses = Addresses { api: format!("http://{}", self.simulator.addr), bot: bot.to_owned() };
        self.simulator.world().set_addresses(addresses);
    }

    /// Senders that post until the bot is gone.
    fn send(&self, bot: &str) -> JoinSet<()> {
        self.point_to(bot);
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            let (platform, ledger, bot) = (self.platform.clone(), self.ledger.clone(), bot.to_owned());
            senders.spawn(async move {
                loop {
                    let callback = lock(&ledger).next();
                    let answer = platform.post(&bot, &callback).await;
                    let gone = answer.is_none();
                    lock(&ledger).ended(callback, answer);
                    if gone {
                        return;
                    }
                }
            });
        }
        senders
    }

    /// The last bot: takes what was never answered, works everything off and stops.
    async fn finish(&self) -> Vec<String> {
        let mut bot = Bot::start(&self.place);
        let base = bot.ready().await;
        self.second_program_is_refused();
        self.point_to(&base);
        let unanswered: Vec<_> = self.ledger().unanswered.drain(..).collect();
        for callback in unanswered {
            let answer = self.platform.post(&base, &callback).await;
            assert!(answer.is_some(), "refused: {callback:?}");
            self.ledger().ended(callback, answer);
        }
        let reader = store::read(&self.place.data).expect("readable beside the bot");
        let deadline = Instant::now() + WORKED_OFF_WITHIN;
        while !self.archive_is_heard(&reader) || reader.outbox_open().expect("read") > 0 {
            assert!(Instant::now() < deadline, "{} rows are still open", reader.outbox_open().expect("read"));
            sleep(LOOK_EVERY).await;
        }
        let (status, log) = timeout(WORKED_OFF_WITHIN, bot.stop()).await.expect("stops");
        assert!(status.success(), "{status}:\n{}", log.join("\n"));
        log
    }

    fn archive_is_heard(&self, reader: &store::Reader) -> bool {
        let last = lock(&self.archived).last().cloned().expect("something was said");
        !reader.why(&last).expect("read").is_empty()
    }

    fn second_program_is_refused(&self) {
        let second = self.place.serve().output().expect("runs");
        let said = String::from_utf8_lossy(&second.stderr);
        assert_eq!(second.status.code(), Some(2), "{said}");
        assert!(said.contains("another program is running with the data folder"), "{said}");
    }

    fn check(&self) {
        let journal = self.place.journal();
        self.check_events(&journal);
        self.check_warnings(&journal);
        self.check_strikes();
        check_database(&self.place.data, 0);
    }

    /// Everything accepted is there, once, and nothing else was heard from people.
    fn check_events(&self, journal: &[Value]) {
        let keys: BTreeSet<&str> = journal.iter().filter_map(|line| line["key"].as_str()).collect();
        assert_eq!(keys.len(), journal.len(), "an event is in the journal twice");
        let ids: Vec<&str> = journal.iter().filter_map(|line| line["message_id"].as_str()).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len(), "a message is in the journal twice");
        let (ledger, archived) = (self.ledger(), lock(&self.archived));
        let sent: BTreeSet<&str> = ledger.accepted.keys().chain(&*archived).map(String::as_str).collect();
        let lost: Vec<_> = sent.difference(&unique).collect();
        assert!(lost.is_empty(), "{} of {} accepted events are lost: {lost:?}", lost.len(), sent.len());
        let unknown: Vec<_> = unique.difference(&sent).collect();
        assert!(unknown.is_empty(), "in the journal, but never answered: {unknown:?}");
        println!("{} callbacks accepted, {} sent again", ledger.accepted.len(), ledger.repeats);
    }

    /// Each ad brought one warning, sent once; or at most once, when it ended in doubt.
    fn check_warnings(&self, journal: &[Value]) {
        let sent = self.warnings_sent();
        let by_id: HashMap<&str, &Value> =
            journal.iter().filter_map(|line| Some((line["message_id"].as_str()?, line))).collect();
        let mut ends = BTreeMap::<&str, usize>::new();
        for (callback, _) in self.ledger().accepted.values().filter(|(callback, _)| callback.kind == Kind::Ad)
        {
            let actions = by_id[callback.id.as_str()]["actions"].as_array().expect("a list");
            let posts: Vec<_> = actions.iter().filter(|action| action["act"] == "post").collect();
            let [post] = posts.as_slice() else { panic!("{callback:?} brought {actions:?}") };
            let times = sent.get(&callback.member).copied().unwrap_or(0);
            match post["state"].as_str() {
                Some("done") => assert_eq!(times, 1, "{callback:?}: {post}"),
                Some("doubt") => assert!(times <= 1, "{callback:?}: {post}"),
                _ => panic!("{callback:?}: {post}"),
            }
            *ends.entry(if times == 1 { "ads with a warning" } else { "ads without" }).or_default() += 1;
            *ends.entry(if post["state"] == "doubt" { "in doubt" } else { "done" }).or_default() += 1;
        }
        println!("{ends:?}");
    }

    /// How often the group was sent a warning to each member.
    fn warnings_sent(&self) -> BTreeMap<String, usize> {
        let mut sent = BTreeMap::new();
        self.simulator.world().read(|state| {
            for call in state.outbound.iter().filter(|call| call.path == "/cgi-bin/appchat/send") {
                let members = call.body["text"]["mentioned_list"].as_array().expect("mentions");
                assert_eq!((members.len(), call.errcode), (1, Some(0)), "{call:?}");
                *sent.entry(members[0].as_str().expect("an id").to_owned()).or_default() += 1;
            }
        });
        sent
    }

    fn check_strikes(&self) {
        let (mut writer, _reader) = store::open(&self.place.data).expect("opens");
        let members = writer.commit(|batch| batch.members(&GroupId::from(world::DEALERS))).expect("read");
        let struck = members.iter().filter(|(_, member)| !member.strikes.is_empty());
        let strikes: BTreeMap<&str, usize> =
            struck.map(|(id, member)| (id.as_str(), member.strikes.len())).collect();
        let ledger = self.ledger();
        let ads = ledger.accepted.values().filter(|(callback, _)| callback.kind == Kind::Ad);
        let expected: BTreeMap<&str, usize> = ads.map(|(ad, _)| (ad.member.as_str(), 1)).collect();
        assert_eq!(strikes, expected);
        assert!(!expected.is_empty(), "there was no ad");
    }
}

/// `waiting` rows may not have been sent yet.
fn check_database(data: &Path, waiting: usize) {
    let database = rusqlite::Connection::open(data.join(DATABASE)).expect("opens");
    let text = |sql: &str| -> String { database.query_row(sql, [], |row| row.get(0)).expect("a row") };
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    let rows = |condition: &str| {
        let row = "id || ' ' || act || ' ' || target || ' ' || state || ' ' || coalesce(result, '')";
        text(&format!("SELECT coalesce(group_concat({row}, '; '), 'none') FROM outbox WHERE {condition}"))
    };
    assert_eq!(rows("state NOT IN ('done', 'doubt', 'pending')"), "none", "rows that did not end well");
    let pending = text("SELECT cast(count(*) AS TEXT) FROM outbox WHERE state = 'pending'");
    assert_eq!(pending, waiting.to_string(), "{}", rows("state = 'pending'"));
    assert_eq!(rows("event NOT IN (SELECT seq FROM events)"), "none", "rows of no event");
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
