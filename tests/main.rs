//! The one integration test binary.

mod arrows;
mod browser;
mod clients;
mod crash;
mod live;
mod road;
mod stories;
mod support;
