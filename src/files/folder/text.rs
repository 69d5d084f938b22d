//! A file's text: as much of it as may be, in UTF-8, with the line ends of everybody.

use std::path::Path;

use super::listing::unreadable;
use super::read_at_most;
use crate::files::source::Lines;
use crate::files::{Diagnostic, Severity};

/// A TOML file of this size holds thousands of scripts; more is surely something else.
const FILE_BYTES_AT_MOST: u64 = 1024 * 1024;
const WINDOWS_LINE_END: &str = "\r\n";

pub fn read(path: &Path) -> Result<String, Box<Diagnostic>> {
    let bytes = read_at_most(path, FILE_BYTES_AT_MOST).map_err(|error| unreadable(path, &error))?;
    of(path, bytes)
}

/// The text of a file's content.
pub fn of(path: &Path, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    if bytes.len() as u64 > FILE_BYTES_AT_MOST {
        let message = format!("文件太大，最多 {} KiB", FILE_BYTES_AT_MOST / 1024);
        let mut problem =
            Diagnostic::of_file(Severity::Error, "file-too-large", path.to_string_lossy(), message);
        problem.hint("拆成几个文件");
        return Err(Box::new(problem));
    }
    let text = String::from_utf8(bytes).map_err(|error| Box::new(not_utf8(path, &error)))?;
    // An editor's line ends must not become part of what customers read.
    Ok(if text.contains(WINDOWS_LINE_END) { text.replace(WINDOWS_LINE_END, "\n") } else { text })
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Diagnostic {
    let valid_up_to = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(&error.as_bytes()[..valid_up_to]);
    let (line, column) = Lines::of(&text).position(&text, valid_up_to);
    let mut problem =
        Diagnostic::of_file(Severity::Error, "not-utf8", path.to_string_lossy(), "文件不是 UTF-8 编码");
    problem.hint("用编辑器另存为，编码选 UTF-8（多半现在是 GBK）");
    (problem.line, problem.column) = (line, column);
    (problem.end_line, problem.end_column) = (line, column);
    problem
}
