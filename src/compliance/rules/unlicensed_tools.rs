//! 外挂和刷量。

use super::{READ, advertising_law, wecom_rules};
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Fault, Hit, Rule, each};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/unlicensed-tools",
    title: "外挂、群控和刷量",
    severity: Severity::Error,
    basis: &[wecom_rules(READ), advertising_law("第二十八条")],
    why: "叫店员用群控、外挂、自动加人、虚拟定位，企业微信会封号；刷单刷好评是虚假宣传，要罚款。",
    instead: "只用企业微信自带的功能；人手不够就少发几条，好评等顾客自己说",
    failing: &[
        "装一个«群控»软件，一天加五百人",
        "店员都用«外挂»自动回复",
        "«批量加好友»，效率高",
        "请大家帮忙«刷好评»，五星截图给我",
        "«虚拟定位»打开，附近的人都加一遍",
        "«刷单»有补贴，私聊",
        "«微信多开»，一人管十个号",
    ],
    passing: &[
        "刷单都是骗局，别信",
        "有人让您下载外挂、交押金，马上报警",
        "不要用群控软件，会封号",
        "刷卡、现金都收",
        "定位打不开的，按地址导航也行",
        "大家吃了觉得好就评一句，不好也请直说",
        "刷子和抹布在货架最下面一层",
    ],
    scene: None,
    words: &[&[
        "外挂",
        "群控",
        "云控",
        "自动加人",
        "加人软件",
        "爆粉",
        "批量加好友",
        "批量加人",
        "微信多开",
        "多开分身",
        "分身软件",
        "虚拟定位",
        "改定位软件",
        "改机软件",
        "清粉软件",
        "僵尸粉检测",
        "自动群发软件",
        "机器人拉人",
        "养号",
        "刷量",
        "刷单",
        "刷好评",
        "刷评价",
        "刷销量",
        "代刷",
        "破解版",
        "好评返现",
        "花钱买好评",
        "五星返现",
        "晒好评返",
    ]],
    allowed: &["外挂机", "外挂空调", "空调外挂", "印刷单", "刷单位", "保养号", "供养号"],
    judge,
};

pattern!(WARNS = "骗|别信|报警|警惕|谨防|小心|违规|违法|封号|举报|不要|别用|不许|禁止|拒绝|反诈");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    each(draft, hits, "是平台不许用的工具或做法", is_wrong)
}

fn is_wrong(part: &Part, hit: &Hit) -> bool {
    !denied(part.before(hit.span.start)) && !WARNS.is_match(part.sentence(hit.span.clone()))
}
