//! The only reader of folders; everything behind it works on texts in memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::secret::SECRET_BYTES_AT_MOST;
use super::{SecretError, SecretRef, SourceFile, Sources};

mod content;
mod kept;
mod listing;
mod media;
mod text;

pub use content::{MediaError, read_media};
pub use kept::{Folders, Trust};
pub use listing::Listing;

/// Ten thousand scripts in files of their own, and as much again.
const FILES_AT_MOST: usize = 20_000;

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

/// Reads every `.toml` file below the two folders, and the media beside the scripts. Hidden files and
/// folders are left out; what cannot be read becomes a problem among the result's problems.
pub fn read(config: &Path, scripts: &Path) -> Sources {
    let mut folders = Folders::new(config.to_owned(), scripts.to_owned());
    let listing = folders.list();
    folders.read(&listing, Trust::Nothing)
}

/// Reads a file, or every `.toml` file below a folder, that may lie anywhere; each is called by its path.
pub fn read_beside(path: &Path) -> Sources {
    let Listing { files, mut problems, .. } = Listing::beside(path);
    let mut read = Vec::with_capacity(files.len());
    for file in files {
        match text::read(&file.path) {
            Ok(text) => read.push(file.with(text)),
            Err(problem) => problems.push(*problem),
        }
    }
    Sources { problems, ..Sources::new(read) }
}

/// Takes files that are in memory already, from a revision: the name in the tree, the path as people
/// call it, the content; what is no TOML is media. Hidden ones are left out, as they are on disk.
pub fn gather(files: impl IntoIterator<Item = (String, String, Vec<u8>)>) -> Sources {
    let (mut taken, mut media, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for (name, path, bytes) in files {
        if name.split('/').any(|part| part.starts_with('.')) {
            continue;
        }
        if taken.len() + media.len() == FILES_AT_MOST {
            problems.push(listing::too_many_files(Path::new(&path)));
            break;
        }
        if !name.ends_with(".toml") {
            media.push(media::of(name, path, &bytes));
            continue;
        }
        match text::of(Path::new(&path), bytes) {
            Ok(text) => taken.push(SourceFile { name, path, text: text.into() }),
            Err(problem) => problems.push(*problem),
        }
    }
    media.sort_by(|one, other| one.name.cmp(&other.name));
    Sources { problems, media, ..Sources::new(taken) }
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

    #[test]
    fn media_are_known_by_content_and_read_again_only_when_they_change() {
        let scratch = Scratch::new("media");
        scratch.write("bot-scripts/a/media/月饼.png", b"\x89PNG\r\n\x1a\n first");
        scratch.write("bot-scripts/a/media/.DS_Store", "hidden");
        scratch.write("config/notes.txt", "no medium");
        let read = || scratch.read().media;
        let first = read();
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].name, "bot-scripts/a/media/月饼.png");
        assert_eq!((first[0].bytes, first[0].form), (14, crate::files::MediaForm::Png));
        assert_eq!(first[0].sha256.len(), 64);
        assert_eq!(read(), first);
        scratch.write("bot-scripts/a/media/月饼.png", b"\x89PNG\r\n\x1a\n second");
        assert_ne!(read()[0].sha256, first[0].sha256);
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out_of_the_tree() {
        let scratch = Scratch::new("out");
        scratch.write("config/a.toml", "");
        scratch.write("bot-scripts/a/media/a.png", "picture");
        scratch.write("secret.toml", "x = 1");
        scratch.write("elsewhere/b.toml", "x = 1");
        let link = |to: &str, from: &str| {
            std::os::unix::fs::symlink(scratch.0.join(to), scratch.0.join(from)).expect("a link");
        };
        link("secret.toml", "config/b.toml");
        link("secret.toml", "bot-scripts/a/media/secret.png");
        link("elsewhere", "bot-scripts/elsewhere");
        link("bot-scripts/a/media/a.png", "bot-scripts/a/same.png");
        let sources = scratch.read();
        assert_eq!(codes(&sources), ["link-out-of-tree"; 3]);
        assert_eq!(names(&sources), ["config/a.toml"]);
        let media: Vec<_> = sources.media.iter().map(|medium| medium.name.as_str()).collect();
        assert_eq!(media, ["bot-scripts/a/media/a.png", "bot-scripts/a/same.png"]);
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
