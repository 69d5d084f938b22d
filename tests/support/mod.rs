//! What tests of the whole bot share: a playground with people in it, and callbacks made by hand.

mod brand;
pub mod callback;
pub mod office;
mod people;
mod town;

pub use brand::{calm_brand, example_brand, example_without, without_campaigns};
pub use town::{Town, text_of};
