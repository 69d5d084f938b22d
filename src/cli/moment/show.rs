//! What became of moments, for people and for spreadsheets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::cli::columns::{Format, as_text, table};
use crate::clock::Clock;
use crate::decision::{MemberId, MomentFigures, MomentOfStore, MomentPerson, MomentPlan, MomentTask};
use crate::rules::Rulebook;
use crate::store::{self, MomentEnd, MomentRow};

#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Its name, as list tells it 这一次的名字
    moment: String,
    /// How it is shown 怎么显示
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// What people are called, as far as the bot has heard.
pub struct Names(BTreeMap<MemberId, String>);

impl Names {
    /// Before the bot's first start nobody has a name.
    pub fn of<'a>(data: &Path, tasks: impl Iterator<Item = &'a MomentTask>) -> anyhow::Result<Self> {
        if !data.join(store::DATABASE).is_file() {
            return Ok(Self(BTreeMap::new()));
        }
        let reader = store::read(data)?;
        let named = |person: &MomentPerson| {
            let name = reader.name_of(&person.id)?;
            Ok(name.map(|name| (person.id.clone(), name)))
        };
        Ok(Self(
            tasks
                .flat_map(|task| &task.people)
                .filter_map(|person| named(person).transpose())
                .collect::<anyhow::Result<_>>()?,
        ))
    }

    fn of_person(&self, person: &MemberId) -> String {
        self.0.get(person).map_or_else(|| person.to_string(), |name| format!("{name}（{person}）"))
    }
}

/// Returns whether there is such a moment.
pub fn run(args: &ShowArgs) -> anyhow::Result<bool> {
    let rows = store::read(&args.data)?.tasks_of_moment(&args.moment)?;
    if rows.is_empty() {
        println!("没有叫 {} 的朋友圈；zhanggui moment list 列出了有过哪些。\nNo such moment.", args.moment);
        return Ok(false);
    }
    let names = Names::of(&args.data, rows.iter().map(|row| &row.task))?;
    match args.format {
        Format::Text => print!("{}", text(&rows, &names)),
        Format::Json => {
            let figures = MomentFigures::of(rows.iter().flat_map(|row| &row.task.people));
            println!("{}", serde_json::to_string_pretty(&json!({ "tasks": rows, "figures": figures }))?);
        }
        Format::Csv => print!("{}", csv(&rows, &names)?),
    }
    Ok(true)
}

pub fn list(data: &Path, since: SignedDuration) -> anyhow::Result<bool> {
    let since = Clock::system().now().saturating_sub(since).unwrap_or(Timestamp::MIN);
    let rows = store::read(data)?.moments(since)?;
    let mut moments: Vec<Vec<MomentRow>> = Vec::new();
    for row in rows {
        match moments.iter_mut().find(|tasks| tasks.iter().any(|one| one.task.moment == row.task.moment)) {
            Some(tasks) => tasks.push(row),
            None => moments.push(vec![row]),
        }
    }
    if moments.is_empty() {
        println!("这段时间没有发过朋友圈。\nNo moment was sent in this time.");
        return Ok(true);
    }
    let mut lines =
        vec![["名字", "话术", "开始", "截止", "状态", "请了", "发了", "赞", "评论"].map(str::to_owned)];
    lines.extend(moments.iter().filter_map(|tasks| line(tasks)));
    print!("{}", table(&lines));
    Ok(true)
}

fn line(tasks: &[MomentRow]) -> Option<[String; 9]> {
    let first = tasks.first()?;
    let all = MomentFigures::of(tasks.iter().flat_map(|row| &row.task.people)).all();
    Some([
        first.task.moment.clone(),
        first.task.title.clone(),
        moment(first.decided_at),
        moment(first.task.ends_at),
        stage_of_all(tasks),
        all.asked.to_string(),
        all.published.to_string(),
        all.likes.to_string(),
        all.comments.to_string(),
    ])
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%m-%d %H:%M").to_string()
}

/// The same words when all tasks stand alike, else how many of them can be published.
fn stage_of_all(tasks: &[MomentRow]) -> String {
    let stages: Vec<&str> = tasks.iter().map(stage).collect();
    match stages.first() {
        Some(first) if stages.iter().all(|stage| stage == first) => (*first).to_owned(),
        _ => {
            let open = tasks.iter().filter(|row| row.end.is_none()).count();
            format!("{} 个任务，{open} 个进行中", tasks.len())
        }
    }
}

fn stage(row: &MomentRow) -> &'static str {
    match (&row.end, row.is_settled()) {
        (Some(MomentEnd::NotMade { .. }), _) => "没有建成",
        (Some(MomentEnd::Over { .. }), _) if row.cancelled_by.is_some() => "已取消",
        (Some(MomentEnd::Over { .. }), _) => "已截止",
        (None, true) => "进行中",
        (None, false) => "正在建",
    }
}

fn text(rows: &[MomentRow], names: &Names) -> String {
    let mut text = String::new();
    for row in rows {
        let task = &row.task;
        text.push_str(&format!(
            "{}（{}） {} 截止，{}",
            task.title,
            task.moment,
            moment(task.ends_at),
            stage(row)
        ));
        text.push_str(&row.not_made().map(|why| format!("：{why}")).unwrap_or_default());
        text.push_str(&format!("\n{}\n\n", content(task)));
    }
    let figures = MomentFigures::of(rows.iter().flat_map(|row| &row.task.people));
    let all = MomentOfStore { store: "合计".into(), ..figures.all() };
    let mut lines = vec![["门店", "请了", "发了", "赞", "评论"].map(str::to_owned)];
    lines.extend(figures.stores.iter().chain([&all]).map(|one| {
        let [asked, published, likes, comments] =
            [one.asked, one.published, one.likes, one.comments].map(|number| number.to_string());
        [one.store.clone(), asked, published, likes, comments]
    }));
    text.push_str(&format!("{}\n", table(&lines)));
    let mut lines = vec![["店员", "门店", "情况", "赞", "评论"].map(str::to_owned)];
    lines.extend(rows.iter().flat_map(|row| row.task.people.iter().map(move |person| (row, person))).map(
        |(row, person)| {
            let [likes, comments] = [person.likes, person.comments].map(|number| number.to_string());
            [names.of_person(&person.id), person.store.clone(), standing(row, person), likes, comments]
        },
    ));
    text.push_str(&table(&lines));
    text
}

