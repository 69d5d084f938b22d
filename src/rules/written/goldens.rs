//! `**/*.golden.toml`: messages that moderation must catch, and messages that it must let pass.

use crate::choices;
use crate::files::{At, Id, Text};
use crate::rules::Role;
use crate::table;

table! {
    /// 样本：哪些话一定要管，哪些话一定要放行。
    pub struct GoldensFile {
        /// 按哪套群规判断（profiles/ 里的文件名，不带 .toml）。
        profile: Id, required;
        /// 一句或几句话。
        golden: Vec<At<GoldenEntry>>, required;
    }
}

table! {
    /// 一句或几句话，和它们该有的结果。
    pub struct GoldenEntry {
        /// 一句话，照着成员发的写。
        text: Text, optional;
        /// 结果一样的几句话。
        texts: Vec<At<Text>>, optional;
        /// 该有的结果。
        must: Must, required;
        /// 换一套群规判断；不写就用文件开头的。
        profile: Id, optional;
        /// 说话的是什么人；普通成员是刚进群的。
        from_role: Role, default = "member";
        /// 为什么收它，给后来的同事看。
        reason: Text, optional;
    }
}

/// What moderation must do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Must {
    Fire,
    Pass,
}

choices! { Must {
    Fire = "fire", "一定判为广告";
    Pass = "pass", "一定放行";
} }
