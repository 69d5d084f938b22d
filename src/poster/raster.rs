//! A picture as PNG, with smooth edges.

use ab_glyph_rasterizer::{Point, Rasterizer, point};

use super::path::{Path, Picture, Shape, Step};
use super::{DPI, PosterError};

/// Of a metre, as PNG counts.
const METRES_PER_INCH: f32 = 0.0254;
/// Red, green, blue.
const CHANNELS: usize = 3;

/// The picture's pixels as a PNG that knows its size on paper.
pub fn png(picture: &Picture) -> Result<Vec<u8>, PosterError> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let mut pixels = vec![u8::MAX; width * height * CHANNELS];
    for shape in &picture.shapes {
        paint(shape, width, height, &mut pixels);
    }
    let mut bytes = Vec::new();
    write(width, height, &pixels, &mut bytes).map_err(|error| PosterError::Png(error.to_string()))?;
    Ok(bytes)
}

fn write(width: usize, height: usize, pixels: &[u8], bytes: &mut Vec<u8>) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let per_metre = (DPI / METRES_PER_INCH).round() as u32;
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit }));
    encoder.write_header()?.write_image_data(pixels)
}

fn paint(shape: &Shape, width: usize, height: usize, pixels: &mut [u8]) {
    let Some([left, top, right, bottom]) = shape.path.bounds() else { return };
    let (left, top) = (left.floor(), top.floor());
    // One pixel more: a line right on the edge belongs to it.
    let (across, down) = ((right - left).ceil() as usize + 1, (bottom - top).ceil() as usize + 1);
    let mut rasterizer = Rasterizer::new(across, down);
    outline(&shape.path, [left, top], &mut rasterizer);
    let fill = [shape.fill.0, shape.fill.1, shape.fill.2];
    rasterizer.for_each_pixel(|at, cover| {
        let (x, y) = (left + (at % across) as f32, top + (at / across) as f32);
        let inside = x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32;
        if cover > 0.0 && inside {
            let at = (y as usize * width + x as usize) * CHANNELS;
            for (pixel, fill) in pixels[at..at + CHANNELS].iter_mut().zip(fill) {
                let (below, above) = (f32::from(*pixel), f32::from(fill));
                *pixel = (below + (above - below) * cover.min(1.0)).round() as u8;
            }
        }
    });
}

fn outline(path: &Path, [left, top]: [f32; 2], rasterizer: &mut Rasterizer) {
    let at = |[x, y]: [f32; 2]| point(x - left, y - top);
    let (mut begin, mut now): (Point, Point) = (point(0.0, 0.0), point(0.0, 0.0));
    for step in &path.steps {
        match *step {
            Step::Move(to) => (begin, now) = (at(to), at(to)),
            Step::Line(to) => {
                rasterizer.draw_line(now, at(to));
                now = at(to);
            }
            Step::Quad(by, to) => {
                rasterizer.draw_quad(now, at(by), at(to));
                now = at(to);
            }
            Step::Cubic(one, other, to) => {
                rasterizer.draw_cubic(now, at(one), at(other), at(to));
                now = at(to);
            }
            Step::Close => {
                rasterizer.draw_line(now, begin);
                now = begin;
            }
        }
    }
}
