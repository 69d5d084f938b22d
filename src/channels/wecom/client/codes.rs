//! What the platform's error codes mean for us (wecom-send.md §2.2): one table, as data.

use jiff::SignedDuration;

use Class::{Done, Later, Never, Retry, Token, Wait};

/// What to do after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It is done, or there was nothing left to do.
    Done,
    /// Try again after a short pause, at most three times.
    Retry,
    /// The access token is spent: fetch another one, try once more.
    Token,
    /// A quota is used up. `None`: for as long as the window of the limit that was hit, which
    /// depends on the call (§2.3).
    Wait(Option<SignedDuration>),
    /// The platform is still busy with an earlier step: ask again in a minute.
    Later,
    /// Wrong input or configuration: trying again changes nothing, a person must look.
    Never,
}

/// One error code.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub code: i64,
    pub class: Class,
    /// For IT and ops: what is wrong and, where somebody can mend it, how.
    pub meaning: &'static str,
}

/// The entry of a code, `None` when the protocol page does not name it.
pub fn lookup(code: i64) -> Option<&'static Entry> {
    TABLE.binary_search_by_key(&code, |entry| entry.code).ok().map(|found| &TABLE[found])
}

/// The class of a code. An unknown code is [`Class::Never`]: repeating what we do not understand may ban us.
pub fn class(code: i64) -> Class {
    lookup(code).map_or(Never, |entry| entry.class)
}

const fn row(code: i64, class: Class, meaning: &'static str) -> Entry {
    Entry { code, class, meaning }
}

