//! TOML's own complaints, in the words of people who have never heard of TOML.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::{DeTable, Error};

use super::{Place, Report};

/// More complaints about one file are only echoes of the first ones.
const SYNTAX_ERRORS_AT_MOST: usize = 20;

/// Reports all syntax errors of a text and gives the text to go on with: itself, or with lines
/// blanked that would keep the parser from reading on. Offsets stay the same.
pub fn report_errors<'t>(file: usize, text: &'t str, report: &mut Report<'_>) -> Cow<'t, str> {
    let mut readable = Cow::Borrowed(text);
    let mut reported = 0;
    loop {
        let (_, errors) = DeTable::parse_recoverable(&readable);
        let stop = errors.iter().find(|error| error.message().starts_with(LOST));
        let line = stop.map(|error| line_around(text, span_of(error).start));
        let Some(line) = line.filter(|_| reported < SYNTAX_ERRORS_AT_MOST) else {
            tell(file, text, errors.iter().take(SYNTAX_ERRORS_AT_MOST - reported), report);
            return readable;
        };
        let on_line = errors.iter().filter(|error| line_around(text, span_of(error).start) == line);
        reported += tell(file, text, on_line.take(1), report);
        let blanked =
            format!("{}{}{}", &readable[..line.start], " ".repeat(line.len()), &readable[line.end..]);
        readable = Cow::Owned(blanked);
    }
}

/// After this the parser leaves out the lines that follow.
const LOST: &str = "key with no value";

fn tell<'e>(
    file: usize,
    text: &str,
    errors: impl Iterator<Item = &'e Error>,
    report: &mut Report<'_>,
) -> usize {
    let mut told = 0;
    let mut last = None;
    for error in errors {
        let span = span_of(error);
        // What is said of the same place is an echo.
        if last.replace(span.start) == Some(span.start) {
            continue;
        }
        let (message, hint) = explain(error.message(), &text[line_around(text, span.start)]);
        report.syntax(Place::new(file, span), message).hint(hint);
        told += 1;
    }
    told
}

fn span_of(error: &Error) -> Range<usize> {
    error.span().unwrap_or_default()
}

fn line_around(text: &str, offset: usize) -> Range<usize> {
    let (before, after) = text.split_at(text.floor_char_boundary(offset));
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = after.find('\n').map_or(text.len(), |at| before.len() + at);
    start..end
}

/// Punctuation that a Chinese keyboard gives where TOML wants the ASCII one.
const WIDE: &[(char, char)] = &[
    ('“', '"'),
    ('”', '"'),
    ('＂', '"'),
    ('‘', '\''),
    ('’', '\''),
    ('＝', '='),
    ('，', ','),
    ('、', ','),
    ('【', '['),
    ('】', ']'),
    ('［', '['),
    ('］', ']'),
    ('｛', '{'),
    ('｝', '}'),
    ('＃', '#'),
];

fn explain(english: &str, line: &str) -> (String, String) {
    let what = english.split(", expected").next().unwrap_or(english);
    let (message, hint) = WORDS.iter().find(|(start, _, _)| what.starts_with(start)).map_or_else(
        || (format!("写法不对（{english}）"), "对照文档里的例子检查这一行".to_owned()),
        |(_, message, hint)| ((*message).to_owned(), (*hint).to_owned()),
    );
    match wide_outside_quotes(line) {
        Some((wide, narrow)) if !what.starts_with("duplicate") => {
            (message, format!("这一行有中文标点「{wide}」，换成英文的 {narrow}"))
        }
        _ => (message, hint),
    }
}

/// The first piece of Chinese punctuation that does not stand inside ASCII quotes.
fn wide_outside_quotes(line: &str) -> Option<(char, char)> {
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            '#' if !quoted => return None,
            _ if quoted => {}
            _ => {
                if let Some(pair) = WIDE.iter().find(|(wide, _)| *wide == letter) {
                    return Some(*pair);
                }
            }
        }
    }
    None
}

