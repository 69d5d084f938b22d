//! `config/cascades/*.toml`

use crate::choices;
use crate::files::{At, Duration, HoursOfDay, Id, OffOr, Text};
use crate::rules::{CascadeOrder, Escalation, OrgLevel};
use crate::table;

choices! { CascadeOrder {
    LevelByLevel = "level-by-level", "一层一层：上级收到了，才告诉下级";
    AllAtOnce = "all-at-once", "同时告诉所有人";
} }

choices! { Escalation {
    Parent = "parent", "上级节点的人";
    Ops = "ops", "运营";
} }

table! {
    /// 一次传达：把一件事沿着组织（org.toml）告诉每个人，人人回执。
    pub struct CascadeFile {
        /// 这次传达。
        cascade: CascadeTable, required;
    }
}

table! {
    /// 一次传达。
    pub struct CascadeTable {
        /// 编号，开始时写 zhanggui cascade start 编号。
        id: Id, required;
        /// 说的是什么事，写在回执卡片上。
        title: Text, required;
        /// 要说的话术编号；和 text 只写一个。
        script: Id, optional;
        /// 要说的话，原样发出；和 script 只写一个。
        text: Text, optional;
        /// 只告诉这几层；不写就是每一层。
        levels: Vec<At<OrgLevel>>, default = ["brand", "distributor", "store", "staff"];
        /// 只告诉这几个节点和它们下面的；不写就是整个组织。
        under: Vec<At<Id>>, optional;
        /// 先后。
        order: CascadeOrder, default = "level-by-level";
        /// 每个人最晚多久回执；到时候一个节点没有一个人回执，就报给 escalate_to，并接着往下传。
        deadline: Duration, default = "24h";
        /// 多久没回执就提醒一次；"off" 是不提醒。
        remind_after: OffOr<Duration>, default = "4h";
        /// 到期没人回执时告诉谁；写 [] 就是谁也不告诉。
        escalate_to: Vec<At<Escalation>>, default = ["parent", "ops"];
        /// 安静时段，什么也不发，攒到结束；"off" 是不安静。
        quiet: OffOr<HoursOfDay>, default = "22:00-08:00";
    }
}
