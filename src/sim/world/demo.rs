//! The example corp: everybody and everything in it is invented and says so.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use super::budget::Budgets;
use super::department;
use super::group::{Group, GroupKind, JoinScene, Membership};
use super::state::*;
use crate::sim::random::Secret;

pub const CORP_ID: &str = "ww00000000000e8a71";
/// The dealers' group: made by the app, heard by the old group robot.
pub const DEALERS: &str = "wrExampleDealersGroup00000000001";
/// The store's customer group: heard by the archive, late.
pub const CHAOYANG: &str = "wrExampleChaoyangGroup0000000001";
/// The staff group: the smart robot hears what mentions it.
pub const STAFF: &str = "wrExampleStaffGroup0000000000001";

const AGENT_ID: u32 = 1_000_002;
const DEFAULT_ARCHIVE_DELAY_MS: i64 = 3_000;
/// The page allows up to 32 letters and digits (wecom-receive.md §1.1).
const TOKEN_LENGTH: usize = 24;
const KEY_LENGTH: usize = 43;
const SECRET_LENGTH: usize = 43;

/// Id, name, title; the corp's own people.
const MEMBERS: [(&str, &str, &str); 6] = [
    ("lin.yun", "林芸", "运营"),
    ("wang.min", "王敏", "朝阳店店长"),
    ("li.na", "李娜", "朝阳店店员"),
    ("zhao.lei", "赵磊", "经销商"),
    ("sun.qian", "孙倩", "经销商"),
    ("wu.ming", "吴鸣", "新来的经销商"),
];

/// Id, name, title; customers.
const CUSTOMERS: [(&str, &str, &str); 5] = [
    ("wm-chen.ayi", "陈阿姨", "街坊"),
    ("wm-liu.shu", "刘叔", "街坊"),
    ("wm-zhou.jie", "周姐", "街坊"),
    ("wm-he.xiaoyu", "何小雨", "街坊"),
    ("wm-passer.by", "路过的人", "路人"),
];

impl State {
    /// The example corp with its three groups and fresh secrets.
    pub fn demo(now: Timestamp) -> Self {
        Self {
            corp: Corp {
                id: CORP_ID.into(),
                name: "山谷小铺（示例品牌）".into(),
                mini_programs: vec!["wx0000000000example".into()],
            },
            apps: vec![assistant()],
            robots: vec![GroupRobot {
                id: "dealers-robot".into(),
                name: "掌柜".into(),
                token: Secret::random(TOKEN_LENGTH),
                encoding_aes_key: Secret::random(KEY_LENGTH),
                receive_id: String::new(),
                chats: vec![DEALERS.into()],
            }],
            aibots: vec![Aibot {
                id: "helper".into(),
                name: "小掌柜".into(),
                token: Secret::random(TOKEN_LENGTH),
                encoding_aes_key: Secret::random(KEY_LENGTH),
                chats: vec![STAFF.into()],
            }],
            webhooks: vec![Webhook {
                id: "dealers".into(),
                key: Secret::random(SECRET_LENGTH),
                chat: DEALERS.into(),
            }],
            archive: Archive {
                hmac_key: Secret::random(SECRET_LENGTH),
                delay_ms: DEFAULT_ARCHIVE_DELAY_MS,
                messages: VecDeque::new(),
                pulled: 0,
            },
            people: people(),
            groups: groups(now),
            said: BTreeMap::new(),
            private: BTreeMap::new(),
            cards: BTreeMap::new(),
            media: BTreeMap::new(),
            tokens: Vec::new(),
            welcome_codes: BTreeMap::new(),
            response_codes: BTreeMap::new(),
            sent: VecDeque::new(),
            waiting: BTreeMap::new(),
            reports: VecDeque::new(),
            outbound: VecDeque::new(),
            budgets: Budgets::default(),
            calls: Budgets::default(),
            addresses: Addresses::default(),
            offset_ms: 0,
            number: 0,
            mass_sends: BTreeMap::new(),
            join_ways: BTreeMap::new(),
            moments: BTreeMap::new(),
            welcome_templates: BTreeMap::new(),
            departments: department::example(),
            week: None,
        }
    }
}

fn assistant() -> App {
    App {
        id: "assistant".into(),
        name: "掌柜助手".into(),
        agent_id: AGENT_ID,
        secret: Secret::random(SECRET_LENGTH),
        token: Secret::random(TOKEN_LENGTH),
        encoding_aes_key: Secret::random(KEY_LENGTH),
        has_callback: true,
        sees_root: true,
        customer_contact: true,
    }
}

fn people() -> BTreeMap<String, Person> {
    let member = |corp_member| {
        move |(id, name, title): &(&str, &str, &str)| {
            let person =
                Person { id: (*id).into(), name: (*name).into(), title: (*title).into(), corp_member };
            ((*id).to_owned(), person)
        }
    };
    MEMBERS.iter().map(member(true)).chain(CUSTOMERS.iter().map(member(false))).collect()
}

fn groups(now: Timestamp) -> BTreeMap<String, Group> {
    let group = |chat: &str, name: &str, kind, about: &str, members: &[&str]| Group {
        chat_id: chat.into(),
        name: name.into(),
        kind,
        owner: members.first().copied().unwrap_or_default().into(),
        about: about.into(),
        notice: String::new(),
        created_at: now,
        made_by_app: None,
        archived: false,
        members: members
            .iter()
            .map(|id| Membership {
                id: (*id).into(),
                joined_at: now,
                scene: JoinScene::Invited,
                invitor: None,
                state: None,
            })
            .collect(),
        member_version: crate::sim::random::hex(&crate::sim::random::random_bytes::<16>()),
    };
    let dealers = Group {
        made_by_app: Some("assistant".into()),
        ..group(
            DEALERS,
            "山谷小铺经销商交流群（示例）",
            GroupKind::Internal,
            "应用建的内部群：群机器人听得到每一句话，应用可以发言、移出成员。",
            &["lin.yun", "zhao.lei", "sun.qian"],
        )
    };
    let chaoyang = Group {
        archived: true,
        ..group(
            CHAOYANG,
            "山谷小铺朝阳店福利群（示例）",
            GroupKind::Customer,
            "门店的客户群：会话存档晚几秒才听到；没有接口能发言或移出人：排好的内容请群主在群发助手里点发送，别的由群主点待办卡完成。",
            &["wang.min", "li.na", "wm-chen.ayi", "wm-liu.shu", "wm-zhou.jie"],
        )
    };
    let staff = group(
        STAFF,
        "朝阳店员工群（示例）",
        GroupKind::Internal,
        "员工自己建的内部群，里面有智能机器人“小掌柜”：只有@它的话它才听得到。",
        &["wang.min", "li.na", "lin.yun"],
    );
    [dealers, chaoyang, staff].map(|group| (group.chat_id.clone(), group)).into()
}
