//! Tables, declared once: keys, types, defaults and the sentence that explains each.

use toml::de::{DeTable, DeValue};

use super::{At, Place, Report, Shape, Value, Written, nearest, syntax};

/// What a table may hold.
#[derive(Clone, Copy, Debug)]
pub struct TableSpec {
    /// One Chinese sentence.
    pub doc: &'static str,
    pub fields: &'static [FieldSpec],
}

#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    pub key: &'static str,
    /// One Chinese sentence.
    pub doc: &'static str,
    pub shape: Shape,
    /// What its text, or each text of its list, looks like (see [`Spelled::PATTERN`](super::Spelled::PATTERN)).
    pub pattern: Option<&'static str>,
    pub need: Need,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
    /// What holds when nothing is written, as one would write it.
    Default(&'static str),
}

impl FieldSpec {
    /// The sentence without the blank that Rust's comments begin with and without the final stop.
    pub fn sentence(&self) -> &'static str {
        self.doc.trim().trim_end_matches('。')
    }
}

impl TableSpec {
    /// Whether a key of this table or of one inside it holds something that may be shown.
    pub fn is_open(&self, key: &str) -> bool {
        self.fields.iter().any(|field| match field.shape {
            Shape::Secret | Shape::List(Shape::Secret) => false,
            Shape::Table(inner) => inner.is_open(key),
            Shape::List(Shape::Table(inner)) | Shape::OneOrMore(Shape::Table(inner)) => inner.is_open(key),
            _ => field.key == key,
        })
    }
}

/// A table that is read by its declaration. Made by [`table!`](crate::table).
pub trait Table: Value {
    const SPEC: TableSpec;

    fn read_fields(fields: Fields<'_>, report: &mut Report<'_>) -> Self;
}

/// The keys of one written table, after unknown and missing ones were reported.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    table: &'a DeTable<'a>,
    file: usize,
    /// The dotted path of the table: `moderation.ladder`.
    path: String,
}

impl<'a> Fields<'a> {
    pub fn open(spec: &'static TableSpec, written: Written<'a>, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Table(table) = written.value else {
            written.wrong_type(&Shape::Table(spec), report);
            return None;
        };
        Some(Self::of(spec, table, written.place, written.path, report))
    }

    fn of(
        spec: &TableSpec,
        table: &'a DeTable<'a>,
        place: Place,
        path: &str,
        report: &mut Report<'_>,
    ) -> Self {
        let file = place.file();
        for key in table.keys() {
            if !spec.fields.iter().any(|field| field.key == key.get_ref()) {
                unknown_key(spec, key.get_ref(), Place::new(file, key.span()), report);
            }
        }
        for field in spec.fields {
            let missing = field.need == Need::Required && !table.contains_key(field.key);
            // A file that could not be parsed may well have it.
            if missing && !report.is_broken(file) {
                let message = format!("缺少 {}：{}", field.key, field.sentence());
                report.error("missing-key", place, message).hint(how_to_write(path, field));
            }
        }
        Self { table, file, path: path.to_owned() }
    }

    pub fn read<T: Value>(&self, key: &'static str, report: &mut Report<'_>) -> Option<At<T>> {
        let value = self.table.get(key)?;
        let place = Place::new(self.file, value.span());
        let path = below(&self.path, key);
        let value = T::read(Written { value: value.get_ref(), place, path: &path }, report)?;
        Some(At { value, place })
    }
}

