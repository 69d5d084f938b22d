//! (see lib.rs)

pub mod check;
