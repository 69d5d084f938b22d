//! `config/org.toml`

use crate::choices;
use crate::files::{At, Id, Text};
use crate::rules::OrgLevel;
use crate::table;

choices! { OrgLevel {
    Brand = "brand", "品牌";
    Distributor = "distributor", "经销商";
    Store = "store", "门店";
    Staff = "staff", "店员";
} }

table! {
    /// 组织：品牌下面有哪些经销商和门店，传达（cascades/）照着它一层一层往下走。
    pub struct OrgFile {
        /// 一个节点：品牌总部、一家经销商或一家门店。
        node: Vec<At<OrgNodeEntry>>, default = [];
    }
}

table! {
    /// 一个节点。
    pub struct OrgNodeEntry {
        /// 节点编号，别的节点写在 parent 里指它。
        id: Id, required;
        /// 名字；写了 store 的可以不写，就是门店的名字。
        name: Text, optional;
        /// 上级节点的编号；只有最上面的那一个不写。
        parent: Id, optional;
        /// 是哪一层；不写的话，最上面的是品牌，写了 store 的是门店，其他的是经销商。
        level: OrgLevel, optional;
        /// 是哪家门店（stores.toml）；店长代表门店，别的店员自动成为它下面的一层。
        store: Id, optional;
        /// 谁代表它，写企业微信账号（userid）；写了 store 的可以不写，就是店长。
        people: Vec<At<Text>>, optional;
    }
}
