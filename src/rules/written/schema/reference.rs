//! `docs/FILES.md`: every file and every key, for people who look something up.

use std::fmt::Write;

use super::{FileSchema, KINDS, ONLY_CHECKED, SCHEMA_LINE};
use crate::files::{FieldSpec, Need, Shape, TableSpec};

/// The whole page.
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    for kind in KINDS {
        page.push_str(&chapter(kind));
    }
    page.push_str(&only_checked());
    page
}

const INTRODUCTION: &str = "\
<!-- 由 zhanggui schema --reference 生成，请不要手改 / generated, do not edit -->
# 文件里能写什么

每种文件、每个键：写什么、不写时怎样、什么意思。第一次写话术，先看 [scripts.md](scripts.md)；团队怎样一起改，看
[ops-in-git.md](ops-in-git.md)。改完运行 `zhanggui check`，哪里不对会指到行。

*Every file and every key, generated from the declarations that the program itself reads by.*

## 值的写法

| 叫法 | 例子 | 说明 |
| --- | --- | --- |
| 文字 | `\"朝阳店\"` | 用英文双引号括起来；几行的文字用三个双引号 `\"\"\"` 开头和结尾 |
| 编号 | `\"chaoyang-2\"` | 小写字母、数字和横线，最多 64 个 |
| 整数、数字 | `10`、`0.5` | 不加引号，不加单位 |
| 开关 | `true`、`false` | 不加引号；`true` 是开 |
| 日期 | `2026-09-01` | 不加引号 |
| 时长 | `\"30s\"` `\"10m\"` `\"2h\"` `\"7d\"` | 秒、分钟、小时、天；最长 `\"3650d\"` |
| 时段 | `\"22:00-08:00\"` | 24 小时制，可以跨过半夜 |
| 日期加钟点 | `2026-11-21T09:00:00+08:00` | 不加引号；不写 `+08:00` 就是品牌的时区 |
| 价钱 | `\"68元\"` `\"9.9元\"` | 连“元”字写在引号里，最多两位小数 |
| 密钥的出处 | `\"env:变量名\"` `\"file:文件\"` | 密钥本身不写在这里 |
| 列表 | `[\"早安\", \"早上好\"]` | 方括号里写几项，英文逗号隔开；只有一项也要方括号 |
| 名字和值 | `{ a = 2, b = 1 }` | 花括号里写几对，名字自己起，用小写英文字母 |
| 一节 | `[welcome]` | 一层方括号，只能有一个 |
| 多节 | `[[store]]` | 两层方括号，可以写很多个，一个接一个 |

*Durations, hours, dates and lists are written as people write them; `[x]` is one section, `[[x]]` one of many.*
";

fn chapter(kind: &FileSchema) -> String {
    let mut text = format!("\n## `{}`\n\n{}\n\n*{}*\n", kind.place, kind.spec.doc.trim(), kind.english);
    let up = "../".repeat(kind.place.replace("**/", "场景/").matches('/').count());
    let _ = write!(
        text,
        "\n照着看：[`{}`](../{})。第一行写 `{SCHEMA_LINE} {up}schemas/{}`，编辑器就会补全和提示。\n",
        kind.example,
        kind.example,
        kind.file_name()
    );
    section(&mut text, "", kind.spec);
    text
}

