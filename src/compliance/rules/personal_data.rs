//! 个人信息。

use std::ops::Range;

use crate::compliance::context::pattern;
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Basis, Fault, Hit, Rule, What};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/personal-data",
    title: "个人信息",
    severity: Severity::Error,
    basis: &[Basis {
        name: "《中华人民共和国个人信息保护法》",
        article: "第十条、第二十五条",
        date: "2021-11-01 施行",
    }],
    why: "话术会发到几百人的群里。手机号、身份证号、银行卡号、具体到门牌的住址不能写在里面，也不能叫人发到群里。",
    instead: "店里的电话写成 {{ store.phone }}，由门店表填；要顾客的资料就请他私发",
    failing: &[
        "找小王，电话«13800000000»",
        "打«138 0000 0000»找店长",
        "加微信同号«１３８-００００-００００»",
        "身份证«11010119900307123X»登记一下",
        "转到«6222020200112233446»",
        "刘姐家住«3号楼2单元501室»，送一箱",
        "请把«手机号发群里»，我来登记",
        "报名的把«身份证拍照发到群里»",
    ],
    passing: &[
        "有急事打店里电话 {{ store.phone }}",
        "打110，或者反诈专线96110",
        "订单号 202609251234567，凭它来取",
        "客服热线400-800-1234",
        "地址、电话请私发给我，别发在群里",
        "三号楼刘姐，两箱",
        "群昵称改成楼号加称呼，门牌号就不用写了",
        "条码6901234567892，扫一下就有",
        "手机尾号私发我四位就够",
        "地址：朝阳路88号一层",
        "手机号不要发在群里",
        "一共13800元，开好票了",
    ],
    scene: None,
    words: &[],
    allowed: &[],
    judge,
};

pattern!(MOBILE = "(?:\\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}");
pattern!(
    IDENTITY = "[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x]"
);
pattern!(CARD = "[3-6][0-9]{3}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{1,3})?");
pattern!(
    HOME = "[0-9一二三四五六七八九十]+(?:号楼|栋|幢)[0-9一二三四五六七八九十]*(?:单元)?,?[0-9]{3,4}(?:室|号)?|[0-9一二三四五六七八九十]+座[0-9]{3,4}(?:室|号)"
);
/// What follows a number that counts instead of naming a door.
const COUNTED: &[char] =
    &['户', '家', '人', '元', '套', '米', '箱', '个', '份', '斤', '位', '块', '楼', '年'];
pattern!(ORDER = "(?:订单|单号|编号|条码|快递|运单|流水|发票)号?[^,]{0,6}$");
pattern!(
    ASKED_FOR = "(?:电话|手机号?|身份证号?|住址|家庭地址|门牌号|银行卡号?)(?:码)?[^,。!?\n私不别勿]{0,6}(?:发|留|报|打|写|填|贴)(?:在|到|进)?[^,。!?\n私不别勿]{0,2}群(?:里|内)"
);

/// Digits without which there is no such number.
const NUMBER_AT_LEAST: usize = 11;
const DOOR_AT_LEAST: usize = 4;

fn judge(draft: &Draft, _: &[Hit]) -> Vec<Fault> {
    let faults = draft.parts.iter().enumerate().flat_map(|(nth, part)| {
        let found = move |span: Range<usize>, what| Fault { part: nth, span, what: What::Quoted(what) };
        numbers(part).chain(asked(part)).map(move |(span, what)| found(span, what))
    });
    faults.collect()
}

fn numbers(part: &Part) -> impl Iterator<Item = (Range<usize>, &'static str)> {
    let digits = part.text.bytes().filter(u8::is_ascii_digit).count();
    let matching = |pattern: &'static regex::Regex, what: &'static str| {
        pattern.find_iter(&part.text).map(move |found| (found.range(), what))
    };
    let homes = (digits >= DOOR_AT_LEAST).then(|| {
        let homes = matching(&HOME, "是具体到门牌的住址，不能写在话术里");
        homes.filter(|(span, _)| !part.rest(span.end).starts_with(COUNTED))
    });
    let numbers = (digits >= NUMBER_AT_LEAST).then(|| {
        let people = matching(&IDENTITY, "是身份证号，不能写在话术里");
        let cards = matching(&CARD, "是银行卡号，不能写在话术里").filter(|(span, _)| {
            is_card(&part.text[span.clone()]) && !ORDER.is_match(part.before(span.start))
        });
        let phones = matching(&MOBILE, "是个人手机号，不能写在话术里");
        people.chain(cards).chain(phones).filter(|(span, _)| stands_alone(&part.text, span))
    });
    homes.into_iter().flatten().chain(numbers.into_iter().flatten())
}

fn asked(part: &Part) -> impl Iterator<Item = (Range<usize>, &'static str)> {
    let found = part.text.contains('群').then(|| ASKED_FOR.find_iter(&part.text));
    let refused = |span: &Range<usize>| {
        let before = part.before(span.start);
        ["不要把", "别把", "勿把", "不用把", "请勿", "不要", "别"].iter().any(|word| before.ends_with(word))
    };
    let found = found.into_iter().flatten().map(|found| found.range()).filter(move |span| !refused(span));
    found.map(|span| (span, "是叫人把个人信息发到群里，请改成私发"))
}

/// No longer number, and no sum of money.
fn stands_alone(text: &str, span: &Range<usize>) -> bool {
    let digit = |c: char| c.is_ascii_alphanumeric() || c == '.';
    !text[..span.start].ends_with(digit)
        && !text[span.end..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '元')
}

/// Bank cards end in a check digit (ISO/IEC 7812-1).
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let doubled = |(nth, digit): (usize, &u32)| match digit * (1 + nth as u32 % 2) {
        two @ 10.. => two - 9,
        one => one,
    };
    digits.len() >= 16 && digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}
