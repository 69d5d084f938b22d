//! Steps after the welcome, through quiet hours, sleep and changes of the files.

use crate::decision::rehearsal::Rehearsal;

const SCRIPTS: &str = r#"
[[script]]
id = "hello"
title = "欢迎"
message = [{ text = "欢迎{{ members }}" }]
[[script]]
id = "by-poster"
title = "海报来的"
message = [{ text = "从海报来的{{ members }}你好" }]
[[script]]
id = "rules"
title = "规矩"
message = [{ text = "规矩：{{ members }}{{ count }}" }]
[[script]]
id = "coupon"
title = "优惠"
message = [{ text = "优惠" }]
"#;
const GROUPS: &str = r#"
[[group]]
match = { name = "*" }
profile = "shop"
ears = ["group-robot", "member-list"]
hands = ["appchat", "staff-task"]
"#;
const WELCOME: &str =
    "name = \"店\"\n[moderation]\noff = true\n[welcome]\nscript = \"hello\"\nquiet = \"22:00-08:00\"\n";
const RULES: &str = "[[welcome.step]]\nafter = \"10m\"\nscript = \"rules\"\n";
const COUPON: &str = "[[welcome.step]]\nafter = \"1h\"\nunless = [\"left\"]\nscript = \"coupon\"\n";

fn files(profile: &str) -> [(&'static str, &str); 3] {
    [
        ("config/profiles/shop.toml", profile),
        ("config/groups/a.toml", GROUPS),
        ("bot-scripts/welcome/a.toml", SCRIPTS),
    ]
}

/// Two newcomers were welcomed at 09:00:30.
fn welcomed(steps: &str) -> Rehearsal {
    let profile = format!("{WELCOME}{steps}");
    let mut group = Rehearsal::new(&files(&profile), "2026-11-21 09:00");
    group.joins(&["a", "b"]);
    group.until("2026-11-21 09:05");
    assert_eq!(group.said, ["11-21 09:00 欢迎"]);
    group.said.clear();
    group
}

#[test]
fn each_step_goes_to_those_who_still_need_it() {
    let mut group = welcomed(&format!("{RULES}{COUPON}"));
    group.says("a", "大家好");
    group.until("2026-11-21 23:00");
    assert_eq!(group.said, ["11-21 09:10 规矩：1", "11-21 10:00 优惠"]);
    assert!(group.group().welcome.batches.is_empty(), "all is said");
}

#[test]
fn whoever_has_left_or_come_back_hears_nothing() {
    let mut group = welcomed(&format!("{RULES}{COUPON}"));
    group.leaves(&["a", "b"]);
    group.joins(&["b"]);
    group.until("2026-11-22 23:00");
    assert_eq!(group.said, [] as [&str; 0]);
    assert!(group.reasons.iter().any(|code| code == "welcome/welcomed_lately"));
    assert!(group.group().welcome.batches.is_empty());
}

#[test]
fn quiet_hours_postpone_and_keep_the_order_and_the_distance() {
    let profile = format!("{WELCOME}{RULES}{COUPON}");
    let mut group = Rehearsal::new(&files(&profile), "2026-11-21 21:55");
    group.joins(&["a"]);
    group.until("2026-11-22 12:00");
    assert_eq!(group.said, ["11-21 21:55 欢迎", "11-22 08:00 规矩：1", "11-22 08:50 优惠"]);
}

#[test]
fn a_machine_that_slept_says_them_late_and_once() {
    let mut group = welcomed(&format!("{RULES}{COUPON}"));
    group.asleep_until("2026-11-23 12:00");
    group.until("2026-11-24 12:00");
    assert_eq!(group.said, ["11-23 12:00 规矩：2", "11-23 12:50 优惠"]);
}

#[test]
fn a_step_that_is_taken_out_is_not_said() {
    let mut group = welcomed(&format!("{RULES}{COUPON}"));
    group.take(&files(&format!("{WELCOME}{COUPON}")));
    group.until("2026-11-21 23:00");
    assert_eq!(group.said, ["11-21 10:00 优惠"]);
    let mut group = welcomed(RULES);
    group.take(&files(WELCOME));
    assert!(group.group().welcome.batches.is_empty());
    group.until("2026-11-21 23:00");
    assert_eq!(group.said, [] as [&str; 0]);
}

#[test]
fn a_step_that_is_added_is_said_unless_its_moment_has_passed() {
    let mut group = welcomed(COUPON);
    group.take(&files(&format!("{WELCOME}{RULES}{COUPON}")));
    group.until("2026-11-21 09:30");
    assert_eq!(group.said, ["11-21 09:10 规矩：2"]);
    let mut group = welcomed(COUPON);
    group.until("2026-11-21 09:30");
    group.take(&files(&format!("{WELCOME}{RULES}{COUPON}")));
    group.until("2026-11-21 23:00");
    assert_eq!(group.said, ["11-21 10:00 优惠"], "nobody hears at half past what belonged to ten past");
}

#[test]
fn a_step_is_not_lost_when_files_change_in_the_night() {
    let profile = format!("{WELCOME}{RULES}");
    let mut group = Rehearsal::new(&files(&profile), "2026-11-21 21:55");
    group.joins(&["a"]);
    group.until("2026-11-21 23:00");
    group.take(&files(&format!("{profile}{COUPON}")));
    group.until("2026-11-22 12:00");
    assert_eq!(group.said[1..], ["11-22 08:00 规矩：1", "11-22 08:50 优惠"]);
}

#[test]
fn off_is_one_line() {
    let mut group = welcomed(RULES);
    group.take(&files(&format!("{WELCOME}off = true\n{RULES}")));
    group.until("2026-11-21 23:00");
    assert_eq!(group.said, [] as [&str; 0]);
}

#[test]
fn a_join_code_has_words_of_its_own() {
    let codes = "[[welcome.by_join_code]]\nstate = \"poster-1\"\nscript = \"by-poster\"\n";
    let profile = format!("{WELCOME}{RULES}{codes}");
    let mut group = Rehearsal::new(&files(&profile), "2026-11-21 09:00");
    group.joins(&["a", "b"]);
    group.reads(&[("a", "poster-1"), ("b", "poster-2")]);
    group.until("2026-11-21 09:30");
    assert_eq!(
        group.said,
        ["11-21 09:00 从海报来的小a你好", "11-21 09:00 欢迎小b", "11-21 09:10 规矩：小a、小b2"]
    );
}
