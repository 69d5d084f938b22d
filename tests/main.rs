//! The one integration test binary.

mod arrows;
mod browser;
mod clients;
mod road;
mod stories;
mod support;
