//! Media beside the scripts: found by the path that a message names, checked for what they really are.

use std::collections::{BTreeMap, BTreeSet};

use crate::files::{At, Diagnostic, MediaForm, MediaSource, Report, Severity, Sources, Text, nearest};
use crate::scripts::{MediaFile, MessageKind};

/// Less than this is no medium (wecom-send.md §12.1).
const BYTES_AT_LEAST: u64 = 6;
/// Pictures and films that are uploaded (§12.1).
const UPLOAD_BYTES_AT_MOST: u64 = 10 * 1024 * 1024;
/// Files (§5.3, §12.1).
const FILE_BYTES_AT_MOST: u64 = 20 * 1024 * 1024;
/// Pictures that a push robot sends (§5.2), and those of links and mini-programs (§12.2).
const SMALL_PICTURE_BYTES_AT_MOST: u64 = 2 * 1024 * 1024;

/// The folder in which nothing but media should lie.
const FOLDER: &str = "/media/";

/// All media of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    by_name: BTreeMap<String, MediaSource>,
    /// Something could not be read: what is missing may be there.
    whole: bool,
}

impl Media {
    pub fn of(sources: &Sources) -> Self {
        Self {
            by_name: sources.media.iter().map(|medium| (medium.name.clone(), medium.clone())).collect(),
            whole: !sources.problems.iter().any(Diagnostic::is_error),
        }
    }

    pub fn shelf(&self) -> Shelf<'_> {
        Shelf { media: self, used: BTreeSet::new() }
    }
}

/// Where media are taken from; it knows which ones were.
#[derive(Debug)]
pub struct Shelf<'m> {
    media: &'m Media,
    used: BTreeSet<String>,
}

impl<'m> Shelf<'m> {
    /// The names of all that were taken since the last time.
    pub fn take_used(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.used)
    }

    /// What was taken elsewhere.
    pub fn use_again(&mut self, used: &BTreeSet<String>) {
        self.used.extend(used.iter().cloned());
    }

    /// The file that a message of this kind names, if it can be sent; otherwise that is told.
    pub fn find(
        &mut self,
        kind: MessageKind,
        written: &At<Text>,
        report: &mut Report<'_>,
    ) -> Option<MediaFile> {
        let Some(name) = beside(report.file_name(written.place), &written.0) else {
            report
                .error("bad-media-path", written.place, "这个路径不在话术文件夹里")
                .hint("从这个文件所在的文件夹算起，用 / 隔开，例如 \"media/月饼.jpg\"");
            return None;
        };
        let Some(medium) = self.media.by_name.get(&name) else {
            self.missing(&name, written, report);
            return None;
        };
        self.used.insert(name.clone());
        check(kind, medium, written, report).then(|| MediaFile { name, sha256: medium.sha256.clone() })
    }

    /// Media that no message names.
    pub fn check_unused(&self, report: &mut Report<'_>) {
        let unused = self.media.by_name.values().filter(|medium| medium.name.contains(FOLDER));
        for medium in unused.filter(|medium| !self.used.contains(&medium.name)) {
            let message = "没有哪条话术用到这个文件";
            let mut unused = Diagnostic::of_file(Severity::Warning, "unused-media", &medium.path, message);
            unused.hint("不用了就删掉；要用就在消息里写 file = \"media/…\"");
            report.push(unused);
        }
    }

    fn missing(&self, name: &str, written: &At<Text>, report: &mut Report<'_>) {
        if !self.media.whole {
            return;
        }
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let last = |name: &'m str| name.rsplit('/').next().unwrap_or(name);
        let beside =
            || self.media.by_name.keys().filter(|other| other.starts_with(folder)).map(|other| last(other));
        let wanted = name.rsplit('/').next().unwrap_or(name);
        let hint = match nearest(wanted, beside()) {
            Some(meant) => format!("这里有一个叫 {meant:?} 的文件，是不是它？"),
            None => "把文件放进来一起提交，或改对路径；大小写也要一样".to_owned(),
        };
        report.error("missing-media", written.place, format!("没有文件 {name}")).hint(hint);
    }
}

/// The tree's name of a path that stands in `file`; `None` when it leads out of the scripts' folder.
fn beside(file: &str, path: &str) -> Option<String> {
    if path.contains('\\') || path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            // The first part is the scripts' folder itself.
            ".." if parts.len() > 1 => drop(parts.pop()),
            ".." => return None,
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a message of this kind can carry the file; otherwise that is told.
fn check(kind: MessageKind, medium: &MediaSource, written: &At<Text>, report: &mut Report<'_>) -> bool {
    let (forms, at_most, wanted): (&[MediaForm], u64, &str) = match kind {
        MessageKind::Image => (&[MediaForm::Jpg, MediaForm::Png], UPLOAD_BYTES_AT_MOST, "JPG 或 PNG 图片"),
        MessageKind::Link | MessageKind::MiniProgram => {
            (&[MediaForm::Jpg, MediaForm::Png], SMALL_PICTURE_BYTES_AT_MOST, "JPG 或 PNG 图片")
        }
        MessageKind::Video => (&[MediaForm::Mp4], UPLOAD_BYTES_AT_MOST, "MP4 视频"),
        _ => (&[], FILE_BYTES_AT_MOST, ""),
    };
    if !forms.is_empty() && !forms.contains(&medium.form) {
        let message = format!("这里要 {wanted}，而 {} 其实是{}", medium.name, medium.form.chinese());
        report.error("wrong-media", written.place, message).hint("用看图或剪辑软件另存一份，只改后缀没有用");
        return false;
    }
    if !(BYTES_AT_LEAST..=at_most).contains(&medium.bytes) {
        let megabytes = at_most / 1024 / 1024;
        let (message, hint) = if medium.bytes < BYTES_AT_LEAST {
            (format!("{} 是空的", medium.name), "重新放一份；多半是没有传完".to_owned())
        } else {
            let message = format!("{} 太大，{}最多 {megabytes} MB", medium.name, kind.chinese());
            (message, "压缩一下再放进来".to_owned())
        };
        report.error("media-size", written.place, message).hint(hint);
        return false;
    }
    if kind == MessageKind::Image && medium.bytes > SMALL_PICTURE_BYTES_AT_MOST {
        let message = format!("{} 超过 2 MB，群里的消息推送机器人发不出去", medium.name);
        report.warning("media-size", written.place, message).hint("压缩到 2 MB 以内");
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_tree() {
        let file = "bot-scripts/promotion/a.toml";
        let found = |path: &str| beside(file, path);
        assert_eq!(found("media/月饼.png").as_deref(), Some("bot-scripts/promotion/media/月饼.png"));
        assert_eq!(found("./a.png").as_deref(), Some("bot-scripts/promotion/a.png"));
        assert_eq!(found("../media/a.png").as_deref(), Some("bot-scripts/media/a.png"));
        for out in ["../../config/zhanggui.toml", "/etc/passwd", "media\\a.png", "../../../a"] {
            assert_eq!(found(out), None, "{out}");
        }
    }
}
