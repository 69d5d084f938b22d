//! The rules, one file each.

use super::rule::{Basis, Rule};

mod absolute_terms;
mod alcohol;
mod disparagement;
mod fake_original_price;
mod false_identity;
mod gifts;
mod health_food;
mod induced_sharing;
mod lottery_limit;
mod lottery_terms;
mod medical_claims;
mod minors;
mod moments;
mod personal_data;
mod price_without_validity;
mod red_packet_wording;
mod state_symbols;
mod superlatives;
mod superstition_obscenity_discrimination;
mod unlicensed_tools;
mod unsourced_figures;

/// In the order of the documentation.
pub static RULES: &[&Rule] = &[
    &absolute_terms::RULE,
    &state_symbols::RULE,
    &superstition_obscenity_discrimination::RULE,
    &medical_claims::RULE,
    &health_food::RULE,
    &alcohol::RULE,
    &minors::RULE,
    &unsourced_figures::RULE,
    &disparagement::RULE,
    &gifts::RULE,
    &price_without_validity::RULE,
    &fake_original_price::RULE,
    &lottery_limit::RULE,
    &lottery_terms::RULE,
    &induced_sharing::RULE,
    &red_packet_wording::RULE,
    &personal_data::RULE,
    &unlicensed_tools::RULE,
    &false_identity::RULE,
    &moments::RULE,
];

const fn advertising_law(article: &'static str) -> Basis {
    Basis { name: "《中华人民共和国广告法》", article, date: "2021-04-29 修正" }
}

const fn price_regulation(article: &'static str) -> Basis {
    Basis { name: "《明码标价和禁止价格欺诈规定》", article, date: "2022-07-01 施行" }
}

const fn promotion_regulation(article: &'static str) -> Basis {
    Basis { name: "《规范促销行为暂行规定》", article, date: "2020-12-01 施行" }
}

const fn wecom_rules(date: &'static str) -> Basis {
    Basis { name: "企业微信客户联系与客户群的使用规范", article: "", date }
}

/// Platform rules carry no version number; this is when they were last read.
const READ: &str = "2026-11 查阅";
