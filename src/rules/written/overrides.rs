//! `bot-scripts/overrides/*.toml`

use super::{MessageEntry, ValidTable};
use crate::files::{At, Id, Map, Text, Whole};
use crate::table;

table! {
    /// 区域和门店对话术的改动。
    pub struct OverridesFile {
        /// 一处改动。
        over as "override": Vec<At<OverrideEntry>>, default = [];
    }
}

table! {
    /// 一处改动；没写的都跟品牌的一样。
    pub struct OverrideEntry {
        /// 改哪条话术。
        script: Id, required;
        /// 哪家门店（stores.toml 里的编号）；和 region 只写一个。
        store: Id, optional;
        /// 哪个区域（stores.toml 里的 region）；和 store 只写一个。
        region: Text, optional;
        /// 这里不用这条话术。
        off: bool, optional;
        /// 换成这些关键词。
        triggers: Vec<At<Text>>, optional;
        /// 换成这段时间能用。
        valid: ValidTable, optional;
        /// 换成这样的版本比例，例如 { b = 0 }。
        variants: Map<Whole<0, 100>>, optional;
        /// 换成这些默认值，例如 { left = "20" }。
        defaults: Map<Text>, optional;
        /// 换成这些内容；品牌在 stores_may 里写了 "text" 才可以。
        message: Vec<At<MessageEntry>>, optional;
    }
}
