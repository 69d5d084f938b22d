//! One folder per platform: its callbacks → [`crate::decision::Event`], our actions → its requests.

pub mod wecom;
