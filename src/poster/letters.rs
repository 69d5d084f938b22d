//! Letters as outlines, from a font's bytes.

use ttf_parser::{Face, OutlineBuilder};

use super::path::{Path, Step};

/// Draws letters. Everything is in parts of the size: 1 is one em.
pub trait Letters {
    fn has(&self, letter: char) -> bool;
    /// How far on the next letter stands.
    fn advance(&self, letter: char) -> f32;
    /// On a line at y = 0, y downwards; of a letter that it has not, nothing.
    fn outline(&self, letter: char) -> Path;
}

/// One face of a font file.
pub struct Typeface<'f> {
    face: Face<'f>,
}

/// Why a font cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypefaceError {
    #[error("it is no font: {0}")]
    NoFont(#[from] ttf_parser::FaceParsingError),
    #[error("it has no Chinese letters")]
    NotChinese,
}

/// Whatever has these can write Chinese, Simplified and Traditional.
const CHINESE: [char; 3] = ['进', '群', '店'];

impl<'f> Typeface<'f> {
    /// The face for Simplified Chinese of a font or a collection of fonts.
    pub fn of(bytes: &'f [u8]) -> Result<Self, TypefaceError> {
        let faces = ttf_parser::fonts_in_collection(bytes).unwrap_or(1);
        let simplified = |index: &u32| Face::parse(bytes, *index).is_ok_and(|face| is_simplified(&face));
        let index = (0..faces).find(simplified).unwrap_or(0);
        let typeface = Self { face: Face::parse(bytes, index)? };
        let chinese = CHINESE.iter().all(|letter| typeface.has(*letter));
        if chinese { Ok(typeface) } else { Err(TypefaceError::NotChinese) }
    }

    fn em(&self) -> f32 {
        f32::from(self.face.units_per_em())
    }
}

/// Collections for several countries call their faces so: their letters differ.
fn is_simplified(face: &Face<'_>) -> bool {
    let names = face.names().into_iter().filter(|name| name.name_id == ttf_parser::name_id::FULL_NAME);
    let says = |name: String| name.contains(" SC") || name.contains("GB") || name.contains("YaHei");
    names.filter_map(|name| name.to_string()).any(says)
}

impl Letters for Typeface<'_> {
    fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some()
    }

    fn advance(&self, letter: char) -> f32 {
        let glyph = self.face.glyph_index(letter);
        let advance = glyph.and_then(|glyph| self.face.glyph_hor_advance(glyph));
        f32::from(advance.unwrap_or_default()) / self.em()
    }

    fn outline(&self, letter: char) -> Path {
        let mut pen = Pen { path: Path::default(), scale: 1.0 / self.em() };
        if let Some(glyph) = self.face.glyph_index(letter) {
            // A blank has no outline, and needs none.
            self.face.outline_glyph(glyph, &mut pen);
        }
        pen.path
    }
}

/// Turns y around and makes it parts of an em.
struct Pen {
    path: Path,
    scale: f32,
}

impl Pen {
    fn point(&self, x: f32, y: f32) -> [f32; 2] {
        [x * self.scale, -y * self.scale]
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.steps.push(Step::Move(self.point(x, y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.steps.push(Step::Line(self.point(x, y)));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.steps.push(Step::Quad(self.point(x1, y1), self.point(x, y)));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.path.steps.push(Step::Cubic(self.point(x1, y1), self.point(x2, y2), self.point(x, y)));
    }

    fn close(&mut self) {
        self.path.steps.push(Step::Close);
    }
}
