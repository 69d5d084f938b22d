//! A playground in this process, with everything that a test can do there and see.
//!
//! The bot, the simulated platform and the test meet over real HTTP on loopback. Nothing waits for
//! a fixed time: [`Town::until`] looks again whenever the simulator changed. What the bot sends is
//! taken one by one with [`Town::sent`] and [`Town::answered`]; [`Town::finish`] asserts that
//! nothing else was sent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::timeout;
use zhanggui::app::Playground;
use zhanggui::sim::{self, world::CHAOYANG, world::DEALERS};
use zhanggui::store::Reader;

use super::{calm_brand, example_without, without_campaigns};

/// Nothing in these tests takes this long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The simulator rings when it changes, the bot's own memory does not: it is looked at this often.
const GLANCE: Duration = Duration::from_millis(20);

/// A running playground. Ends with [`Town::finish`] or [`Town::close`].
pub struct Town {
    folder: Option<TempDir>,
    playground: Option<Playground>,
    http: reqwest::Client,
    base: String,
    /// Up to here `/sim/outbound` and `/sim/callbacks` were taken.
    sent_up_to: u64,
    answered_up_to: u64,
}

/// A town whose bot and platform have stopped.
pub struct Closed {
    folder: TempDir,
    sent_up_to: u64,
    answered_up_to: u64,
}

impl Closed {
    /// A file of the playground's folder.
    pub fn file(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Starts both in the same folder.
    pub async fn open(self) -> Town {
        let Self { folder, sent_up_to, answered_up_to } = self;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let playground = Playground::start(folder.path(), listener).await.expect("the playground starts");
        let base = format!("http://{}", playground.address);
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let (folder, playground) = (Some(folder), Some(playground));
        Town { folder, playground, http, base, sent_up_to, answered_up_to }
    }
}

impl Town {
    /// A fresh town at ten in the morning; the bot has read both groups that it can read. The brand says nothing
    /// of its own accord: what comes by the calendar would come in between.
    pub async fn open() -> Self {
        Self::open_in(calm_brand()).await
    }

    /// The same with the playbooks of the example brand.
    pub async fn open_with_playbooks() -> Self {
        Self::open_in(without_campaigns(example_without(&["schedules", "join-codes"]))).await
    }

    /// The same with the first join code of the example brand, which moves on at so many members.
    pub async fn open_with_join_codes(next_before: usize) -> Self {
        let brand = without_campaigns(example_without(&["schedules", "playbooks"]));
        let file = brand.path().join("config/join-codes/chaoyang.toml");
        let text = std::fs::read_to_string(&file).expect("the brand has it");
        let text = text.replace("# next_before = 190", &format!("next_before = {next_before}"));
        std::fs::write(&file, text).expect("a writable file");
        Self::open_in(brand).await
    }

    async fn open_in(folder: TempDir) -> Self {
        let town = Closed { folder, sent_up_to: 0, answered_up_to: 0 }.open().await;
        town.members_read(DEALERS, None).await;
        town.members_read(CHAOYANG, None).await;
        town.clock_strikes(10, 0).await;
        town
    }

    /// Everything was told: what is under way comes to its end, and nothing else was sent.
    pub async fn finish(mut self) {
        self.settle().await;
        let sent = self.get(&format!("/sim/outbound?after={}", self.sent_up_to)).await;
        assert_eq!(sent["items"], json!([]), "something else was sent");
        let answers = self.answers().await;
        assert!(answers.is_empty(), "something else was answered: {answers:#?}");
        self.stop().await;
    }

    /// Stops gracefully; [`Closed::open`] goes on.
    pub async fn close(mut self) -> Closed {
        self.stop().await;
        let folder = self.folder.take().expect("closed once");
        Closed { folder, sent_up_to: self.sent_up_to, answered_up_to: self.answered_up_to }
    }

    async fn stop(&mut self) {
        let playground = self.playground.take().expect("stopped once");
        timeout(PATIENCE, playground.stop()).await.expect("the playground stops in time");
    }

    fn playground(&self) -> &Playground {
        self.playground.as_ref().expect("it runs until it is stopped")
    }

