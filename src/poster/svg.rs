//! A picture as SVG: outlines alone, so that it looks the same everywhere.

use std::fmt::Write as _;

use super::Size;
use super::path::{Path, Picture, Step};

/// The picture at its size on paper.
pub fn svg(picture: &Picture, size: Size) -> String {
    let ((across, down), Picture { width, height, .. }) = (size.millimetres(), picture);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{across}mm\" height=\"{down}mm\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n",
        escaped(&picture.title)
    );
    for shape in &picture.shapes {
        let _ = writeln!(text, "<path fill=\"{}\" d=\"{}\"/>", shape.fill, steps(&shape.path));
    }
    text.push_str("</svg>\n");
    text
}

fn steps(path: &Path) -> String {
    let mut text = String::new();
    for step in &path.steps {
        text.push(match step {
            Step::Move(_) => 'M',
            Step::Line(_) => 'L',
            Step::Quad(..) => 'Q',
            Step::Cubic(..) => 'C',
            Step::Close => 'Z',
        });
        for (nth, number) in step.points().flatten().enumerate() {
            let blank = if nth == 0 { "" } else { " " };
            // A twentieth of a pixel at 300 dpi is 4 µm.
            let _ = write!(text, "{blank}{}", (number * 20.0).round() / 20.0);
        }
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
