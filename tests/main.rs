//! The one integration test binary.

mod arrows;
mod clients;
mod road;
mod stories;
mod support;
