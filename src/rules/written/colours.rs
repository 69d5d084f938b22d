//! Colours, and those of the brand.

use crate::files::{Misspelled, Shape, Spelled};
use crate::rules::Colour;
use crate::table;

impl Spelled for Colour {
    const SHAPE: Shape = Shape::Special { chinese: "颜色", example: "#1F5C4A" };
    const PATTERN: Option<&'static str> = Some("^#[0-9A-Fa-f]{6}$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let part = |at: usize| u8::from_str_radix(digits?.get(at..at + 2)?, 16).ok();
        let hex = digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match (part(0), part(2), part(4)) {
            (Some(red), Some(green), Some(blue)) if hex => Ok(Self(red, green, blue)),
            _ => {
                let hint = "写 # 和六位十六进制数，例如 \"#1F5C4A\"；设计稿里的色号就是这样写的";
                Err(Misspelled::new("bad-colour", format!("颜色 {text:?} 看不懂"), hint))
            }
        }
    }
}

table! {
    /// 品牌的颜色，画海报用。
    pub struct ColoursTable {
        /// 主色：品牌名和大色块。
        primary: Colour, default = "#1F5C4A";
        /// 墨色：字和二维码，越深越好扫。
        ink: Colour, default = "#1C2421";
        /// 纸色：底色，要浅。
        paper: Colour, default = "#FBF8F1";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_designers_write_them() {
        assert_eq!(Colour::parse("#1F5c4A"), Ok(Colour(0x1f, 0x5c, 0x4a)));
        for wrong in ["1F5C4A", "#FFF", "#1F5C4A0", "#+15C4A", "绿", "#绿绿"] {
            assert_eq!(Colour::parse(wrong).map_err(|wrong| wrong.code), Err("bad-colour"), "{wrong}");
        }
    }
}
