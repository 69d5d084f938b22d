//! (see lib.rs)

pub mod playground;
