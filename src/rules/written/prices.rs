//! `config/prices.toml`

use super::ValidTable;
use crate::files::{At, Id, Money, Text, Whole};
use crate::table;

table! {
    /// 商品和价钱。
    pub struct PricesFile {
        /// 一种商品。
        product: Vec<At<ProductEntry>>, default = [];
    }
}

table! {
    /// 一种商品。
    pub struct ProductEntry {
        /// 商品编号，话术里写 {{ product("编号").price }}。
        id: Id, required;
        /// 商品名。
        name: Text, required;
        /// 一件的价钱。
        price: Money, required;
        /// 以前真卖过的价钱（前七天里最低的那个）；没有就别写。
        was: Money, optional;
        /// 一件是什么：盒、瓶、斤。
        unit: Text, required;
        /// 买得多更便宜，例如 [{ from = 2, price = "65元" }]。
        steps: Vec<At<PriceStepEntry>>, default = [];
        /// 这个价钱从哪天到哪天。
        valid: ValidTable, optional;
    }
}

table! {
    /// 买到多少件是什么价钱。
    pub struct PriceStepEntry {
        /// 从几件起。
        from: Whole<2, 100_000>, required;
        /// 每件的价钱。
        price: Money, required;
    }
}
