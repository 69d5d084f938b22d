//! PURE (but for [`folder`] and [`media`]). The files that people edit, from text to checked values.
//!
//! This room knows TOML and mistakes, not what the files mean: it reads tables that are declared
//! with [`table!`](crate::table) field by field, goes on after every mistake, and keeps for each
//! value the place it was written at. What each kind of file may hold is declared in
//! `rules::written`, what it means in `rules::compile`.

mod choice;
mod diagnostic;
pub mod folder;
mod literal;
mod media;
mod moment;
mod money;
mod nearest;
mod one_or_more;
mod render;
mod report;
mod secret;
mod source;
mod spelling;
mod syntax;
mod table;
mod value;

pub use diagnostic::{Diagnostic, Excerpt, Severity};
pub use literal::Literal;
pub use media::{HEAD_BYTES, MediaForm, MediaSource};
pub use moment::{Ago, ClockTime, Moment};
pub use money::Money;
pub use nearest::{known_ids, nearest};
pub use one_or_more::OneOrMore;
pub use render::{Look, render};
pub use report::{Remarks, Report};
pub use secret::{SecretError, SecretRef, SecretSource};
pub use source::{At, Place, SourceFile, Sources};
pub use spelling::{AnyText, Day, Duration, HoursOfDay, Id, Misspelled, Spelled, Text};
pub use table::{FieldSpec, Fields, Need, Table, TableSpec, read_file};
pub use value::{Choice, Map, Number, OffOr, Shape, SkipOr, Value, Whole, Written};
