//! The only reader of folders; everything behind it works on texts in memory.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::secret::SECRET_BYTES_AT_MOST;
use super::source::Lines;
use super::{Diagnostic, MediaSource, SecretError, SecretRef, Severity, SourceFile, Sources};

mod content;
mod media;

pub use content::{MediaError, read_media};

/// A TOML file of this size holds thousands of scripts; more is surely something else.
const FILE_BYTES_AT_MOST: u64 = 1024 * 1024;
/// Ten thousand scripts in files of their own, and as much again.
const FILES_AT_MOST: usize = 20_000;
/// Deeper folders than anybody files scripts in; also ends what links back to itself.
const DEPTH_AT_MOST: usize = 8;

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
    let roots = [config, scripts].into_iter().filter_map(|root| fs::canonicalize(root).ok());
    let mut reading = Reading { roots: roots.collect(), ..Reading::default() };
    if config.is_dir() {
        reading.folder(config, CONFIG, DEPTH_AT_MOST);
    } else {
        reading.problem("no-config-folder", config, "没有这个配置文件夹", "用 --config 指出配置文件夹在哪里");
    }
    if scripts.is_dir() {
        reading.folder(scripts, SCRIPTS, DEPTH_AT_MOST);
    } else {
        let hint = "用 --scripts 指出话术文件夹在哪里；还没有话术就先建一个空文件夹";
        reading.problem("no-scripts-folder", scripts, "没有话术文件夹，店员查不到任何话术", hint);
    }
    let mut sources = Sources::new(reading.files);
    reading.media.sort_by(|one, other| one.name.cmp(&other.name));
    sources.media = reading.media;
    sources.problems = reading.problems;
    sources
}

/// Reads a file, or every `.toml` file below a folder, that may lie anywhere; each is called by its path.
pub fn read_beside(path: &Path) -> Sources {
    let mut reading = Reading::default();
    let name = path.to_string_lossy().replace('\\', "/");
    if path.is_dir() {
        reading.folder(path, name.trim_end_matches('/'), DEPTH_AT_MOST);
    } else {
        reading.file(path, name);
    }
    let mut sources = Sources::new(reading.files);
    sources.problems = reading.problems;
    sources
}

/// Takes files that are in memory already, from a revision: the name in the tree, the path as people
/// call it, the content. Hidden ones are left out, as they are on disk.
pub fn gather(files: impl IntoIterator<Item = (String, String, Vec<u8>)>) -> Sources {
    let mut reading = Reading::default();
    for (name, path, bytes) in files {
        if !name.split('/').any(|part| part.starts_with('.')) && reading.has_room(Path::new(&path)) {
            reading.content(Path::new(&path), name, bytes);
        }
    }
    let mut sources = Sources::new(reading.files);
    sources.problems = reading.problems;
    sources
}

/// Fetches a secret; `env` looks up a variable, relative files are below `base`.
pub fn resolve(
    secret: &SecretRef,
    env: impl Fn(&str) -> Option<String>,
    base: &Path,
) -> Result<SecretString, SecretError> {
    secret.resolve_with(env, |path| read_at_most(path, SECRET_BYTES_AT_MOST as u64), base)
}

#[derive(Debug, Default)]
struct Reading {
    files: Vec<SourceFile>,
    media: Vec<MediaSource>,
    problems: Vec<Diagnostic>,
    /// Real paths of folders, so that a link to a folder above is not followed for ever.
    visited: BTreeSet<PathBuf>,
    /// Real paths of the two folders: links must not lead out of them.
    roots: Vec<PathBuf>,
}

impl Reading {
    fn problem(&mut self, code: &'static str, path: &Path, message: impl Into<String>, hint: &str) {
        let mut problem = Diagnostic::of_file(Severity::Error, code, path.to_string_lossy(), message);
        problem.hint(hint);
        self.problems.push(problem);
    }

    fn folder(&mut self, folder: &Path, name: &str, depth_left: usize) {
        match fs::canonicalize(folder) {
            Ok(real) => {
                if !self.visited.insert(real) {
                    return;
                }
            }
            Err(error) => return self.unreadable(folder, &error),
        }
        if depth_left == 0 {
            let message = format!("文件夹套得太深，最多 {DEPTH_AT_MOST} 层");
            return self.problem("too-deep", folder, message, "把里面的文件往上移");
        }
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        for entry in entries {
            self.entry(&entry, name, depth_left);
        }
    }

