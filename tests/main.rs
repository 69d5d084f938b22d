//! The one integration test binary.

mod arrows;
mod browser;
mod clients;
mod crash;
mod docs;
mod road;
mod stories;
mod support;
