//! kill -9 while a schedule fires, 200 times: every occurrence has its turn, none has it twice.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout};
use zhanggui::app::configure_for;
use zhanggui::clock::Clock;
use zhanggui::sim::{self, Addresses, World, world};
use zhanggui::store::{self, PostRecord, PostStatus, Reader};

use super::bot::{Bot, Place};
use super::{Random, check_database, is_alarming};
use crate::support::calm_brand;

const KILLS: usize = 200;
/// The latest moment of a kill after the bot was ready: right then it catches up with what was due meanwhile.
const LATEST_KILL_MS: u64 = 250;
/// So many times it is killed while it starts.
const KILLED_STARTING: usize = 25;
const EVERY: SignedDuration = SignedDuration::from_secs(1);
const OFTEN: &str = r#"
[[schedule]]
id = "often"
title = "很勤"
cron = "* * * * * *"
groups = { profiles = ["dealers"] }
post = "greeting-rain"
missed = { catch_up_within = "1h" }
"#;
/// How long the last bot may take to work off what is left, and how often it is looked at.
const WORKED_OFF_WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_while_a_schedule_fires_posts_each_occurrence_once() {
    let seed = RandomState::new().hash_one(std::process::id());
    println!("seed {seed}");
    let mut moments = Random(seed);
    let folder = calm_brand();
    let world = World::demo(Clock::system());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let simulator = sim::serve(world.clone(), listener, "http://127.0.0.1:9").expect("a simulator");
    let files = configure_for(&world, folder.path()).expect("files");
    let place = Place { files, data: folder.path().join("data") };
    first_run(&place, &simulator).await;

    post_every_second(&folder.path().join("config"));
    let mut logs = Vec::new();
    for round in 0..KILLS {
        let mut bot = Bot::start(&place);
        if round % (KILLS / KILLED_STARTING) > 0 {
            bot.ready().await;
        }
        sleep(Duration::from_millis(moments.below(LATEST_KILL_MS))).await;
        logs.extend(bot.kill());
    }
    let mut bot = Bot::start(&place);
    bot.ready().await;
    let reader = store::read(&place.data).expect("readable beside the bot");
    worked_off(&reader).await;
    let (status, log) = timeout(WORKED_OFF_WITHIN, bot.stop()).await.expect("stops");
    assert!(status.success(), "{status}:\n{}", log.join("\n"));
    logs.extend(log);
    let alarming: Vec<_> = logs.iter().filter(|line| is_alarming(line)).collect();
    assert!(alarming.is_empty(), "{alarming:#?}");
    let sent =
        world.read(|state| state.outbound.iter().filter(|call| call.path == "/cgi-bin/appchat/send").count());
    let waiting = check(&posts(&reader), sent);
    check_database(&place.data, waiting);
}

/// Reads the groups from the platform: who is to be posted to must be known.
async fn first_run(place: &Place, simulator: &sim::Running) {
    let mut bot = Bot::start(place);
    let base = bot.ready().await;
    let api = format!("http://{}", simulator.addr);
    simulator.world().set_addresses(Addresses { api, bot: base });
    let reader = store::read(&place.data).expect("readable beside the bot");
    let deadline = Instant::now() + WORKED_OFF_WITHIN;
    let known = || reader.group(world::DEALERS).expect("read").is_some_and(|group| !group.name.is_empty());
    while !known() {
        assert!(Instant::now() < deadline, "the dealers' group is not known");
        sleep(LOOK_EVERY).await;
    }
    bot.kill();
}

fn post_every_second(config: &Path) {
    std::fs::create_dir_all(config.join("schedules")).expect("a folder");
    std::fs::write(config.join("schedules/often.toml"), OFTEN).expect("a file");
    // The test runs at any time of the day.
    let dealers = config.join("profiles/dealers.toml");
    let mut dealers = OpenOptions::new().append(true).open(dealers).expect("a profile");
    dealers.write_all(b"\n[posts]\nquiet = \"off\"\n").expect("written");
}

fn posts(reader: &Reader) -> Vec<PostRecord> {
    reader.posts(Timestamp::MIN, Timestamp::MAX, Some("often")).expect("read")
}

/// Waits until nothing is behind: the latest occurrence is a few seconds old at most, and nothing waits to be sent.
async fn worked_off(reader: &Reader) {
    let deadline = Instant::now() + WORKED_OFF_WITHIN;
    loop {
        let last = posts(reader).last().map(|post| post.occurrence);
        let fresh = |last: Timestamp| Clock::system().now().duration_since(last) < EVERY * 4;
        if last.is_some_and(fresh) && reader.outbox_open().expect("read") == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{} rows are still open", reader.outbox_open().expect("read"));
        sleep(LOOK_EVERY).await;
    }
}

/// From the first to the last occurrence none is missing, none came twice, and each was sent at most once. Returns how
/// many wait to be sent: what falls due in the moment in which the last bot is told to stop.
fn check(posts: &[PostRecord], sent: usize) -> usize {
    let moments: Vec<Timestamp> = posts.iter().map(|post| post.occurrence).collect();
    for pair in moments.windows(2) {
        assert_eq!(pair[1].duration_since(pair[0]), EVERY, "{} is followed by {}", pair[0], pair[1]);
    }
    let mut ends = BTreeMap::<&str, usize>::new();
    for post in posts {
        let status = post.outcome();
        let fine = matches!(status, PostStatus::Posted { .. } | PostStatus::Doubt | PostStatus::Waiting);
        assert!(fine, "{status:?}: {post:#?}");
        *ends.entry(status.name()).or_default() += 1;
    }
    println!("{} occurrences, {sent} posts sent, {ends:?}", posts.len());
    let of = |name: &str| ends.get(name).copied().unwrap_or_default();
    assert!(posts.len() > KILLS / 4, "the schedule hardly fired");
    // What ended as posted was sent; what is in doubt may have been.
    assert!((of("posted")..=of("posted") + of("doubt") + 1).contains(&sent), "{sent} were sent");
    assert!(of("waiting") <= 1, "{ends:?}");
    of("waiting")
}
