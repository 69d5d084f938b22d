//! Playbooks through sleep, moved clocks and changes of the files.

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::decision::rehearsal::{Rehearsal, at};
use crate::decision::{PlaybookRun, Skip, StepEnd};

mod owners;

const SCRIPTS: &str = r#"
[[script]]
id = "one"
title = "一"
message = [{ text = "一{{ members }}" }]
[[script]]
id = "two"
title = "二"
message = [{ text = "二" }]
[[script]]
id = "three"
title = "三"
message = [{ text = "三" }]
"#;
const GROUPS: &str = r#"
[[group]]
match = { name = "*" }
profile = "shop"
ears = ["group-robot", "member-list"]
hands = ["appchat", "staff-task"]
kol = ["zhou.zhou"]
"#;
const PROFILE: &str = "name = \"店\"\n[moderation]\noff = true\n[posts]\nquiet = \"22:00-08:00\"\n";
const HEAD: &str = "[playbook]\nid = \"p\"\ntitle = \"剧本\"\nanchor = \"group-created\"\n";

fn step(day: i16, time: &str, rest: &str) -> String {
    format!("[[playbook.step]]\nday = {day}\nat = \"{time}\"\n{rest}\n")
}

fn files(playbook: &str) -> [(&'static str, &str); 4] {
    [
        ("config/profiles/shop.toml", PROFILE),
        ("config/groups/a.toml", GROUPS),
        ("bot-scripts/event/a.toml", SCRIPTS),
        ("config/playbooks/p.toml", playbook),
    ]
}

/// A group of 21 November, 8:00.
fn group(playbook: &str) -> Rehearsal {
    Rehearsal::new(&files(playbook), "2026-11-21 08:00")
}

fn how(group: &Rehearsal, step: &str) -> StepEnd {
    group.group().playbooks["p"].done[step].how.clone()
}

fn three() -> String {
    let steps = [
        step(1, "09:00", "script = \"one\""),
        step(2, "09:00", "script = \"two\""),
        step(2, "20:00", "script = \"three\""),
    ];
    format!("{HEAD}{}", steps.concat())
}

#[test]
fn every_step_comes_at_its_time_and_once() {
    let mut group = group(&three());
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-21 09:00 一", "11-22 09:00 二", "11-22 20:00 三"]);
    assert_eq!(group.group().playbooks["p"].next, None);
}

#[test]
fn a_group_that_is_made_after_the_opening_begins_tomorrow() {
    let mut group = Rehearsal::new(&files(&three()), "2026-11-21 15:00");
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-22 09:00 一", "11-23 09:00 二", "11-23 20:00 三"]);
}

#[test]
fn what_is_missed_is_caught_up_with_or_skipped() {
    let mut group = group(&three());
    group.asleep_until("2026-11-21 10:59");
    assert_eq!(group.said, ["11-21 10:59 一"]);
    group.asleep_until("2026-11-22 11:01");
    assert_eq!(how(&group, "d2-0900"), StepEnd::Skipped(Skip::Late));
    group.until("2026-12-31 00:00");
    assert_eq!(group.said[1..], ["11-22 20:00 三"]);
}

#[test]
fn a_machine_asleep_for_two_days_says_nothing_late() {
    let mut group = group(&three());
    group.asleep_until("2026-11-23 21:00");
    assert_eq!(group.said, [] as [&str; 0]);
    let late = group.reasons.iter().filter(|code| *code == "playbooks/late").count();
    assert_eq!((late, group.group().playbooks["p"].next), (3, None));
}

#[test]
fn a_clock_that_is_set_back_says_nothing_twice() {
    let mut group = group(&three());
    group.until("2026-11-22 09:10");
    group.now = at("2026-11-21 08:30");
    group.take(&files(&three()));
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-21 09:00 一", "11-22 09:00 二", "11-22 20:00 三"]);
}

#[test]
fn a_clock_a_year_ahead_skips_everything_once() {
    let mut group = group(&three());
    group.asleep_until("2027-11-21 09:00");
    group.now = at("2026-11-21 08:30");
    group.take(&files(&three()));
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, [] as [&str; 0], "what was skipped stays skipped");
}

