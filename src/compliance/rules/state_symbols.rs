//! 国旗国徽、国家机关。

use super::advertising_law;
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Fault, Hit, Rule, each};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/state-symbols",
    title: "国家象征和国家机关",
    severity: Severity::Error,
    basis: &[advertising_law("第九条第（一）、（二）项")],
    why: "国旗、国徽、国歌、军旗这些不能拿来卖东西；国家机关和领导人的名义、形象也不能给商品撑腰。\
          过节说一句看升旗、挂国旗，是人之常情，不算。",
    instead: "去掉这些名义，只说货本身；节日就说节日，比如“国庆假期照常开门”",
    failing: &[
        "凭«国旗»照片到店享八折",
        "«国徽»图案礼盒，限量发售",
        "«人民大会堂»指定用油",
        "这款酒«国宴»同款，数量不多",
        "«中南海»特供蜂蜜",
        "«军区»特供，外面买不到",
        "«市长»都来点赞的土鸡蛋",
        "«公安局»推荐，放心买",
        "唱«国歌»送好礼",
    ],
    passing: &[
        "国庆一早去看升国旗的街坊，带件外套",
        "楼下挂上国旗了，过节的味道就来了",
        "孩子在国旗下讲话，拍张照片发来看看",
        "派出所民警提醒大家，陌生转账先核实",
        "市场监管局的抽检报告贴在门口，大家可以看",
        "公司采购和机关食堂订货，请私信我",
        "部队大院那边下午四点送货",
        "政府采购的发票我们能开",
        "天安门附近今天限行，配送晚一点",
    ],
    scene: None,
    words: &[SYMBOLS, OFFICES, AUTHORITIES],
    allowed: &[
        "中国歌",
        "外国歌",
        "各国歌",
        "国歌曲",
        "国歌手",
        "中国旗",
        "国旗袍",
        "国旗舰",
        "升国旗",
        "看国旗",
        "挂国旗",
        "挂起国旗",
        "挂上国旗",
        "挂着国旗",
        "国旗下",
        "国旗班",
        "国旗护卫",
        "插国旗",
        "奏国歌",
        "国歌响",
        "机关枪",
        "公安局门口",
        "部队大院",
        "军区大院",
        "市长热线",
    ],
    judge,
};

const SYMBOLS: &[&str] = &["国旗", "国徽", "国歌", "党旗", "党徽", "军旗", "军徽", "军歌", "团徽"];

/// Whose name alone recommends.
const OFFICES: &[&str] = &[
    "人民大会堂",
    "中南海",
    "钓鱼台",
    "国宴",
    "国务院",
    "国家领导人",
    "总书记",
    "国家主席",
    "总理",
    "省长",
    "市长",
    "县长",
    "军区",
    "部队",
    "军队",
    "首长",
];

/// Who may be named, but not as a reference.
const AUTHORITIES: &[&str] =
    &["政府", "机关", "公安局", "派出所", "市场监管局", "卫健委", "疾控中心", "工商局", "质监局"];

pattern!(
    USES = "^.{0,6}?(?:特供|专供|推荐|指定|专用|专享|监制|免检|同款|点赞|夸|最爱|爱[吃喝]|都在[吃喝用]|用[酒茶油水餐米]|级|题词|接见|合影|定点|标准)"
);
pattern!(VOUCHES = "^.{0,4}?(?:特供|专供|推荐|免检|背书|监制|首肯|力荐|担保)");
pattern!(CEREMONY = "升旗|看升|敬礼|爱护|尊重|唱起|合唱|讲话|仪式|宣誓|演出|晚会|比赛|嘹亮");

const WHAT: &str = "是国家象征或国家机关的名义，不能拿来做宣传";

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    each(draft, hits, WHAT, is_wrong)
}

fn is_wrong(part: &Part, hit: &Hit) -> bool {
    if denied(part.before(hit.span.start)) {
        return false;
    }
    let after = part.after(hit.span.end);
    match hit.group {
        0 => !CEREMONY.is_match(&part.text[part.clause(hit.span.clone())]),
        1 => USES.is_match(after),
        _ => VOUCHES.is_match(after),
    }
}
