//! What a second start finds.

use std::path::{Path, PathBuf};

use super::*;
use crate::sim::persist::FILE_NAME;
use crate::sim::world::{CHAOYANG, DEALERS, STAFF};
use crate::sim::{connection_file, write_connection_file};

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("zhanggui-sim-{}", crate::sim::random::random_text(12))))
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn open(&self) -> World {
        World::open(&self.0, Clock::system()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn everything(world: &World) -> Value {
    world.read(|state| serde_json::to_value(state).unwrap())
}

#[test]
fn a_second_start_goes_on_with_everything() {
    let folder = Folder::new();
    let first = folder.open();
    for (chat, from, mention) in
        [(DEALERS, "zhao.lei", false), (CHAOYANG, "wm-liu.shu", false), (STAFF, "li.na", true)]
    {
        let content = Content::read("text", json!("在吗")).unwrap();
        first.step(|step| people::say(step, chat, from, content, mention)).unwrap();
    }
    let newcomer =
        serde_json::from_value(json!({"id": "wm-new", "name": "新街坊", "scene": "link"})).unwrap();
    first.step(|step| people::join(step, CHAOYANG, newcomer)).unwrap();
    first.step(|step| people::add_contact(step, "wang.min", "wm-new", "")).unwrap();
    first.move_clock(jiff::SignedDuration::from_hours(30));
    let before = everything(&first);
    drop(first);
    let second = folder.open();
    assert_eq!(everything(&second), before, "secrets, messages, waiting callbacks, clock");
    assert_eq!(second.clock().offset().as_hours(), 30);
    let lines = std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap().lines().count();
    assert_eq!(lines, 1, "the log was written anew");
}

#[test]
fn a_line_cut_short_is_dropped_and_a_broken_one_is_told() {
    let folder = Folder::new();
    let first = folder.open();
    let said = |text: &str| {
        let content = Content::read("text", json!(text)).unwrap();
        first.step(|step| people::say(step, DEALERS, "zhao.lei", content, false)).unwrap();
    };
    said("第一句");
    let path = folder.path().join(FILE_NAME);
    let whole = std::fs::read(&path).unwrap();
    said("第二句");
    let longer = std::fs::read(&path).unwrap();
    drop(first);
    for length in [whole.len() + 1, longer.len() - 1] {
        std::fs::write(&path, &longer[..length]).unwrap();
        let said: Vec<String> =
            folder.open().read(|state| state.said[DEALERS].iter().map(|said| said.content.clone()).collect());
        assert_eq!(said, ["第一句"]);
    }
    std::fs::write(&path, [whole.as_slice(), b"{}\n"].concat()).unwrap();
    let error = World::open(folder.path(), Clock::system()).err().unwrap().to_string();
    assert!(error.contains("第 3 行"), "{error}");
}

#[tokio::test]
async fn callbacks_that_waited_are_posted_at_the_next_start() {
    let folder = Folder::new();
    let first = folder.open();
    let content = Content::read("text", json!("还在吗")).unwrap();
    let said = first.step(|step| people::say(step, DEALERS, "zhao.lei", content, false)).unwrap();
    drop(first);
    let mut stage = Stage::with(folder.open(), []);
    let request = stage.next().await;
    assert_eq!(xml::texts(&open(&stage.world, &request)).unwrap()["MsgId"], said.msgid);
}

#[test]
fn the_connection_file_is_whole_and_private() {
    let folder = Folder::new();
    let world = folder.open();
    world.set_addresses(Addresses { api: "http://127.0.0.1:1".into(), bot: "http://127.0.0.1:2".into() });
    let path = folder.path().join("connection.json");
    write_connection_file(&world, &path).unwrap();
    let written: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(written, connection_file(&world));
    let kinds: Vec<&str> =
        written["callbacks"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["wecom-app", "group-robot", "aibot", "archive"]);
    let app = &written["callbacks"][0];
    assert_eq!(app["url"], "http://127.0.0.1:2/callback/wecom/assistant");
    assert_eq!((app["encoding_aes_key"].as_str().unwrap().len(), &app["receive_id"]), (43, &json!(CORP)));
    assert!(written["callbacks"][3]["hmac_key"].is_string());
    assert_eq!(written["groups"].as_array().unwrap().len(), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let files = [path, folder.path().join(FILE_NAME)];
        assert!(files.iter().all(|file| std::fs::metadata(file).unwrap().permissions().mode() & 0o077 == 0));
    }
}
