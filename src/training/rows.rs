//! Labelled messages as tab-separated text: a line of column names, then a row a line. `\n` in a field stands
//! for a line break and `\\` for a backslash.

use std::io::{self, BufRead, Read};

/// Far above what any platform lets a person write; a file without line breaks must not fill the memory.
const LINE_AT_MOST: usize = 1 << 20;

/// So many broken rows are told one by one; a file of another kind has no other.
const MISTAKES_TOLD: usize = 20;

/// A labelled message: the columns `id`, `label`, `cat`, `src`, `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    /// Label 1.
    pub is_ad: bool,
    pub category: String,
    pub source: String,
    pub text: String,
}

const ROW_COLUMNS: [&str; 5] = ["id", "label", "cat", "src", "text"];

/// What could not be read in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    /// Chinese sentences with file and line; at most [`MISTAKES_TOLD`].
    pub told: Vec<String>,
    pub count: usize,
}

impl Mistakes {
    fn add(&mut self, file: &str, line: usize, what: &str) {
        self.count += 1;
        if self.told.len() < MISTAKES_TOLD {
            self.told.push(format!("{file} 第 {line} 行：{what}，这一行跳过"));
        }
    }
}

/// Reads labelled messages one by one; a broken row is told and left out. An error is one of reading.
pub fn read_rows(file: &str, input: impl BufRead, mut visit: impl FnMut(Row)) -> io::Result<Mistakes> {
    read_table(file, input, ROW_COLUMNS, |[id, label, category, source, text]| {
        let is_ad = match label {
            "0" => false,
            "1" => true,
            other => return Err(format!("label 应当是 0 或 1，这里是“{}”", cut(other))),
        };
        let [id, category, source] = [id, category, source].map(str::to_owned);
        visit(Row { id, is_ad, category, source, text: unescaped(text) });
        Ok(())
    })
}

/// Reads the named columns of a table row by row; what `visit` refuses is told with its line.
pub fn read_table<const N: usize>(
    file: &str,
    mut input: impl BufRead,
    columns: [&str; N],
    mut visit: impl FnMut([&str; N]) -> Result<(), String>,
) -> io::Result<Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut places = None;
    let mut bytes = Vec::new();
    let mut line = 0;
    while read_line(&mut input, &mut bytes)? {
        line += 1;
        let fields = fields(&bytes);
        let done = match (fields, &places) {
            (Err(what), _) => Err(what),
            (Ok(names), None) => {
                let found = columns.map(|column| names.iter().position(|name| *name == column));
                let missing = columns.iter().zip(found).find(|(_, place)| place.is_none());
                if let Some((column, _)) = missing {
                    mistakes.add(file, line, &format!("第一行应当是列名，缺少“{column}”列"));
                    return Ok(mistakes);
                }
                places = Some((names.len(), found.map(Option::unwrap_or_default)));
                Ok(())
            }
            (Ok(fields), Some((width, _))) if fields.len() != *width => {
                Err(format!("有 {} 列，应当是 {width} 列", fields.len()))
            }
            (Ok(fields), Some((_, places))) => visit(places.map(|place| fields[place])),
        };
        if let Err(what) = done {
            mistakes.add(file, line, &what);
        }
    }
    if places.is_none() && mistakes.count == 0 {
        mistakes.add(file, 1, "文件是空的");
    }
    Ok(mistakes)
}

/// One line without its end; never keeps more than a line may have. `false` at the end.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if input.by_ref().take(LINE_AT_MOST as u64 + 2).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > LINE_AT_MOST {
        input.skip_until(b'\n')?;
    }
    Ok(true)
}

fn fields(line: &[u8]) -> Result<Vec<&str>, String> {
    if line.len() > LINE_AT_MOST {
        return Err(format!("超过 {LINE_AT_MOST} 字节"));
    }
    let text = std::str::from_utf8(line).map_err(|_| "不是 UTF-8 文字".to_owned())?;
    Ok(text.strip_suffix('\r').unwrap_or(text).split('\t').collect())
}

fn cut(text: &str) -> &str {
    crate::text::cut_to_bytes(text, 30)
}

/// Undoes `\n` and `\\`; any other backslash stands for itself.
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('\\', Some('n')) => plain.push('\n'),
            ('\\', Some('\\')) => plain.push('\\'),
            _ => {
                plain.push(c);
                continue;
            }
        }
        characters.next();
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> (Vec<Row>, Mistakes) {
        let mut rows = Vec::new();
        let mistakes = read_rows("a.tsv", bytes, |row| rows.push(row)).expect("memory can be read");
        (rows, mistakes)
    }

    #[test]
    fn reads_rows_in_any_order_of_columns() {
        let (rows, mistakes) = read("text\tlabel\tid\tsrc\tcat\r\n加我\\n\\\\n\t1\t7\tx\tad\r\n".as_bytes());
        assert_eq!(mistakes, Mistakes::default());
        assert_eq!(rows[0].text, "加我\n\\n");
        assert!(rows[0].is_ad);
        assert_eq!((&*rows[0].id, &*rows[0].source, &*rows[0].category), ("7", "x", "ad"));
    }

    #[test]
    fn broken_rows_are_told_and_the_rest_is_read() {
        let mut bytes = "id\tlabel\tcat\tsrc\ttext\n1\t2\ta\tb\tc\nshort\n".as_bytes().to_vec();
        bytes.extend_from_slice(b"1\t0\ta\tb\t\xff\n");
        bytes.extend(std::iter::repeat_n(b'a', LINE_AT_MOST + 5));
        bytes.extend_from_slice(b"\n5\t0\ta\tb\tgood\n");
        let (rows, mistakes) = read(&bytes);
        assert_eq!(rows.len(), 1);
        assert_eq!(mistakes.count, 4);
        assert_eq!(mistakes.told[0], "a.tsv 第 2 行：label 应当是 0 或 1，这里是“2”，这一行跳过");
        assert_eq!(mistakes.told[1], "a.tsv 第 3 行：有 1 列，应当是 5 列，这一行跳过");
        assert_eq!(mistakes.told[2], "a.tsv 第 4 行：不是 UTF-8 文字，这一行跳过");
        assert_eq!(mistakes.told[3], "a.tsv 第 5 行：超过 1048576 字节，这一行跳过");
    }

    #[test]
    fn a_file_of_another_kind_is_told_once() {
        assert_eq!(read(b"").1.told, ["a.tsv 第 1 行：文件是空的，这一行跳过"]);
        let (rows, mistakes) = read("你好\n世界\n".as_bytes());
        assert!(rows.is_empty());
        assert_eq!(mistakes.told, ["a.tsv 第 1 行：第一行应当是列名，缺少“id”列，这一行跳过"]);
    }

    #[test]
    fn only_so_many_mistakes_are_kept() {
        let (_, mistakes) = read(format!("id\tlabel\tcat\tsrc\ttext\n{}", "x\n".repeat(1_000)).as_bytes());
        assert_eq!((mistakes.count, mistakes.told.len()), (1_000, MISTAKES_TOLD));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut file = b"id\tlabel\tcat\tsrc\ttext\n".to_vec();
            file.extend(bytes);
            let (rows, mistakes) = read(&file);
            let lines = file.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).count();
            prop_assert!(rows.len() + mistakes.count >= lines - 1);
        }
    }
}
