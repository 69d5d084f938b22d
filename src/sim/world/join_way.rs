//! Join codes (加入群聊, wecom-send.md §6.5).

use serde::{Deserialize, Serialize};

use super::State;

/// People whom a code lets into a group. **Unverified**: the page names no number, 200 is the older limit of
/// customer groups and the one that people go by (§6.7).
pub const PEOPLE_AT_MOST: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinWay {
    pub config_id: String,
    /// Who made it; another app does not see it.
    pub app: String,
    /// 1 a plug-in of a mini-program, 2 a QR code.
    pub scene: i64,
    pub remark: String,
    /// Makes a new group when all are full.
    pub auto_create_room: bool,
    pub room_base_name: String,
    /// Of the next group that it makes.
    pub room_base_id: i64,
    /// In the order in which they fill.
    pub chats: Vec<String>,
    pub state: String,
    pub mark_source: bool,
    /// Groups that it has made.
    pub made: Vec<String>,
}

impl JoinWay {
    /// What the QR code says.
    pub fn content(&self) -> String {
        format!("https://work.weixin.qq.com/gm/{}", self.config_id)
    }
}

impl State {
    /// The group that takes the next person who scans this code.
    pub fn open_group(&self, way: &JoinWay) -> Option<&super::group::Group> {
        let groups = way.chats.iter().chain(&way.made).filter_map(|chat| self.groups.get(chat));
        groups.into_iter().find(|group| group.members.len() < PEOPLE_AT_MOST)
    }
}
