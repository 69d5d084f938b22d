//! The one integration test binary.

mod arrows;
mod browser;
mod clients;
mod crash;
mod road;
mod stories;
mod support;