fn unknown_key(spec: &TableSpec, key: &str, place: Place, report: &mut Report<'_>) {
    let known = || spec.fields.iter().map(|field| field.key);
    let list = known().collect::<Vec<_>>().join("、");
    let hint = match nearest(key, known()) {
        Some(meant) => format!("是不是想写 {meant}？这里可以写：{list}"),
        None => format!("这里可以写：{list}"),
    };
    report.error("unknown-key", place, format!("不认识的键 {key:?}")).hint(hint);
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn how_to_write(path: &str, field: &FieldSpec) -> String {
    let key = field.key;
    match field.shape {
        Shape::List(Shape::Table(_)) => format!("加一行 [[{}]]，下面写它的内容", below(path, key)),
        Shape::Table(_) | Shape::OneOrMore(_) => format!("加一行 [{}]，下面写它的内容", below(path, key)),
        shape => format!("加一行 {key} = …，写{}", shape.chinese()),
    }
}

/// Parses a file and reads its table, as far as that is possible.
pub fn read_file<T: Table>(file: usize, text: &str, report: &mut Report<'_>) -> T {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return read_root(file, table.get_ref(), report);
    }
    let readable = syntax::report_errors(file, text, report);
    let (table, _) = DeTable::parse_recoverable(&readable);
    read_root(file, table.get_ref(), report)
}

fn read_root<T: Table>(file: usize, table: &DeTable<'_>, report: &mut Report<'_>) -> T {
    let fields = Fields::of(&T::SPEC, table, Place::start_of(file), "", report);
    T::read_fields(fields, report)
}

/// Declares a table of a file: for each key its type, whether it must be there or what holds
/// otherwise (written as in the file), and the Chinese sentence that explains it.
///
/// Makes a struct of `Option<At<Type>>` fields that are `None` when nothing was written or it was
/// wrong (and reported). A key that is not a Rust name follows the field's name: `acts as "do"`.
#[macro_export]
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        $visibility:vis struct $name:ident {
            $($(#[doc = $field_doc:literal])+ $field:ident $(as $key:literal)?: $type:ty, $need:ident $(= $default:tt)?;)*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default, PartialEq)]
        $visibility struct $name {
            $($(#[doc = $field_doc])+ pub $field: Option<$crate::files::At<$type>>,)*
        }

        impl $crate::files::Table for $name {
            const SPEC: $crate::files::TableSpec = $crate::files::TableSpec {
                doc: concat!($($doc),+),
                fields: &[$($crate::files::FieldSpec {
                    key: $crate::table!(@key $field $($key)?),
                    doc: concat!($($field_doc),+),
                    shape: <$type as $crate::files::Value>::SHAPE,
                    pattern: <$type as $crate::files::Value>::PATTERN,
                    need: $crate::table!(@need $need $($default)?),
                },)*],
            };

            fn read_fields(fields: $crate::files::Fields<'_>, report: &mut $crate::files::Report<'_>) -> Self {
                Self { $($field: fields.read($crate::table!(@key $field $($key)?), report),)* }
            }
        }

        impl $crate::files::Value for $name {
            const SHAPE: $crate::files::Shape =
                $crate::files::Shape::Table(&<Self as $crate::files::Table>::SPEC);

            fn read(
                written: $crate::files::Written<'_>,
                report: &mut $crate::files::Report<'_>,
            ) -> Option<Self> {
                let fields = $crate::files::Fields::open(&<Self as $crate::files::Table>::SPEC, written, report)?;
                Some(<Self as $crate::files::Table>::read_fields(fields, report))
            }

            fn over(&self, inherited: &Self) -> Self {
                Self { $($field: $crate::files::At::inherit(self.$field.as_ref(), inherited.$field.as_ref()),)* }
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@need required) => { $crate::files::Need::Required };
    (@need optional) => { $crate::files::Need::Optional };
    (@need default $default:tt) => { $crate::files::Need::Default(stringify!($default)) };
}

impl<T: Value + Clone> At<T> {
    /// What holds of an own and an inherited value.
    pub fn inherit(own: Option<&Self>, inherited: Option<&Self>) -> Option<Self> {
        match (own, inherited) {
            (Some(own), Some(inherited)) => {
                Some(Self { value: own.value.over(&inherited.value), place: own.place })
            }
            (own, inherited) => own.or(inherited).cloned(),
        }
    }
}
