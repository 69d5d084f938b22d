//! What each group cannot hear, and what it needs people for.

use crate::rules::{GroupRule, Profile, Rulebook, Sleep, handling, hearing};

/// More places in one line than people read.
const PLACES_SHOWN: usize = 3;

/// What groups cannot hear, and what they need people for; groups with the same limits together.
pub fn limits(rulebook: &Rulebook) -> String {
    let mut same: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for rule in rulebook.groups.iter() {
        let Some(profile) = rulebook.profiles.get(&*rule.profile) else { continue };
        let lines = limits_of(rule, profile);
        match same.iter_mut().find(|(other, _)| *other == lines) {
            _ if lines.is_empty() => {}
            Some((_, places)) => places.push(&rule.place),
            None => same.push((lines, vec![&rule.place])),
        }
    }
    if same.is_empty() {
        return String::new();
    }
    let mut text = "有些群听不全、做不全（平台只允许这样）：\n".to_owned();
    for (lines, places) in same {
        let shown = places[..places.len().min(PLACES_SHOWN)].join("、");
        let more =
            if places.len() > PLACES_SHOWN { format!(" 等 {} 条", places.len()) } else { String::new() };
        text.push_str(&format!("  {shown}{more}\n"));
        lines.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
    }
    text.push('\n');
    text
}

/// What sleeps needs no hands.
fn limits_of(rule: &GroupRule, profile: &Profile) -> Vec<String> {
    let sleeping = hearing(rule, profile);
    let asleep =
        |section: &str| sleeping.iter().any(|one| one.section == section && one.sleep == Sleep::Whole);
    let handled = handling(rule, profile).into_iter().filter(|gap| !asleep(gap.section));
    let handled = handled.map(|gap| format!("[{}] 靠人：{}", gap.section, gap.why()));
    let heard = sleeping.iter().map(|one| {
        let degree = match one.sleep {
            Sleep::Whole => "睡着",
            Sleep::Partly => "打折",
        };
        format!("[{}] {degree}：{}", one.section, one.why)
    });
    heard.chain(handled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{SourceFile, Sources};
    use crate::rules::compile;
    use crate::rules::samples::SERVER;

    #[test]
    fn groups_with_the_same_limits_are_told_once() {
        let group = |name: &str| {
            format!("[[group]]\nmatch = {{ name = \"{name}\" }}\nprofile = \"base\"\nears = []\n")
        };
        let files = vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/profiles/base.toml", "name = \"通用\""),
            SourceFile::new("config/groups/a.toml", ["甲", "乙", "丙", "丁"].map(group).concat()),
        ];
        let rulebook = compile(&Sources::new(files)).expect("good files").rulebook;
        let expected = "有些群听不全、做不全（平台只允许这样）：\n  \
            config/groups/a.toml:1、config/groups/a.toml:5、config/groups/a.toml:9 等 4 条\n    \
            [moderation] 睡着：没有能听到群消息的耳朵（group-robot 或 archive），广告和刷屏都发现不了\n\n";
        assert_eq!(limits(&rulebook), expected);
    }
}
