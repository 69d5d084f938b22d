//! Columns for a terminal, in which a Chinese character is two columns wide, and for spreadsheets.

use clap::ValueEnum;
use unicode_width::UnicodeWidthStr;

/// How figures about people are shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// Tables for people 给人看的表
    Text,
    /// One object 一个 JSON
    Json,
    /// One line a person 每人一行
    Csv,
}

/// Columns as wide as their widest cell.
pub fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| padded(cell, width));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// With blanks behind it, up to this width.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// A cell of a file for spreadsheets, which must not take a name for a formula.
pub fn as_text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula() {
        assert_eq!(as_text("=cmd()"), "'=cmd()");
        assert_eq!(as_text("朝阳店"), "朝阳店");
    }

    #[test]
    fn columns_are_aligned_for_chinese_width() {
        let rows = [["编号".to_owned(), "标题".to_owned()], ["mooncake".to_owned(), "月饼".to_owned()]];
        assert_eq!(table(&rows), "编号      标题\nmooncake  月饼\n");
    }
}
