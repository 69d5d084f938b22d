use std::time::{Duration, Instant};

use fast_qr::QRBuilder;
use proptest::prelude::*;

use super::*;

/// Light around a code, in modules.
const MARGIN: usize = 4;

/// A picture of the text's code, each module so many pixels wide.
fn code(text: &str, module: usize) -> Grey {
    let code = QRBuilder::new(text).build().expect("it fits a code");
    let side = (code.size + 2 * MARGIN) * module;
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| (at / module).checked_sub(MARGIN).filter(|at| *at < code.size);
        inside(x).zip(inside(y)).is_some_and(|(x, y)| code[y][x].value())
    };
    let shades = (0..side * side).map(|nth| if is_dark(nth % side, nth / side) { 0 } else { 255 }).collect();
    Grey { width: side, height: side, shades }
}

fn written(grey: &Grey) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, grey.width as u32, grey.height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("memory can be written");
    writer.write_image_data(&grey.shades).expect("memory can be written");
    drop(writer);
    bytes
}

fn english(bytes: &[u8]) -> String {
    codes(bytes).map_or_else(|error| error.to_string(), |codes| format!("{codes:?}"))
}

/// A PNG's signature and header alone.
fn header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let writer = png::Encoder::new(&mut bytes, width, height).write_header().expect("memory can be written");
    drop(writer);
    bytes.truncate(33);
    bytes
}

#[test]
fn reads_codes_small_and_large() {
    for (text, module) in
        [("https://abc123.top/x", 4), ("加微信 abc12345 领资料", 6), ("https://u.wechat.com/abc", 40)]
    {
        assert_eq!(codes(&written(&code(text, module))).expect("a picture"), [text], "{module} pixels");
    }
}

/// Modules that look like a corner by chance are no reason to refuse a code: every sixth of these had too many once.
#[test]
fn every_code_of_a_group_can_be_read() {
    for nth in 0..60_u64 {
        let id = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let text = format!("https://work.weixin.qq.com/gm/{id:016x}{:016x}", !id.rotate_left(17));
        assert_eq!(codes(&written(&code(&text, 4))).expect("a picture"), [text]);
    }
}

#[test]
fn a_picture_without_a_code_holds_none() {
    let plain = Grey { width: 300, height: 200, shades: vec![200; 300 * 200] };
    assert_eq!(codes(&written(&plain)).expect("a picture"), Vec::<String>::new());
    let shade = |nth: u32| (nth.wrapping_mul(2_654_435_761) >> 24) as u8;
    let noise = Grey { width: 200, height: 200, shades: (0..40_000).map(shade).collect() };
    assert!(codes(&written(&noise)).map_or(true, |codes| codes.is_empty()));
}

#[test]
fn what_is_too_large_is_refused_by_its_header() {
    assert_eq!(
        english(&header(10_000, 10_000)),
        "the picture has 10000 x 10000 pixels, 16000000 are allowed"
    );
    let jpeg = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0];
    assert!(codes(&jpeg).is_err());
    let long = vec![0; BYTES_AT_MOST + 1];
    assert_eq!(english(&long), format!("the picture has {} bytes, {BYTES_AT_MOST} are allowed", long.len()));
}

/// Some kilobytes that unpack to six million pixels, and some that claim few and unpack to many.
#[test]
fn a_bomb_costs_no_more_than_its_pixels() {
    let started = Instant::now();
    let white = written(&Grey { width: 2_500, height: 2_500, shades: vec![255; 6_250_000] });
    assert!(white.len() < 100_000);
    assert_eq!(codes(&white).expect("a picture"), Vec::<String>::new());
    let mut lying = white;
    lying[16..24].copy_from_slice(&[0, 0, 0, 8, 0, 0, 0, 8]);
    assert!(codes(&lying).is_err(), "its header's checksum is wrong");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn a_wall_of_corners_is_refused() {
    let one = code("x", 2);
    let across = 8;
    let shades = (0..one.width * one.height * across * across).map(|nth| {
        let (x, y) = (nth % (one.width * across), nth / (one.width * across));
        one.at(x % one.width, y % one.height)
    });
    let wall = Grey { width: one.width * across, height: one.height * across, shades: shades.collect() };
    assert!(matches!(codes(&written(&wall)), Err(PictureError::TooManyCorners(_))));
}

#[test]
fn other_bytes_are_no_picture() {
    for bytes in
        [&b""[..], b"GIF89a\x01\x00\x01\x00", b"<svg/>", b"\x89PNG", b"\xff\xd8", b"\xff\xd8\xff\xe0garbage"]
    {
        let error = codes(bytes).expect_err("no picture");
        assert!(!error.chinese().is_empty() && !error.to_string().is_empty());
    }
    assert_eq!(english(b"GIF89a, animated"), "the picture is neither PNG nor JPEG");
}

proptest! {
    #[test]
    fn damaged_pictures_never_fail_badly(at in 8_usize..400, byte in any::<u8>()) {
        let mut bytes = written(&code("https://abc123.top", 3));
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = codes(&bytes);
        let _ = codes(&bytes[..at]);
    }
}
