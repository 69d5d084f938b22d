//! (see lib.rs)

pub mod load;
