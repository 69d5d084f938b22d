//! `bot-scripts/**/*.toml`

use crate::files::{At, Day, Id, Map, Text, Whole};
use crate::scripts::{MessageKind, ScriptRole, Step, StoreField};
use crate::table;

use super::{AskName, Regex, Sense};

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
        /// 谁可以取用。
        roles: Vec<At<ScriptRole>>, default = ["staff"];
        /// 只在这些群规里用；不写就是都能用。
        profiles: Vec<At<Id>>, default = [];
        /// 只在这些区域用（stores.toml 里的 region）；不写就是都能用。
        regions: Vec<At<Text>>, default = [];
        /// 只给这些门店用（stores.toml 里的编号）；不写就是都能用。
        stores: Vec<At<Id>>, default = [];
        /// 谁负责这条话术。
        owner: Text, optional;
        /// 从哪天到哪天能用。
        valid: ValidTable, optional;
        /// 过期以后改用哪条话术。
        replaced_by: Id, optional;
        /// 前面、后面总要带上哪些话术。
        joins: JoinsTable, default = {};
        /// 发之前要填的一个空。
        ask: Vec<At<AskEntry>>, default = [];
        /// 各版本被抽到的比例，例如 { a = 2, b = 1 }；不写就是一样多。
        variants: Map<Whole<0, 100>>, default = {};
        /// 区域和门店可以改它的什么；内容（text）要写上才能改。
        stores_may: Vec<At<StoreField>>, default = ["triggers", "valid", "variants", "defaults", "off"];
        /// 检查规则不算它错的一处，要写明为什么。
        waive: Vec<At<WaiveEntry>>, default = [];
        /// 一条消息；几条就按顺序发。
        message: Vec<At<MessageEntry>>, required;
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
    /// 前面、后面总要带上哪些话术。
    pub struct JoinsTable {
        /// 先发这些。
        before: Vec<At<Id>>, default = [];
        /// 再发这些。
        after: Vec<At<Id>>, default = [];
    }
}

table! {
    /// 发之前要填的一个空。
    pub struct AskEntry {
        /// 空的名字，内容里写 {{ 名字 }}。
        name: AskName, required;
        /// 问店员的话。
        label: Text, required;
        /// 只能从这些里选。
        choices: Vec<At<Text>>, default = [];
        /// 回答要合这个格式（正则表达式），例如 "[0-9]{1,4}"。
        pattern: Regex, optional;
        /// 不填就用它。
        default: Text, optional;
    }
}

table! {
    /// 检查规则不算它错的一处。
    pub struct WaiveEntry {
        /// 规则的编号，检查结果的方括号里写着。
        rule: Id, required;
        /// 为什么可以这样写。
        reason: Text, required;
        /// 到哪天为止；不写就是一直。
        until: Day, optional;
    }
}

table! {
    /// 一条消息。
    pub struct MessageEntry {
        /// 什么消息。
        kind: MessageKind, default = "text";
        /// 属于哪个版本；不写就是每个版本都有它。
        variant: Id, optional;
        /// 内容；可以写 {{ store.name }} 这样的空，发的时候填好。
        text: Text, optional;
        /// 图片、视频、文件放在哪里，从这个文件算起，例如 "media/月饼.jpg"；链接和小程序的封面图也写这里。
        file: Text, optional;
        /// 视频、链接、小程序的标题。
        title: Text, optional;
        /// 视频、链接、小程序的说明。
        description: Text, optional;
        /// 链接的网址。
        url: Text, optional;
        /// 小程序的 AppID。
        appid: Text, optional;
        /// 小程序的页面路径。
        page: Text, optional;
    }
}
