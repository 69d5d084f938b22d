//! `zhanggui reach`: how far a cascade has come, per hop, per distributor, per store, and who is missing.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::cascade::state;
use super::columns::{Format, as_text, table};
use crate::clock::Clock;
use crate::decision::{CascadeRun, Counted, Figures, Reach};
use crate::store;

/// People without an answer that a terminal shows; the CSV has all.
const SHOWN: usize = 50;

#[derive(Debug, clap::Args)]
pub struct ReachArgs {
    /// A cascade's id (its latest run) or a run's name 传达的编号（看最近一次），或某一次的名字
    cascade: String,
    /// How it is shown 怎么显示
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Returns whether there is such a run.
pub fn run(args: &ReachArgs) -> anyhow::Result<bool> {
    let reader = store::read(&args.data)?;
    let latest = reader.cascade_runs(Some(&args.cascade))?.into_iter().next();
    let memory = match latest {
        Some(run) => reader.cascade(&run.id)?,
        None => None,
    };
    let Some(memory) = memory else {
        println!("没有叫 {} 的传达；zhanggui cascade list 列出了有过哪些。\nNo such cascade.", args.cascade);
        return Ok(false);
    };
    let reach = Reach::of(&memory, Clock::system().now());
    match args.format {
        Format::Text => print!("{}", text(&memory.run, &reach)),
        Format::Json => {
            println!("{}", serde_json::to_string_pretty(&json!({ "run": memory.run, "reach": reach }))?)
        }
        Format::Csv => print!("{}", csv(&memory.run, &reach)?),
    }
    Ok(true)
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn text(run: &CascadeRun, reach: &Reach) -> String {
    let mut text = format!(
        "{}（{}） {} 开始，{}\n\n",
        run.rule.title,
        run.name,
        moment(run.started_at),
        state(&run.state)
    );
    let hops: Vec<Counted<String>> = reach
        .hops
        .iter()
        .map(|hop| Counted { of: hop.of.chinese().to_owned(), figures: hop.figures })
        .chain([Counted { of: "合计".to_owned(), figures: reach.all }])
        .collect();
    text.push_str(&figures("层级", &hops));
    for (heading, counted) in [("经销商", &reach.distributors), ("门店", &reach.stores)] {
        if !counted.is_empty() {
            text.push('\n');
            text.push_str(&figures(heading, counted));
        }
    }
    let missing: Vec<_> = reach.missing().collect();
    if !missing.is_empty() {
        let mut rows = vec![["没有回执", "节点", "通知时间", "情况"].map(str::to_owned)];
        rows.extend(missing.iter().take(SHOWN).map(|person| {
            let (told, standing) = (moment(person.told_at), person.standing.chinese().to_owned());
            [person.person.clone(), person.node.clone(), told, standing]
        }));
        text.push_str(&format!("\n{}", table(&rows)));
        if missing.len() > SHOWN {
            text.push_str(&format!("…… 还有 {} 人，全部看 --format csv\n", missing.len() - SHOWN));
        }
    }
    text
}

fn figures(heading: &str, counted: &[Counted<String>]) -> String {
    let mut rows = vec![
        [heading, "通知", "已收到", "逾期收到", "等待中", "没有收到", "发不到", "已离开", "触达"]
            .map(str::to_owned),
    ];
    rows.extend(counted.iter().map(|Counted { of, figures }| {
        let Figures { told, acknowledged, late, waiting, missing, unreachable, gone } = *figures;
        let numbers = [told, acknowledged, late, waiting, missing, unreachable, gone].map(|n| n.to_string());
        let [told, acknowledged, late, waiting, missing, unreachable, gone] = numbers;
        let percent = format!("{}%", figures.percent());
        [of.clone(), told, acknowledged, late, waiting, missing, unreachable, gone, percent]
    }));
    table(&rows)
}

fn csv(run: &CascadeRun, reach: &Reach) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["传达", "层级", "经销商", "门店", "节点", "人", "通知时间", "回执时间", "情况"])?;
    for person in &reach.people {
        let optional = |text: &Option<String>| as_text(text.as_deref().unwrap_or_default());
        writer.write_record([
            as_text(&run.name),
            person.level.chinese().to_owned(),
            optional(&person.distributor),
            optional(&person.store),
            as_text(&person.node),
            as_text(&person.person),
            moment(person.told_at),
            person.acknowledged_at.map(moment).unwrap_or_default(),
            person.standing.chinese().to_owned(),
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_below_their_headings() {
        let figures = Figures { told: 120, acknowledged: 90, late: 3, missing: 27, ..Figures::default() };
        let table = super::figures("层级", &[Counted { of: "经销商".into(), figures }]);
        let expected = "层级    通知  已收到  逾期收到  等待中  没有收到  发不到  已离开  触达\n\
                        经销商  120   90      3         0       27        0       0       77%\n";
        assert_eq!(table, expected);
    }
}
