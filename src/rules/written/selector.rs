//! Which groups something is for, in whatever file says so.

use crate::files::{At, Id, Text};
use crate::table;

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
    }
}