    fn entry(&mut self, entry: &DirEntry, folder: &str, depth_left: usize) {
        let path = entry.path();
        let Ok(file_name) = entry.file_name().into_string() else {
            return self.problem("bad-file-name", &path, "文件名不是 UTF-8", "换一个文件名");
        };
        if file_name.starts_with('.') {
            return;
        }
        // Scripts inside the configuration are read as what they are.
        let name = format!("{folder}/{file_name}");
        if path.is_dir() && name == format!("{CONFIG}/{SCRIPTS}") || self.leads_out(&path) {
            return;
        }
        if path.is_dir() {
            self.folder(&path, &name, depth_left - 1);
        } else if file_name.ends_with(".toml") {
            self.file(&path, name);
        } else if name.starts_with(SCRIPTS) {
            self.medium(&path, name);
        }
    }

    /// A link to what lies outside both folders, which is told: whoever writes scripts must not make the
    /// bot read, show or send other files of the machine.
    fn leads_out(&mut self, path: &Path) -> bool {
        if !path.is_symlink() {
            return false;
        }
        // Where a broken link would lead does not matter.
        let Ok(real) = fs::canonicalize(path) else { return false };
        let out = !self.roots.iter().any(|root| real.starts_with(root));
        if out {
            let hint = "把文件本身放进来，不要用链接";
            self.problem("link-out-of-tree", path, "这个链接指向配置和话术文件夹外面", hint);
        }
        out
    }

    fn medium(&mut self, path: &Path, name: String) {
        if self.media.len() == FILES_AT_MOST {
            return self.too_many(path);
        }
        match media::source(path, name) {
            Ok(medium) => self.media.push(medium),
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn too_many(&mut self, path: &Path) {
        let too_many = "too-many-files";
        if self.problems.iter().all(|problem| problem.code != too_many) {
            let message = format!("文件太多，最多 {FILES_AT_MOST} 个，从这个开始没有再读");
            self.problem(too_many, path, message, "把多条话术写进同一个文件");
        }
    }

    fn file(&mut self, path: &Path, name: String) {
        if !self.has_room(path) {
            return;
        }
        match read_at_most(path, FILE_BYTES_AT_MOST) {
            Ok(bytes) => self.content(path, name, bytes),
            Err(error) => self.unreadable(path, &error),
        }
    }

    /// Whether one more file may be read; the first that may not is told.
    fn has_room(&mut self, path: &Path) -> bool {
        if self.files.len() < FILES_AT_MOST {
            return true;
        }
        let too_many = "too-many-files";
        if self.problems.iter().all(|problem| problem.code != too_many) {
            let message = format!("文件太多，最多 {FILES_AT_MOST} 个，从这个开始没有再读");
            self.problem(too_many, path, message, "把多条话术写进同一个文件");
        }
        false
    }

    fn content(&mut self, path: &Path, name: String, bytes: Vec<u8>) {
        if bytes.len() as u64 > FILE_BYTES_AT_MOST {
            let message = format!("文件太大，最多 {} KiB", FILE_BYTES_AT_MOST / 1024);
            return self.problem("file-too-large", path, message, "拆成几个文件");
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.files.push(SourceFile { name, path: path.to_string_lossy().into_owned(), text });
            }
            Err(error) => self.not_utf8(path, &error),
        }
    }

    fn not_utf8(&mut self, path: &Path, error: &std::string::FromUtf8Error) {
        let valid_up_to = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..valid_up_to]);
        let (line, column) = Lines::of(&text).position(&text, valid_up_to);
        let hint = "用编辑器另存为，编码选 UTF-8（多半现在是 GBK）";
        self.problem("not-utf8", path, "文件不是 UTF-8 编码", hint);
        if let Some(problem) = self.problems.last_mut() {
            (problem.line, problem.column) = (line, column);
            (problem.end_line, problem.end_column) = (line, column);
        }
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.problem(
            "unreadable",
            path,
            format!("读不了：{error}"),
            "检查它是否存在、运行掌柜的用户能不能读",
        );
    }
}

/// Reads one byte more than `limit` at most, so that the caller sees that there is more.
fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
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
        assert_eq!(sources.files[3].text, "a = 1");
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
}
