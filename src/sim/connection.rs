//! The connection file: everything an outside client needs to talk to the bot's real edge and to
//! the simulated platform.
//!
//! JSON, replaced in one move, readable by its owner alone:
//!
//! | field | meaning |
//! | --- | --- |
//! | `corp_id` | the simulated corp |
//! | `api_base_url` | base of the platform's API, without `/cgi-bin`; `/sim` (control) is there too |
//! | `bot_base_url` | base of the bot's edge |
//! | `callbacks[]` | the bot's addresses: `kind`, `id`, `url` and the secrets of that kind |
//! | … `wecom-app`, `group-robot`, `aibot` | `token`, `encoding_aes_key`, `receive_id` (may be empty) |
//! | … `archive` | `hmac_key`; the cursor is at `url` + `/cursor` |
//! | `apps[]` | `id`, `agent_id`, `secret` for `gettoken` |
//! | `webhooks[]` | `id`, `key`, `chat_id` of each push robot |
//! | `groups[]` | `chat_id`, `name`, `kind` (`internal`, `customer`), `owner`, `members` (ids) |
//! | `people[]` | `id`, `name`, `title`, `corp_member` |

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::persist::write_private;
use super::world::{State, World};

/// The connection file's content.
pub fn connection_file(world: &World) -> Value {
    world.read(describe)
}

/// Writes the connection file. Call it when bot and simulator both answer: its appearance says so.
pub fn write_connection_file(world: &World, path: &Path) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(&connection_file(world))?;
    text.push(b'\n');
    write_private(path, &text)
}

fn describe(state: &State) -> Value {
    let groups = state.groups.values().map(|group| {
        json!({
            "chat_id": group.chat_id,
            "name": group.name,
            "kind": group.kind,
            "owner": group.owner,
            "members": group.member_ids(),
        })
    });
    let apps =
        state.apps.iter().map(|app| json!({"id": app.id, "agent_id": app.agent_id, "secret": app.secret}));
    let webhooks = state
        .webhooks
        .iter()
        .map(|webhook| json!({"id": webhook.id, "key": webhook.key, "chat_id": webhook.chat}));
    json!({
        "corp_id": state.corp.id,
        "api_base_url": state.addresses.api,
        "bot_base_url": state.addresses.bot,
        "callbacks": callbacks(state),
        "apps": apps.collect::<Vec<_>>(),
        "webhooks": webhooks.collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "people": state.people.values().collect::<Vec<_>>(),
    })
}

fn callbacks(state: &State) -> Vec<Value> {
    let bot = &state.addresses.bot;
    let apps = state.apps.iter().map(|app| {
        json!({
            "kind": "wecom-app",
            "id": app.id,
            "url": format!("{bot}/callback/wecom/{}", app.id),
            "token": app.token,
            "encoding_aes_key": app.encoding_aes_key,
            "receive_id": state.corp.id,
        })
    });
    let robots = state.robots.iter().map(|robot| {
        json!({
            "kind": "group-robot",
            "id": robot.id,
            "url": format!("{bot}/callback/wecom/{}", robot.id),
            "token": robot.token,
            "encoding_aes_key": robot.encoding_aes_key,
            "receive_id": robot.receive_id,
        })
    });
    let aibots = state.aibots.iter().map(|robot| {
        json!({
            "kind": "aibot",
            "id": robot.id,
            "url": format!("{bot}/callback/aibot/{}", robot.id),
            "token": robot.token,
            "encoding_aes_key": robot.encoding_aes_key,
            "receive_id": "",
        })
    });
    let archive = json!({
        "kind": "archive",
        "id": state.corp.id,
        "url": format!("{bot}/ears/archive/{}", state.corp.id),
        "hmac_key": state.archive.hmac_key,
    });
    apps.chain(robots).chain(aibots).chain([archive]).collect()
}
