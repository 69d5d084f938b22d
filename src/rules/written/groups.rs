//! `config/groups/*.toml`

use crate::files::{At, Choice, Id, Misspelled, Shape, Spelled, Text};
use crate::rules::GroupEar;
use crate::table;

table! {
    /// 哪个群按哪套群规。
    pub struct GroupsFile {
        /// 一条对应关系；从上到下，先对上的算数。
        group: Vec<At<GroupEntry>>, default = [];
    }
}

table! {
    /// 一条对应关系。
    pub struct GroupEntry {
        /// 怎样的群；写了几个条件就要都对上。
        matches as "match": MatchTable, required;
        /// 门店编号（stores.toml）。
        store: Id, optional;
        /// 群规编号（profiles/ 里的文件名，不带 .toml）。
        profile: Id, required;
        /// 靠什么听到这个群。
        ears: Vec<At<GroupEar>>, required;
        /// 靠什么在这个群做事，好的写前面。
        hands: Vec<At<HandName>>, default = ["staff-task"];
        /// 由哪个自建应用出面；不写就是第一个。
        app: Id, optional;
        /// 意见领袖的账号。
        kol: Vec<At<Text>>, default = [];
        /// 是哪个小区的群；排期、活动可以按它挑群。
        estate: Text, optional;
        /// 标签，想怎么分就怎么写；排期、活动可以按它挑群。门店的标签（stores.toml）它的群都有，不用再写。
        tags: Vec<At<Text>>, default = [];
    }
}

table! {
    /// 怎样的群。
    pub struct MatchTable {
        /// 群的 ID。
        id: Text, optional;
        /// 群名，* 代表任意一段文字。
        name: Text, optional;
        /// 群主的账号（userid）。
        owner: Text, optional;
    }
}

/// A hand as a group names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandName {
    Appchat,
    /// With the id of a `[[wecom.webhook]]`.
    Webhook(String),
    StaffTask,
    MassSend,
}

const HANDS: &[Choice] = &[
    Choice { word: "appchat", doc: "应用建的群，能发能移人" },
    Choice { word: "webhook:编号", doc: "群里的消息推送机器人，只能发" },
    Choice { word: "staff-task", doc: "发待办卡请人去做" },
    Choice { word: "mass-send", doc: "客户群的企业群发，排好的内容由群主点一下发出" },
];

impl Spelled for HandName {
    const SHAPE: Shape = Shape::Special { chinese: "做事的手", example: "staff-task" };
    const PATTERN: Option<&'static str> = Some("^(appchat|staff-task|mass-send|webhook:[a-z0-9-]{1,64})$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        match text.split_once(':') {
            None if text == "appchat" => Ok(Self::Appchat),
            None if text == "staff-task" => Ok(Self::StaffTask),
            None if text == "mass-send" => Ok(Self::MassSend),
            Some(("webhook", id)) => Id::parse(id).map(|id| Self::Webhook(id.0)),
            _ => Err(Misspelled::choice(text, HANDS)),
        }
    }
}