/// How the parser's sentence starts, what it means, what to do.
const WORDS: &[(&str, &str, &str)] = &[
    ("duplicate key", "这个键在同一处写了两次", "留一个，删掉另一个；想写多项用 [[…]]（两层方括号）"),
    ("string values must be quoted", "文字要用英文双引号括起来", "例如 name = \"朝阳店\""),
    ("missing opening quote", "文字要用英文双引号括起来", "例如 name = \"朝阳店\""),
    ("invalid basic string", "这一行的引号没有配对", "在末尾补上英文双引号 \"；文字里的双引号写成中文的 “”"),
    ("invalid multi-line basic string", "三个引号开始的文字没有结束", "在文字后面另起一行写 \"\"\""),
    ("invalid literal string", "这一行的单引号没有配对", "改用英文双引号 \"…\""),
    ("missing escaped value", "反斜杠 \\ 后面的字不对", "要写反斜杠本身就写两个：\\\\"),
    ("too few unicode value digits", "\\u 后面要跟四位编码", "直接写文字就好，不用 \\u"),
    ("missing comma between array elements", "列表的两项之间少了逗号", "用英文逗号隔开：[\"一\", \"二\"]"),
    ("extra comma", "多了一个逗号", "删掉多余的逗号"),
    ("unclosed array table", "[[…]] 没有写完", "两层方括号要成对，例如 [[store]]"),
    ("unclosed array", "列表的方括号没有结束", "在最后一项后面补上 ]"),
    ("unclosed inline table", "花括号没有结束", "补上 }"),
    ("unclosed table", "[…] 没有写完", "方括号要成对，例如 [server]"),
    ("missing comma between key-value pairs", "花括号里两项之间少了逗号", "用英文逗号隔开"),
    ("missing assignment between key-value pairs", "键和值之间少了等号", "写成 键 = 值"),
    ("extra assignment", "多了一个等号", "删掉多余的 ="),
    ("extra `=`", "多了一个等号", "删掉多余的 ="),
    ("key with no value", "这个键没有值", "写成 键 = 值；不需要就整行删掉"),
    ("missing value", "这个键没有值", "写成 键 = 值；不需要就整行删掉"),
    ("missing key", "等号前面少了键", "写成 键 = 值"),
    ("invalid unquoted key", "键只能用英文字母、数字、横线和下划线", "照例子里的键写，不要翻译成中文"),
    ("unquoted keys cannot be empty", "等号前面少了键", "写成 键 = 值"),
    ("unexpected leading zero", "数字不能以 0 开头", "去掉前面的 0；电话和编号要加引号"),
    ("unexpected content", "这一行后面多了东西", "一行只写一个 键 = 值；说明写在 # 后面"),
    ("unexpected key or value", "这一行后面多了东西", "一行只写一个 键 = 值；说明写在 # 后面"),
    ("invalid ", "值的写法不对", "文字要用英文双引号括起来；数字不加单位和逗号"),
    ("cannot recurse further", "括号套得太深", "照例子里的写法，最多两层"),
    (
        "carriage return must be followed by newline",
        "换行符不对",
        "用编辑器把文件存成普通的换行（LF 或 CRLF）",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_chinese_punctuation() {
        assert_eq!(wide_outside_quotes("name = “朝阳店”"), Some(('“', '"')));
        assert_eq!(wide_outside_quotes("name＝\"a\""), Some(('＝', '=')));
        assert_eq!(wide_outside_quotes("text = \"你好，“世界”\""), None);
        assert_eq!(wide_outside_quotes("a = 1 # 注：“x”"), None);
    }

    #[test]
    fn explains_in_chinese() {
        let (message, hint) = explain("string values must be quoted, expected literal string", "a = b");
        assert_eq!(message, "文字要用英文双引号括起来");
        assert!(hint.contains("朝阳店"));
        assert!(explain("something new", "a = b").0.contains("something new"));
    }
}
