//! The loops: intake (the one lane), delivery, ticker, sync, planning, reload, pull.

pub mod confirmations;
pub mod delivery;
pub mod intake;
mod lane;
pub mod learning;
mod media;
pub mod moments;
pub mod planning;
pub mod posts;
pub mod pull;
pub mod reload;
pub mod retention;
mod rounds;
pub mod sync;
pub mod ticker;

pub use intake::Intake;

#[cfg(test)]
mod tests;
