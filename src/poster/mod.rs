//! PURE. Posters of join codes: one drawing, written as PNG at 300 dpi or as SVG.
//!
//! What this module promises:
//! - both files show the same: everything is filled outlines, letters too, so that no printer needs a font;
//! - nothing runs out of its place, however long it is: text wraps, then shrinks;
//! - the modules of the QR code are squares of whole pixels with light around them, dark on light.

mod layout;
mod letters;
mod path;
mod qr;
mod raster;
mod setting;
mod svg;

pub use letters::{Letters, Typeface, TypefaceError};
pub use path::{Picture, Shape};
pub use raster::png;
pub use svg::svg;

use crate::rules::BrandColours;

/// Of paper, in pixels at [`DPI`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    A4,
    A3,
    /// 200 mm, for table stands and screens.
    Square,
}

/// What printers ask for.
pub const DPI: f32 = 300.0;
const MM_PER_INCH: f32 = 25.4;

impl Size {
    pub fn millimetres(self) -> (f32, f32) {
        match self {
            Self::A4 => (210.0, 297.0),
            Self::A3 => (297.0, 420.0),
            Self::Square => (200.0, 200.0),
        }
    }

    pub fn pixels(self) -> (f32, f32) {
        let (width, height) = self.millimetres();
        let pixels = |length: f32| (length / MM_PER_INCH * DPI).round();
        (pixels(width), pixels(height))
    }
}

/// What a poster says.
#[derive(Clone, Debug, PartialEq)]
pub struct Poster {
    pub brand: String,
    /// Empty = the brand's own poster.
    pub store: String,
    /// Below the store's name, small; may be empty.
    pub address: String,
    /// What it invites to.
    pub title: String,
    /// Below the QR code.
    pub caption: String,
    /// What the QR code says.
    pub content: String,
    pub colours: BrandColours,
}

/// Heavy letters for names and the title, light ones for the rest.
pub struct Typefaces<'f> {
    pub heavy: &'f dyn Letters,
    pub light: &'f dyn Letters,
}

/// Why a poster cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PosterError {
    /// All that it has not, each once.
    #[error("the font has no {0:?}")]
    NoLetters(String),
    #[error("{0} bytes do not fit a QR code")]
    TooLong(usize),
    #[error("the PNG cannot be written: {0}")]
    Png(String),
}

impl PosterError {
    /// What ops read.
    pub fn chinese(&self) -> String {
        match self {
            Self::NoLetters(letters) => {
                format!(
                    "字体里没有这些字：{letters}。换一个字体（--font 字体文件），或者把它们从海报的文字里去掉"
                )
            }
            Self::TooLong(bytes) => format!("二维码的内容有 {bytes} 字节，装不下"),
            Self::Png(_) => "画不成 PNG 图片（程序错误，请联系开发）".to_owned(),
        }
    }
}

/// Draws the poster.
pub fn draw(poster: &Poster, size: Size, faces: &Typefaces<'_>) -> Result<Picture, PosterError> {
    check_letters(poster, faces)?;
    layout::lay_out(poster, size, faces)
}

fn check_letters(poster: &Poster, faces: &Typefaces<'_>) -> Result<(), PosterError> {
    let Poster { brand, store, address, title, caption, .. } = poster;
    let mut missing: Vec<char> = Vec::new();
    for (letters, texts) in [(faces.heavy, [brand, store, title]), (faces.light, [address, caption, brand])] {
        let all = texts.into_iter().flat_map(|text| text.chars());
        for letter in all.filter(|letter| !letter.is_whitespace() && !letters.has(*letter)) {
            if !missing.contains(&letter) {
                missing.push(letter);
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(PosterError::NoLetters(missing.into_iter().collect())) }
}

#[cfg(test)]
mod tests;
