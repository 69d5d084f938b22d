//! `config/contacts.toml`

use crate::files::Id;
use crate::table;

table! {
    /// 加为好友的客户（1 对 1，不是群）。
    pub struct ContactsFile {
        /// 欢迎刚加好友的客户。
        contact_welcome: ContactWelcomeTable, optional;
    }
}

table! {
    /// 欢迎刚加好友的客户：企业微信只给 20 秒，过了就不能发，机器人会最先发它。
    pub struct ContactWelcomeTable {
        /// 关掉。
        off: bool, default = false;
        /// 欢迎用的话术编号，按店员所在的门店填好；只能是文字和不带图片的链接，图片上传来不及。
        script: Id, required;
    }
}
