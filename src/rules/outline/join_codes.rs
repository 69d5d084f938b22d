//! What a join code says, in words.

use super::schedules::groups;
use super::{Named, said};
use crate::rules::JoinCode;

pub fn join_code(code: &JoinCode) -> Named {
    let new_groups = code.new_groups.as_ref().map(|new| format!("{}，从 {} 号起", new.name, new.number));
    let says = [
        ("记号", code.state.clone()),
        ("门店", code.store.clone().unwrap_or_default()),
        ("群", groups(&code.groups)),
        ("换群人数", code.next_before.to_string()),
        ("自动建群", new_groups.unwrap_or_default()),
        ("备注", code.remark.clone()),
        ("小字", code.caption.clone()),
    ];
    Named { name: code.called(), says: said(says), store: code.store.clone(), ..Named::default() }
}
