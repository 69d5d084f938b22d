//! Where everything stands: a band with brand and invitation, the code on a card that lies half on it, the store
//! below. All measures are hundredths of the page's width, or of what a page of A4's shape would have.

use super::letters::Letters;
use super::path::{Path, Picture};
use super::setting::{Block, Wanted, set};
use super::{Poster, PosterError, Size, Typefaces, qr};
use crate::rules::Colour;

const WHITE: Colour = Colour(255, 255, 255);
/// Left free at both sides.
const MARGIN: f32 = 9.0;
const BRAND: f32 = 3.5;
const TITLE: f32 = 11.0;
const CODE: f32 = 50.0;
/// From the card's edge to the code's own light border.
const PADDING: f32 = 1.4;
/// Below the caption, so that it stands in the middle between the code and the edge.
const BELOW_CAPTION: f32 = 4.4;
const CAPTION: f32 = 3.3;
const STORE: f32 = 6.2;
const ADDRESS: f32 = 2.5;
/// A page as wide as high is filled as if it were no wider than this part of its height.
const NARROW: f32 = 0.7;
/// How much of the card lies on the band.
const ON_THE_BAND: f32 = 0.42;
/// How the free height is shared out: above the brand, brand to title, title to card, card to store, below.
const GAPS: [f32; 5] = [1.15, 0.9, 1.05, 1.0, 1.3];
/// What a gap of 1 has at least; where long texts leave less, everything is drawn smaller.
const LEAST_GAP: f32 = 4.6;
const SMALLER: f32 = 0.97;

/// One page and what is on it so far.
struct Page<'p> {
    poster: &'p Poster,
    faces: &'p Typefaces<'p>,
    picture: Picture,
    /// A hundredth of the width.
    unit: f32,
}

/// All text, set, before anybody knows where it stands.
struct Texts {
    brand: Block,
    title: Block,
    caption: Block,
    store: Block,
    address: Block,
}

pub fn lay_out(poster: &Poster, size: Size, faces: &Typefaces<'_>) -> Result<Picture, PosterError> {
    let (width, height) = size.pixels();
    let name = if poster.store.is_empty() { &poster.brand } else { &poster.store };
    let title = format!("{name}：{}", poster.title.lines().collect::<String>());
    let picture = Picture { width, height, title, shapes: Vec::new() };
    let mut page = Page { poster, faces, picture, unit: width.min(height * NARROW) / 100.0 };
    page.fill()?;
    Ok(page.picture)
}