/// What is to be published, a line each.
fn content(task: &MomentTask) -> String {
    let lines: Vec<String> = task.parts.iter().map(|part| format!("  {}", part.in_words())).collect();
    lines.join("\n")
}

fn standing(row: &MomentRow, person: &MomentPerson) -> String {
    match person.seen_at {
        Some(at) => format!("已发（{} 看到）", moment(at)),
        None if person.unable => "发不了".to_owned(),
        None if row.not_made().is_some() => "没有建成".to_owned(),
        None if row.end.is_some() => "没有发".to_owned(),
        None if row.reminded => "还没发，提醒过".to_owned(),
        None => "还没发".to_owned(),
    }
}

fn csv(rows: &[MomentRow], names: &Names) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["朋友圈", "话术", "版本", "门店", "店员", "情况", "赞", "评论"])?;
    for row in rows {
        for person in &row.task.people {
            writer.write_record([
                as_text(&row.task.moment),
                as_text(&row.task.script),
                as_text(row.task.variant.as_deref().unwrap_or_default()),
                as_text(&person.store),
                as_text(&names.of_person(&person.id)),
                standing(row, person),
                person.likes.to_string(),
                person.comments.to_string(),
            ])?;
        }
    }
    // Spreadsheets take the file for UTF-8 only with this mark.
    Ok(format!("\u{feff}{}", String::from_utf8(writer.into_inner()?)?))
}

/// What a dry run says.
pub fn plan(plan: &MomentPlan, rules: &Rulebook, names: &Names) -> String {
    let people: usize = plan.tasks.iter().map(|task| task.people.len()).sum();
    let mut text = format!("会请 {people} 人发朋友圈（试算，什么也没有发）\n");
    for task in &plan.tasks {
        let clock = |at: Timestamp| at.to_zoned(rules.timezone.clone()).strftime("%m-%d %H:%M").to_string();
        let reminded = task.remind_at.map_or_else(|| "不提醒".to_owned(), |at| format!("{} 提醒", clock(at)));
        let variant = task.variant.as_ref().map(|variant| format!("，版本 {variant}")).unwrap_or_default();
        text.push_str(&format!("\n{}{variant}，{reminded}，{} 截止\n", task.title, clock(task.ends_at)));
        text.push_str(&format!("{}\n", content(task)));
        for store in MomentFigures::of(&task.people).stores {
            let here = task.people.iter().filter(|person| person.store == store.store);
            let here: Vec<String> = here.map(|person| names.of_person(&person.id)).collect();
            text.push_str(&format!("  {}：{}\n", store.store, here.join("、")));
        }
    }
    if !plan.left_out.is_empty() {
        text.push_str(&format!("\n这条话术今天在这些门店不能用，不会请：{}\n", plan.left_out.join("、")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Part;

    fn row(people: Vec<MomentPerson>) -> MomentRow {
        let task = MomentTask {
            moment: "m-20261122".into(),
            title: "卸货的早上".into(),
            script: "moments-unloading".into(),
            variant: Some("tea".into()),
            parts: vec![Part::text("早上卸货")],
            people,
            remind_at: None,
            ends_at: Timestamp::UNIX_EPOCH,
        };
        MomentRow {
            id: 1,
            app: "assistant".into(),
            task,
            decided_at: Timestamp::UNIX_EPOCH,
            asked_at: None,
            next_at: None,
            jobid: None,
            moment_id: Some("mom1".into()),
            looked: 0,
            reminded: true,
            figures_at: None,
            end: None,
            cancelled_by: None,
        }
    }

    #[test]
    fn a_spreadsheet_has_a_row_a_person_and_no_formulas() {
        let posted = MomentPerson {
            seen_at: Some(Timestamp::UNIX_EPOCH),
            likes: 3,
            comments: 1,
            ..MomentPerson::new("wang.min".into(), "朝阳店")
        };
        let row = row(vec![posted, MomentPerson::new("=cmd".into(), "通州店")]);
        let csv = csv(&[row], &Names(BTreeMap::new())).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines[1].starts_with("m-20261122,moments-unloading,tea,朝阳店,wang.min,已发"), "{csv}");
        assert!(lines[1].ends_with(",3,1"), "{csv}");
        assert_eq!(lines[2], "m-20261122,moments-unloading,tea,通州店,'=cmd,还没发，提醒过,0,0");
    }

    #[test]
    fn stages_are_told_in_words() {
        let mut one = row(Vec::new());
        assert_eq!(stage(&one), "进行中");
        one.moment_id = None;
        assert_eq!(stage(&one), "正在建");
        let mut over = one.clone();
        over.end = Some(MomentEnd::Over { at: Timestamp::UNIX_EPOCH });
        assert_eq!(stage_of_all(&[one, over.clone()]), "2 个任务，1 个进行中");
        over.cancelled_by = Some("lin.yun".into());
        assert_eq!(stage_of_all(&[over.clone(), over]), "已取消");
    }
}
