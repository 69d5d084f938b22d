//! PURE. When things are due.

mod quiet_hours;

pub use quiet_hours::QuietHours;
