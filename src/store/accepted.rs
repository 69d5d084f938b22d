//! What it means that an event was taken in.

/// An event that is on disk and decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// It had been accepted before and has changed nothing now.
    pub repeat: bool,
    /// Text for the answer to the callback; the same one again for a repeat.
    pub answer: Option<String>,
}

/// Why an event was not taken. Nothing of it was kept, and the sender may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the intake queue is full")]
    Full,
    #[error("the program is stopping")]
    Stopping,
    #[error("the database did not take it")]
    Storage,
}
