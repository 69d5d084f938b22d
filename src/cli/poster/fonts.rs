//! Fonts with Chinese letters on this machine.

use std::path::{Path, PathBuf};

/// A font's file.
#[derive(Clone, Debug)]
pub struct Font {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

/// What a poster is set in.
#[derive(Clone, Debug)]
pub struct Fonts {
    /// For names and titles.
    pub heavy: Font,
    pub light: Font,
}

/// Where systems keep fonts; `~` is the user's own folder.
const FOLDERS: &[&str] = &[
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:\\Windows\\Fonts",
];

/// Heavy and light, by the beginning of the file's name, the best-looking on paper first.
const FAMILIES: &[(&str, &str)] = &[
    ("NotoSansCJK-Bold", "NotoSansCJK-Regular"),
    ("NotoSansCJKsc-Bold", "NotoSansCJKsc-Regular"),
    ("NotoSansSC-Bold", "NotoSansSC-Regular"),
    ("SourceHanSansSC-Bold", "SourceHanSansSC-Regular"),
    ("SourceHanSansCN-Bold", "SourceHanSansCN-Regular"),
    ("PingFang", "PingFang"),
    ("Hiragino Sans GB", "Hiragino Sans GB"),
    ("STHeiti Medium", "STHeiti Light"),
    ("msyhbd", "msyh."),
    ("simhei", "simhei"),
    ("NotoSansCJK", "NotoSansCJK"),
    ("NotoSansSC", "NotoSansSC"),
    ("wqy-microhei", "wqy-microhei"),
    ("wqy-zenhei", "wqy-zenhei"),
    ("DroidSansFallback", "DroidSansFallback"),
    ("NotoSerifCJK-Bold", "NotoSerifCJK-Regular"),
];

/// Folders inside folders that are looked into, and files in all: more is no folder of fonts.
const DEPTH: usize = 4;
const FILES_AT_MOST: usize = 20_000;
/// The largest collection known to us has 120 MB.
const BYTES_AT_MOST: u64 = 256 << 20;

/// What is told when there is none.
const NONE: &str = "这台机器上没有找到中文字体，画不了海报。装一个再试：\n\
    · Debian、Ubuntu：sudo apt install fonts-noto-cjk\n\
    · Fedora、CentOS：sudo dnf install google-noto-sans-cjk-fonts\n\
    · 或者用 --font 指定一个字体文件（.ttf、.otf、.ttc）\n\
    No font with Chinese letters was found: install one, or name one with --font.";

/// The one that was asked for, else the best of this machine; the error is for the person.
pub fn find(wanted: Option<&Path>) -> Result<Fonts, String> {
    if let Some(path) = wanted {
        let font = read(path)?;
        return Ok(Fonts { heavy: font.clone(), light: font });
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    find_in(&folders(home.as_deref()))
}

fn folders(home: Option<&Path>) -> Vec<PathBuf> {
    let place = |folder: &&str| match folder.strip_prefix("~/") {
        Some(inside) => home.map(|home| home.join(inside)),
        None => Some(PathBuf::from(folder)),
    };
    FOLDERS.iter().filter_map(place).collect()
}

fn find_in(folders: &[PathBuf]) -> Result<Fonts, String> {
    let mut files = Vec::new();
    folders.iter().for_each(|folder| list(folder, DEPTH, &mut files));
    files.sort();
    let named = |beginning: &str| {
        let fits = |path: &&PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(beginning))
        };
        files.iter().find(fits)
    };
    let pairs = FAMILIES.iter().filter_map(|(heavy, light)| Some((named(heavy)?, named(light)?)));
    let (heavy, light) = pairs.into_iter().next().ok_or_else(|| NONE.to_owned())?;
    Ok(Fonts { heavy: read(heavy)?, light: read(light)? })
}

/// A folder that is not there, or may not be read, has no fonts for us.
fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if files.len() >= FILES_AT_MOST {
            return;
        }
        let path = entry.path();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("ttf" | "otf" | "ttc" | "otc") => files.push(path),
            _ if depth > 0 && path.is_dir() => list(&path, depth - 1, files),
            _ => {}
        }
    }
}

fn read(path: &Path) -> Result<Font, String> {
    let unreadable = |error: std::io::Error| format!("读不了字体 {}：{error}", path.display());
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > BYTES_AT_MOST {
        return Err(format!("字体 {} 太大，最多 {} MB", path.display(), BYTES_AT_MOST >> 20));
    }
    Ok(Font { path: path.to_owned(), bytes: std::fs::read(path).map_err(unreadable)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_family_that_is_there_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("opentype/noto");
        std::fs::create_dir_all(&inside).expect("made");
        let make = |name: &str| std::fs::write(inside.join(name), name).expect("written");
        let folders = [folder.path().join("nothing"), folder.path().to_owned()];
        assert_eq!(find_in(&folders).expect_err("none"), NONE);
        make("wqy-zenhei.ttc");
        make("NotoSansCJK-Bold.ttc");
        assert_eq!(find_in(&folders).expect("one").heavy.bytes, b"NotoSansCJK-Bold.ttc", "better than none");
        make("NotoSansCJK-Regular.ttc");
        let fonts = find_in(&folders).expect("both");
        assert_eq!(fonts.heavy.path, inside.join("NotoSansCJK-Bold.ttc"));
        assert_eq!(fonts.light.path, inside.join("NotoSansCJK-Regular.ttc"));
    }

    #[test]
    fn a_font_that_is_named_must_be_there() {
        let why = find(Some(Path::new("/no/such/font.ttf"))).expect_err("none");
        assert!(why.contains("/no/such/font.ttf"), "{why}");
    }
}