    /// Every callback has been answered and every action carried out, or waits for a later time.
    async fn settle(&self) {
        let done = async || {
            let waiting = self.get("/sim/callbacks").await["waiting"].as_u64();
            let open = self.reader().outbox_open().expect("the outbox can be read");
            (waiting == Some(0) && open == 0).then_some(())
        };
        self.until("everything under way to end", done).await;
    }

    // -- what a test waits for --

    /// Looks until something is found, at every change of the simulator.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let mut changes = self.playground().world().changes();
        let found = async {
            loop {
                changes.mark_unchanged();
                if let Some(found) = look().await {
                    return found;
                }
                // Whether it rang or not, the next look tells.
                let _ = timeout(GLANCE, changes.changed()).await;
            }
        };
        match timeout(PATIENCE, found).await {
            Ok(found) => found,
            Err(_) => panic!("waited in vain for {what}; the journal: {:#?}", self.journal().await),
        }
    }

    /// The next request to the platform that was not taken yet. It must be to `/cgi-bin/{path}` and
    /// have succeeded, for everybody.
    pub async fn sent(&mut self, path: &str) -> Value {
        let call = self.called(path).await;
        assert_eq!((&call["errcode"], &call["dropped"]), (&json!(0), &Value::Null), "{call:#}");
        call["body"].clone()
    }

    /// The next request, which must have failed; `None` = without any answer.
    pub async fn failed(&mut self, path: &str, errcode: Option<i64>) -> Value {
        let call = self.called(path).await;
        assert_eq!(call["errcode"], json!(errcode), "{call:#}");
        call["body"].clone()
    }

    async fn called(&mut self, path: &str) -> Value {
        let call = self.next_call(path).await;
        assert_eq!(call["path"], format!("/cgi-bin/{path}"), "{call:#}");
        call
    }

    /// The next request that was not taken yet, whatever it is and whether it succeeded.
    pub async fn next_call(&mut self, what: &str) -> Value {
        let after = format!("/sim/outbound?after={}", self.sent_up_to);
        let first = async || self.get(&after).await["items"].get(0).cloned();
        let call = self.until(&format!("a call of {what}"), first).await;
        self.sent_up_to = call["n"].as_u64().expect("a number");
        call
    }

    /// Takes the next requests as long as they go to one of these paths: how often the bot looks at something is its
    /// own affair.
    pub async fn skip(&mut self, paths: &[&str]) {
        let calls = self.get(&format!("/sim/outbound?after={}", self.sent_up_to)).await;
        for call in calls["items"].as_array().into_iter().flatten() {
            let path = call["path"].as_str().and_then(|path| path.strip_prefix("/cgi-bin/"));
            if !path.is_some_and(|path| paths.contains(&path)) {
                break;
            }
            self.sent_up_to = call["n"].as_u64().expect("a number");
        }
    }

    /// The next answer inside the response to a callback that was not taken yet: what the platform
    /// made of it (`text`, `stream` …).
    pub async fn answered(&mut self) -> String {
        let first = async || self.answers().await.into_iter().next();
        let report = self.until("an answer to a callback", first).await;
        self.answered_up_to = report["n"].as_u64().expect("a number");
        report["reply"].as_str().expect("a text").to_owned()
    }

    async fn answers(&self) -> Vec<Value> {
        let reports = self.get(&format!("/sim/callbacks?after={}", self.answered_up_to)).await;
        let answers = |report: &&Value| report["kind"] != "archive" && report["reply"] != "none";
        reports["items"].as_array().expect("a list").iter().filter(answers).cloned().collect()
    }

    /// The newest entry of the journal that has this reason, `feature/code`.
    pub async fn reason(&self, reason: &str) -> Value {
        let newest = async || self.journal().await.into_iter().rev().find(|item| has_reason(item, reason));
        self.until(&format!("the reason {reason}"), newest).await
    }

    pub async fn reasons(&self, reason: &str) -> usize {
        self.journal().await.iter().filter(|item| has_reason(item, reason)).count()
    }

    /// The action of the newest journal entry that waits because of a hiccup or a limit.
    pub async fn postponed(&self) -> Value {
        let waits = |action: &&Value| action["state"] == "waiting" && action["result"].is_string();
        let newest = async || {
            let journal = self.journal().await;
            let actions = journal.iter().rev().filter_map(|item| item["actions"].as_array()).flatten();
            actions.into_iter().find(waits).cloned()
        };
        self.until("an action to be postponed", newest).await
    }

