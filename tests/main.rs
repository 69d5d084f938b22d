//! The one integration test binary.

mod arrows;
mod stories;
