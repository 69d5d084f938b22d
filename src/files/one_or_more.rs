//! A table that may stand alone (`[story]`) or several times (`[[story]]`).

use toml::de::DeValue;

use super::{At, Report, Shape, Value, Written};

/// One, or a list.
#[derive(Clone, Debug, PartialEq)]
pub enum OneOrMore<T> {
    One(Box<At<T>>),
    More(Vec<At<T>>),
}

impl<T: Value> Value for OneOrMore<T> {
    const SHAPE: Shape = Shape::OneOrMore(&T::SHAPE);

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        match written.value {
            DeValue::Array(_) => Vec::read(written, report).map(Self::More),
            _ => {
                let place = written.place;
                T::read(written, report).map(|value| Self::One(Box::new(At { value, place })))
            }
        }
    }
}
