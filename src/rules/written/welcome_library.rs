//! `config/welcome-library.toml`

use crate::files::{At, Id};
use crate::table;

table! {
    /// 入群欢迎语素材库：客户群的群主在手机上能选的欢迎语，由话术同步过去（zhanggui welcome-library），最多 100 份。
    pub struct WelcomeLibraryFile {
        /// 一份欢迎语。
        template: Vec<At<WelcomeTemplateEntry>>, default = [];
    }
}

table! {
    /// 一份欢迎语。
    pub struct WelcomeTemplateEntry {
        /// 用哪条话术；里面的 {{ members }} 会变成新客户的名字。
        script: Id, required;
        /// 给哪些门店，每家一份，填好门店的名字；不写就是整个品牌一份。
        stores: Vec<At<Id>>, default = [];
    }
}
