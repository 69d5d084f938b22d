//! F17: the files are in a git repository; a commit that is pushed there goes live here.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use zhanggui::git::Git;

use crate::support::Town;

const GREETINGS: &str = "bot-scripts/greeting/daily.toml";
/// What ops is promised: from the pull to the new text in force.
const LIVE_WITHIN: Duration = Duration::from_secs(1);

/// The town's folder as a clone of a bare repository, and somebody else's clone to push from.
struct Repositories {
    ours: Git,
    theirs: Git,
}

fn git(repository: &Git, arguments: &[&str]) -> String {
    let output = repository.run(arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    String::from_utf8_lossy(&output).trim().to_owned()
}

fn name(repository: &Git, who: &str) {
    git(repository, &["config", "user.name", who]);
    git(repository, &["config", "user.email", "ops@example.com"]);
}

impl Repositories {
    fn of(town: &Town) -> Self {
        let ours = Git::at(town.file(""));
        git(&ours, &["init", "--quiet", "--initial-branch=main"]);
        name(&ours, "部署");
        let own = ["bot/", "simulator/", "secrets/", "remote.git/", "theirs/", "config/zhanggui.toml"];
        std::fs::write(town.file(".gitignore"), own.join("\n")).expect("written");
        git(&ours, &["add", "--all"]);
        git(&ours, &["commit", "--quiet", "--message", "第一版"]);
        git(&ours, &["clone", "--quiet", "--bare", ".", "remote.git"]);
        git(&ours, &["remote", "add", "origin", "./remote.git"]);
        git(&ours, &["clone", "--quiet", "remote.git", "theirs"]);
        let theirs = Git::at(town.file("theirs"));
        name(&theirs, "林云");
        Self { ours, theirs }
    }

    /// Changes files in the other clone and pushes them; gives the commit's short id.
    fn push(&self, subject: &str, changes: &[(&str, &str, &str)]) -> String {
        for (file, from, to) in changes {
            let path = self.theirs.folder().join(file);
            let text = std::fs::read_to_string(&path).expect("a file");
            assert!(text.contains(from), "{file} has no {from}");
            std::fs::write(path, text.replace(from, to)).expect("written");
        }
        git(&self.theirs, &["commit", "--quiet", "--all", "--message", subject]);
        git(&self.theirs, &["push", "--quiet", "origin", "main"]);
        git(&self.theirs, &["rev-parse", "--short", "HEAD"])
    }

    fn pull(&self) {
        git(&self.ours, &["pull", "--quiet", "--ff-only", "origin", "main"]);
    }
}

impl Town {
    async fn rules(&self) -> Value {
        self.get("/health").await["rules"].clone()
    }

    async fn live(&self, commit: &str) -> Value {
        let rules = async || {
            let rules = self.rules().await;
            (rules["commit"]["id"] == commit).then_some(rules)
        };
        self.until(&format!("commit {commit} to be live"), rules).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_commit_is_live_within_a_second_and_ops_hears_what_changed() {
    let mut town = Town::open().await;
    let repositories = Repositories::of(&town);
    let first = git(&repositories.ours, &["rev-parse", "--short", "HEAD"]);
    assert_eq!(town.live(&first).await["commit"]["subject"], "第一版");

    // Two files that only fit together: whoever read one old and one new would see a mistake.
    let commit = repositories.push(
        "早安换一句",
        &[(GREETINGS, "卷帘门刚拉上去", "灯刚打开"), ("config/stores.toml", "8:30到21:00", "8:30到22:00")],
    );
    let pulled = Instant::now();
    repositories.pull();
    let version = town.rules().await["version"].clone();
    let rules = town.live(&commit).await;
    let took = pulled.elapsed();
    assert!(took < LIVE_WITHIN, "{took:?}; the version was {version} before");
    assert_eq!((&rules["commit"]["author"], &rules["commit"]["differs"]), (&"林云".into(), &false.into()));
    let digest = town.told_ops().await;
    assert!(
        digest.starts_with(&format!("新的话术和规则已生效（提交 {commit}「早安换一句」）：\n")),
        "{digest}"
    );
    assert!(digest.contains("修改话术1条") && digest.contains("营业时间由"), "{digest}");
    assert!(town.greeting().await.contains("灯刚打开"));
    println!("live {took:?} after the pull");

    // An edit in place is live, too, and health says that it is not the commit.
    let told = town.change_file(GREETINGS, |text| text.replace("灯刚打开", "灯全亮了")).await;
    assert!(told.contains("修改话术1条"), "{told}");
    let differs = async || (town.rules().await["commit"]["differs"] == true).then_some(());
    town.until("the edit to be seen", differs).await;
    git(&repositories.ours, &["commit", "--quiet", "--all", "--message", "本地改的"]);
    let here = git(&repositories.ours, &["rev-parse", "--short", "HEAD"]);
    assert_eq!(town.live(&here).await["commit"]["differs"], false);

    // After a restart with the same files nothing is told again; finish() would notice.
    let town = town.close().await.open().await;
    assert_eq!(town.live(&here).await["commit"]["subject"], "本地改的");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_while_the_bot_was_away_is_told_when_it_is_back() {
    let town = Town::open().await;
    let repositories = Repositories::of(&town);
    let commit = repositories.push("换一句", &[(GREETINGS, "卷帘门刚拉上去", "灯刚打开")]);
    let closed = town.close().await;
    repositories.pull();
    let mut town = closed.open().await;
    assert!(town.told_ops().await.contains(&commit));
    town.close().await.open().await.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_is_told_once_and_so_is_its_repair() {
    let mut town = Town::open().await;
    let good = std::fs::read(town.file(GREETINGS)).expect("a file");
    let path = town.file(GREETINGS);
    let broken = async |town: &Town, code: &str| {
        let why = async || {
            town.rules().await["broken"].as_str().filter(|why| why.contains(code)).map(str::to_owned)
        };
        town.until(&format!("{code} to be refused"), why).await
    };
    let bad: &[(&[u8], &str)] = &[
        (&[b"# ".as_slice(), &[0xc4, 0xe3, 0xba, 0xc3]].concat(), "UTF-8"),
        (&vec![b'#'; 5 * 1024 * 1024], "文件太大"),
        (&good[..good.len() / 2], "daily.toml"),
        (&[good.as_slice(), &good].concat(), "已经用在"),
    ];
    for (nth, (bytes, why)) in bad.iter().enumerate() {
        std::fs::write(&path, bytes).expect("written");
        broken(&town, why).await;
        if nth == 0 {
            let told = town.told_ops().await;
            assert!(told.contains("没有生效") && told.contains("zhanggui check"), "{told}");
        }
        assert!(town.greeting().await.contains("卷帘门刚拉上去"), "the last good version answers");
    }
    std::fs::remove_file(&path).expect("removed");
    std::os::unix::fs::symlink("/etc/hostname", &path).expect("a link");
    broken(&town, "指向配置和话术文件夹外面").await;
    std::fs::remove_file(&path).expect("removed");

    // Byte order mark and Windows line ends are no mistakes.
    let windows = String::from_utf8(good.clone()).expect("text").replace('\n', "\r\n");
    std::fs::write(&path, format!("\u{feff}{windows}").replace("卷帘门刚拉上去", "灯刚打开"))
        .expect("written");
    let told = town.told_ops().await;
    assert!(told.starts_with("文件已改好，恢复正常") && told.contains("全品牌：修改话术1条（"), "{told}");
    assert!(town.greeting().await.contains("灯刚打开"));
    assert_eq!(town.get("/health").await["status"], "ok");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_folders_keep_the_last_good_version_and_may_come_back() {
    let mut town = Town::open().await;
    for folder in ["config", "bot-scripts"] {
        let (here, away) = (town.file(folder), town.file("away"));
        std::fs::rename(&here, &away).expect("moved away");
        let broken = async || town.rules().await["broken"].as_str().map(str::to_owned);
        town.until("the folder to be missed", broken).await;
        assert!(town.told_ops().await.contains("没有生效"));
        assert!(town.greeting().await.contains("卷帘门刚拉上去"), "the last good version answers");
        copy(&away, &here);
        std::fs::remove_dir_all(&away).expect("removed");
        assert!(town.told_ops().await.contains("恢复正常"));
    }
    // The folder that came back is watched.
    let told = town.change_file(GREETINGS, |text| text.replace("卷帘门刚拉上去", "灯刚打开")).await;
    assert!(told.contains("修改话术1条"), "{told}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_swapped_by_a_link_is_live_as_a_whole() {
    let town = Town::open().await;
    let closed = town.close().await;
    // As a ConfigMap is mounted: the folder is a link, and the new version takes its place at once.
    let (first, second, link) = (closed.file("v1"), closed.file("v2"), closed.file("bot-scripts"));
    std::fs::rename(&link, &first).expect("moved");
    std::os::unix::fs::symlink("v1", &link).expect("a link");
    let mut town = closed.open().await;
    copy(&first, &second);
    let greetings = second.join("greeting/daily.toml");
    let text = std::fs::read_to_string(&greetings).expect("a file").replace("卷帘门刚拉上去", "灯刚打开");
    std::fs::write(&greetings, text).expect("written");
    std::os::unix::fs::symlink("v2", town.file("next")).expect("a link");
    let swapped = Instant::now();
    std::fs::rename(town.file("next"), &link).expect("swapped");
    assert!(town.told_ops().await.contains("修改话术1条"));
    assert!(swapped.elapsed() < Duration::from_secs(3), "{:?}", swapped.elapsed());
    assert!(town.greeting().await.contains("灯刚打开"));
    town.finish().await;
}

fn copy(from: &Path, to: &PathBuf) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}
