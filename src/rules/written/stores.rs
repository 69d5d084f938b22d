//! `config/stores.toml`

use crate::files::{AnyText, At, Id, Text};
use crate::table;

table! {
    /// 门店。
    pub struct StoresFile {
        /// 一家门店。
        store: Vec<At<StoreEntry>>, default = [];
    }
}

table! {
    /// 一家门店。
    pub struct StoreEntry {
        /// 门店编号，别的文件用它指这家店。
        id: Id, required;
        /// 门店名，话术里的 {{ store.name }}。
        name: Text, required;
        /// 区域，话术里的 {{ store.region }}。
        region: AnyText, default = "";
        /// 地址，话术里的 {{ store.address }}。
        address: AnyText, default = "";
        /// 营业时间，照着说的写，话术里的 {{ store.hours }}。
        hours: AnyText, default = "";
        /// 门店电话，话术里的 {{ store.phone }}。
        phone: AnyText, default = "";
        /// 店长的企业微信账号（userid）。
        owner: Text, optional;
        /// 店员的企业微信账号（userid）；店长不用再写一遍。
        staff: Vec<At<Text>>, default = [];
        /// 标签，这家店的群都带上；排期、活动可以按它挑群。
        tags: Vec<At<Text>>, default = [];
    }
}
