//! How values of each shape are read, and how mistakes in them are told.

use toml::de::DeValue;

use super::{At, Day, Place, Report, Spelled, TableSpec};

/// What may be written for a value. A JSON Schema and the reference page follow from it.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Text,
    Id,
    Duration,
    Hours,
    Day,
    /// A day with a time, without quotes.
    Moment,
    Secret,
    Flag,
    Whole {
        at_least: i64,
        at_most: i64,
    },
    /// More than 0, at most this.
    Number {
        at_most: u32,
    },
    /// A text of a special form, told by its Chinese name and an example.
    Special {
        chinese: &'static str,
        example: &'static str,
    },
    Choice(&'static [Choice]),
    /// A plain word, or the other.
    WordOr {
        word: &'static Choice,
        other: &'static Shape,
    },
    List(&'static Shape),
    /// A table alone, or a list of such tables.
    OneOrMore(&'static Shape),
    Table(&'static TableSpec),
    /// Keys that the writer chooses, each with such a value.
    Map(&'static Shape),
}

/// One word that may be chosen.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub word: &'static str,
    /// What it means, Chinese.
    pub doc: &'static str,
}

impl Shape {
    /// What people call it: `时长（例如 "30s"）`.
    pub fn chinese(&self) -> String {
        match self {
            Self::Text | Self::Choice(_) | Self::Id => "文字（用英文双引号括起来）".to_owned(),
            Self::Duration => "时长（例如 \"30s\"）".to_owned(),
            Self::Hours => "时段（例如 \"22:00-08:00\"）".to_owned(),
            Self::Day => "日期（例如 2026-09-01，不加引号）".to_owned(),
            Self::Moment => "日期加钟点（例如 2026-11-21T09:00:00+08:00，不加引号）".to_owned(),
            Self::Secret => "密钥的出处（\"env:变量名\" 或 \"file:文件\"）".to_owned(),
            Self::Flag => "开关（true 或 false）".to_owned(),
            Self::Whole { .. } => "整数".to_owned(),
            Self::Number { .. } => "数字".to_owned(),
            Self::Special { chinese, example } => format!("{chinese}（例如 \"{example}\"）"),
            Self::WordOr { word, other } => format!("{}，或 \"{}\"", other.chinese(), word.word),
            Self::List(Self::Table(_)) => "可以写多个的 [[…]]".to_owned(),
            Self::OneOrMore(_) => "只有一个的 […]，或可以写多个的 [[…]]".to_owned(),
            Self::List(shape) => format!("列表，每项是{}", shape.chinese()),
            Self::Map(shape) => format!("一组 {{ 名字 = 值 }}，每个值是{}", shape.chinese()),
            Self::Table(_) => "一组设置（花括号 { … } 或单独一节）".to_owned(),
        }
    }
}

/// A value as written, and where.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    pub value: &'a DeValue<'a>,
    pub place: Place,
    /// The dotted path of the key it stands under: `welcome.window`.
    pub path: &'a str,
}

impl<'a> Written<'a> {
    /// The key it stands under.
    pub fn key(&self) -> &'a str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// Reports that this is of another type than `shape`. Never quotes the value.
    pub fn wrong_type(&self, shape: &Shape, report: &mut Report<'_>) {
        let wrote = match self.value {
            DeValue::String(_) => "文字",
            DeValue::Integer(_) | DeValue::Float(_) => "数字",
            DeValue::Boolean(_) => "开关",
            DeValue::Datetime(_) => "日期",
            DeValue::Array(_) => "列表",
            DeValue::Table(_) => "一组设置",
        };
        let (key, path) = (self.key(), self.path);
        let message = format!("{key} 应为{}，写成了{wrote}", shape.chinese());
        let hint = match (shape, self.value) {
            (Shape::List(Shape::Table(_)), _) => {
                Some(format!("每一项前面单独写一行 [[{path}]]（两层方括号），下面写它的内容"))
            }
            (Shape::List(_), DeValue::String(_)) => Some(format!("一项也要加方括号：{key} = [\"…\"]")),
            (Shape::Table(_), DeValue::Array(_)) => Some(format!("只能有一个，写成 [{path}]（一层方括号）")),
            (Shape::WordOr { word, other: Shape::Table(spec) }, DeValue::String(_)) => spec
                .fields
                .first()
                .map(|field| format!("写 {key} = \"{}\"，或 {key} = {{ {} = … }}", word.word, field.key)),
            (Shape::Day | Shape::Moment, DeValue::String(_)) => Some("去掉引号".to_owned()),
            (Shape::Flag | Shape::Whole { .. } | Shape::Number { .. }, DeValue::String(_)) => {
                Some("去掉引号".to_owned())
            }
            (_, DeValue::Array(_)) => Some("这里只能写一个，去掉方括号".to_owned()),
            (
                Shape::Flag
                | Shape::Whole { .. }
                | Shape::Number { .. }
                | Shape::Table(_)
                | Shape::Map(_)
                | Shape::WordOr { .. },
                _,
            ) => None,
            (_, DeValue::Table(_)) => None,
            _ => Some("用英文双引号括起来".to_owned()),
        };
        report.error("wrong-type", self.place, message).hint = hint;
    }
}

/// A value that can be read from a file.
pub trait Value: Sized {
    const SHAPE: Shape;
    /// Of its text, or of each text of its list.
    const PATTERN: Option<&'static str> = None;

    /// `None` when it is wrong; then the report has been told.
    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self>;

    /// This value where it is written over one that is inherited. Tables go key by key.
    fn over(&self, _inherited: &Self) -> Self
    where
        Self: Clone,
    {
        self.clone()
    }
}

impl<T: Spelled> Value for T {
    const SHAPE: Shape = T::SHAPE;
    const PATTERN: Option<&'static str> = T::PATTERN;

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::String(text) = written.value else {
            written.wrong_type(&T::SHAPE, report);
            return None;
        };
        T::parse(text)
            .map_err(|wrong| {
                let message = format!("{}：{}", written.key(), wrong.message);
                report.error(wrong.code, written.place, message).hint = wrong.hint;
            })
            .ok()
    }
}

impl<T: Value> Value for Vec<At<T>> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
    const PATTERN: Option<&'static str> = T::PATTERN;

    /// Items that are wrong are left out; a list of nothing but wrong items is wrong.
    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Array(items) = written.value else {
            written.wrong_type(&Self::SHAPE, report);
            return None;
        };
        let read = |item: &toml::Spanned<DeValue<'_>>| {
            let place = Place::new(written.place.file(), item.span());
            let value = T::read(Written { value: item.get_ref(), place, ..written }, report)?;
            Some(At { value, place })
        };
        let good: Vec<At<T>> = items.iter().filter_map(read).collect();
        let all_wrong = good.is_empty() && !items.is_empty();
        (!all_wrong).then_some(good)
    }
}

