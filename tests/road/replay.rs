//! What a running bot has decided is decided again from its journal alone, and a change of the files
//! is told before it goes live.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use serde_json::{Value, json};
use zhanggui::cli::{Replayed, Side, replay, replay_record};
use zhanggui::decision::{Action, EventKind, Memory};
use zhanggui::files::folder;
use zhanggui::perception::Signals;
use zhanggui::replay::{Decided, Heard, Run};
use zhanggui::rules::compile;
use zhanggui::sim::world::{CHAOYANG, DEALERS};
use zhanggui::store::{self, Reader};

use crate::support::Town;

const AD: &str = "兼职日结300，加V：abc12345";

/// Something of everything: a removal by a hand and its line, one that the platform refuses, cards
/// that are tapped and cards that nobody taps, welcomes at their moment and in the morning, scripts.
async fn an_eventful_day(town: &mut Town) {
    town.join(DEALERS, "wu.ming").await;
    town.reason("welcome/waiting").await;
    town.say(DEALERS, "wu.ming", AD).await;
    town.sent("appchat/send").await;
    town.say(DEALERS, "wu.ming", "刷单日结500，加V：abc12345").await;
    town.sent("appchat/update").await;
    town.sent("appchat/send").await;
    town.advance("31s").await;
    town.reason("welcome/nobody_left").await;

    town.ask("li.na", "早安").await;
    town.answered().await;
    town.post(&format!("/sim/groups/{DEALERS}/members"), json!({"id": "qian.hai", "name": "钱海"})).await;
    let waiting = async || (town.reasons("welcome/waiting").await == 2).then_some(());
    town.until("the second newcomer to be found", waiting).await;
    town.advance("31s").await;
    town.sent("appchat/send").await;

    town.say(DEALERS, "sun.qian", AD).await;
    town.sent("appchat/send").await;
    town.fault("appchat/update", "60020").await;
    town.say(DEALERS, "sun.qian", AD).await;
    town.failed("appchat/update", Some(60020)).await;
    town.sent("message/send").await;
    town.sent("message/send").await;

    town.post("/sim/archive", json!({"delay": "10m"})).await;
    town.say(CHAOYANG, "wm-zhou.jie", AD).await;
    town.advance("11m").await;
    town.sent("message/send").await;
    town.sent("message/send").await;
    let card = town.card("wang.min").await;
    town.tap("wang.min", &card, "done").await;
    town.sent("message/update_template_card").await;

    // Nobody taps the card about the refused removal.
    town.advance("31m").await;
    town.sent("message/send").await;
    town.advance("2h").await;
    town.reason("staff_tasks/nobody_above").await;
    town.advance("22h").await;
    town.reason("staff_tasks/expired").await;
}

fn side(town: &Path) -> Side {
    let sources = folder::read(&town.join("config"), &town.join("bot-scripts"));
    Side::new(compile(&sources).expect("the town's files are good").rulebook, &sources)
}

/// Everything that a run decides, by the key of the event.
fn decided(reader: &Reader, side: &Side) -> BTreeMap<String, Decided> {
    let record = replay_record(reader).expect("a record");
    let mut run = Run::new(&side.rules, Memory::default());
    let mut all = BTreeMap::new();
    for row in reader.history(0, i64::MAX, 10_000).expect("the journal") {
        let heard = Heard { seq: row.seq, heard_at: row.heard_at, event: row.event().expect("an event") };
        let signals = match &heard.event.kind {
            EventKind::Message(message) => side.rules.perceiver.perceive(&message.content.text),
            _ => Signals::default(),
        };
        let decided = run.hear(&heard, &signals, &record);
        all.extend(decided.into_iter().map(|one| (one.key.to_string(), one)));
    }
    all
}

fn without_differences(reader: &Reader, side: &Side) -> Replayed {
    let replayed = replay(reader, side, side, Timestamp::UNIX_EPOCH).expect("a replay").expect("events");
    let differences = replayed.comparison.clone().finish();
    assert!(differences.is_empty(), "{differences:#?}");
    replayed
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_lane_decided_is_decided_again() {
    let mut town = Town::open().await;
    an_eventful_day(&mut town).await;
    let (folder, data) = (town.file(""), town.file("bot"));
    let closed = town.close().await;
    let side = side(&folder);
    let reader = store::read(&data).expect("the data");

    let mut again = decided(&reader, &side);
    let journal = reader.journal(0, None, 10_000).expect("the journal");
    assert!(journal.len() > 15, "only {} events", journal.len());
    for entry in &journal {
        let actions: Vec<Action> = entry.actions.iter().map(|one| one.action.clone()).collect();
        let one = again.remove(entry.event.key.as_str());
        let one = one.map(|one| (one.actions, one.reasons)).unwrap_or_default();
        assert_eq!(one, (actions, entry.reasons.clone()), "{}", entry.event.key);
    }
    assert!(again.is_empty(), "decided, but never in reality: {again:#?}");
    let whole = without_differences(&reader, &side);
    assert!(whole.comparison.deeds_after >= 10, "{}", whole.comparison.deeds_after);

    // The first half is past the retention time: groups that are met in the middle keep their names,
    // and nothing looks different.
    let middle = journal[journal.len() / 2].heard_at;
    let (mut writer, _) = store::open(&data).expect("nobody else writes");
    let forgotten = writer.commit(|batch| batch.forget(middle, 10_000)).expect("forgotten");
    assert!(forgotten > 5, "only {forgotten} events are past");
    let rest = without_differences(&reader, &side);
    assert!(rest.events < whole.events && rest.comparison.deeds_after > 0, "{}", rest.events);
    drop(closed);
}

/// Runs the command beside the bot.
async fn run_replay(town: &Town, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhanggui"));
    command.args(["replay", "--since", "2d"]).args(more);
    command.arg("--config").arg(town.file("config")).arg("--data").arg(town.file("bot"));
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
    let output = output.expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    let output =
        Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().expect("git");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_before_it_goes_live() {
    let mut town = Town::open().await;
    let folder = town.file("");
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "config", "bot-scripts"]);
    git(&folder, &["commit", "-q", "-m", "as it is"]);
    an_eventful_day(&mut town).await;
    let nothing = run_replay(&town, &[]).await;
    assert!(nothing.contains("没有任何不同") && nothing.contains("HEAD"), "{nothing}");

    // Proposed in a folder of its own: the running bot goes on as it was.
    let proposed = folder.join("proposed");
    std::fs::create_dir(&proposed).expect("a folder");
    for name in ["config", "bot-scripts"] {
        let copied = Command::new("cp").arg("-r").arg(folder.join(name)).arg(&proposed).status();
        assert!(copied.expect("cp").success());
    }
    let dealers = proposed.join("config/profiles/dealers.toml");
    let text = std::fs::read_to_string(&dealers).expect("the profile");
    std::fs::write(&dealers, text.replace("[welcome]", "[moderation]\nact_at = 9\n[welcome]"))
        .expect("written");
    let rules = proposed.join("config").to_string_lossy().into_owned();
    let markdown = run_replay(&town, &["--rules", &rules, "--against", "HEAD", "--format", "markdown"]).await;
    assert!(markdown.contains("### 移出：2 处不同") && markdown.contains("| 移出 | 0 | 2 |"), "{markdown}");
    assert!(markdown.contains("吴鸣：「刷单日结500") && markdown.contains("请人看"), "{markdown}");

    let json = run_replay(&town, &["--rules", &rules, "--format", "json", "--anonymous"]).await;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["counts"]["kick"]["lost"], 2);
    assert!(!json.to_string().contains("吴鸣"), "{json:#}");
    town.finish().await;
}
