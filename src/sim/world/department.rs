//! The example corp's departments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A department of the corp (部门).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    pub id: i64,
    pub name: String,
    /// 0 above the root, whose id is 1.
    pub parent: i64,
    /// Greater ones come first.
    pub order: i64,
    pub leaders: Vec<String>,
    /// Who is in it itself.
    pub members: Vec<String>,
}

/// By id.
pub fn example() -> BTreeMap<i64, Department> {
    let department = |id, name: &str, parent, leaders: &[&str], members: &[&str]| {
        let people = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let (name, leaders, members) = (name.to_owned(), people(leaders), people(members));
        (id, Department { id, name, parent, order: 100 - id, leaders, members })
    };
    BTreeMap::from([
        department(1, "山谷小铺（示例品牌）", 0, &[], &["lin.yun"]),
        department(2, "北京经销商", 1, &["sun.qian"], &["sun.qian", "zhao.lei", "wu.ming"]),
        department(3, "山谷小铺朝阳店", 2, &["wang.min"], &["wang.min", "li.na"]),
    ])
}
