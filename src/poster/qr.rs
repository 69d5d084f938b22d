//! The QR code as squares of whole pixels.

use fast_qr::{ECL, QRBuilder};

use super::PosterError;
use super::path::Path;

/// Light modules around the dark ones, as ISO/IEC 18004 asks.
pub const QUIET: usize = 4;

/// The dark modules of a code, at most `side` pixels wide with its light border; how wide it came out, border
/// included.
pub fn modules(content: &str, left: f32, top: f32, side: f32) -> Result<(Path, f32), PosterError> {
    // A quarter of it may be scratched or wet.
    let code = QRBuilder::new(content).ecl(ECL::Q).build();
    let code = code.map_err(|_| PosterError::TooLong(content.len()))?;
    let count = (code.size + 2 * QUIET) as f32;
    let module = (side / count).floor().max(1.0);
    let (left, top) = (left.round(), top.round());
    let mut path = Path::default();
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            // Neighbours are one rectangle: no hair of light between them.
            let run = (x..code.size).take_while(|x| code[y][*x].value()).count();
            if run > 0 {
                let place = |at: usize| (QUIET + at) as f32 * module;
                path.add(Path::rectangle(left + place(x), top + place(y), run as f32 * module, module));
            }
            x += run.max(1);
        }
    }
    Ok((path, count * module))
}