/// A table whose keys the writer chooses, in the order of the keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map<T>(pub Vec<(At<String>, At<T>)>);

impl<T: Value> Value for Map<T> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);
    const PATTERN: Option<&'static str> = T::PATTERN;

    /// Values that are wrong are left out.
    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Table(table) = written.value else {
            written.wrong_type(&Self::SHAPE, report);
            return None;
        };
        let read = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
            let key: (String, _) = (AsRef::<str>::as_ref(key.get_ref()).to_owned(), key.span());
            let place = Place::new(written.place.file(), value.span());
            let path = format!("{}.{}", written.path, key.0);
            let read = T::read(Written { value: value.get_ref(), place, path: &path }, report)?;
            let name = At { value: key.0, place: Place::new(written.place.file(), key.1) };
            Some((name, At { value: read, place }))
        };
        Some(Self(table.iter().filter_map(read).collect()))
    }
}

impl Value for bool {
    const SHAPE: Shape = Shape::Flag;

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Boolean(flag) = written.value else {
            written.wrong_type(&Self::SHAPE, report);
            return None;
        };
        Some(*flag)
    }
}

/// A whole number from `AT_LEAST` to `AT_MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const AT_LEAST: i64, const AT_MOST: i64>(pub i64);

impl<const AT_LEAST: i64, const AT_MOST: i64> Whole<AT_LEAST, AT_MOST> {
    /// For counts; below zero (which such a type should not allow) counts as none.
    pub fn count(self) -> usize {
        usize::try_from(self.0).unwrap_or_default()
    }
}

