//! `config/join-codes/*.toml`

use super::SelectorTable;
use crate::files::{At, Id, Text, Whole};
use crate::table;

table! {
    /// 进群码：扫了就能进群的二维码，和它的海报。
    pub struct JoinCodesFile {
        /// 一个进群码。
        join_code: Vec<At<JoinWayEntry>>, default = [];
    }
}

table! {
    /// 一个进群码；群快满了，自动换下一个群。
    pub struct JoinWayEntry {
        /// 进群码编号。
        id: Id, required;
        /// 海报上的大字，说扫了能得到什么。
        title: Text, required;
        /// 记号，最多 30 个字：谁是从这张海报来的，就看它；群规里 [[welcome.by_join_code]] 写的也是它。不写就和编号一样。
        state: Text, optional;
        /// 哪家门店（stores.toml 里的编号），海报上写它的名字；不写就只写品牌。
        store: Id, optional;
        /// 扫了进哪些群；只算客户群，一次最多放 5 个，先进还有空位的。
        groups: SelectorTable, default = {};
        /// 群里到了这么多人，就换下一个群；留一点余地给刚扫了还没进来的人。
        next_before: Whole<2, 200>, default = 190;
        /// 群都满了由企业微信自动建新群；不写就不自动建，满了会提醒运营。
        new_groups: NewGroupsTable, optional;
        /// 在企业微信里的备注，最多 30 个字；不写就是 title。
        remark: Text, optional;
        /// 海报上二维码下面的小字。
        caption: Text, default = "微信扫一扫，进群";
    }
}

table! {
    /// 自动建的新群叫什么：群名后面加序号，“福利群10”“福利群11”……
    pub struct NewGroupsTable {
        /// 群名，不带序号，最多 40 个字；要对得上 groups/ 里的群，不然新群没有群规。
        name: Text, required;
        /// 从几号开始。
        number: Whole<1, 1_000_000>, default = 1;
    }
}
