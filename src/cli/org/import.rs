//! From a table to `config/org.toml`.
//!
//! Every cell is text: one that begins with `=`, `+`, `-` or `@` is never a formula, and the `'` that a
//! spreadsheet puts before such a cell is taken away.

use std::collections::HashMap;

use anyhow::{Context, anyhow, bail};

use super::node::Node;
use crate::files::{Id, Spelled, nearest};

/// The columns: how each may be headed.
const COLUMNS: [(Column, &[&str]); 6] = [
    (Column::Id, &["编号", "id"]),
    (Column::Name, &["名称", "名字", "name"]),
    (Column::Parent, &["上级", "parent"]),
    (Column::Level, &["层级", "level"]),
    (Column::Store, &["门店", "store"]),
    (Column::People, &["人员", "people"]),
];
/// How levels may be written.
const LEVELS: [(&str, &str); 4] =
    [("品牌", "brand"), ("经销商", "distributor"), ("门店", "store"), ("店员", "staff")];
/// What stands between two people in one cell.
const BETWEEN: [char; 8] = [';', '；', '、', ',', '，', '|', ' ', '\n'];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Column {
    Id,
    Name,
    Parent,
    Level,
    Store,
    People,
}

/// One row of the table.
#[derive(Debug)]
struct Row {
    /// Counted as a spreadsheet counts.
    number: usize,
    cells: HashMap<Column, String>,
}

impl Row {
    fn get(&self, column: Column) -> Option<&str> {
        self.cells.get(&column).map(String::as_str).filter(|cell| !cell.is_empty())
    }
}

/// The text of an `org.toml` with the table's rows as its nodes.
pub fn org_toml(bytes: &[u8]) -> anyhow::Result<String> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        anyhow!("这个文件不是 UTF-8：在表格软件里另存为“CSV UTF-8” / not UTF-8: save it as CSV UTF-8")
    })?;
    let rows = rows(text.trim_start_matches('\u{feff}'))?;
    let ids = ids(&rows)?;
    let mut toml = String::from(
        "#:schema ../schemas/org.schema.json\n# 从表格做的组织：改完用 zhanggui check 检查，用 zhanggui org 看。\n",
    );
    for (row, id) in rows.iter().zip(&ids) {
        toml.push_str(&node(row, id, &rows, &ids)?.toml());
    }
    Ok(toml)
}

fn rows(text: &str) -> anyhow::Result<Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().context("读不了第一行")?.clone();
    let columns: Vec<Option<Column>> = headers.iter().map(column).collect::<anyhow::Result<_>>()?;
    let mut rows = Vec::new();
    for (number, record) in (2..).zip(reader.records()) {
        let record = record.with_context(|| format!("第 {number} 行读不了"))?;
        let cells: HashMap<Column, String> = columns
            .iter()
            .zip(record.iter())
            .filter_map(|(column, cell)| Some(((*column)?, plain(cell).to_owned())))
            .collect();
        if cells.values().any(|cell| !cell.is_empty()) {
            rows.push(Row { number, cells });
        }
    }
    Ok(rows)
}

/// `None` for a column without a heading.
fn column(heading: &str) -> anyhow::Result<Option<Column>> {
    let heading = heading.trim();
    if heading.is_empty() {
        return Ok(None);
    }
    let known = COLUMNS.iter().find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(heading)));
    if let Some((column, _)) = known {
        return Ok(Some(*column));
    }
    let names = || COLUMNS.iter().flat_map(|(_, names)| names.iter().copied());
    let meant = nearest(heading, names()).map(|name| format!("是不是想写“{name}”？")).unwrap_or_default();
    bail!("不认识的列“{heading}”。{meant}可以有：{}", names().collect::<Vec<_>>().join("、"))
}

/// What is meant by a cell: without blanks around it, and without the mark that makes it text.
fn plain(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(cell)
}

/// The id of each row: its own, its store's, or one of its number.
fn ids(rows: &[Row]) -> anyhow::Result<Vec<String>> {
    let of = |row: &Row| {
        let written = row.get(Column::Id).or_else(|| row.get(Column::Store));
        let Some(written) = written else { return Ok(format!("node-{}", row.number)) };
        Id::parse(written).map(|id| id.0).map_err(|wrong| {
            anyhow!("第 {} 行：{}。{}", row.number, wrong.message, wrong.hint.unwrap_or_default())
        })
    };
    rows.iter().map(of).collect()
}

