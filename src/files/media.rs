//! Media beside the scripts: what is known of a file without keeping it in memory.

/// One file of the scripts' folder that is no TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaSource {
    /// Where it stands in the tree: `bot-scripts/promotion/media/月饼.png`.
    pub name: String,
    /// Where it was found, as people call it.
    pub path: String,
    pub bytes: u64,
    /// Of the content, lower-case hex; empty for a file that is too large to be sent by any hand.
    pub sha256: String,
    pub form: MediaForm,
}

/// What a file really is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaForm {
    Jpg,
    Png,
    Mp4,
    /// A picture or film that the platform does not take; with its name.
    Foreign(&'static str),
    /// Anything else: it can only be sent as a file.
    Other,
}

/// So many bytes tell the form of a file.
pub const HEAD_BYTES: usize = 16;

impl MediaForm {
    /// `head` = the first [`HEAD_BYTES`] of the file, or all of a shorter one.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0xff, 0xd8, 0xff, ..] => Self::Jpg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [b'G', b'I', b'F', b'8', ..] => Self::Foreign("GIF"),
            [b'B', b'M', ..] => Self::Foreign("BMP"),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Foreign("WebP"),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', ..] => Self::Foreign("AVI"),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Self::Foreign("MKV 或 WebM"),
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Self::of_brand(brand),
            _ => Self::Other,
        }
    }

    /// Films and pictures of one family share their beginning and tell themselves apart by a brand.
    fn of_brand(brand: &[u8]) -> Self {
        match brand.get(..4) {
            Some(b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1") => Self::Foreign("HEIC"),
            Some(b"avif" | b"avis") => Self::Foreign("AVIF"),
            Some(b"qt  ") => Self::Foreign("MOV"),
            _ => Self::Mp4,
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Jpg => "JPG 图片",
            Self::Png => "PNG 图片",
            Self::Mp4 => "MP4 视频",
            Self::Foreign(name) => name,
            Self::Other => "别的文件",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_form() {
        for (head, form) in [
            (&[0xff, 0xd8, 0xff, 0xe0][..], MediaForm::Jpg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", MediaForm::Png),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", MediaForm::Mp4),
            (b"\0\0\0\x18ftypheic\0\0\0\0", MediaForm::Foreign("HEIC")),
            (b"\0\0\0\x14ftypqt  \0\0\0\0", MediaForm::Foreign("MOV")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", MediaForm::Foreign("WebP")),
            (b"%PDF-1.7", MediaForm::Other),
            (b"", MediaForm::Other),
        ] {
            assert_eq!(MediaForm::of(head), form, "{head:?}");
        }
    }
}
