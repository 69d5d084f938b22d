//! The one integration test binary.

mod arrows;
mod browser;
mod clients;
mod crash;
mod docs;
mod live;
mod road;
mod stories;
mod support;
mod week;
