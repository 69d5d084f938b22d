//! Which groups something is for, in whatever file says so.

use crate::files::{At, Duration, Id, Text, Whole};
use crate::rules::PEOPLE_AT_MOST;
use crate::table;

/// How many people a file may speak of.
pub type People = Whole<1, PEOPLE_AT_MOST>;

table! {
    /// 给哪些群；写了几样就要都对上，一样里写了几个对上一个就行，什么都不写就是所有有群规的群。
    pub struct SelectorTable {
        /// 用这些群规的群（profiles/ 里的文件名，不带 .toml）。
        profiles: Vec<At<Id>>, default = [];
        /// 这些门店的群（stores.toml 里的编号）。
        stores: Vec<At<Id>>, default = [];
        /// 这些区域的门店的群（stores.toml 里的 region）。
        regions: Vec<At<Text>>, default = [];
        /// 群名是这样的群，* 代表任意一段文字，例如 "山谷小铺*福利群"。
        names: Vec<At<Text>>, default = [];
        /// 这些小区的群（groups/ 里的 estate）。
        estates: Vec<At<Text>>, default = [];
        /// 带这些标签的群（groups/ 和 stores.toml 里的 tags）。
        tags: Vec<At<Text>>, default = [];
        /// 轮到这个群的时候，群里至少有这么多人（连店里的人一起数）才发；只有排期和活动能写。
        size_at_least: People, optional;
        /// 轮到这个群的时候，群里最多有这么多人才发；只有排期和活动能写。
        size_at_most: People, optional;
        /// 轮到这个群的时候，已经这么久没有成员说话才发，例如 "3d"；要听得到每条消息的群，只有排期和活动能写。
        quiet_for: Duration, optional;
        /// 轮到这个群的时候，这段时间里有成员说过话才发，例如 "7d"；要听得到每条消息的群，只有排期和活动能写。
        spoke_within: Duration, optional;
    }
}