/// A mass send may be reminded three times in 24 h (§2.2, 41094).
const REMINDER_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Sorted by code.
pub const TABLE: &[Entry] = &[
    row(-1, Retry, "企业微信系统繁忙"),
    row(0, Done, "成功"),
    row(6000, Retry, "有别的程序在同时修改同一份数据"),
    row(
        40001,
        Never,
        "应用的 secret 不对，或与企业 ID 不匹配，或应用已停用。请在管理后台核对 secret；不要反复重试，否则本机 IP 会被封一小时",
    ),
    row(40003, Never, "成员账号（userid）不对或不存在"),
    row(40004, Never, "素材类型不支持"),
    row(40005, Never, "素材的 type 参数不对"),
    row(40006, Never, "素材文件大小超出限制"),
    row(40007, Never, "素材（media_id）无效或已过 3 天有效期，需要重新上传"),
    row(40008, Never, "消息类型不支持"),
    row(40009, Never, "图片大小超出限制"),
    row(40011, Never, "视频大小超出限制"),
    row(40013, Never, "企业 ID（corp_id）不对，请在管理后台「我的企业」页面核对"),
    row(40014, Token, "access_token 已失效，会自动重新获取"),
    row(40029, Never, "网页授权的 code 不对、已用过或超过 5 分钟"),
    row(40031, Never, "成员列表里有不合法的账号"),
    row(40032, Never, "成员列表太长"),
    row(40033, Never, "请求里含有不允许的字符"),
    row(40035, Never, "请求参数不合法"),
    row(40050, Never, "这个应用群不存在，请核对群 ID（chatid）"),
    row(40056, Never, "应用的 agent_id 不对，请在管理后台的应用详情页核对"),
    row(40058, Never, "请求参数不合法，或数量、长度超出限制"),
    row(40063, Never, "必填的参数为空"),
    row(40068, Never, "标签或标签组 ID 不对"),
    row(40071, Never, "标签名已存在"),
    row(40074, Never, "图文消息不支持保密发送"),
    row(40091, Never, "secret 属于另一个企业，请核对企业 ID 与 secret"),
    row(40093, Never, "JS-SDK 签名不对"),
    row(40096, Never, "客户 ID 不对，或跟进这位客户的成员不在应用的可见范围内"),
    row(40098, Never, "成员还没有实名认证"),
    row(40123, Never, "图片内容不合法"),
    row(40126, Never, "企业标签数量已到上限"),
    row(40128, Never, "这位客户 90 天内已转接过两次"),
    row(40201, Never, "内容被企业微信的安全策略拦截"),
    row(40204, Never, "内容被企业微信的安全策略拦截"),
    row(40206, Never, "请求内容太大"),
    row(41001, Never, "请求里缺少 access_token（程序错误，请联系开发）"),
    row(41037, Never, "「联系我」的参数不合法"),
    row(41038, Never, "「联系我」的参数不合法"),
    row(41039, Never, "「联系我」的参数不合法"),
    row(41040, Never, "「联系我」的参数不合法"),
    row(41041, Never, "「联系我」的参数不合法"),
    row(41042, Never, "「联系我」的参数不合法"),
    row(41043, Never, "「联系我」的参数不合法"),
    row(41044, Never, "「联系我」的参数不合法"),
    row(41045, Never, "「联系我」的参数不合法"),
    row(41046, Never, "群发消息的 msgid 不对"),
    row(41047, Never, "群发消息的 msgid 不对"),
    row(41048, Never, "群发没有可以发送的客户"),
    row(41049, Never, "缺少欢迎语凭证（welcome_code）"),
    row(41050, Never, "欢迎语凭证无效或已超过 20 秒"),
    row(41051, Done, "客户已经开始聊天，或欢迎语已经发过"),
    row(41053, Never, "客户还没有同意会话存档，不能发欢迎语"),
    row(41054, Never, "成员还没有激活企业微信"),
    row(41055, Never, "入群欢迎语素材已到上限（100 个）"),
    row(41058, Never, "这个欢迎语素材是别的应用创建的，不能修改"),
    row(41059, Never, "朋友圈 ID 不对"),
    row(41060, Never, "朋友圈 ID 不对"),
    row(41061, Never, "这条朋友圈不是该成员发表的"),
    row(41062, Later, "成员还没有发表这条朋友圈"),
    row(41063, Later, "群发任务还在下发中"),
    row(41064, Never, "附件数量超出限制"),
    row(41065, Never, "附件类型不支持"),
    row(41067, Never, "朋友圈的来源（企业或个人）与接口不符"),
    row(41068, Never, "敏感词规则的词太多"),
    row(41069, Never, "敏感词规则数量已到上限"),
    row(41070, Never, "敏感词规则 ID 不对"),
    row(41071, Never, "敏感词规则已被删除"),
    row(41072, Never, "上传附件的类型组合不支持"),
    row(41076, Never, "敏感词规则的适用范围太大，请改用部门"),
    row(41077, Never, "敏感词规则重名"),
    row(41078, Later, "正在执行的朋友圈任务太多"),
    row(41079, Later, "朋友圈任务还在下发中"),
    row(41080, Never, "附件大小超出限制"),
    row(41081, Never, "附件图片的分辨率超出限制"),
    row(41082, Never, "附件视频的时长超出限制"),
    row(41083, Never, "敏感词规则里有不合法的词"),
    row(41084, Never, "敏感词规则的语义类型不合法"),
    row(41088, Never, "朋友圈附件为空"),
    row(41089, Never, "朋友圈的文字和附件都为空"),
    row(41090, Never, "朋友圈视频不是 mp4"),
    row(41091, Never, "一个加群方式最多关联 5 个群"),
    row(41093, Done, "群发任务已经取消过"),
    row(41094, Wait(Some(REMINDER_WINDOW)), "24 小时内提醒次数已用完（每个群发 3 次）"),
    row(41095, Never, "获客链接数量已到上限"),
    row(41096, Retry, "别的应用正在发这条欢迎语"),
    row(42001, Token, "access_token 已过期，会自动重新获取"),
    row(42003, Never, "网页授权的 code 已过期"),
    row(42012, Token, "jsapi_ticket 不可用，会自动重新获取"),
    row(42015, Never, "这张卡片是别的应用发的，不能更新"),
    row(42016, Never, "找不到这张卡片（task_id）"),
    row(42022, Never, "网页授权的 code 已用过"),
    row(42027, Never, "卡片字段不合法：keyname"),
    row(42028, Never, "卡片字段不合法：url"),
    row(42029, Never, "卡片字段不合法：media_id"),
    row(42030, Never, "卡片字段不合法：appid"),
    row(42031, Never, "卡片字段不合法：card_type"),
    row(42032, Never, "卡片字段不合法"),
    row(42033, Never, "卡片字段不合法：title"),
    row(42034, Never, "卡片字段不合法"),
    row(42035, Never, "卡片字段不合法：horizontal_content_list 的数量"),
    row(42036, Never, "卡片字段不合法：vertical_content_list 的数量"),
    row(42037, Never, "卡片字段不合法：option_list 的数量"),
    row(42038, Never, "卡片字段不合法：按钮文字"),
    row(42039, Never, "卡片字段不合法：按钮 key"),
    row(42040, Never, "卡片字段不合法：选项 id"),
    row(42041, Never, "卡片字段不合法：选项文字"),
    row(42042, Never, "卡片字段不合法：jump_list 的数量"),
    row(42043, Never, "卡片字段不合法：question_key"),
    row(42044, Never, "卡片字段不合法：card_image.url"),
    row(42045, Never, "卡片字段不合法：card_action"),
    row(42046, Never, "卡片字段不合法：提交按钮的 key"),
    row(42047, Never, "卡片字段不合法：select_list 的数量"),
    row(42048, Never, "卡片字段不合法"),
    row(42049, Never, "卡片字段不合法：提交按钮的文字"),
    row(42050, Never, "卡片字段不合法：userid"),
    row(42051, Never, "卡片字段不合法：action_menu 的 key 重复"),
    row(42052, Never, "消息发出已超过 24 小时，不能撤回"),
    row(43004, Never, "成员没有绑定微信"),
    row(43012, Never, "应用还没有设置接收消息的回调地址，不能发带按钮的卡片"),
    row(44001, Never, "素材文件是空的"),
    row(44004, Never, "文字内容是空的"),
    row(45001, Never, "素材太大"),
    row(45002, Never, "消息内容太长"),
    row(45007, Never, "语音超过 60 秒"),
    row(45008, Never, "图文超过 8 条"),
    row(45009, Wait(None), "调用太频繁，企业微信暂时限制了这个接口，等限制解除后会自动继续"),
    row(45029, Never, "结果太大，请缩小查询范围"),
    row(45033, Retry, "同一接口的并发调用太多，会降低并发后重试"),
    row(46004, Never, "成员不存在"),
    row(48001, Never, "应用没有这个接口的权限"),
    row(
        48002,
        Never,
        "应用没有调用这个接口的权限：客户群接口需要把应用加入「可调用接口的应用」，应用群接口需要可见范围包含根部门",
    ),
    row(48004, Never, "应用的授权已失效"),
    row(48005, Never, "这个接口已经下线"),
    row(48006, Never, "应用长期没有使用，接口权限被收回"),
    row(49008, Never, "群不存在或已经解散"),
    row(50001, Never, "跳转域名不是应用的可信域名"),
    row(50002, Never, "成员不在应用的可见范围内"),
    row(50003, Never, "应用已被停用，请在管理后台启用"),
    row(50100, Never, "翻页游标失效，需要从头读取"),
    row(60011, Never, "没有权限操作这个成员、部门或标签，请检查应用的可见范围"),
    row(60020, Never, "本机 IP 不在应用的「企业可信IP」里，请在管理后台的应用详情页添加，约 1 分钟后生效"),
    row(60021, Never, "成员不在应用的可见范围内"),
    row(60030, Never, "部门不在应用的可见范围内"),
    row(60111, Never, "成员不存在、已离职或不在应用的可见范围内"),
    row(60140, Never, "卡片的更新凭证无效，或已超过 72 小时"),
    row(81013, Never, "接收人全部无效：成员不存在，或不在应用的可见范围内"),
    row(81017, Never, "成员太多，查询客户群需要指定群主"),
    row(82001, Never, "没有指定接收人"),
    row(82002, Never, "接收部门超过 100 个"),
    row(82003, Never, "接收标签超过 100 个"),
    row(82004, Never, "内容可能使客户端崩溃，被企业微信拒绝"),
    row(82101, Never, "更新卡片没有指定成员"),
    row(82102, Never, "要更新的成员不在卡片的接收人里"),
    row(84061, Never, "成员与客户不是好友关系"),
    row(84074, Never, "没有客户联系的权限，请检查「可调用接口的应用」和成员的客户联系功能"),
    row(84084, Never, "成员不是这位客户的跟进人"),
    row(85002, Never, "内容含有违规词"),
    row(86001, Never, "群 ID（chatid）不合法"),
    row(86003, Never, "群 ID（chatid）为空或不存在"),
    row(86004, Never, "群名不合法"),
    row(86005, Never, "群主不合法"),
    row(86006, Never, "群成员太多或太少"),
    row(86007, Never, "群成员里有不合法的账号"),
    row(86008, Never, "这个群不是本应用创建的，应用不能操作"),
    row(86101, Never, "只有群主可以操作"),
    row(86201, Never, "缺少群 ID"),
    row(86202, Never, "缺少群名"),
    row(86203, Never, "缺少群主"),
    row(86204, Never, "缺少群成员"),
    row(86205, Never, "群 ID 太长"),
    row(86206, Never, "群太大"),
    row(86207, Never, "群主不在成员列表里"),
    row(86214, Never, "群发类型不合法"),
    row(86215, Never, "群 ID 已存在"),
    row(86216, Never, "群成员账号不合法"),
    row(86220, Never, "群参数不合法"),
    row(86222, Never, "多人消息至少要包含一位下游企业成员"),
    row(90201, Never, "小程序通知的内容超过 10 项"),
    row(90202, Never, "小程序通知的 key 不合法"),
    row(90203, Never, "小程序通知的 value 不合法"),
    row(90204, Never, "小程序通知的页面路径不合法"),
    row(90206, Never, "小程序没有关联到企业"),
    row(90207, Never, "小程序的 appid 不合法"),
    row(90500, Never, "群主没有离职，请使用在职继承"),
    row(90501, Never, "这个群不是本企业的客户群"),
    row(90502, Never, "群主已离职"),
    row(90503, Never, "群已满，需要在客户端确认"),
    row(90504, Never, "群主没有变化"),
    row(90507, Later, "群正在继承中"),
    row(90508, Done, "群已经继承过"),
    row(90509, Never, "这个群不是本企业的客户群"),
    row(90510, Never, "企业一年没有活跃成员"),
    row(90511, Never, "小程序群 ID（opengid）不认识"),
    row(91040, Never, "ticket 类型不合法"),
    row(93000, Never, "群推送机器人的地址无效，或机器人已被移出群，请重新添加并更新 key"),
    row(93004, Never, "群推送机器人已被停用"),
    row(93006, Never, "群推送机器人的群 ID 不对"),
    row(93008, Never, "群推送机器人不在群里"),
    row(95001, Never, "微信客服：客户每发一条消息后最多回复 5 条"),
    row(95002, Never, "微信客服：已超过 48 小时，不能再发"),
    row(95018, Never, "微信客服：当前会话状态不能发送"),
    row(301002, Never, "agent_id 与 secret 不是同一个应用"),
    row(301019, Never, "文件的 md5 不一致"),
    row(660014, Never, "收款账户的绑定和解绑请到管理后台操作"),
    row(670001, Never, "上下游：应用没有共享给这个企业"),
    row(670002, Never, "上下游：上下游 ID 不对"),
    row(670004, Never, "上下游：企业不在上下游里"),
    row(701008, Never, "没有成员拥有有效的互通许可"),
    row(830001, Never, "素材地址不支持分段下载"),
    row(830002, Never, "素材太大，需要分段下载"),
    row(830003, Never, "素材下载失败"),
    row(2000002, Never, "企业 ID（corp_id）不对，请在管理后台「我的企业」页面核对"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The first two columns of the page's table, in its own notation.
    const PAGE: &[(&str, &str)] = &[
        ("R", "-1 6000 41096 45033"),
        ("D", "0 41051 41093 90508"),
        ("T", "40014 42001 42012"),
        ("W", "41094 45009"),
        ("L", "41062 41063 41078 41079 90507"),
        (
            "P",
            "40001 40003 40004 40005 40006 40007 40008 40009 40011 40013 2000002 40029 40031 40032 40033 40035 \
             40058 40063 40050 40056 40068 40071 40091 40093 40096 40098 40123 40126 40128 40201 40204 40206 41001 \
             41048 41050 41053 41054 41055 41058 41064 41065 41068 41069 41070 41071 41076 41077 41083 41084 41072 \
             41080 41081 41082 41091 41095 42003 42022 42015 42016 42027-42051 42052 43004 43012 44001 44004 45001 \
             45002 45007 45008 45029 46004 48001 48002 48004 48005 48006 50001 50002 50003 50100 60011 60021 60030 \
             60020 60111 60140 81013 81017 82001 82002 82003 82004 82101 82102 84061 84084 84074 85002 86001 86003 \
             86004 86005 86006 86007 86008 86101 86201-86207 86214 86215 86216 86220 86222 90201 90202 90203 90204 \
             90206 90207 90500 90501 90509 90502 90504 90503 90510 90511 91040 93000 93004 93006 93008 95001 95002 \
             95018 301002 301019 670001 701008 830001 830002 830003",
        ),
    ];

    fn letter(class: Class) -> &'static str {
        match class {
            Done => "D",
            Retry => "R",
            Token => "T",
            Wait(_) => "W",
            Later => "L",
            Never => "P",
        }
    }

    fn codes(list: &str) -> Vec<i64> {
        let range = |item: &str| match item.split_once('-') {
            Some((from, to)) if !from.is_empty() => (from.parse().unwrap(), to.parse().unwrap()),
            _ => (item.parse().unwrap(), item.parse().unwrap()),
        };
        list.split_whitespace()
            .flat_map(|item| {
                let (from, to): (i64, i64) = range(item);
                from..=to
            })
            .collect()
    }

    #[test]
    fn every_code_of_the_page_has_its_class() {
        for (expected, list) in PAGE {
            for code in codes(list) {
                let entry = lookup(code).unwrap_or_else(|| panic!("{code} is missing"));
                assert_eq!(letter(entry.class), *expected, "{code}");
            }
        }
    }

    #[test]
    fn the_table_is_sorted_and_every_code_says_something() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(TABLE.iter().all(|entry| !entry.meaning.is_empty()));
    }

    #[test]
    fn an_unknown_code_is_never_repeated() {
        assert!(lookup(123_456).is_none());
        assert_eq!(class(123_456), Never);
    }
}
