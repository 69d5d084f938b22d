//! The only reader of folders; everything behind it works on texts in memory.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::secret::SECRET_BYTES_AT_MOST;
use super::source::Lines;
use super::{Diagnostic, SecretError, SecretRef, Severity, SourceFile, Sources};

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
    let mut reading = Reading::default();
    if config.is_dir() {
        reading.folder(config, CONFIG, DEPTH_AT_MOST);
    } else {
        reading.problem("no-config-folder", config, "没有这个配置文件夹", "用 --config 指出配置文件夹在哪里");
    }
    if scripts.is_dir() {
        reading.folder(scripts, SCRIPTS, DEPTH_AT_MOST);
    } else {
        let mut problem = Diagnostic::of_file(
            Severity::Warning,
            "no-scripts-folder",
            scripts.to_string_lossy(),
            "没有话术文件夹，店员查不到任何话术",
        );
        problem.hint("用 --scripts 指出话术文件夹在哪里");
        reading.problems.push(problem);
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
    problems: Vec<Diagnostic>,
    /// Real paths of folders, so that a link to a folder above is not followed for ever.
    visited: BTreeSet<PathBuf>,
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
            let path = entry.path();
            let Ok(file_name) = entry.file_name().into_string() else {
                self.problem("bad-file-name", &path, "文件名不是 UTF-8", "换一个文件名");
                continue;
            };
            if file_name.starts_with('.') {
                continue;
            }
            let name = format!("{name}/{file_name}");
            if path.is_dir() {
                self.folder(&path, &name, depth_left - 1);
            } else if file_name.ends_with(".toml") {
                self.file(&path, name);
            }
        }
    }

    fn file(&mut self, path: &Path, name: String) {
        if self.files.len() == FILES_AT_MOST {
            let too_many = "too-many-files";
            if self.problems.iter().all(|problem| problem.code != too_many) {
                let message = format!("文件太多，最多 {FILES_AT_MOST} 个，从这个开始没有再读");
                self.problem(too_many, path, message, "把多条话术写进同一个文件");
            }
            return;
        }
        let bytes = match read_at_most(path, FILE_BYTES_AT_MOST) {
            Ok(bytes) if bytes.len() as u64 > FILE_BYTES_AT_MOST => {
                let message = format!("文件太大，最多 {} KiB", FILE_BYTES_AT_MOST / 1024);
                return self.problem("file-too-large", path, message, "拆成几个文件");
            }
            Ok(bytes) => bytes,
            Err(error) => return self.unreadable(path, &error),
        };
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
