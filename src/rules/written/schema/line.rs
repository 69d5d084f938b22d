//! The line `#:schema ../schemas/stores.schema.json` at the start of a file, by which editors find
//! the schema: whether it leads to the right one.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::{FileSchema, KINDS};
use crate::files::{Diagnostic, Place, Report, SourceFile, Sources};
use crate::rules::written::FileKind;

/// What such a line begins with.
pub const SCHEMA_LINE: &str = "#:schema";

/// Where the schemas stand unless somebody moved them: a folder beside `config`.
const FOLDER: &str = "schemas";

/// The code of every warning here.
const WRONG: &str = "wrong-schema-line";

/// Warns of lines that lead nowhere (once for each place where there is no schema) or to the schema
/// of another kind of file. A file without such a line is fine, and so is one that names an address
/// of the web or a schema of somebody's own. `exists` is asked for paths, relative ones as seen from
/// where the files were read.
pub fn check_lines(sources: &Sources, exists: impl Fn(&Path) -> bool) -> Vec<Diagnostic> {
    let mut report = Report::new(&sources.files);
    let mut nowhere: BTreeMap<PathBuf, Vec<(Place, &str, String)>> = BTreeMap::new();
    for (at, file) in sources.files.iter().enumerate() {
        let (Some(kind), Some(line)) = (FileKind::of(file), SchemaLine::of(&file.text)) else { continue };
        let (place, right) = (Place::new(at, line.start..line.end), kind.schema());
        let (folder, name) = line.target.rsplit_once('/').unwrap_or((".", line.target));
        let other = KINDS.iter().find(|kind| kind.file_name() == name && kind.name != right.name);
        if let Some(other) = other {
            let message = format!("这一行指的是 {} 的格式，和这个文件对不上", other.place);
            let hint = format!("改成 {SCHEMA_LINE} {folder}/{}", right.file_name());
            report.warning(WRONG, place, message).hint(hint);
        } else if !line.target.contains("://") {
            let target = beside(&file.path, line.target);
            if !exists(&target) {
                nowhere.entry(target).or_default().push((place, line.target, way_to(file, right)));
            }
        }
    }
    nowhere.values().for_each(|lines| tell_nowhere(lines, &mut report));
    report.finish()
}

/// One warning for lines that all lead to the same missing file: place, target, the right way.
fn tell_nowhere(lines: &[(Place, &str, String)], report: &mut Report<'_>) {
    let [(place, target, way), others @ ..] = lines else { return };
    let also = if others.is_empty() {
        String::new()
    } else {
        format!("（另有 {} 个文件也指着它）", others.len())
    };
    let message = format!("没有 {target} 这个文件，编辑器不能补全和提示{also}");
    let hint = format!("写成 {SCHEMA_LINE} {way}；没有 {FOLDER} 文件夹就运行 zhanggui schema --out {FOLDER}");
    report.warning(WRONG, *place, message).hint(hint);
}

/// The path from where the file lies, with `..` taken away by sight.
fn beside(file: &str, target: &str) -> PathBuf {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut path = PathBuf::new();
    for part in folder.join(target).components() {
        let goes_up = part == Component::ParentDir
            && matches!(path.components().next_back(), Some(Component::Normal(_)));
        if goes_up {
            path.pop();
        } else if part != Component::CurDir {
            path.push(part);
        }
    }
    path
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
        let exists = |path: &Path| path == Path::new("schemas/profile.schema.json");
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
    fn one_missing_schema_is_told_once() {
        let file = |name: &str| SourceFile::new(name, "#:schema ../../schemas/scripts.schema.json");
        let files = ["bot-scripts/a/a.toml", "bot-scripts/b/a.toml", "bot-scripts/b/b.toml"].map(file);
        let told = check_lines(&Sources::new(files.into()), |_| false);
        assert_eq!(told.len(), 1);
        assert!(told[0].message.ends_with("（另有 2 个文件也指着它）"), "{}", told[0].message);
    }

    #[test]
    fn paths_are_made_plain() {
        assert_eq!(beside("config/profiles/a.toml", "../../schemas/x"), Path::new("schemas/x"));
        assert_eq!(beside("/brand/config/a.toml", "./../schemas/x"), Path::new("/brand/schemas/x"));
        assert_eq!(beside("../config/a.toml", "../../schemas/x"), Path::new("../../schemas/x"));
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
