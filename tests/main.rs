//! The one integration test binary.

mod arrows;
mod browser;
mod stories;
