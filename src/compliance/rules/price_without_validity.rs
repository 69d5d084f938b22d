//! 价格没有写全。

use super::price_regulation;
use crate::compliance::amount::{Amount, amounts};
use crate::compliance::context::{TERM, denied, pattern};
use crate::compliance::draft::{BLANK, Draft, Part};
use crate::compliance::rule::{Fault, Hit, Rule, What, quote};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/price-without-validity",
    title: "价格没有写全",
    severity: Severity::Warning,
    basis: &[price_regulation("第八条")],
    why: "价格要带上计价单位；活动价还要写到哪天为止、有什么条件。话术会被转来转去，过了日子还有人拿着来问。",
    instead: "写全，例如“山楂汁每瓶9.9元，到9月25日，每户限两瓶”；不想写价就写“价格看小程序商品页”",
    failing: &[
        "山楂汁«9.9元»，快来",
        "今天特价«19.9元»",
        "蜂蜜每瓶«39元»，要的回1",
        "月饼预订价«{{ product(\"mooncake\").price | yuan }}»",
        "核桃«￥２９.9»，手慢无",
        "鸡蛋«三十块»，新鲜到店",
    ],
    passing: &[
        "山楂汁每瓶9.9元，9月25日前有效，每户限两瓶",
        "一托30枚鸡蛋32元，这周日之前都是这个价",
        "运费5元，满99元包邮",
        "红包6元，大家图个乐",
        "价格看小程序商品页，店里同价",
        "找您3元，收好",
        "每斤12.5元，以店里价签为准",
        "发广告罚红包20元",
        "预算大概100元一份，您跟我说说",
        "碎了几个就退几块钱",
        "差价8元已经退给您",
        "茶叶蛋一个两块钱，天天都有",
    ],
    scene: None,
    words: &[&["元", "块", "¥"], &["\u{fffc}"]],
    allowed: &[
        "元宵",
        "元旦",
        "单元",
        "公元",
        "豆腐块",
        "块头",
        "元素",
        "元气",
        "元老",
        "元月",
        "冰块",
        "地块",
        "板块",
        "凉块",
    ],
    judge,
};

pattern!(
    UNIT = "[每一两半](?:小|大|整)?(?:个|瓶|盒|包|份|张|罐|袋|枚|箱|克|斤|公斤|升|片|支|杯|件|只|条|块|串|颗|套|对|碗|桶|提|位|人|次|托|串)|/|[0-9]+(?:枚|个|瓶|盒|包|份|罐|袋|箱|克|g|kg|毫升|ml|斤|只|片|支|杯|件|串|颗|套|提|位|人|托)"
);
pattern!(LASTS = "为准|长期|平时|日常价|常年|天天|每天都|不限时|一直|价签|预算|同价");
pattern!(
    /// Sums that are no price of goods.
    NO_PRICE = "(?:运费|邮费|配送费|押金|满|够|超过|红包|罚[款金]?|罚红包|找您?|抵扣?|立?减|优惠券?|券|差价|退|补|转账|预算[^,]{0,4}|充值?|奖金?|积分|面额|面值|起送|低于|不到|门槛|发|省|便宜|亏|赔|赚|捐|付|收|欠|贵|差|垫|余额|每人每月|零钱|借|aa|添|加|凑|价值|最[高低]|奖|一共|总共|共|合计|总计)(?:了|您|你|大概|大约|只|才|多|的)?$"
);
pattern!(
    NO_PRICE_AFTER = "^(?:的?(?:红包|券|优惠券|押金|运费|预算|差价|积分|罚款|话费|奖金|定金|零钱|大奖|无门槛)|包邮|起送|以[上下]|封顶)"
);

const VALID_NAMES: &[&str] = &["valid", "until", "term"];
const UNIT_NAMES: &[&str] = &["unit"];

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let term = draft.says(&TERM) || draft.says(&LASTS) || draft.fills_in(VALID_NAMES);
    let mut faults = Vec::new();
    let mut told_term = term;
    for (nth, part) in draft.parts.iter().enumerate() {
        if !hits.iter().any(|hit| hit.part == nth) {
            continue;
        }
        for amount in amounts(part).iter().filter(|amount| is_price(part, amount)) {
            let unit = has_unit(draft, part, amount);
            let missing: Vec<&str> = [(unit, "单位（每瓶、每盒）"), (told_term, "到哪天为止")]
                .iter()
                .filter(|(has, _)| !has)
                .map(|(_, what)| *what)
                .collect();
            told_term = true;
            if !missing.is_empty() {
                let message = format!("价格{}没有写{}", quote(part, &amount.span), missing.join("、"));
                faults.push(Fault { part: nth, span: amount.span.clone(), what: What::Said(message) });
            }
        }
    }
    faults
}

fn is_price(part: &Part, amount: &Amount) -> bool {
    let before = part.before(amount.span.start);
    let small = before.chars().next_back().is_some_and(|c| "几多些".contains(c));
    !small
        && !denied(before)
        && !NO_PRICE.is_match(before)
        && !NO_PRICE_AFTER.is_match(part.after(amount.span.end))
}

fn has_unit(draft: &Draft, part: &Part, amount: &Amount) -> bool {
    let sentence = part.sentence(amount.span.clone());
    let clause = &part.text[part.clause(amount.span.clone())];
    let named = sentence.contains(BLANK) && draft.fills_in(UNIT_NAMES);
    named || UNIT.is_match(clause) || UNIT.is_match(sentence)
}
