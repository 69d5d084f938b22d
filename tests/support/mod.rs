//! What tests of the whole bot share: a playground with people in it, and callbacks made by hand.

pub mod callback;
pub mod office;
mod people;
mod town;

pub use town::{Town, lay_out_without_schedules, text_of};
