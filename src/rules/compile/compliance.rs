//! The bridge to the compliance lint: every text of every script and of what regions and stores make of it, what
//! it finds told where it stands in the file, and what the brand has waived.

use std::collections::HashMap;

use jiff::civil::Date;

use super::Reading;
use super::reading::WrittenScript;
use crate::compliance::{self, Finding, RULES, Rule};
use crate::files::{At, Literal, Place, Report, Severity, Text, nearest};
use crate::rules::written::{MessageEntry, ScriptEntry, WaiverEntry};

/// What a script of the brand's says, and what is waived in it.
pub fn check(written: &WrittenScript<'_>, today: Option<Date>, report: &mut Report<'_>) {
    let mut waivers = waivers(written.entry, today, report);
    check_script(written, &mut waivers, report);
    for waiver in waivers.iter().filter(|waiver| !waiver.used) {
        report
            .warning(
                "unused-waiver",
                waiver.place,
                format!("规则 {} 在这条话术里什么也没报", waiver.rule.id()),
            )
            .hint("删掉这段放行");
    }
}

/// A waiver that holds.
struct Waiver {
    rule: &'static Rule,
    place: Place,
    used: bool,
}

fn waivers(entry: &ScriptEntry, today: Option<Date>, report: &mut Report<'_>) -> Vec<Waiver> {
    let written = entry.waive.iter().flat_map(|list| &list.value);
    written.filter_map(|waiver| read(waiver, today, report)).collect()
}

fn read(waiver: &At<WaiverEntry>, today: Option<Date>, report: &mut Report<'_>) -> Option<Waiver> {
    let id = waiver.rule.as_ref()?;
    let Some(rule) = compliance::rule(&id.0) else {
        let meant = nearest(&id.0, RULES.iter().map(|rule| rule.id()));
        let hint = meant.map_or_else(
            || "zhanggui check --rules 列出所有规则".to_owned(),
            |meant| format!("是不是想写 \"{meant}\"？"),
        );
        report.error("unknown-rule", id.place, format!("没有叫 {:?} 的合规规则", id.0)).hint(hint);
        return None;
    };
    // What is missing has been reported; until then the waiver does not count.
    let until = waiver.until.as_ref().filter(|_| waiver.reason.is_some())?;
    if today.is_some_and(|today| until.0 < today) {
        report
            .warning(
                "expired-waiver",
                until.place,
                format!("对 {} 的放行在 {} 到期，不再算数", rule.id(), until.0),
            )
            .hint("请人重新看一遍：还可以就改日期和理由，不行就改话术");
        return None;
    }
    Some(Waiver { rule, place: waiver.place, used: false })
}

fn check_script(written: &WrittenScript<'_>, waivers: &mut [Waiver], report: &mut Report<'_>) {
    for (finding, text) in findings(scene_of(written), written.entry.message.as_ref()) {
        match waivers.iter_mut().find(|waiver| waiver.rule.code == finding.rule.code) {
            Some(waiver) => waiver.used = true,
            None => tell(&finding, text, report),
        }
    }
}

/// The texts that a region or a store puts in place of the brand's. Nothing is waived there: what the brand has
/// waived, it has waived for its own words.
pub fn check_overrides(reading: &Reading<'_>, report: &mut Report<'_>) {
    // The first of an id counts; the second has been reported.
    let scripts = reading.scripts.iter().rev();
    let scenes: HashMap<&str, &str> = scripts
        .filter_map(|written| Some((written.entry.id.as_ref()?.0.as_str(), scene_of(written))))
        .collect();
    for entry in &reading.overrides {
        let scene = entry.script.as_ref().and_then(|id| scenes.get(id.0.as_str()).copied());
        for (finding, text) in findings(scene.unwrap_or_default(), entry.message.as_ref()) {
            tell(&finding, text, report);
        }
    }
}

fn scene_of<'t>(written: &WrittenScript<'t>) -> &'t str {
    let scene = written.entry.scene.as_ref().map(|scene| scene.0.as_str());
    scene.or(written.folder).unwrap_or_default()
}

/// What is found in the texts that are sent together, variant by variant; each once.
fn findings<'e>(
    scene: &str,
    messages: Option<&'e At<Vec<At<MessageEntry>>>>,
) -> Vec<(Finding, &'e At<Text>)> {
    let messages = messages.map_or(&[][..], |list| &list.value);
    let mut variants: Vec<Option<&str>> = messages.iter().map(|message| variant_of(message)).collect();
    variants.sort_unstable();
    variants.dedup();
    if variants.len() > 1 {
        // Messages of all variants are never sent alone.
        variants.retain(Option::is_some);
    }
    let mut found: Vec<(Finding, &At<Text>)> = Vec::new();
    for variant in variants {
        let texts = texts(messages, variant);
        let values: Vec<&str> = texts.iter().map(|text| text.0.as_str()).collect();
        for finding in compliance::check(scene, &values) {
            let text = texts[finding.text];
            let same = |(known, place): &(Finding, &At<Text>)| {
                known.rule.code == finding.rule.code
                    && known.span == finding.span
                    && place.place == text.place
            };
            if !found.iter().any(same) {
                found.push((finding, text));
            }
        }
    }
    found
}

fn variant_of(message: &MessageEntry) -> Option<&str> {
    message.variant.as_ref().map(|variant| variant.0.as_str())
}

/// What customers may read of the messages that are sent with a variant.
fn texts<'e>(messages: &'e [At<MessageEntry>], variant: Option<&str>) -> Vec<&'e At<Text>> {
    let sent = messages.iter().filter(|message| variant_of(message).is_none_or(|own| Some(own) == variant));
    sent.flat_map(|message| [&message.text, &message.title, &message.description]).flatten().collect()
}

fn tell(finding: &Finding, text: &At<Text>, report: &mut Report<'_>) {
    let place = place_of(finding, text, report);
    let code = finding.rule.code;
    let diagnostic = match finding.rule.severity {
        Severity::Error => report.error(code, place, finding.message.clone()),
        Severity::Warning => report.warning(code, place, finding.message.clone()),
        Severity::Note => report.note(code, place, finding.message.clone()),
    };
    diagnostic.hint(finding.rule.hint());
}

/// Where the finding stands in the file; the whole text when it was written in a way that we cannot follow.
fn place_of(finding: &Finding, text: &At<Text>, report: &Report<'_>) -> Place {
    let literal = Literal::of(report.text(text.place)).filter(|literal| literal.value() == text.0);
    literal.map_or(text.place, |literal| text.place.part(literal.span(finding.span.clone())))
}
