//! The only reader of folders; everything behind it works on texts in memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::secret::SECRET_BYTES_AT_MOST;
use super::{SecretError, SecretRef, Sources};

mod kept;
mod listing;

pub use kept::{Folders, Trust};
pub use listing::Listing;

/// A TOML file of this size holds thousands of scripts; more is surely something else.
const FILE_BYTES_AT_MOST: u64 = 1024 * 1024;

/// The tree names under which the two folders are known (see [`SourceFile::name`]).
pub const CONFIG: &str = "config";
pub const SCRIPTS: &str = "bot-scripts";

/// Where the scripts of a configuration are unless somebody says otherwise: inside its folder, or
/// else beside it.
pub fn scripts_of(config: &Path) -> PathBuf {
    let inside = config.join(SCRIPTS);
    if inside.is_dir() {
        return inside;
    }
    match (config.parent(), config.file_name()) {
        (Some(parent), Some(_)) => parent.join(SCRIPTS),
        _ => config.join("..").join(SCRIPTS),
    }
}

/// Reads every `.toml` file below the two folders. Hidden files and folders are left out; what
/// cannot be read becomes a problem among the result's problems.
pub fn read(config: &Path, scripts: &Path) -> Sources {
    let mut folders = Folders::new(config.to_owned(), scripts.to_owned());
    let listing = folders.list();
    folders.read(&listing, Trust::Nothing)
}

/// Fetches a secret; `env` looks up a variable, relative files are below `base`.
pub fn resolve(
    secret: &SecretRef,
    env: impl Fn(&str) -> Option<String>,
    base: &Path,
) -> Result<SecretString, SecretError> {
    secret.resolve_with(env, |path| read_at_most(path, SECRET_BYTES_AT_MOST as u64), base)
}

/// Reads one byte more than `limit` at most, so that the caller sees that there is more.
fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A folder that goes away with it.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("zhanggui-folder-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).expect("a scratch folder");
            Self(path)
        }

        fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
            fs::write(path, bytes).expect("a file");
        }

        fn read(&self) -> Sources {
            let config = self.0.join(CONFIG);
            read(&config, &scripts_of(&config))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            if let Err(error) = fs::remove_dir_all(&self.0) {
                eprintln!("{}: {error}", self.0.display());
            }
        }
    }

    fn names(sources: &Sources) -> Vec<&str> {
        sources.files.iter().map(|file| file.name.as_str()).collect()
    }

    fn codes(sources: &Sources) -> Vec<&str> {
        sources.problems.iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn reads_both_folders_in_the_order_of_names() {
        let scratch = Scratch::new("both");
        scratch.write("config/zhanggui.toml", "a = 1");
        scratch.write("config/groups/20.toml", "");
        scratch.write("config/groups/10.toml", "");
        scratch.write("config/.hidden/x.toml", "");
        scratch.write("config/README.md", "");
        scratch.write("bot-scripts/welcome/media/a.toml", "");
        let sources = scratch.read();
        assert_eq!(codes(&sources), [""; 0]);
        assert_eq!(
            names(&sources),
            [
                "bot-scripts/welcome/media/a.toml",
                "config/groups/10.toml",
                "config/groups/20.toml",
                "config/zhanggui.toml"
            ]
        );
        assert_eq!(&*sources.files[3].text, "a = 1");
        assert_eq!(sources.files[3].path, scratch.0.join("config/zhanggui.toml").to_string_lossy());
    }

    #[test]
    fn scripts_inside_the_configuration_come_first() {
        let scratch = Scratch::new("inside");
        scratch.write("config/bot-scripts/welcome/a.toml", "");
        scratch.write("bot-scripts/welcome/b.toml", "");
        let sources = scratch.read();
        assert_eq!(names(&sources), ["bot-scripts/welcome/a.toml"]);
    }

    #[test]
    fn tells_what_cannot_be_read() {
        let scratch = Scratch::new("bad");
        scratch.write("config/gbk.toml", [b"a = 1\n# ".as_slice(), &[0xc4, 0xe3, 0xba, 0xc3]].concat());
        scratch.write("config/large.toml", vec![b'#'; 1024 * 1024 + 1]);
        let sources = scratch.read();
        let mut codes = codes(&sources);
        codes.sort_unstable();
        assert_eq!(codes, ["file-too-large", "no-scripts-folder", "not-utf8"]);
        let gbk = sources.problems.iter().find(|problem| problem.code == "not-utf8").expect("told");
        assert_eq!((gbk.line, gbk.column), (2, 3));
    }

    #[test]
    fn no_folder_is_one_error() {
        let scratch = Scratch::new("none");
        assert_eq!(codes(&scratch.read()), ["no-config-folder", "no-scripts-folder"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_circles_end() {
        let scratch = Scratch::new("links");
        scratch.write("config/groups/a.toml", "");
        let link = |to: &str, from: &str| {
            std::os::unix::fs::symlink(scratch.0.join(to), scratch.0.join(from)).expect("a link");
        };
        link("config", "config/groups/again");
        link("config/groups/nowhere.toml", "config/groups/b.toml");
        let sources = scratch.read();
        assert_eq!(names(&sources), ["config/groups/a.toml"]);
        assert_eq!(codes(&sources), ["unreadable", "no-scripts-folder"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_may_lead_about_inside_the_folders_and_not_out_of_them() {
        let scratch = Scratch::new("out");
        scratch.write("config/..data/zhanggui.toml", "a = 1");
        scratch.write("bot-scripts/welcome/a.toml", "");
        scratch.write("secret.toml", "token = \"s3cr3t\"");
        scratch.write("elsewhere/a.toml", "");
        let link = |to: &str, from: &str| {
            std::os::unix::fs::symlink(scratch.0.join(to), scratch.0.join(from)).expect("a link");
        };
        link("config/..data/zhanggui.toml", "config/zhanggui.toml");
        link("secret.toml", "bot-scripts/secret.toml");
        link("elsewhere", "bot-scripts/elsewhere");
        let sources = scratch.read();
        assert_eq!(names(&sources), ["bot-scripts/welcome/a.toml", "config/zhanggui.toml"]);
        assert_eq!(codes(&sources), ["link-out-of-tree", "link-out-of-tree"]);
        assert!(sources.problems.iter().all(|problem| problem.is_error() && problem.excerpt.is_none()));
    }
}
