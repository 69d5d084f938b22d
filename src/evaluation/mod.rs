//! PURE. How well advertisements are told from honest talk, measured on labelled messages.
//!
//! It measures the whole perceiver, as a stranger's message meets it, and beside it, on the same rows, the classifier
//! alone and a plain linear baseline. Of each row 24 bytes and its id are kept; rows come one by one.

mod baseline;
mod measure;
mod moderator;
mod report;
mod text;

pub use baseline::Baseline;
pub use measure::{ASK_FROM, Judge, Judged, Judges, Measured, Scores, Worst};
pub use moderator::teach;
pub use report::{
    Counts, Evaded, EvadedCounts, MIX_ADS, MIX_HONEST, MixLine, Outcome, Probe, Report, mix, report,
};

#[cfg(test)]
mod gate;
#[cfg(test)]
mod tests;
