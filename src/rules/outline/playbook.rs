//! A playbook in short.

use super::{Named, lasting, on, said, schedules};
use crate::rules::{Anchor, Playbook, PlaybookStep, PlaybookStop, StepCondition};
use crate::timetable::Missed;

pub fn playbook(playbook: &Playbook) -> Named {
    let Playbook { id: _, title, off, anchor, groups, stop, missed, steps, place: _, campaign } = playbook;
    let line = |key: &str, value: String| (key.to_owned(), value);
    let stop = stop.iter().map(|stop| match stop {
        PlaybookStop::StaffSpoke => "店里的人自己说了话",
    });
    let mut lines = vec![
        line("走不走", on(*off)),
        line("从哪天数起", anchor_in_words(anchor)),
        line("跟着哪个活动", campaign.clone().unwrap_or_default()),
        line("给哪些群", schedules::groups(groups)),
        line("停下的时候", stop.collect::<Vec<_>>().join("、")),
        line("晚了怎么办", missed_in_words(*missed)),
    ];
    lines.extend(steps.iter().map(|step| (format!("{}这一步", step.id), step_in_words(playbook, step))));
    Named { name: title.clone(), says: said(lines) }
}

fn anchor_in_words(anchor: &Anchor) -> String {
    match anchor {
        Anchor::GroupCreated => "建群".to_owned(),
        Anchor::Joined => "进群".to_owned(),
        Anchor::Dates(dates) => dates.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
    }
}

fn missed_in_words(missed: Missed) -> String {
    match missed {
        Missed::Skip => "跳过".to_owned(),
        Missed::CatchUpWithin(within) => format!("{}以内补上", lasting(within)),
    }
}

fn step_in_words(playbook: &Playbook, step: &PlaybookStep) -> String {
    let when = step.when.map(|when| match when {
        StepCondition::QuietFor(quiet) => format!("，{}没人说话时", lasting(quiet)),
        StepCondition::Asked => "，有人问时".to_owned(),
        StepCondition::NotAsked => "，没有人问时".to_owned(),
    });
    let within = (!step.within.is_zero()).then(|| format!("，等{}", lasting(step.within)));
    format!(
        "{} {}说话术 {}{}{}",
        playbook.when_in_words(step),
        step.role.chinese(),
        step.script,
        when.unwrap_or_default(),
        within.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use crate::files::{SourceFile, Sources};
    use crate::rules::samples::SERVER;
    use crate::rules::{Outline, compile, digest};

    fn outline(playbook: &str) -> Outline {
        let scripts = "[[script]]\nid = \"hello\"\ntitle = \"问候\"\nmessage = [{ text = \"早\" }]\n";
        let groups = "[[group]]\nmatch = { name = \"*\" }\nprofile = \"shop\"\nears = [\"archive\"]\n";
        let mut files = vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/profiles/shop.toml", "name = \"店\"\n"),
            SourceFile::new("config/groups/a.toml", groups),
            SourceFile::new("bot-scripts/greeting/a.toml", scripts),
        ];
        files.extend((!playbook.is_empty()).then(|| SourceFile::new("config/playbooks/p.toml", playbook)));
        Outline::of(&compile(&Sources::new(files)).expect("good files").rulebook)
    }

    #[test]
    fn ops_hear_what_has_changed_of_a_playbook() {
        let before = "[playbook]\nid = \"p\"\ntitle = \"开业\"\nanchor = \"date\"\ndates = [2027-01-16]\n\
                      [[playbook.step]]\nid = \"invite\"\nday = -1\nat = \"09:00\"\nscript = \"hello\"\n";
        let after = before.replace("09:00", "10:00") + "when = \"quiet-for 20m\"\nwithin = \"1h\"\n";
        let told = |one: &str, other: &str| digest(&outline(one), &outline(other)).join("\n");
        assert!(told("", before).contains("新增剧本「开业」"), "{}", told("", before));
        assert!(told(before, "").contains("撤下剧本「开业」"));
        let changed = told(before, &after);
        assert!(changed.contains("提前 1 天 10:00 机器人说话术 hello，20m没人说话时，等1h"), "{changed}");
        assert_eq!(told(&after, &after), "");
    }
}