    /// Waits until the latest reading of a group's members has found so many people; `None` = any number.
    pub async fn members_read(&self, chat: &str, people: Option<usize>) {
        let read = |item: &&Value| item["kind"] == "group_snapshot" && item["group"] == chat;
        let found = people.map_or_else(|| "人".to_owned(), |people| format!("，{people} 人"));
        let seen = async || {
            let journal = self.journal().await;
            let last = journal.iter().rfind(read)?["text"].as_str()?;
            last.ends_with(&found).then_some(())
        };
        self.until("the members to be read", seen).await;
    }

    // -- what a test looks at --

    /// What the bot heard and did, in order.
    pub async fn journal(&self) -> Vec<Value> {
        let page = self.get("/playground/journal").await;
        page["items"].as_array().expect("a list").clone()
    }

    pub async fn group(&self, chat: &str) -> Value {
        self.get(&format!("/sim/groups/{chat}")).await
    }

    pub async fn is_member(&self, chat: &str, person: &str) -> bool {
        let group = self.group(chat).await;
        group["members"].as_array().expect("a list").iter().any(|member| member["id"] == person)
    }

    /// The 1:1 windows of a person, oldest message first.
    pub async fn private(&self, person: &str) -> Vec<Value> {
        let page = self.get(&format!("/sim/private/{person}")).await;
        page["messages"].as_array().expect("a list").clone()
    }

    /// The latest card that a person got.
    pub async fn card(&self, person: &str) -> Value {
        let messages = self.private(person).await;
        let mut cards = messages.into_iter().filter_map(|message| message.get("card").cloned());
        cards.next_back().unwrap_or_else(|| panic!("{person} has no card"))
    }

    pub async fn now(&self) -> Timestamp {
        let state = self.get("/sim/state").await;
        state["now"].as_str().expect("a time").parse().expect("a time")
    }

    /// What an outside client needs: addresses and secrets.
    pub fn connection(&self) -> Value {
        sim::connection_file(self.playground().world())
    }

    /// The bot's memory.
    pub fn reader(&self) -> &Reader {
        &self.playground().house.reader
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A file of the playground's folder.
    pub fn file(&self, path: &str) -> PathBuf {
        self.folder.as_ref().map(TempDir::path).map(|folder: &Path| folder.join(path)).expect("a folder")
    }

    /// Changes a file of the playground's folder and waits until the bot has taken it and told ops,
    /// in the words that are returned.
    pub async fn change_file(&mut self, path: &str, change: impl FnOnce(&str) -> String) -> String {
        let version = async |town: &Self| town.get("/health").await["rules"]["version"].clone();
        let before = version(self).await;
        let text = std::fs::read_to_string(self.file(path)).expect("a readable file");
        std::fs::write(self.file(path), change(&text)).expect("a writable file");
        let taken = async || (version(self).await != before).then_some(());
        self.until("the changed file to be in force", taken).await;
        self.told_ops().await
    }

    /// The next message that the bot sends, which must be a private one to ops.
    pub async fn told_ops(&mut self) -> String {
        let body = self.sent("message/send").await;
        assert_eq!(body["touser"], "lin.yun", "{body:#}");
        text_of(&body).to_owned()
    }

    // -- the wire --

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base)).json(&body);
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let answer = response.text().await.expect("a whole answer");
        assert!(status.is_success(), "{path} {body}: {status} {answer}");
        serde_json::from_str(&answer).expect("JSON")
    }

    pub async fn delete(&self, path: &str) {
        let response = self.http.delete(format!("{}{path}", self.base)).send().await.expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
    }

    /// What is there as it is: a picture.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.bytes().await.expect("a whole answer").into()
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.expect("JSON")
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        let ended = self.playground.is_none() || std::thread::panicking();
        assert!(ended, "a test ends with finish(), which asserts that nothing else was sent");
    }
}

fn has_reason(item: &Value, reason: &str) -> bool {
    let is = |one: &Value| {
        let part = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        format!("{}/{}", part("feature"), part("code")) == reason
    };
    item["reasons"].as_array().is_some_and(|reasons| reasons.iter().any(is))
}

/// The text of a message as it was sent to the platform.
pub fn text_of(body: &Value) -> &str {
    body["text"]["content"].as_str().unwrap_or_else(|| panic!("no text message: {body:#}"))
}
