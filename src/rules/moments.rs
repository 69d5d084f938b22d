//! PURE. What the platform takes as a moment (客户朋友圈, wecom-send.md §10.1).

use crate::scripts::{MessageKind, Part, Script};

/// The scene of scripts that are written to be published in moments.
pub const SCENE: &str = "moments";
const IMAGES_AT_MOST: usize = 9;
const CHARACTERS_AT_MOST: usize = 2000;
const BYTES_AT_MOST: usize = 4000;
const LINK_TITLE_CHARACTERS: usize = 64;

/// Why the platform takes no such moment, in Chinese; `None` = it does. Sizes are checked when files are
/// uploaded.
pub fn misfit(parts: &[Part]) -> Option<String> {
    attachments_misfit(parts).or_else(|| text_misfit(parts))
}

/// What can be said of a script before it is filled in.
pub fn script_misfit(script: &Script) -> Option<String> {
    let variants = script.variants.iter().map(|variant| Some(variant.name.as_str()));
    let first = script.variants.is_empty().then_some(None);
    variants.chain(first).find_map(|variant| {
        let parts: Vec<Part> = script.messages_of(variant).map(|message| message.content.clone()).collect();
        attachments_misfit(&parts)
    })
}

/// The words of a moment; several texts are paragraphs of one.
pub fn words(parts: &[Part]) -> String {
    let words = parts.iter().filter(|part| part.is_words()).filter_map(Part::paste);
    words.collect::<Vec<_>>().join("\n\n")
}

fn attachments_misfit(parts: &[Part]) -> Option<String> {
    for part in parts {
        match part {
            Part::Markdown { .. } | Part::File { .. } | Part::MiniProgram { .. } => {
                return Some(format!("朋友圈不能发{}", part.kind().chinese()));
            }
            Part::Link { picture: None, .. } => return Some("朋友圈里的链接要配封面图（file）".to_owned()),
            Part::Link { title, .. } if title.chars().count() > LINK_TITLE_CHARACTERS => {
                return Some(format!("朋友圈里链接的标题最多 {LINK_TITLE_CHARACTERS} 个字"));
            }
            _ => {}
        }
    }
    let count = |kind| parts.iter().filter(|part| part.kind() == kind).count();
    let [images, videos, links] = [MessageKind::Image, MessageKind::Video, MessageKind::Link].map(count);
    let allowed = matches!((images, videos, links), (0..=IMAGES_AT_MOST, 0, 0) | (0, 1, 0) | (0, 0, 1));
    (!allowed)
        .then(|| format!("朋友圈只能配最多 {IMAGES_AT_MOST} 张图片，或一个视频，或一个链接，不能混着配"))
}

fn text_misfit(parts: &[Part]) -> Option<String> {
    if parts.is_empty() {
        return Some("没有内容可发".to_owned());
    }
    let text = words(parts);
    let (characters, bytes) = (text.chars().count(), text.len());
    (characters > CHARACTERS_AT_MOST || bytes > BYTES_AT_MOST).then(|| {
        format!(
            "朋友圈的文字最多 {CHARACTERS_AT_MOST} 个字、{BYTES_AT_MOST} 字节，这里有 {characters} 个字、{bytes} 字节"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripts::{MediaFile, ScriptMessage, Variant};

    fn file() -> MediaFile {
        MediaFile { name: "bot-scripts/a.jpg".into(), sha256: String::new() }
    }

    fn link(title: &str, picture: Option<MediaFile>) -> Part {
        let (title, url) = (title.to_owned(), "https://shop.example.com".to_owned());
        Part::Link { title, description: String::new(), url, picture }
    }

    #[test]
    fn a_moment_is_words_with_nine_pictures_or_one_video_or_one_link() {
        let image = Part::Image { file: file() };
        let video = Part::Video { file: file(), title: String::new(), description: String::new() };
        let words = Part::text("早上卸货");
        for good in [
            vec![words.clone()],
            vec![image.clone(); 9],
            vec![words.clone(), video.clone()],
            vec![words.clone(), link("门店地图", Some(file()))],
            vec![Part::text("长".repeat(1333))],
        ] {
            assert_eq!(misfit(&good), None, "{good:?}");
        }
        for (bad, says) in [
            (vec![], "没有内容"),
            (vec![image.clone(); 10], "9 张"),
            (vec![image, video], "不能混着配"),
            (vec![words.clone(), link("门店地图", None)], "封面图"),
            (vec![link(&"长".repeat(65), Some(file()))], "64 个字"),
            (vec![Part::Markdown { text: "**早**".into() }], "不能发"),
            (vec![Part::File { file: file() }], "不能发"),
            (vec![Part::text("长".repeat(1334))], "4000 字节"),
            (vec![Part::text("a".repeat(2001))], "2000 个字"),
        ] {
            let told = misfit(&bad).unwrap_or_default();
            assert!(told.contains(says), "{bad:?}: {told}");
        }
    }

    #[test]
    fn variants_are_judged_each_by_itself() {
        let message = |variant: &str, content: Part| ScriptMessage { variant: Some(variant.into()), content };
        let variant = |name: &str| Variant { name: name.into(), weight: 1 };
        let image = Part::Image { file: file() };
        let messages = [vec![message("a", image.clone()); 5], vec![message("b", image); 5]].concat();
        let script = Script { variants: vec![variant("a"), variant("b")], messages, ..Script::default() };
        assert_eq!(script_misfit(&script), None, "five and five, never ten");
        let file = Part::File { file: file() };
        let messages = [script.messages.clone(), vec![message("b", file)]].concat();
        assert!(script_misfit(&Script { messages, ..script }).is_some());
    }
}
