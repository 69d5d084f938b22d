//! A report as Markdown tables: for a terminal and for `docs/moderation.md`.

use std::fmt::{Display, Formatter, Result};

use super::measure::Worst;
use super::report::{Counts, MixLine, Outcome, Report};

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        outcomes(f, self)?;
        counts(f, "By source", self.sources.iter())?;
        if let Some(probe) = &self.probe {
            let parts = [("talk".to_owned(), probe.talk), ("owner's promotions".to_owned(), probe.owner)];
            counts(f, "Probe", parts.iter().map(|(name, counts)| (name, counts)))?;
        }
        mix(f, "MIX", &self.mix)?;
        evaded(f, self)?;
        counts(f, "By category", self.categories.iter())?;
        worst(f, "Honest, but flagged (highest logits)", &self.flagged)?;
        worst(f, "Missed advertisements (lowest logits)", &self.missed)
    }
}

fn outcomes(f: &mut Formatter<'_>, report: &Report) -> Result {
    writeln!(f, "| at the shipped threshold | precision | recall | F1 | false alarms per 1 000 |")?;
    writeln!(f, "| --- | ---: | ---: | ---: | ---: |")?;
    for (name, outcome) in [("act", &report.act), ("act or ask", &report.ask)] {
        let Outcome { precision, recall, f1, false_alarms_per_1000 } = outcome;
        writeln!(f, "| {name} | {precision:.3} | {recall:.3} | {f1:.3} | {false_alarms_per_1000:.2} |")?;
    }
    Ok(())
}

fn counts<'a>(
    f: &mut Formatter<'_>,
    title: &str,
    lines: impl Iterator<Item = (&'a String, &'a Counts)>,
) -> Result {
    writeln!(f, "\n| {title} | ads | acted | acted or asked | honest | acted | acted or asked |")?;
    writeln!(f, "| --- | ---: | ---: | ---: | ---: | ---: | ---: |")?;
    for (name, counts) in lines {
        let Counts { ads, ads_acted, ads_asked, honest, honest_acted, honest_asked } = counts;
        writeln!(
            f,
            "| {name} | {ads} | {ads_acted} | {ads_asked} | {honest} | {honest_acted} | {honest_asked} |"
        )?;
    }
    Ok(())
}

impl Report {
    /// The table of thresholds alone.
    pub fn mix_table(&self) -> impl Display {
        std::fmt::from_fn(|f| mix(f, "MIX", &self.mix))
    }
}

fn mix(f: &mut Formatter<'_>, title: &str, lines: &[MixLine]) -> Result {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n| {title} | honest flagged | threshold | recall | by source | probe: recall | alarms |")?;
    writeln!(f, "| --- | ---: | ---: | ---: | --- | ---: | ---: |")?;
    for line in lines {
        let MixLine { judge, share, threshold, recall, recalls, probe_recall, probe_alarms } = line;
        let recalls: Vec<String> =
            recalls.iter().map(|(source, recall)| format!("{source} {recall:.3}")).collect();
        let probe = probe_recall.map_or_else(|| "–".to_owned(), |recall| format!("{recall:.3}"));
        let alarms = probe_alarms.map_or_else(|| "–".to_owned(), |alarms| alarms.to_string());
        let recalls = recalls.join(", ");
        writeln!(
            f,
            "| {judge} | 1 in {:.0} | {threshold:.3} | {recall:.3} | {recalls} | {probe} | {alarms} |",
            1.0 / share
        )?;
    }
    Ok(())
}

fn evaded(f: &mut Formatter<'_>, report: &Report) -> Result {
    if report.evaded.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "\n| Disguised copies, recall over that of their parents | copies | at ask | at 1 in 1 000 |"
    )?;
    writeln!(f, "| --- | ---: | ---: | ---: |")?;
    for line in &report.evaded {
        writeln!(f, "| {} | {} | {:.2} | {:.2} |", line.trick, line.copies, line.at_ask, line.at_mix)?;
    }
    let mean = |figure: fn(&super::Evaded) -> f64| {
        report.evaded.iter().map(figure).sum::<f64>() / report.evaded.len() as f64
    };
    let copies: usize = report.evaded.iter().map(|line| line.copies).sum();
    writeln!(f, "| mean | {copies} | {:.3} | {:.3} |", mean(|line| line.at_ask), mean(|line| line.at_mix))
}

fn worst(f: &mut Formatter<'_>, title: &str, worst: &[Worst]) -> Result {
    if worst.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n| {title} | weight | logit | source |\n| --- | ---: | ---: | --- |")?;
    for Worst { weight, logit, source, text } in worst {
        writeln!(f, "| {} | {weight:.2} | {logit:.2} | {source} |", text.replace('|', "\\|"))?;
    }
    Ok(())
}
