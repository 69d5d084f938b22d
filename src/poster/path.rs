//! Filled outlines: all that a picture is made of.

use crate::rules::Colour;

/// How far the handles of a quarter of a circle reach (the usual approximation by one cubic curve).
const QUARTER: f32 = 0.552_285;

/// A picture, y downwards, in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub width: f32,
    pub height: f32,
    /// What it shows, for those who cannot see it.
    pub title: String,
    /// Later ones lie above earlier ones.
    pub shapes: Vec<Shape>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub path: Path,
    pub fill: Colour,
}

/// Closed outlines; what is inside of two that run the same way is inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    pub steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Move([f32; 2]),
    Line([f32; 2]),
    Quad([f32; 2], [f32; 2]),
    Cubic([f32; 2], [f32; 2], [f32; 2]),
    Close,
}

impl Step {
    pub fn map(self, point: impl Fn([f32; 2]) -> [f32; 2]) -> Self {
        match self {
            Self::Move(to) => Self::Move(point(to)),
            Self::Line(to) => Self::Line(point(to)),
            Self::Quad(by, to) => Self::Quad(point(by), point(to)),
            Self::Cubic(one, other, to) => Self::Cubic(point(one), point(other), point(to)),
            Self::Close => Self::Close,
        }
    }

    /// All points that it names.
    pub fn points(self) -> impl Iterator<Item = [f32; 2]> {
        let points = match self {
            Self::Move(to) | Self::Line(to) => [Some(to), None, None],
            Self::Quad(by, to) => [Some(by), Some(to), None],
            Self::Cubic(one, other, to) => [Some(one), Some(other), Some(to)],
            Self::Close => [None; 3],
        };
        points.into_iter().flatten()
    }
}

impl Path {
    pub fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self::rounded(x, y, width, height, 0.0)
    }

    /// A rectangle with round corners.
    pub fn rounded(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Self {
        let (right, bottom) = (x + width, y + height);
        if radius <= 0.0 {
            let corners = [Step::Line([right, y]), Step::Line([right, bottom]), Step::Line([x, bottom])];
            let steps = [Step::Move([x, y])].into_iter().chain(corners).chain([Step::Close]);
            return Self { steps: steps.collect() };
        }
        let handle = radius * (1.0 - QUARTER);
        Self {
            steps: vec![
                Step::Move([x + radius, y]),
                Step::Line([right - radius, y]),
                Step::Cubic([right - handle, y], [right, y + handle], [right, y + radius]),
                Step::Line([right, bottom - radius]),
                Step::Cubic([right, bottom - handle], [right - handle, bottom], [right - radius, bottom]),
                Step::Line([x + radius, bottom]),
                Step::Cubic([x + handle, bottom], [x, bottom - handle], [x, bottom - radius]),
                Step::Line([x, y + radius]),
                Step::Cubic([x, y + handle], [x + handle, y], [x + radius, y]),
                Step::Close,
            ],
        }
    }

    pub fn circle(x: f32, y: f32, radius: f32) -> Self {
        Self::rounded(x - radius, y - radius, 2.0 * radius, 2.0 * radius, radius)
    }

    /// The same, so many times as large, with its origin at this point.
    pub fn placed(&self, at: [f32; 2], scale: f32) -> Self {
        let place = |[x, y]: [f32; 2]| [at[0] + x * scale, at[1] + y * scale];
        Self { steps: self.steps.iter().map(|step| step.map(place)).collect() }
    }

    pub fn add(&mut self, other: Self) {
        self.steps.extend(other.steps);
    }

    /// Left, top, right, bottom of everything; `None` when there is nothing.
    pub fn bounds(&self) -> Option<[f32; 4]> {
        let mut points = self.steps.iter().flat_map(|step| step.points());
        let [x, y] = points.next()?;
        let around = |[left, top, right, bottom]: [f32; 4], [x, y]: [f32; 2]| {
            [left.min(x), top.min(y), right.max(x), bottom.max(y)]
        };
        Some(points.fold([x, y, x, y], around))
    }
}

impl Picture {
    pub fn fill(&mut self, path: Path, fill: Colour) {
        self.shapes.push(Shape { path, fill });
    }
}
