use super::path::Path;
use super::*;
use crate::perception::picture::codes;
use crate::rules::Colour;

/// A font whose letters are squares: tests need none that is installed.
pub struct Squares;

impl Letters for Squares {
    fn has(&self, letter: char) -> bool {
        letter != '🎉'
    }

    fn advance(&self, letter: char) -> f32 {
        if letter.is_ascii() { 0.5 } else { 1.0 }
    }

    fn outline(&self, letter: char) -> Path {
        if letter.is_whitespace() {
            return Path::default();
        }
        Path::rectangle(0.08, -0.8, self.advance(letter) - 0.16, 0.8)
    }
}

const CONTENT: &str = "https://work.weixin.qq.com/gm/9ad7fa5cdaa6511298498f979c472aaa";

fn poster() -> Poster {
    Poster {
        brand: "山谷小铺（示例品牌）".into(),
        store: "山谷小铺朝阳店".into(),
        address: "朝阳区山谷路1号（示例地址）".into(),
        title: "扫码进群，街坊专享".into(),
        caption: "微信扫一扫，进群".into(),
        content: CONTENT.into(),
        colours: BrandColours::default(),
    }
}

fn drawn(poster: &Poster, size: Size) -> Picture {
    draw(poster, size, &Typefaces { heavy: &Squares, light: &Squares }).expect("drawn")
}

#[test]
fn the_printed_code_says_what_the_platforms_picture_said() {
    let bytes = png(&drawn(&poster(), Size::Square)).expect("a PNG");
    assert_eq!(codes(&bytes).expect("a picture"), [CONTENT]);
}

#[test]
fn a_png_knows_its_size_on_paper() {
    let page = Picture { shapes: Vec::new(), ..drawn(&poster(), Size::Square) };
    let bytes = png(&page).expect("a PNG");
    let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG");
    let info = reader.info();
    assert_eq!((info.width, info.height), (2362, 2362));
    let dots = info.pixel_dims.expect("a size on paper");
    assert_eq!((dots.xppu, dots.unit), (11811, png::Unit::Meter));
    assert_eq!(Size::A4.pixels(), (2480.0, 3508.0));
    assert_eq!(Size::A3.pixels(), (3508.0, 4961.0));
}

/// Whatever is written in the files: nothing leaves the margins, and nothing lies on anything else.
#[test]
fn long_texts_stay_in_their_places() {
    let long = Poster {
        store: "山谷小铺朝阳区山谷路一号社区服务中心旁边的那家很大很大的旗舰体验店".into(),
        title: "街坊们快来扫码进群，新品先尝，会员价先享，每天早上八点半准时开抢".into(),
        address: "很长的地址".repeat(12),
        brand: "名字很长的品牌".repeat(6),
        ..poster()
    };
    for (size, poster) in [Size::A4, Size::A3, Size::Square]
        .into_iter()
        .flat_map(|size| [(size, long.clone()), (size, poster())])
    {
        let picture = drawn(&poster, size);
        let (margin, above) = (picture.width * 0.05, picture.height * 0.035);
        let texts: Vec<[f32; 4]> = picture
            .shapes
            .iter()
            .filter(|shape| shape.path.steps.len() > 5 * 4)
            .filter_map(|shape| shape.path.bounds())
            .filter(|[left, _, right, _]| *left > 0.0 && *right < picture.width)
            .collect();
        // Brand, title, code, caption, store, address, from above to below.
        assert!(texts.len() >= 6, "{size:?}: {texts:?}");
        for [left, top, right, bottom] in &texts {
            assert!(*left >= margin && *right <= picture.width - margin, "{size:?}: {left} {right}");
            assert!(*top > above && *bottom < picture.height - above, "{size:?}: {top} {bottom}");
        }
        for pair in texts.windows(2) {
            assert!(pair[0][3] < pair[1][1], "{size:?}: {pair:?}");
        }
    }
}

#[test]
fn a_letter_that_the_font_has_not_is_named() {
    let party = Poster { title: "进群🎉领券🎉".into(), ..poster() };
    let error = draw(&party, Size::A4, &Typefaces { heavy: &Squares, light: &Squares }).expect_err("no 🎉");
    assert_eq!(error, PosterError::NoLetters("🎉".into()));
    assert!(error.chinese().contains("--font"));
}

#[test]
fn a_brand_of_its_own_needs_no_store() {
    let picture = drawn(&Poster { store: String::new(), address: String::new(), ..poster() }, Size::A4);
    assert!(picture.title.starts_with("山谷小铺（示例品牌）："));
}

#[test]
fn an_svg_is_outlines_alone_and_its_title_is_data() {
    let sly = Poster { title: "<script>&进群".into(), ..poster() };
    let text = svg(&drawn(&sly, Size::A4), Size::A4);
    assert!(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"297mm\""));
    assert!(text.contains("&lt;script&gt;&amp;进群") && !text.contains("<text") && !text.contains("<script"));
    assert_eq!(text.matches("<path ").count(), drawn(&sly, Size::A4).shapes.len());
}

#[test]
fn words_on_the_band_can_be_read_whatever_its_colour() {
    for primary in [Colour(0xff, 0xe0, 0x66), Colour(0x1f, 0x5c, 0x4a), Colour(0xc0, 0x39, 0x2b)] {
        let colours = BrandColours { primary, ..BrandColours::default() };
        let picture = drawn(&Poster { colours, ..poster() }, Size::A4);
        let title = picture.shapes.iter().filter(|shape| shape.path.steps.len() > 20).map(|shape| shape.fill);
        let readable = title.map(|fill| fill.contrast(primary)).fold(0.0, f64::max);
        assert!(readable > 4.5, "{primary}: {readable}");
    }
}
