use jiff::{SignedDuration, Timestamp};

use super::totals::{Total, by_region, by_store};
use super::written::{cells, line};
use super::*;
use crate::files::{SourceFile, Sources};
use crate::rules::{compile, samples};
use crate::store::{Handing, PostCourse};

fn noon() -> Timestamp {
    "2026-11-23T12:00:00+08:00".parse().expect("a time")
}

fn minutes(minutes: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(minutes)
}

fn rules() -> Rulebook {
    let server = SourceFile::new("config/zhanggui.toml", samples::SERVER);
    compile(&Sources::new(vec![server])).expect("good files").rulebook
}

fn handing(name: &str, minute: i64) -> Option<Handing> {
    Some(Handing { name: name.into(), at: minutes(minute) })
}

fn record(group: &str, course: PostCourse) -> PostRecord {
    PostRecord {
        schedule: "noon".into(),
        occurrence: noon(),
        due: noon(),
        group: group.into(),
        reasons: Vec::new(),
        actions: Vec::new(),
        course,
    }
}

/// The owner got a card at 12:01 and pasted its words at 12:04.
fn pasted() -> PostCourse {
    PostCourse {
        outcome: PostStatus::PostedBy { name: "王敏".into(), at: minutes(4) },
        handed: handing("王敏", 1),
        confirmed_at: None,
        delivered_at: Some(minutes(4)),
        seen: handing("王敏", 4),
    }
}

fn waiting() -> PostCourse {
    PostCourse {
        outcome: PostStatus::Asked { whom: "陈芳".into() },
        handed: handing("陈芳", 1),
        confirmed_at: None,
        delivered_at: None,
        seen: None,
    }
}

fn row<'a>(record: &'a PostRecord, region: &str, store: &str, heard: bool) -> Row<'a> {
    let (group, store, region) = (format!("{store}福利群"), store.to_owned(), region.to_owned());
    Row { record, title: "午间".into(), place: Place { group, store, region, heard } }
}

#[test]
fn figures_are_counted_by_region_and_store() {
    let records = [record("wr1", pasted()), record("wr2", pasted()), record("wr3", waiting())];
    let rows = [
        row(&records[0], "北京", "朝阳店", true),
        row(&records[1], "北京", "通州店", true),
        row(&records[2], "天津", "河西店", true),
    ];
    let late = SignedDuration::from_mins(4);
    let one = Total { posts: 1, there: 1, seen: 1, latest: late };
    let none = Total { posts: 1, there: 0, seen: 0, latest: SignedDuration::ZERO };
    let stores: Vec<_> = by_store(&rows).into_iter().collect();
    assert_eq!(stores, [(("北京", "朝阳店"), one), (("北京", "通州店"), one), (("天津", "河西店"), none)]);
    let both = Total { posts: 2, there: 2, seen: 2, latest: late };
    assert_eq!(by_region(&rows).into_iter().collect::<Vec<_>>(), [("北京", both), ("天津", none)]);
}

#[test]
fn people_read_who_was_seen_and_when() {
    let later = PostRecord { occurrence: minutes(60), ..record("wr1", waiting()) };
    let records = [record("wr1", pasted()), record("wr3", waiting())];
    let rows = [
        row(&records[0], "北京", "朝阳店", true),
        row(&records[1], "天津", "河西店", true),
        row(&later, "北京", "朝阳店", true),
    ];
    let text = told::text(&rows, &[], &rules(), true);
    let expected = "\
11-23 12:00  午间：2 个群，1 个已发（1 个在群里看到）
             河西店：1 个群，0 个已发
             朝阳店福利群：王敏已发，11-23 12:04 在群里看到王敏发的（晚 4m）
             河西店福利群：等陈芳确认
11-23 13:00  午间：1 个群，0 个已发
             朝阳店：1 个群，0 个已发
             朝阳店福利群：等陈芳确认
合计  3 条，1 条已发（1 条在群里看到）
      北京：2 条，1 条已发（1 条在群里看到）
        朝阳店：2 条，1 条已发（1 条在群里看到）
      天津：1 条，0 条已发
        河西店：1 条，0 条已发
";
    assert_eq!(text, expected);
}

#[test]
fn programs_and_spreadsheets_get_every_moment() {
    let record = record("wr1", pasted());
    let row = row(&record, "北京", "朝阳店", true);
    let json = line(&row);
    assert_eq!((&json["outcome"], &json["told"]), (&"posted_by".into(), &"王敏已发".into()));
    assert_eq!((&json["handed_to"], &json["seen_by"]), (&"王敏".into(), &"王敏".into()));
    assert_eq!(json["seen_at"], "2026-11-23T04:04:00Z");
    assert_eq!((&json["confirmed_at"], &json["late_seconds"]), (&serde_json::Value::Null, &240.into()));
    let cells = cells(&row, &rules());
    assert_eq!(
        cells[6..],
        [
            "王敏已发",
            "240",
            "王敏",
            "2026-11-23 12:01:00",
            "",
            "2026-11-23 12:04:00",
            "2026-11-23 12:04:00",
            "王敏"
        ]
    );
}

#[test]
fn a_group_that_nobody_hears_is_not_said_to_be_silent() {
    let record = record("wr3", waiting());
    let heard = cells(&row(&record, "天津", "河西店", true), &rules());
    let unheard = cells(&row(&record, "天津", "河西店", false), &rules());
    assert_eq!((heard[12].as_str(), unheard[12].as_str()), ("", "听不到这个群"));
}
