//! What stories and golden messages refer to: each name must exist. While the rules themselves have
//! mistakes nobody can say, and nothing is complained about.

use crate::decision::FEATURES;
use crate::files::{At, Id, Place, Report, Spelled, Text, known_ids, nearest};
use crate::rules::Rulebook;
use crate::rules::written::StoryMoment;

use super::people::Cast;
use super::story::Words;

pub fn profile(id: &At<Id>, rules: Option<&Rulebook>, report: &mut Report<'_>) {
    let Some(rules) = rules else { return };
    if !rules.profiles.contains_key(&id.0) {
        let known = rules.profiles.keys().map(String::as_str);
        unknown("unknown-profile", "群规", &id.0, id.place, known, report);
    }
}

pub fn store(id: &At<Id>, rules: Option<&Rulebook>, report: &mut Report<'_>) {
    let Some(rules) = rules else { return };
    if !rules.stores.contains_key(&id.0) {
        let known = rules.stores.keys().map(String::as_str);
        unknown("unknown-store", "门店", &id.0, id.place, known, report);
    }
}

pub fn schedule(id: &At<Id>, rules: Option<&Rulebook>, report: &mut Report<'_>) {
    let Some(rules) = rules else { return };
    if !rules.schedules.contains_key(&id.0) {
        let known = rules.schedules.keys().map(String::as_str);
        unknown("unknown-schedule", "排期", &id.0, id.place, known, report);
    }
}

pub fn cascade(id: &At<Id>, rules: Option<&Rulebook>, report: &mut Report<'_>) {
    let Some(rules) = rules else { return };
    if !rules.cascades.contains_key(&id.0) {
        let known = rules.cascades.keys().map(String::as_str);
        unknown("unknown-cascade", "传达", &id.0, id.place, known, report);
    }
}

/// The script of a moment; whether it is fit for one, the story tells.
pub fn moment_script(moment: &At<StoryMoment>, rules: Option<&Rulebook>, report: &mut Report<'_>) {
    let (Some(rules), Some(id)) = (rules, &moment.script) else { return };
    if rules.scripts.get(&id.0).is_none() {
        let known = rules.scripts.all().iter().map(|script| script.id.as_str());
        unknown("unknown-script", "话术", &id.0, id.place, known, report);
    }
}

pub fn playbook(id: &At<Id>, rules: Option<&Rulebook>, report: &mut Report<'_>) {
    let Some(rules) = rules else { return };
    if !rules.playbooks.contains_key(&id.0) {
        let known = rules.playbooks.keys().map(String::as_str);
        unknown("unknown-playbook", "剧本", &id.0, id.place, known, report);
    }
}

fn unknown<'a>(
    code: &'static str,
    what: &str,
    id: &str,
    place: Place,
    known: impl Iterator<Item = &'a str> + Clone,
    report: &mut Report<'_>,
) {
    report.error(code, place, format!("没有编号为 {id:?} 的{what}")).hint(known_ids(what, id, known));
}

/// A script's id or a piece of text: see [`Words`].
pub fn words(text: &At<Text>, rules: Option<&Rulebook>, report: &mut Report<'_>) -> Words {
    if Id::parse(&text.0).is_err() {
        return Words::Text(text.0.clone());
    }
    if let Some(rules) = rules.filter(|rules| rules.scripts.get(&text.0).is_none()) {
        let known = rules.scripts.all().iter().map(|script| script.id.as_str());
        let message = format!("没有编号为 {:?} 的话术", text.0);
        let hint = format!(
            "{}。只用小写字母、数字和横线写的，当作话术编号；想写说的话，多写几个字",
            known_ids("话术", &text.0, known).trim_end_matches('？')
        );
        report.error("unknown-script", text.place, message).hint(hint);
    }
    Words::Script(text.0.clone())
}

/// Somebody who is staff, was listed among the members, or has joined.
pub fn person(name: &At<Text>, cast: &Cast<'_>, report: &mut Report<'_>) {
    if cast.knows(&name.0) {
        return;
    }
    let hint = match nearest(&name.0, cast.names()) {
        Some(meant) => format!("是不是想写 \"{meant}\"？"),
        None => "写进 members，或者先让他进群（joins）；店员和运营写 stores.toml 里的账号".to_owned(),
    };
    report.error("unknown-person", name.place, format!("故事里还没有 {:?} 这个人", name.0)).hint(hint);
}

/// `feature/code`; codes are the features' own, so only the feature can be checked.
pub fn reason(reason: &At<Text>, report: &mut Report<'_>) {
    let features = || FEATURES.iter().map(|feature| feature.name);
    let hint = match reason.0.split_once('/') {
        Some((feature, code)) if features().any(|known| known == feature) && !code.is_empty() => return,
        Some((feature, _)) => match nearest(feature, features()) {
            Some(meant) => format!("是不是想写 \"{meant}/…\"？"),
            None => format!("斜杠前面可以写：{}", features().collect::<Vec<_>>().join("、")),
        },
        None => "写成 \"功能/判断\"，例如 \"moderation/ad\"；zhanggui why 会在括号里写出来".to_owned(),
    };
    report.error("unknown-reason", reason.place, format!("没有 {:?} 这样的判断", reason.0)).hint(hint);
}