fn node(row: &Row, id: &str, rows: &[Row], ids: &[String]) -> anyhow::Result<Node> {
    let level = row.get(Column::Level).map(|level| level_word(level, row)).transpose()?;
    let parent = row.get(Column::Parent).map(|parent| parent_id(parent, row, rows, ids)).transpose()?;
    let people = row.get(Column::People).into_iter().flat_map(|cell| cell.split(BETWEEN));
    Ok(Node {
        remarks: Vec::new(),
        id: id.to_owned(),
        name: row.get(Column::Name).map(str::to_owned),
        level,
        parent: parent.map(str::to_owned),
        store: row.get(Column::Store).map(str::to_owned),
        people: people.filter(|person| !person.is_empty()).map(str::to_owned).collect(),
    })
}

fn level_word(level: &str, row: &Row) -> anyhow::Result<&'static str> {
    let known = LEVELS.iter().find(|(chinese, word)| *chinese == level || *word == level);
    known
        .map(|(_, word)| *word)
        .ok_or_else(|| anyhow!("第 {} 行：没有层级“{level}”，可以写品牌、经销商、门店、店员", row.number))
}

/// A row is named by its id or by its name.
fn parent_id<'i>(parent: &str, row: &Row, rows: &[Row], ids: &'i [String]) -> anyhow::Result<&'i str> {
    if let Some(id) = ids.iter().find(|id| *id == parent) {
        return Ok(id);
    }
    let mut named = rows.iter().zip(ids).filter(|(row, _)| row.get(Column::Name) == Some(parent));
    match (named.next(), named.next()) {
        (Some((_, id)), None) => Ok(id),
        (Some((first, _)), Some((second, _))) => bail!(
            "第 {} 行：上级“{parent}”有两个（第 {}、{} 行），请写编号",
            row.number,
            first.number,
            second.number
        ),
        (None, _) => {
            let names = rows.iter().filter_map(|row| row.get(Column::Name));
            let meant = nearest(parent, names).map(|name| format!("，是不是“{name}”？")).unwrap_or_default();
            bail!("第 {} 行：表里没有上级“{parent}”{meant}", row.number)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::files::{SourceFile, Sources};
    use crate::rules::{compile, samples::SERVER};

    const TABLE: &str = "\u{feff}编号,名称,上级,层级,人员\n\
        brand,总部,,,lin.yun\n\
        north,华北经销,总部,经销商,\"he.qiang、sun.wei\"\n\
        ,华南经销,brand,,=cmd()\n";

    #[test]
    fn a_table_becomes_an_organisation() {
        let toml = org_toml(TABLE.as_bytes()).expect("a good table");
        let files =
            vec![SourceFile::new("config/zhanggui.toml", SERVER), SourceFile::new("config/org.toml", toml)];
        let org = compile(&Sources::new(files)).expect("right").rulebook.org;
        let nodes: Vec<_> =
            org.nodes().iter().map(|node| (node.id.as_str(), node.people.join(" "))).collect();
        assert_eq!(
            nodes,
            [
                ("brand", "lin.yun".to_owned()),
                ("north", "he.qiang sun.wei".to_owned()),
                ("node-4", "=cmd()".to_owned())
            ]
        );
    }

    #[test]
    fn mistakes_are_told_with_their_row() {
        let told = |table: &str| org_toml(table.as_bytes()).expect_err("a mistake").to_string();
        assert!(told("编号,名子\n").contains("是不是想写“名字”") || told("编号,名子\n").contains("名称"));
        assert_eq!(told("名称,上级\n总部,\n华北,总步\n"), "第 3 行：表里没有上级“总步”，是不是“总部”？");
        assert!(told("编号\n总部\n").starts_with("第 2 行：编号"));
        assert!(told("名称,层级\n总部,总裁\n").contains("没有层级“总裁”"));
        assert!(org_toml(&[0xc3, 0xe4]).expect_err("GBK").to_string().contains("UTF-8"));
    }

    proptest! {
        /// Whatever stands in the cells: the result is TOML, and each cell is a text in it.
        #[test]
        fn no_cell_breaks_out_of_its_place(name in "\\PC{1,20}", people in "[=+@'\"\\\\a-z-]{1,12}") {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["name", "people"]).expect("written");
            writer.write_record([&name, &people]).expect("written");
            let table = writer.into_inner().expect("written");
            let toml = org_toml(&table).expect("a good table");
            let parsed: toml::Table = toml.parse().expect("TOML");
            let node = &parsed["node"][0];
            let expected = plain(&name);
            prop_assert_eq!(node.get("name").and_then(toml::Value::as_str).unwrap_or_default(), expected);
            prop_assert_eq!(node["people"][0].as_str(), Some(plain(&people)));
        }
    }
}
