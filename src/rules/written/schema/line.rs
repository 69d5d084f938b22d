//! The line `#:schema ../schemas/stores.schema.json` at the start of a file, by which editors find
//! the schema: whether it leads to the right one.

use std::path::Path;

use super::{FileSchema, KINDS};
use crate::files::{Diagnostic, Place, Report, SourceFile, Sources};
use crate::rules::written::FileKind;

/// What such a line begins with.
pub const SCHEMA_LINE: &str = "#:schema";

/// Where the schemas stand unless somebody moved them: a folder beside `config`.
const FOLDER: &str = "schemas";

/// Warns of lines that lead nowhere or to the schema of another kind of file. A file without such
/// a line is fine, and so is one that names an address of the web or a schema of somebody's own.
/// `exists` is asked for paths, relative ones as seen from where the files were read.
pub fn check_lines(sources: &Sources, exists: impl Fn(&Path) -> bool) -> Vec<Diagnostic> {
    let mut report = Report::new(&sources.files);
    for (at, file) in sources.files.iter().enumerate() {
        let (Some(kind), Some(line)) = (FileKind::of(file), SchemaLine::of(&file.text)) else { continue };
        if let Some((message, hint)) = line.mistake(file, kind.schema(), &exists) {
            report.warning("wrong-schema-line", Place::new(at, line.start..line.end), message).hint(hint);
        }
    }
    report.finish()
}

struct SchemaLine<'t> {
    target: &'t str,
    /// Of the target, in bytes.
    start: usize,
    end: usize,
}

impl<'t> SchemaLine<'t> {
    /// The first one among the comments that the text begins with.
    fn of(text: &'t str) -> Option<Self> {
        let text_start = text.len() - text.trim_start_matches('\u{feff}').len();
        let mut start = text_start;
        for line in text[text_start..].split_inclusive('\n') {
            if !line.starts_with('#') {
                return None;
            }
            if let Some(rest) = line.strip_prefix(SCHEMA_LINE).filter(|rest| rest.starts_with([' ', '\t'])) {
                let target = rest.trim();
                let start = start + line.len() - rest.trim_start().len();
                return Some(Self { target, start, end: start + target.len() });
            }
            start += line.len();
        }
        None
    }

    /// What is wrong, and what to do.
    fn mistake(
        &self,
        file: &SourceFile,
        right: &FileSchema,
        exists: &impl Fn(&Path) -> bool,
    ) -> Option<(String, String)> {
        let (folder, name) = self.target.rsplit_once('/').unwrap_or((".", self.target));
        let other = KINDS.iter().find(|kind| kind.file_name() == name && kind.name != right.name);
        if let Some(other) = other {
            let message = format!("这一行指的是 {} 的格式，和这个文件对不上", other.place);
            return Some((message, format!("改成 {SCHEMA_LINE} {folder}/{}", right.file_name())));
        }
        if self.target.contains("://") {
            return None;
        }
        let beside = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        if exists(&beside.join(self.target)) {
            return None;
        }
        let message = format!("没有 {} 这个文件，编辑器不能补全和提示", self.target);
        let hint = format!(
            "写成 {SCHEMA_LINE} {}；没有 {FOLDER} 文件夹就运行 zhanggui schema --out {FOLDER}",
            way_to(file, right)
        );
        Some((message, hint))
    }
}

/// From a file to its schema, if the schemas stand beside `config`.
fn way_to(file: &SourceFile, schema: &FileSchema) -> String {
    let up = "../".repeat(file.name.matches('/').count());
    format!("{up}{FOLDER}/{}", schema.file_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, text: &str) -> Vec<(usize, usize, String, String)> {
        let sources = Sources::new(vec![SourceFile::new(name, text)]);
        let exists = |path: &Path| path == Path::new("config/profiles/../../schemas/profile.schema.json");
        check_lines(&sources, exists)
            .into_iter()
            .map(|one| (one.line, one.column, one.message, one.hint.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn a_right_line_and_no_line_are_fine() {
        for text in [
            "#:schema ../../schemas/profile.schema.json\nname = \"x\"",
            "\u{feff}# 说明\n#:schema ../../schemas/profile.schema.json\r\n",
            "name = \"x\"\n#:schema nowhere.json",
            "#:schema https://example.com/profile.schema.json",
            "#:schemata are many",
            "",
        ] {
            assert_eq!(told("config/profiles/vip.toml", text), [], "{text}");
        }
    }

    #[test]
    fn leading_nowhere_is_told_with_the_way() {
        let expected = (
            2,
            10,
            "没有 ../schemas/profile.schema.json 这个文件，编辑器不能补全和提示".to_owned(),
            "写成 #:schema ../../schemas/profile.schema.json；没有 schemas 文件夹就运行 zhanggui schema --out schemas"
                .to_owned(),
        );
        assert_eq!(
            told("config/profiles/vip.toml", "# 说明\n#:schema ../schemas/profile.schema.json\n"),
            [expected]
        );
    }

    #[test]
    fn another_kind_is_told_before_anything_else() {
        let told = told("bot-scripts/faq/a.toml", "#:schema ../../schemas/stores.schema.json\n");
        assert_eq!(told[0].2, "这一行指的是 config/stores.toml 的格式，和这个文件对不上");
        assert_eq!(told[0].3, "改成 #:schema ../../schemas/scripts.schema.json");
    }

    #[test]
    fn files_that_nothing_reads_are_left_alone() {
        assert_eq!(told("config/else.toml", "#:schema nowhere.json"), []);
    }
}
