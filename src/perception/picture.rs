//! QR codes inside a picture: bytes of a PNG or JPEG → the texts of its codes.
//!
//! A picture is somebody's to choose, so everything is bounded before it is done: bytes, pixels, memory of the decoder,
//! and what the search copies, because it compares all places that look like the corner of a code with one another. It
//! still takes up to some hundred milliseconds: call it where blocking is allowed.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// What WeCom takes as a picture (wecom-send.md §5.2 allows 2 MB, the client some more).
pub const BYTES_AT_MOST: usize = 10 << 20;

/// A photograph of a good telephone has 12 million.
pub const PIXELS_AT_MOST: usize = 16_000_000;

/// A code that a person can scan from a screen is still sharp then; larger pictures are made smaller.
const SEARCHED_AT_MOST: usize = 1_000_000;

/// A code has three corners, and five to forty places in its other modules look like one by chance. The search copies the
/// picture for every two that it compares: so many bytes at most.
const COPIED_AT_MOST: usize = 2 << 30;

/// Of a picture with more corners than that one of half the width is searched, once.
const HALVED_AT_MOST: usize = 1;

/// As many codes as fit on a poster.
const CODES_AT_MOST: usize = 8;

/// What a PNG's decoder may take beside the pixels themselves.
const DECODER_BYTES_AT_MOST: usize = 64 << 20;

/// Progressive JPEGs repaint the whole picture with each scan.
const SCANS_AT_MOST: usize = 50;

/// Why a picture was not read; the Chinese sentence is [`PictureError::chinese`].
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("the picture has {0} bytes, {BYTES_AT_MOST} are allowed")]
    TooManyBytes(usize),
    #[error("the picture has {width} x {height} pixels, {PIXELS_AT_MOST} are allowed")]
    TooManyPixels { width: usize, height: usize },
    #[error("the picture is neither PNG nor JPEG")]
    Unknown,
    #[error("{0} places look like the corner of a code, too many to compare")]
    TooManyCorners(usize),
    #[error("the PNG is broken: {0}")]
    Png(#[from] png::DecodingError),
    #[error("the JPEG is broken: {0}")]
    Jpeg(String),
}

impl PictureError {
    /// What ops read.
    pub fn chinese(&self) -> String {
        match self {
            Self::TooManyBytes(_) => format!("图片太大，最多 {} MB，没有识别", BYTES_AT_MOST >> 20),
            Self::TooManyPixels { width, height } => format!("图片有 {width}×{height} 像素，太大，没有识别"),
            Self::Unknown => "只认 PNG 和 JPEG 图片，没有识别".to_owned(),
            Self::TooManyCorners(_) => "图片里像二维码的花纹太多，没有识别".to_owned(),
            Self::Png(_) | Self::Jpeg(_) => "图片坏了，打不开".to_owned(),
        }
    }
}

/// The texts of all QR codes that can be read, in no particular order; empty when there is none. Codes that are broken
/// are left out.
pub fn codes(bytes: &[u8]) -> Result<Vec<String>, PictureError> {
    if bytes.len() > BYTES_AT_MOST {
        return Err(PictureError::TooManyBytes(bytes.len()));
    }
    let grey = match bytes {
        [0x89, b'P', b'N', b'G', ..] => png(bytes)?,
        [0xff, 0xd8, ..] => jpeg(bytes)?,
        _ => return Err(PictureError::Unknown),
    };
    let grey = grey.searchable()?;
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(grey.width, grey.height, |x, y| grey.at(x, y));
    let grids = prepared.detect_grids();
    Ok(grids.iter().take(CODES_AT_MOST).filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect())
}

/// A picture in 256 shades.
struct Grey {
    width: usize,
    height: usize,
    shades: Vec<u8>,
}

impl Grey {
    fn at(&self, x: usize, y: usize) -> u8 {
        self.shades[y * self.width + x]
    }

    /// So small that the search stays within its bounds.
    fn searchable(self) -> Result<Self, PictureError> {
        let pixels = self.width * self.height;
        let side = (1..).find(|side| pixels / (side * side) <= SEARCHED_AT_MOST).unwrap_or(1);
        let mut grey = self.smaller(side);
        for halved in 0.. {
            let corners = grey.corners();
            if corners * corners * grey.shades.len() <= COPIED_AT_MOST {
                break;
            }
            if halved == HALVED_AT_MOST {
                return Err(PictureError::TooManyCorners(corners));
            }
            grey = grey.smaller(2);
        }
        Ok(grey)
    }

    /// The mean of each square of pixels with this side.
    fn smaller(self, side: usize) -> Self {
        let (width, height) = (self.width / side, self.height / side);
        if side == 1 {
            return self;
        }
        let mean = |x: usize, y: usize| {
            let square = (0..side * side).map(|nth| (x * side + nth % side, y * side + nth / side));
            let sum: usize = square.map(|(x, y)| usize::from(self.at(x, y))).sum();
            (sum / (side * side)) as u8
        };
        let shades = (0..width * height).map(|nth| mean(nth % width, nth / width)).collect();
        Self { width, height, shades }
    }

