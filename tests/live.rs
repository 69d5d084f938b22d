//! The real program follows a git remote, and is killed while it does.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use zhanggui::app::configure_for;
use zhanggui::clock::Clock;
use zhanggui::git::Git;
use zhanggui::sim::{self, Running, World};

use crate::crash::Random;
use crate::crash::bot::{Bot, Place};

const SCRIPTS: &str = "bot-scripts/faq/new.toml";
/// Nothing here takes this long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Commits that are pushed while the bot is killed, each up to [`LATEST_KILL_MS`] after the push: the
/// remote is asked every second.
const KILLS: usize = 8;
const LATEST_KILL_MS: u64 = 1_600;

/// A platform, a bot's folders in a git repository, its remote, and somebody who pushes there.
struct Stage {
    folder: tempfile::TempDir,
    place: Place,
    simulator: Running,
    ours: Git,
    theirs: Git,
}

fn git(repository: &Git, arguments: &[&str]) -> String {
    let output = repository.run(arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    String::from_utf8_lossy(&output).trim().to_owned()
}

fn script(nth: usize) -> String {
    format!(
        "[[script]]\nid = \"new-{nth}\"\ntitle = \"第{nth}条新话术\"\ntriggers = [\"新词{nth}号\"]\n\
         [[script.message]]\ntext = \"好\"\n"
    )
}

impl Stage {
    async fn build() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let world = World::demo(Clock::system());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let simulator = sim::serve(world.clone(), listener, "http://127.0.0.1:9").expect("a simulator");
        let files = configure_for(&world, folder.path()).expect("files");
        let server = files.config.join("zhanggui.toml");
        let text = fs::read_to_string(&server).expect("a file");
        fs::write(&server, text + "\n[git]\nevery = \"1s\"\n").expect("written");
        let ours = Git::at(folder.path());
        git(&ours, &["init", "--quiet", "--initial-branch=main"]);
        fs::write(folder.path().join(".gitignore"), "secrets/\ndata/\nremote.git/\ntheirs/\n")
            .expect("written");
        for (key, value) in [("user.name", "林云"), ("user.email", "lin.yun@example.com")] {
            git(&ours, &["config", key, value]);
        }
        git(&ours, &["add", "--all"]);
        git(&ours, &["commit", "--quiet", "--message", "第一版"]);
        git(&ours, &["clone", "--quiet", "--bare", ".", "remote.git"]);
        git(&ours, &["remote", "add", "origin", "./remote.git"]);
        git(&ours, &["clone", "--quiet", "remote.git", "theirs"]);
        let theirs = Git::at(folder.path().join("theirs"));
        for (key, value) in [("user.name", "林云"), ("user.email", "lin.yun@example.com")] {
            git(&theirs, &["config", key, value]);
        }
        let place = Place { files, data: folder.path().join("data") };
        Self { folder, place, simulator, ours, theirs }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives the commit's short id.
    fn push(&self, subject: &str, scripts: &str) -> String {
        fs::write(self.theirs.folder().join(SCRIPTS), scripts).expect("written");
        git(&self.theirs, &["add", "--all"]);
        git(&self.theirs, &["commit", "--quiet", "--message", subject]);
        git(&self.theirs, &["push", "--quiet", "origin", "main"]);
        git(&self.theirs, &["rev-parse", "--short", "HEAD"])
    }

    /// What ops has got, oldest first.
    fn told(&self) -> Vec<String> {
        self.simulator.world().read(|state| {
            let messages = state.private.get("lin.yun").into_iter().flatten();
            messages.map(|message| message.content.clone()).collect()
        })
    }

    /// Waits for a message to ops that holds all of these.
    async fn ops_reads(&self, parts: &[&str]) -> String {
        let holds = |text: &&String| parts.iter().all(|part| text.contains(part));
        until(&format!("ops to read {parts:?}"), async || self.told().iter().find(holds).cloned()).await
    }

    async fn rules(&self, bot: &str) -> Value {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let answer = client.get(format!("{bot}/health")).send().await.expect("an answer");
        answer.json::<Value>().await.expect("JSON")["rules"].clone()
    }

    async fn is_live(&self, bot: &str, commit: &str) {
        let live = async || (self.rules(bot).await["commit"]["id"] == commit).then_some(());
        until(&format!("commit {commit} to be live"), live).await;
    }
}

async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        sleep(LOOK_EVERY).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn good_commits_are_taken_and_bad_ones_are_told() {
    let stage = Stage::build().await;
    let mut bot = Bot::start(&stage.place);
    let base = bot.ready().await;
    let good = stage.push("加一条", &script(1));
    stage.is_live(&base, &good).await;
    stage.ops_reads(&[&good, "新增话术1条（第1条新话术）"]).await;

    let broken = stage.push("手滑", &script(1).replace("triggers", "trigers"));
    let told = stage.ops_reads(&[&broken, "没有上线"]).await;
    assert!(told.starts_with(&format!("git 上的提交 {broken}「手滑」（作者 林云）")), "{told}");
    assert!(told.contains(&format!("{SCRIPTS}:4")) && !told.contains("zhanggui-check"), "{told}");
    let rules = stage.rules(&base).await;
    assert_eq!((&rules["commit"]["id"], &rules["broken"]), (&good.as_str().into(), &Value::Null));
    assert!(rules["pull"].as_str().is_some_and(|why| why.contains("手滑")), "{rules}");

    let mended = stage.push("改好", &(script(1) + &script(2)));
    stage.is_live(&base, &mended).await;
    stage.ops_reads(&[&mended, "第2条新话术"]).await;
    assert_eq!(stage.rules(&base).await["pull"], Value::Null);

    // Somebody edits here while somebody else pushes there.
    let edited = fs::read_to_string(stage.path(SCRIPTS)).expect("a file").replace("好", "手动改的");
    fs::write(stage.path(SCRIPTS), &edited).expect("written");
    let next = stage.push("又一条", &(script(1) + &script(2) + &script(3)));
    let told = stage.ops_reads(&[&next, "没提交的修改"]).await;
    assert!(told.contains(SCRIPTS), "{told}");
    assert_eq!(fs::read_to_string(stage.path(SCRIPTS)).expect("a file"), edited);

    // A restart tells nothing again, and goes on when the way is free.
    let (status, _) = bot.stop().await;
    assert!(status.success(), "{status}");
    let before = stage.told();
    let mut bot = Bot::start(&stage.place);
    let base = bot.ready().await;
    let refused = async || stage.rules(&base).await["pull"].as_str().map(str::to_owned);
    until("the pull to be refused again", refused).await;
    assert_eq!(stage.told(), before);
    git(&stage.ours, &["checkout", "--quiet", "--", SCRIPTS]);
    stage.is_live(&base, &next).await;
    stage.ops_reads(&[&next, "新的话术和规则已生效", "第3条新话术"]).await;
    let (status, _) = bot.stop().await;
    assert!(status.success(), "{status}");
    stage.simulator.stop().await.expect("stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_around_a_pull_tells_ops_of_every_change_once() {
    let stage = Stage::build().await;
    let mut moments = Random(u64::from(std::process::id()));
    let mut scripts = String::new();
    let mut last = String::new();
    // The first start has nothing to compare with.
    let mut bot = Bot::start(&stage.place);
    let base = bot.ready().await;
    let first = git(&stage.theirs, &["rev-parse", "--short", "HEAD"]);
    stage.is_live(&base, &first).await;
    let (status, _) = bot.stop().await;
    assert!(status.success(), "{status}");
    for nth in 0..KILLS {
        let mut bot = Bot::start(&stage.place);
        bot.ready().await;
        scripts.push_str(&script(nth));
        last = stage.push(&format!("第{nth}次"), &scripts);
        sleep(Duration::from_millis(moments.below(LATEST_KILL_MS))).await;
        bot.kill();
    }
    let mut bot = Bot::start(&stage.place);
    let base = bot.ready().await;
    stage.is_live(&base, &last).await;
    // How many commits one digest tells of is the kills' affair, and it names a few scripts only.
    let counted = |text: &String| {
        let (_, after) = text.split_once("新增话术")?;
        after.split_once('条')?.0.parse::<usize>().ok()
    };
    let count = || stage.told().iter().filter_map(counted).sum::<usize>();
    until("ops to read of every script", async || (count() >= KILLS).then_some(())).await;
    let (status, _) = bot.stop().await;
    assert!(status.success(), "{status}");
    let told = stage.told();
    assert_eq!(count(), KILLS, "{told:#?}");
    for nth in 0..KILLS {
        let times = told.iter().filter(|text| text.contains(&format!("第{nth}条新话术"))).count();
        assert!(times <= 1, "{nth} was told {times} times: {told:#?}");
    }
    stage.simulator.stop().await.expect("stops");
}
