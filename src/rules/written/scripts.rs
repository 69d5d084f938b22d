//! `bot-scripts/**/*.toml`

use crate::files::{At, Day, Id, Text};
use crate::scripts::{MessageKind, Step};
use crate::table;

use super::Sense;

table! {
    /// 话术。
    pub struct ScriptsFile {
        /// 一条话术。
        script: Vec<At<ScriptEntry>>, default = [];
    }
}

table! {
    /// 一条话术。
    pub struct ScriptEntry {
        /// 话术编号，群规用它指这条话术。
        id: Id, required;
        /// 标题，店员看得到。
        title: Text, required;
        /// 场景；不写就是所在文件夹的名字。
        scene: Id, optional;
        /// 六步成交里的哪一步。
        step: Step, optional;
        /// 给人什么感觉。
        senses: Vec<At<Sense>>, default = [];
        /// 店员发哪些关键词会得到它。
        triggers: Vec<At<Text>>, default = [];
        /// 只在这些群规里用；不写就是都能用。
        profiles: Vec<At<Id>>, default = [];
        /// 谁负责这条话术。
        owner: Text, optional;
        /// 从哪天到哪天能用。
        valid: ValidTable, optional;
        /// 过期以后改用哪条话术。
        replaced_by: Id, optional;
        /// 放行一条合规规则，写明理由和期限。
        waive: Vec<At<WaiverEntry>>, default = [];
        /// 一条消息；几条就按顺序发。
        message: Vec<At<MessageEntry>>, required;
    }
}

table! {
    /// 放行一条合规规则。
    pub struct WaiverEntry {
        /// 哪条规则；有哪些见 zhanggui check --rules。
        rule: Text, required;
        /// 为什么可以放行，谁看过。
        reason: Text, required;
        /// 放行到哪天；过了这天要重新看。
        until: Day, required;
    }
}

table! {
    /// 从哪天到哪天能用。
    pub struct ValidTable {
        /// 第一天。
        from: Day, optional;
        /// 最后一天。
        to: Day, optional;
    }
}

table! {
    /// 一条消息。
    pub struct MessageEntry {
        /// 什么消息。
        kind: MessageKind, default = "text";
        /// 内容；可以写 {{ store.name }} 这样的空，发的时候填好。
        text: Text, required;
    }
}