#[test]
fn a_changed_file_repeats_nothing_and_says_nothing_that_is_past() {
    let opening = |time| step(1, time, "id = \"opening\"\nscript = \"one\"");
    let mut group = group(&format!("{HEAD}{}{}", opening("09:00"), step(3, "09:00", "script = \"three\"")));
    group.until("2026-11-21 12:00");
    let added = [step(1, "11:00", "script = \"two\""), step(1, "13:00", "script = \"two\"")].concat();
    let changed = format!("{HEAD}{}{added}{}", opening("14:00"), step(3, "09:00", "script = \"three\""));
    group.take(&files(&changed));
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-21 09:00 一", "11-21 13:00 二", "11-23 09:00 三"]);
    assert_eq!(how(&group, "d1-1100"), StepEnd::Skipped(Skip::Past));
}

#[test]
fn a_playbook_that_rests_does_not_catch_up() {
    let mut group = group(&three());
    group.until("2026-11-21 12:00");
    let off = three().replace("anchor", "off = true\nanchor");
    group.take(&files(&off));
    assert_eq!(group.group().playbooks["p"].next, None);
    group.until("2026-11-22 10:00");
    group.take(&files(&three()));
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-21 09:00 一", "11-22 20:00 三"]);
}

#[test]
fn a_playbook_that_is_added_late_goes_on_from_now() {
    let mut group = group(
        "[playbook]\nid = \"q\"\ntitle = \"别的\"\nanchor = \"group-created\"\noff = true\n\
                           [[playbook.step]]\nday = 1\nat = \"09:00\"\nscript = \"one\"\n",
    );
    group.until("2026-11-22 10:00");
    group.take(&files(&three()));
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-22 20:00 三"]);
    assert_eq!(
        how(&group, "d2-0900"),
        StepEnd::Skipped(Skip::Past),
        "an hour ago, but nobody had planned it"
    );
}

#[test]
fn quiet_hours_postpone_in_order() {
    let steps = [step(1, "22:30", "script = \"one\""), step(1, "23:30", "script = \"two\"")].concat();
    let mut group = group(&format!("{HEAD}{steps}"));
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-22 08:00 一", "11-22 08:00 二"]);
}

#[test]
fn a_quiet_group_hears_the_line_and_a_lively_one_does_not() {
    let warm = |within: &str| format!("script = \"two\"\nwhen = \"quiet-for 20m\"\n{within}");
    let playbook =
        |within| format!("{HEAD}{}{}", step(1, "09:00", "script = \"one\""), step(1, "09:20", &warm(within)));
    let mut quiet = group(&playbook(""));
    quiet.until("2026-11-21 12:00");
    assert_eq!(quiet.said, ["11-21 09:00 一", "11-21 09:20 二"]);
    let mut lively = group(&playbook(""));
    lively.until("2026-11-21 09:10");
    lively.says("a", "早");
    lively.until("2026-11-21 12:00");
    assert_eq!(lively.said, ["11-21 09:00 一"]);
    assert_eq!(how(&lively, "d1-0920"), StepEnd::Skipped(Skip::Unmet));
    let mut waits = group(&playbook("within = \"1h\""));
    waits.until("2026-11-21 09:10");
    waits.says("a", "早");
    waits.until("2026-11-21 12:00");
    assert_eq!(waits.said, ["11-21 09:00 一", "11-21 09:30 二"]);
}

#[test]
fn a_question_is_answered_at_once_while_a_step_waits_for_one() {
    let ask = "script = \"two\"\nwhen = \"asked\"\nwithin = \"3h\"";
    let playbook = format!("{HEAD}{}{}", step(1, "09:00", "script = \"one\""), step(1, "10:00", ask));
    let mut group = group(&playbook);
    group.until("2026-11-21 11:30");
    group.says("a", "早");
    group.says("a", "这个怎么卖");
    group.until("2026-11-21 11:31");
    assert_eq!(group.said, ["11-21 09:00 一", "11-21 11:30 二"]);
}

#[test]
fn without_a_question_the_step_is_skipped() {
    let ask = "script = \"two\"\nwhen = \"asked\"\nwithin = \"3h\"";
    let playbook = format!("{HEAD}{}{}", step(1, "09:00", "script = \"one\""), step(1, "10:00", ask));
    let mut group = group(&playbook);
    group.until("2026-11-21 08:50");
    group.says("a", "几点开门");
    group.until("2026-11-21 14:00");
    assert_eq!(group.said, ["11-21 09:00 一"], "what was asked before the line before does not count");
    assert_eq!(how(&group, "d1-1000"), StepEnd::Skipped(Skip::Unmet));
}

