//! 贬低同行。

use super::advertising_law;
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Fault, Hit, Rule, each};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/disparagement",
    title: "贬低别家",
    severity: Severity::Warning,
    basis: &[advertising_law("第十三条")],
    why: "广告不能贬低别人的商品和服务。说别家是假货、勾兑、垃圾，没有证据就是诋毁。",
    instead: "只说自己：配料几样、哪天到的、怎么退换；请顾客自己比",
    failing: &[
        "«别家»的都是勾兑的，只有我们不是",
        "«外面卖的»全是假货",
        "«超市»里的都有添加剂，别买",
        "«隔壁»那家坑人，来我们这儿",
        "«同行»都在卖次品",
    ],
    passing: &[
        "我不说别人家不好，您自己比",
        "别家便宜的，咱们对着看看标签",
        "超市里也能买到类似的，您看方便",
        "隔壁水果店今天休息",
        "用哪家的鸡蛋都一样蒸",
        "别说别家是假的，咱们不讲这种话",
    ],
    scene: None,
    words: &[&[
        "别家",
        "别人家",
        "其他家",
        "其它家",
        "同行",
        "隔壁",
        "外面卖的",
        "外面的",
        "超市",
        "网上卖的",
        "网上的",
        "电商",
    ]],
    allowed: &[],
    judge,
};

pattern!(
    BAD = "^[^。!?\n]{0,8}(?:假货|假的|是假|垃圾|次品|坑人|骗人|黑心|有毒|激素|注水|勾兑|没法吃|不能吃|劣质|三无|香精|色素|添加剂|烂货)"
);
pattern!(DENIED = "不(?:说|讲|评|比)|别(?:说|讲)");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    each(draft, hits, "后面是贬低同行的话", is_wrong)
}

fn is_wrong(part: &Part, hit: &Hit) -> bool {
    let before = part.before(hit.span.start);
    BAD.is_match(part.rest(hit.span.end)) && !denied(before) && !DENIED.is_match(before)
}
