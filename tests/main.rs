//! The one integration test binary.

mod arrows;
mod crash;
mod stories;