#[test]
fn staff_and_key_persons_get_their_line_as_a_card() {
    let steps = [
        step(1, "09:00", "role = \"staff\"\nscript = \"one\""),
        step(1, "10:00", "role = \"kol\"\nscript = \"two\""),
    ];
    let mut group = group(&format!("{HEAD}{}", steps.concat()));
    group.until("2026-11-21 10:01");
    assert_eq!(group.said, ["11-21 09:00 wang.min：一", "11-21 10:00 zhou.zhou：二"]);
    let StepEnd::Asked { tasks } = how(&group, "d1-0900") else { panic!("no card") };
    assert!(group.memory.tasks.contains_key(&tasks[0]), "the run knows its task");
}

#[test]
fn staff_who_lead_the_talk_are_left_to_it() {
    let playbook = three().replace("anchor", "stop = [\"staff-spoke\"]\nanchor");
    let mut group = group(&playbook);
    group.says("wang.min", "我先说一句");
    group.until("2026-11-21 12:00");
    group.says("wang.min", "今天我来给大家介绍一下我们店里的老师傅");
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-21 09:00 一"]);
    assert!(group.reasons.iter().any(|code| code == "playbooks/stopped"));
}

#[test]
fn dates_count_backwards_and_forwards_and_each_has_its_run() {
    let head = HEAD.replace("\"group-created\"", "\"date\"\ndates = [2026-11-28, 2026-12-05]");
    let steps = [step(-1, "09:00", "script = \"one\""), step(1, "09:00", "script = \"two\"")].concat();
    let mut group = group(&format!("{head}{steps}"));
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-27 09:00 一", "11-29 09:00 二", "12-04 09:00 一", "12-06 09:00 二"]);
}

#[test]
fn who_joined_on_one_day_goes_through_it_together() {
    let head = HEAD.replace("\"group-created\"", "\"joined\"");
    let mut group = group(&format!("{head}{}", step(2, "10:00", "script = \"one\"")));
    group.joins(&["a"]);
    group.reads(&[("a", "")]);
    group.until("2026-11-21 12:00");
    group.joins(&["b", "c"]);
    group.reads(&[("a", ""), ("b", ""), ("c", "")]);
    group.leaves(&["c"]);
    group.until("2026-11-22 09:00");
    group.joins(&["d"]);
    group.leaves(&["d"]);
    group.until("2026-12-31 00:00");
    assert_eq!(group.said, ["11-22 10:00 一小a、小b"]);
    assert_eq!(group.group().playbooks.keys().filter(|run| PlaybookRun::is_of_newcomers(run)).count(), 2);
    assert!(group.reasons.iter().any(|code| code == "playbooks/nobody_left"));
}

/// A group's state is one row, read and written with every event of the group.
#[test]
fn what_is_remembered_is_small() {
    let mut group = group(&three());
    group.until("2026-12-31 00:00");
    let bytes = serde_json::to_string(&group.group().playbooks["p"]).expect("JSON").len();
    assert!(bytes < 3 * 80 + 40, "{bytes} bytes for three steps");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Time passes, the machine sleeps, the clock is set back, files come and go, people talk.
    #[test]
    fn whatever_happens_each_step_ends_once(happens in vec((0..5_u8, 1..40_i64), 0..14)) {
        let lines = ["one", "two", "three"];
        let steps = (1..=2).flat_map(|day| ["09:00", "13:00", "22:30"].map(|time| (day, time)));
        let steps = steps.zip(lines.iter().cycle());
        let playbook = steps.map(|((day, time), line)| step(day, time, &format!("script = \"{line}\"")));
        let playbook = format!("{HEAD}{}", playbook.collect::<String>());
        let resting = playbook.replace("anchor", "off = true\nanchor");
        let mut group = group(&playbook);
        for (what, hours) in happens {
            let (later, earlier) = (group.now + SignedDuration::from_hours(hours), group.now - SignedDuration::from_hours(hours));
            match what {
                0 => group.until_moment(later),
                1 => group.asleep_until_moment(later),
                2 => group.now = earlier,
                3 => group.take(&files(&resting)),
                _ => group.says("a", "早"),
            }
            group.take(&files(&playbook));
        }
        group.now = group.now.max(at("2026-11-21 08:00"));
        group.until_moment(group.now + SignedDuration::from_hours(24 * 30));
        let done = &group.group().playbooks["p"].done;
        let skipped = done.values().filter(|done| matches!(done.how, StepEnd::Skipped(_))).count();
        prop_assert_eq!(done.len(), 6, "none is lost: {:?}", done);
        prop_assert_eq!(group.said.len() + skipped, 6, "none comes twice: {:?}", group.said);
        prop_assert!(group.said.iter().all(|line| ("08:00".."22:00").contains(&&line[6..11])), "{:?}", group.said);
    }
}