/// The keys of a table, then the tables inside it. `path` is how its header is written.
fn section(text: &mut String, path: &str, spec: &TableSpec) {
    text.push_str("\n| 键 | 写什么 | 例子 | 不写时 | 意思 |\n| --- | --- | --- | --- | --- |\n");
    for field in spec.fields {
        row(text, path, field);
    }
    for field in spec.fields {
        if let Some((inner, many)) = table_of(&field.shape) {
            let path = below(path, field.key);
            let header = if many { format!("[[{path}]]") } else { format!("[{path}]") };
            let _ = write!(text, "\n### `{header}`\n\n{}\n", inner.doc.trim());
            section(text, &path, inner);
        }
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The table that stands under a key, and whether there may be many.
pub fn table_of(shape: &Shape) -> Option<(&'static TableSpec, bool)> {
    match shape {
        Shape::Table(spec) => Some((spec, false)),
        Shape::WordOr { other, .. } => table_of(other),
        Shape::List(Shape::Table(spec)) | Shape::OneOrMore(Shape::Table(spec)) => Some((spec, true)),
        _ => None,
    }
}

fn row(text: &mut String, path: &str, field: &FieldSpec) {
    let meaning = format!("{}{}", field.doc.trim(), words(&field.shape));
    let cells = [
        format!("`{}`", field.key),
        name(&field.shape),
        format!("`{}`", example(path, field)),
        otherwise(field.need),
        meaning,
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn otherwise(need: Need) -> String {
    match need {
        Need::Required => "**必须写**".to_owned(),
        Need::Optional => "没有".to_owned(),
        Need::Default("{}" | "[]") => "空".to_owned(),
        Need::Default(value) => format!("`{value}`"),
    }
}

/// What the words of a choice mean.
fn words(shape: &Shape) -> String {
    let choices = match shape {
        Shape::Choice(choices) | Shape::List(Shape::Choice(choices)) => choices,
        _ => return String::new(),
    };
    let words = choices.iter().map(|choice| format!("<br>`\"{}\"` {}", choice.word, choice.doc));
    words.collect()
}

/// One word or two for the type.
fn name(shape: &Shape) -> String {
    match shape {
        Shape::Text => "文字".to_owned(),
        Shape::Id => "编号".to_owned(),
        Shape::Duration => "时长".to_owned(),
        Shape::Hours => "时段".to_owned(),
        Shape::Day => "日期".to_owned(),
        Shape::Secret => "密钥的出处".to_owned(),
        Shape::Moment => "日期加钟点".to_owned(),
        Shape::Flag => "开关".to_owned(),
        Shape::Whole { at_least, at_most: i64::MAX } => format!("整数，至少 {at_least}"),
        Shape::Whole { at_least, at_most } => format!("整数，{at_least} 到 {at_most}"),
        Shape::Number { at_most } => format!("数字，大于 0，最大 {at_most}"),
        Shape::Special { chinese, .. } => (*chinese).to_owned(),
        Shape::Choice(_) => "选一个".to_owned(),
        Shape::WordOr { word, other } => format!("{}，或 `\"{}\"`", name(other), word.word),
        Shape::List(Shape::Table(_)) => "多节".to_owned(),
        Shape::OneOrMore(_) => "一节或多节".to_owned(),
        Shape::List(Shape::Choice(_)) => "列表，选几个".to_owned(),
        Shape::List(inner) => format!("列表，每项是{}", name(inner)),
        Shape::Map(inner) => format!("名字和值，每个值是{}", name(inner)),
        Shape::Table(_) => "一节".to_owned(),
    }
}

/// The line as one could write it: with the default, or a value of the right form.
fn example(path: &str, field: &FieldSpec) -> String {
    match (&field.shape, field.need) {
        (Shape::List(Shape::Table(_)) | Shape::OneOrMore(_), _) => format!("[[{}]]", below(path, field.key)),
        (Shape::Table(_), _) => format!("[{}]", below(path, field.key)),
        (_, Need::Default(value)) if !matches!(value, "[]" | "{}" | "\"\"" | "\"off\"") => {
            format!("{} = {value}", field.key)
        }
        (shape, _) => format!("{} = {}", field.key, value(shape)),
    }
}

fn value(shape: &Shape) -> String {
    match shape {
        Shape::Text => "\"文字\"".to_owned(),
        Shape::Id => "\"abc-1\"".to_owned(),
        Shape::Duration => "\"30s\"".to_owned(),
        Shape::Hours => "\"22:00-08:00\"".to_owned(),
        Shape::Day => "2026-09-01".to_owned(),
        Shape::Moment => "2026-11-21T09:00:00+08:00".to_owned(),
        Shape::Secret => "\"env:WECOM_SECRET\"".to_owned(),
        Shape::Flag => "true".to_owned(),
        Shape::Whole { at_least, .. } => at_least.to_string(),
        Shape::Number { at_most } => at_most.to_string(),
        Shape::Special { example, .. } => format!("\"{example}\""),
        Shape::Choice(choices) => {
            choices.first().map(|choice| format!("\"{}\"", choice.word)).unwrap_or_default()
        }
        Shape::WordOr { other: inner, .. } | Shape::OneOrMore(inner) => value(inner),
        Shape::List(inner) => format!("[{}]", value(inner)),
        Shape::Map(inner) => format!("{{ a = {} }}", value(inner)),
        Shape::Table(_) => "{ … }".to_owned(),
    }
}

fn only_checked() -> String {
    let mut text = ONLY_CHECKED_INTRODUCTION.to_owned();
    for (code, what) in ONLY_CHECKED {
        let _ = writeln!(text, "- {what}（`{code}`）");
    }
    text
}

const ONLY_CHECKED_INTRODUCTION: &str = "
## 编辑器查不出，只有 `zhanggui check` 查得出的

编辑器按 schema 查一个文件的样子：键对不对、少没少、值的类型和写法。文件和文件对不对得上，只有 `zhanggui check` 知道：
编号有没有重复、指的话术和门店在不在、关键词有没有抢、图片在不在、过期没有、文字超不超长、合不合规矩。值的样子里，也有几样
编辑器查不出：

*Editors check the form of one file. How files fit together, and these few forms, only `zhanggui check` knows:*

";