    /// How many places look like the corner of a code: dark and light in the ratio 1:1:3:1:1 along a row and about so
    /// along the column through its middle.
    fn corners(&self) -> usize {
        let sum: usize = self.shades.iter().map(|shade| usize::from(*shade)).sum();
        let middle = (sum / self.shades.len().max(1)) as u8;
        let (mut above, mut corners) = (Vec::new(), 0);
        for (y, row) in self.shades.chunks_exact(self.width.max(1)).enumerate() {
            let mut here = centres(row, middle);
            here.retain(|&(x, module)| self.crosses(x, y, module, middle));
            let is_new = |centre: &&(usize, usize)| {
                let near = above.partition_point(|other: &(usize, usize)| other.0 + 2 < centre.0);
                above.get(near).is_none_or(|other| other.0 > centre.0 + 2)
            };
            corners += here.iter().filter(is_new).count();
            above = here;
        }
        corners
    }

    /// Up and down from here: some dark, one module of light, dark again.
    fn crosses(&self, x: usize, y: usize, module: usize, middle: u8) -> bool {
        let is_dark = |y: &usize| self.at(x, *y) < middle;
        let runs = |rows: &mut dyn Iterator<Item = usize>| {
            let mut rows = rows.take(6 * module).peekable();
            let mut run = |dark: bool| std::iter::from_fn(|| rows.next_if(|y| is_dark(y) == dark)).count();
            (run(true), run(false), run(true))
        };
        let (down, up) = (runs(&mut (y..self.height)), runs(&mut (0..y).rev()));
        let is_light = |light: usize| (1..=2 * module).contains(&light) && light * 4 >= module;
        let dark = down.0 + up.0;
        is_light(down.1)
            && is_light(up.1)
            && down.2 > 0
            && up.2 > 0
            && (2 * module..=5 * module).contains(&dark)
    }
}

/// The middles of runs in the ratio 1:1:3:1:1, from left to right, and how wide a module is there.
fn centres(row: &[u8], middle: u8) -> Vec<(usize, usize)> {
    let mut centres = Vec::new();
    let mut runs = [0_usize; 5];
    let mut dark = false;
    let mut close = |runs: &[usize; 5], end: usize| {
        let module = runs.iter().sum::<usize>().div_ceil(7);
        let fits = |run: usize, modules: usize| {
            run > 0 && run.abs_diff(module * modules) * 4 <= module * modules * 3
        };
        if [1, 1, 3, 1, 1].iter().zip(runs).all(|(modules, run)| fits(*run, *modules)) {
            centres.push((end - runs[4] - runs[3] - runs[2] / 2 - 1, module));
        }
    };
    for (x, shade) in row.iter().enumerate() {
        if (*shade < middle) != dark {
            if dark {
                close(&runs, x);
            }
            dark = !dark;
            runs.rotate_left(1);
            runs[4] = 0;
        }
        runs[4] += 1;
    }
    if dark {
        close(&runs, row.len());
    }
    centres
}

fn sized(width: usize, height: usize) -> Result<(usize, usize), PictureError> {
    let fits = width.checked_mul(height).is_some_and(|pixels| (1..=PIXELS_AT_MOST).contains(&pixels));
    if fits { Ok((width, height)) } else { Err(PictureError::TooManyPixels { width, height }) }
}

fn png(bytes: &[u8]) -> Result<Grey, PictureError> {
    let limits = png::Limits { bytes: DECODER_BYTES_AT_MOST };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let header = decoder.read_header_info()?;
    let (width, height) = sized(header.width as usize, header.height as usize)?;
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size().ok_or(PictureError::TooManyPixels { width, height })?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels)?;
    let channels = frame.color_type.samples();
    let shades = pixels[..frame.buffer_size()].chunks_exact(channels).map(shade).collect();
    Ok(Grey { width, height, shades })
}

/// Transparent is white, as on the client's screen.
fn shade(pixel: &[u8]) -> u8 {
    let (light, opaque) = match *pixel {
        [grey] => (u32::from(grey), 255),
        [grey, alpha] => (u32::from(grey), u32::from(alpha)),
        [red, green, blue] => ((u32::from(red) + u32::from(green) + u32::from(blue)) / 3, 255),
        [red, green, blue, alpha] => {
            ((u32::from(red) + u32::from(green) + u32::from(blue)) / 3, u32::from(alpha))
        }
        _ => (255, 255),
    };
    ((light * opaque + 255 * (255 - opaque)) / 255) as u8
}

fn jpeg(bytes: &[u8]) -> Result<Grey, PictureError> {
    let options = DecoderOptions::default()
        .set_max_width(PIXELS_AT_MOST)
        .set_max_height(PIXELS_AT_MOST)
        .jpeg_set_max_scans(SCANS_AT_MOST)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let broken = |error: zune_jpeg::errors::DecodeErrors| PictureError::Jpeg(error.to_string());
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let info = decoder.info().ok_or_else(|| PictureError::Jpeg("no header".to_owned()))?;
    let (width, height) = sized(info.width.into(), info.height.into())?;
    let shades = decoder.decode().map_err(broken)?;
    if shades.len() != width * height {
        return Err(PictureError::Jpeg(format!("{} shades for {width} x {height} pixels", shades.len())));
    }
    Ok(Grey { width, height, shades })
}

#[cfg(test)]
mod tests;