impl<const AT_LEAST: i64, const AT_MOST: i64> Value for Whole<AT_LEAST, AT_MOST> {
    const SHAPE: Shape = Shape::Whole { at_least: AT_LEAST, at_most: AT_MOST };

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Integer(digits) = written.value else {
            written.wrong_type(&Self::SHAPE, report);
            return None;
        };
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        if let Some(number) = number.filter(|number| (AT_LEAST..=AT_MOST).contains(number)) {
            return Some(Self(number));
        }
        let message = format!("{} 应在 {AT_LEAST} 到 {AT_MOST} 之间", written.key());
        report.error("bad-number", written.place, message);
        None
    }
}

/// A number that is more than 0 and at most `AT_MOST`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number<const AT_MOST: u32>(pub f32);

impl<const AT_MOST: u32> Value for Number<AT_MOST> {
    const SHAPE: Shape = Shape::Number { at_most: AT_MOST };

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        let digits = match written.value {
            DeValue::Integer(digits) if digits.radix() == 10 => digits.as_str(),
            DeValue::Float(digits) => digits.as_str(),
            _ => {
                written.wrong_type(&Self::SHAPE, report);
                return None;
            }
        };
        let number = digits.parse().ok().filter(|number| *number > 0.0 && *number <= AT_MOST as f32);
        if number.is_none() {
            let message = format!("{} 应大于 0，最大 {AT_MOST}", written.key());
            report.error("bad-number", written.place, message);
        }
        number.map(Self)
    }
}

impl Value for Day {
    const SHAPE: Shape = Shape::Day;

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Datetime(moment) = written.value else {
            written.wrong_type(&Self::SHAPE, report);
            return None;
        };
        let date = moment.date.filter(|_| moment.time.is_none()).and_then(|date| {
            let part = |number: u8| i8::try_from(number).ok();
            let year = i16::try_from(date.year).ok()?;
            jiff::civil::Date::new(year, part(date.month)?, part(date.day)?).ok()
        });
        if date.is_none() {
            let message = format!("{} 应为日期，不带钟点", written.key());
            report.error("bad-date", written.place, message).hint("例如 2026-09-01");
        }
        date.map(Self)
    }
}

/// A thing that can also be switched off where it is inherited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OffOr<T> {
    Off,
    On(T),
}

/// The word that switches it off.
const OFF: Choice = Choice { word: "off", doc: "关掉" };

impl<T: Value> Value for OffOr<T> {
    const SHAPE: Shape = Shape::WordOr { word: &OFF, other: &T::SHAPE };
    const PATTERN: Option<&'static str> = T::PATTERN;

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        if is_word(&OFF, written) {
            return Some(Self::Off);
        }
        read_other(&Self::SHAPE, written, report).map(Self::On)
    }
}

/// Reads what is not the plain word.
fn read_other<T: Value>(shape: &Shape, written: Written<'_>, report: &mut Report<'_>) -> Option<T> {
    // Neither a switch nor another word than the one that there is.
    let wrong = match written.value {
        DeValue::Boolean(_) => true,
        DeValue::String(_) => matches!(T::SHAPE, Shape::Table(_)),
        _ => false,
    };
    if wrong {
        written.wrong_type(shape, report);
        return None;
    }
    T::read(written, report)
}

fn is_word(word: &Choice, written: Written<'_>) -> bool {
    matches!(written.value, DeValue::String(text) if text == word.word)
}

/// A thing that can also be left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SkipOr<T> {
    Skip,
    Do(T),
}

const SKIP: Choice = Choice { word: "skip", doc: "算了" };

impl<T: Value> Value for SkipOr<T> {
    const SHAPE: Shape = Shape::WordOr { word: &SKIP, other: &T::SHAPE };
    const PATTERN: Option<&'static str> = T::PATTERN;

    fn read(written: Written<'_>, report: &mut Report<'_>) -> Option<Self> {
        if is_word(&SKIP, written) {
            return Some(Self::Skip);
        }
        read_other(&Self::SHAPE, written, report).map(Self::Do)
    }
}

impl<T> OffOr<T> {
    pub fn as_on(&self) -> Option<&T> {
        match self {
            Self::Off => None,
            Self::On(value) => Some(value),
        }
    }

    pub fn on(self) -> Option<T> {
        match self {
            Self::Off => None,
            Self::On(value) => Some(value),
        }
    }
}
