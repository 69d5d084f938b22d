//! `config/lexicons/*.toml`

use crate::files::{At, Number, Text};
use crate::perception::SignalName;
use crate::table;

table! {
    /// 一类用语。
    pub struct LexiconFile {
        /// 哪一类。
        category: SignalName, required;
        /// 谁负责这份词表。
        owner: Text, optional;
        /// 一个或几个说法。
        phrase: Vec<At<PhraseEntry>>, default = [];
    }
}

table! {
    /// 一个或几个说法。
    pub struct PhraseEntry {
        /// 一个说法；大小写、全半角、繁简不用分开写。
        text: Text, optional;
        /// 几个分量一样的说法。
        texts: Vec<At<Text>>, optional;
        /// 分量，0 到 1：单凭它有多像广告。
        weight: Number<1>, default = 0.5;
        /// 出现在这些话里就不算。
        allow: Vec<At<Text>>, default = [];
        /// 为什么收它，给后来的同事看。
        reason: Text, optional;
    }
}
