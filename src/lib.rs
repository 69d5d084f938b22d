//! Zhanggui (掌柜) runs a brand's chat groups on WeCom (企业微信) and platforms like it.
//!
//! The one idea: **perceive in parallel, decide in one lane, commit in groups, deliver from the
//! outbox.** `docs/ARCHITECTURE.md` walks through it.
//!
//! Arrows point down only (`tests/arrows.rs` reads the `use` lines and fails otherwise):
//!
//! ```text
//! cli, app → web, worker, sim → channels, store, stories, replay → decision, evaluation, poster → rules, training → compliance, perception, scripts, timetable → files, text
//! ```
//!
//! `stories`, `replay` and everything from `decision` down, except the reading of disks in `files::folder` and `files::media`, is pure: it
//! knows no runtime, network, SQL, file or clock. `clock`, `telemetry` and `git` serve the impure houses, `allocator` the program.

pub mod allocator;
pub mod app;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod compliance;
pub mod decision;
pub mod evaluation;
pub mod files;
pub mod git;
pub mod perception;
pub mod poster;
pub mod replay;
pub mod rules;
pub mod scripts;
pub mod sim;
pub mod store;
pub mod stories;
pub mod telemetry;
pub mod text;
pub mod timetable;
pub mod training;
pub mod web;
pub mod worker;
