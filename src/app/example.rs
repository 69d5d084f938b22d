//! The example brand inside the binary, laid out in a folder for the playground.

use std::io;
use std::path::{Path, PathBuf};

use crate::rules::written::schema::{FileSchema, KINDS, json};

/// Path and content of every file of `config/` and `bot-scripts/`.
const EXAMPLE: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/example.rs"));
/// Its connections are those of the simulated corp instead.
const SERVER: &str = "config/zhanggui.toml";
/// Where the files' first lines look for their schemas.
const SCHEMAS: &str = "schemas";

/// The folders of a playground.
#[derive(Clone, Debug)]
pub struct Example {
    pub config: PathBuf,
    pub scripts: PathBuf,
}

/// Lays the example brand out below `folder`. What is there already is left as it is, so that a
/// person's changes survive a restart; the server's file is always written anew, because addresses
/// differ from start to start, and so are the schemas, which are those of this program.
pub fn lay_out(folder: &Path, server: &str) -> io::Result<Example> {
    let fresh = !folder.join("config").is_dir();
    for (name, content) in EXAMPLE.iter().filter(|(name, _)| fresh && *name != SERVER) {
        write(&folder.join(name), content)?;
    }
    write(&folder.join(SERVER), server.as_bytes())?;
    write_schemas(KINDS, &folder.join(SCHEMAS))?;
    Ok(Example { config: folder.join("config"), scripts: folder.join("bot-scripts") })
}

/// Writes `KIND.schema.json` for each kind of file.
pub fn write_schemas(kinds: &[&FileSchema], folder: &Path) -> io::Result<()> {
    kinds.iter().try_for_each(|kind| write(&folder.join(kind.file_name()), json(kind)?.as_bytes()))
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_survives_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let example = lay_out(folder.path(), "first").expect("written");
        let base = example.config.join("profiles/base.toml");
        std::fs::write(&base, "mine").expect("written");
        lay_out(folder.path(), "second").expect("written");
        assert_eq!(std::fs::read_to_string(base).expect("read"), "mine");
        assert_eq!(std::fs::read_to_string(example.config.join("zhanggui.toml")).expect("read"), "second");
        assert!(example.scripts.join("welcome/customers.toml").is_file());
        assert!(folder.path().join("schemas/scripts.schema.json").is_file());
    }
}
