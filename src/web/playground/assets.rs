//! The page's scripts and style, compiled in. One hash of them all is part of their addresses: a
//! browser may keep them for ever, and the scripts' relative imports stay within one version.

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

pub(super) struct Asset {
    pub name: &'static str,
    pub content_type: &'static str,
    pub body: &'static str,
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

macro_rules! asset {
    ($name:literal, $content_type:expr) => {
        Asset { name: $name, content_type: $content_type, body: include_str!(concat!("assets/", $name)) }
    };
}

pub(super) const ALL: &[Asset] = &[
    asset!("app.css", STYLE),
    asset!("app.js", JAVASCRIPT),
    asset!("api.js", JAVASCRIPT),
    asset!("card.js", JAVASCRIPT),
    asset!("chat.js", JAVASCRIPT),
    asset!("clock.js", JAVASCRIPT),
    asset!("composer.js", JAVASCRIPT),
    asset!("dom.js", JAVASCRIPT),
    asset!("journal.js", JAVASCRIPT),
    asset!("list.js", JAVASCRIPT),
    asset!("members.js", JAVASCRIPT),
    asset!("message.js", JAVASCRIPT),
    asset!("model.js", JAVASCRIPT),
    asset!("scenes.js", JAVASCRIPT),
    asset!("words.js", JAVASCRIPT),
];

/// Eight bytes are plenty to tell two versions apart.
const VERSION_BYTES: usize = 8;

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in ALL {
        hash.update(asset.name);
        hash.update([0]);
        hash.update(asset.body);
        hash.update([0]);
    }
    hash.finalize().iter().take(VERSION_BYTES).fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
});

/// The hash of all assets, hex.
pub(super) fn version() -> &'static str {
    &VERSION
}

pub(super) fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.name == name)
}
