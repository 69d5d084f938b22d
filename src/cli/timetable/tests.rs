use jiff::civil::date;
use tempfile::TempDir;

use super::*;
use crate::files::{SourceFile, Sources};
use crate::rules::{compile, samples::SERVER};

const SHOPS: &str = "
[[group]]
match = { name = \"朝阳店*\" }
profile = \"shop\"
ears = []
[[group]]
match = { name = \"店员群\" }
profile = \"staff\"
ears = []
";

const MORNING: &str = "
[[schedule]]
id = \"morning\"
title = \"早安问候\"
cron = \"30 8 * * *\"
only = [\"workday\"]
groups = { profiles = [\"shop\"] }
post = \"hello\"
jitter = \"10m\"
[[schedule]]
id = \"hourly\"
title = \"整点报时\"
cron = \"0 * * * *\"
from = 2026-10-01
to = 2026-10-01
timezone = \"America/New_York\"
post = \"hello\"
[[schedule]]
id = \"sleeping\"
title = \"停着的\"
cron = \"0 9 * * *\"
post = \"hello\"
off = true
";

const OCTOBER: &str = "source = \"通知\"\n[[holiday]]\nname = \"国庆节\"\nfrom = 2026-10-01\nto = 2026-10-07\nmakeup = [2026-10-10]";

fn rulebook(schedules: &str) -> Rulebook {
    let sources = Sources::new(vec![
        SourceFile::new("config/zhanggui.toml", SERVER),
        SourceFile::new("config/profiles/shop.toml", "name = \"店\""),
        SourceFile::new("config/profiles/staff.toml", "name = \"店员\""),
        SourceFile::new("config/groups/a.toml", SHOPS),
        SourceFile::new("config/calendar/2026.toml", OCTOBER),
        SourceFile::new("config/schedules/a.toml", schedules),
        SourceFile::new(
            "bot-scripts/greeting/a.toml",
            "[[script]]\nid = \"hello\"\ntitle = \"你好\"\nvalid = { to = 2026-10-09 }\n\
             [[script.message]]\ntext = \"你好\"",
        ),
    ]);
    compile(&sources).expect("good files").rulebook
}

const OCTOBER_DAYS: Days = Days { from: date(2026, 10, 1), to: date(2026, 10, 10) };

fn told(schedules: &str, days: Days, group: Option<&str>) -> String {
    let rulebook = rulebook(schedules);
    let nowhere = TempDir::new().expect("a folder");
    let audience = Audience::of(group, nowhere.path(), &rulebook).expect("an audience");
    let plan = Plan::new(&rulebook, &audience, days).expect("a plan");
    let now = "2026-09-30T12:00:00+08:00".parse().expect("a moment");
    told::text(&plan, &rulebook, now)
}

#[test]
fn a_week_is_told_day_by_day() {
    let expected = "\
2026-10-01 到 2026-10-10，Asia/Shanghai 时间

2026 年 10 月
  一       二       三       四       五       六       日
                            1休 12   2休 12   3休      4休
 5休      6休      7休      8    1   9    1  10班  1

2026-10-01 星期四 国庆节
  12:00 起 12 次（America/New_York 00:00）  整点报时  hello  2 类群

2026-10-02 星期五 国庆节
  00:00 起 12 次（America/New_York 12:00）  整点报时  hello  2 类群

2026-10-08 星期四
  08:30–08:40  早安问候  hello  朝阳店*

2026-10-09 星期五
  08:30–08:40  早安问候  hello  朝阳店*

2026-10-10 星期六
  08:30–08:40  早安问候  hello  朝阳店*（话术那天不在有效期内，发不出去）

共 27 次 (27 occurrences)。休 放假，班 调休上班，后面的数字是这天发几次。
还没有机器人的数据，群按 config/groups 里的写法算；群到齐以后再看，会列出真正的群。
停用的：停着的
";
    assert_eq!(told(MORNING, OCTOBER_DAYS, None), expected);
}

#[test]
fn one_group_sees_its_own_posts() {
    let staff = told(MORNING, OCTOBER_DAYS, Some("店员群"));
    assert!(
        staff.contains("没有群会收到的：早安问候") && staff.contains("整点报时  hello  店员群"),
        "{staff}"
    );
    let new = told(MORNING, OCTOBER_DAYS, Some("朝阳店 5 号群"));
    assert!(new.contains("早安问候  hello  朝阳店 5 号群"), "{new}");
    let rulebook = rulebook(MORNING);
    let nowhere = TempDir::new().expect("a folder");
    let unknown = Audience::of(Some("店员郡"), nowhere.path(), &rulebook).expect_err("no such group");
    assert!(unknown.to_string().contains("是不是想写 \"店员群\""), "{unknown}");
}

#[test]
fn nothing_to_tell_says_what_comes_next_or_how_to_begin() {
    let empty = told("", OCTOBER_DAYS, None);
    assert!(empty.contains("config/schedules/daily.toml"), "{empty}");
    let quiet = Days { from: date(2026, 10, 3), to: date(2026, 10, 4) };
    let quiet = told(MORNING, quiet, None);
    assert!(
        quiet.contains("这些天没有要发的") && quiet.contains("下一次 2026-10-01 12:00  整点报时"),
        "{quiet}"
    );
    let next_year = Days { from: date(2027, 1, 1), to: date(2027, 1, 4) };
    let next_year = told(MORNING, next_year, None);
    assert!(next_year.contains("2027 年的放假安排还没有写"), "{next_year}");
    assert!(next_year.contains("放假未知，按平常的星期算"), "{next_year}");
}

#[test]
fn programs_get_every_occurrence() {
    let rulebook = rulebook(MORNING);
    let nowhere = TempDir::new().expect("a folder");
    let audience = Audience::of(None, nowhere.path(), &rulebook).expect("an audience");
    let days = Days { from: date(2026, 10, 8), to: date(2026, 10, 8) };
    let json = told::json(&Plan::new(&rulebook, &audience, days).expect("a plan")).expect("JSON");
    let all: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        all,
        serde_json::json!([{
            "schedule": "morning", "title": "早安问候", "post": "hello", "at": "2026-10-08T00:30:00Z",
            "zone": "Asia/Shanghai", "usable": true, "guessed": false, "groups": [{ "name": "朝阳店*" }],
        }])
    );
}

#[test]
fn what_is_judged_at_the_time_is_said() {
    let large = MORNING.replace("profiles = [\"shop\"]", "profiles = [\"shop\"], size_at_least = 50");
    let days = Days { from: date(2026, 9, 28), to: date(2026, 9, 28) };
    let text = told(&large, days, None);
    assert!(text.contains("朝阳店*（到时候要：50 人以上）"), "{text}");
}

#[test]
fn days_that_make_no_sense_are_refused() {
    let today = date(2026, 11, 22);
    let args = |from, to| TimetableArgs {
        folders: Folders { config: "config".into(), scripts: None },
        data: "data".into(),
        from,
        to,
        group: None,
        format: Format::Text,
    };
    let usual = days(&args(None, None), today).expect("days");
    assert_eq!((usual.from, usual.to), (today, date(2026, 12, 5)));
    assert!(days(&args(None, Some(date(2026, 11, 21))), today).is_err());
    assert!(days(&args(None, Some(date(2028, 11, 21))), today).is_err());
}