impl Page<'_> {
    fn fill(&mut self) -> Result<(), PosterError> {
        while !self.try_to_fill()? {
            self.unit *= SMALLER;
        }
        Ok(())
    }

    /// False when all of it is too high for the page; then nothing is drawn.
    fn try_to_fill(&mut self) -> Result<bool, PosterError> {
        let (unit, texts) = (self.unit, self.texts());
        let card = (CODE + 2.0 * PADDING) * unit;
        let card_height = (PADDING + CODE + BELOW_CAPTION) * unit + texts.caption.height();
        let store = texts.store.height() + texts.address.height() + self.between(&texts.address);
        let used = texts.brand.height() + texts.title.height() + card_height + store;
        let free = (self.picture.height - used) / GAPS.iter().sum::<f32>();
        if free < LEAST_GAP * unit {
            return Ok(false);
        }
        let [above, to_title, to_card, to_store, _] = GAPS.map(|gap| gap * free);

        let brand_top = above;
        let title_top = brand_top + texts.brand.height() + to_title;
        let card_top = title_top + texts.title.height() + to_card;
        let store_top = card_top + card_height + to_store;
        self.band(card_top + card_height * ON_THE_BAND);
        let middle = brand_top + texts.brand.height() + to_title * 0.5;
        self.rule(middle);
        self.head(&texts, brand_top, title_top);
        self.card(&texts.caption, card_top, card, card_height)?;
        self.foot(&texts, store_top);
        Ok(true)
    }

    fn texts(&self) -> Texts {
        let Poster { brand, store, address, title, caption, .. } = self.poster;
        let unit = self.unit;
        let across = self.picture.width - 2.0 * MARGIN * unit;
        let set = |text: &str, letters: &dyn Letters, size: f32, lines: usize, spacing: f32, width: f32| {
            set(text, letters, Wanted { size: size * unit, width, lines, spacing })
        };
        let Typefaces { heavy, light } = *self.faces;
        // Without a store the brand stands in its place, and not twice.
        let (top, bottom) = if store.is_empty() { ("", brand) } else { (brand.as_str(), store) };
        Texts {
            brand: set(top, light, BRAND, 1, 0.12, across),
            title: set(title, heavy, TITLE, 3, 0.02, across),
            caption: set(caption, light, CAPTION, 1, 0.06, CODE * unit),
            store: set(bottom, heavy, STORE, 2, 0.03, across),
            address: set(address, light, ADDRESS, 2, 0.04, across),
        }
    }

    fn between(&self, address: &Block) -> f32 {
        if address.lines.is_empty() { 0.0 } else { 2.2 * self.unit }
    }

    fn middle(&self) -> f32 {
        self.picture.width / 2.0
    }

    /// The paper, the band of the brand's colour, two rings that are hardly there, and a strip at the foot.
    fn band(&mut self, bottom: f32) {
        let (width, height, unit) = (self.picture.width, self.picture.height, self.unit);
        let colours = self.poster.colours.clone();
        self.picture.fill(Path::rectangle(0.0, 0.0, width, height), colours.paper);
        self.picture.fill(Path::rectangle(0.0, 0.0, width, bottom.round()), colours.primary);
        let light = |part: f64| colours.primary.towards(colours.paper, part);
        for (radius, part) in [(21.0, 0.05), (14.0, 0.1), (7.0, 0.05)] {
            let ring = Path::circle(width - 4.0 * unit, 2.0 * unit, radius * unit);
            let shade = if part > 0.08 { light(0.0) } else { light(part) };
            self.picture.fill(ring, shade);
        }
        let strip = (1.4 * unit).round();
        self.picture.fill(Path::rectangle(0.0, height - strip, width, strip), colours.primary);
    }

    /// A short line between brand and title.
    fn rule(&mut self, y: f32) {
        if self.poster.store.is_empty() {
            return;
        }
        let (wide, thick) = (7.0 * self.unit, (0.28 * self.unit).round().max(1.0));
        let (middle, colours) = (self.middle(), &self.poster.colours);
        let pale = colours.primary.towards(self.on_the_band(), 0.55);
        self.picture.fill(Path::rectangle(middle - wide / 2.0, y.round(), wide, thick), pale);
    }

    /// Paper on a dark band, ink on a light one.
    fn on_the_band(&self) -> Colour {
        let colours = &self.poster.colours;
        let better = colours.primary.contrast(colours.paper) >= colours.primary.contrast(colours.ink);
        if better { colours.paper } else { colours.ink }
    }

    fn head(&mut self, texts: &Texts, brand_top: f32, title_top: f32) {
        let (middle, colour) = (self.middle(), self.on_the_band());
        let pale = self.poster.colours.primary.towards(colour, 0.86);
        self.picture.fill(texts.brand.path(self.faces.light, middle, brand_top), pale);
        self.picture.fill(texts.title.path(self.faces.heavy, middle, title_top), colour);
    }

    /// White whatever the paper: a code needs the light.
    fn card(&mut self, caption: &Block, top: f32, side: f32, height: f32) -> Result<(), PosterError> {
        let (unit, colours) = (self.unit, self.poster.colours.clone());
        let (left, radius) = ((self.middle() - side / 2.0).round(), 2.6 * unit);
        let edge = (0.18 * unit).max(1.0);
        let shade = colours.paper.towards(colours.primary, 0.22);
        let under =
            Path::rounded(left - edge, top - edge, side + 2.0 * edge, height + 3.0 * edge, radius + edge);
        self.picture.fill(under, shade);
        self.picture.fill(Path::rounded(left, top, side, height, radius), WHITE);
        let wanted = CODE * unit;
        // Its whole pixels make it a little smaller than wanted: both sides get half of the rest.
        let (_, real) = qr::modules(&self.poster.content, 0.0, 0.0, wanted)?;
        let begin = self.middle() - real / 2.0;
        let (code, _) = qr::modules(&self.poster.content, begin, top + (side - real) / 2.0, wanted)?;
        self.picture.fill(code, colours.ink);
        let below = top + (PADDING + CODE) * unit;
        self.picture.fill(caption.path(self.faces.light, self.middle(), below), colours.ink);
        Ok(())
    }

    fn foot(&mut self, texts: &Texts, top: f32) {
        let (middle, colours) = (self.middle(), self.poster.colours.clone());
        let name = if colours.primary.contrast(colours.paper) >= 3.0 { colours.primary } else { colours.ink };
        self.picture.fill(texts.store.path(self.faces.heavy, middle, top), name);
        let below = top + texts.store.height() + self.between(&texts.address);
        let pale = colours.ink.towards(colours.paper, 0.3);
        self.picture.fill(texts.address.path(self.faces.light, middle, below), pale);
    }
}
