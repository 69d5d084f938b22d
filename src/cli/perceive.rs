//! `zhanggui perceive`: what perception says about messages, one JSON object a line in and out.
//!
//! In: `{"text": "…"}`, optionally `sender_role` (`owner`, `staff` …); other keys are ignored. Out, line for
//! line in the same order: `{"ad": bool, "score": 0–1, "signals": [{"name", "span": [from, to], "detail"}]}`
//! with spans in characters of the text, or `{"error": "…"}` for a line that cannot be read.
//!
//! With `--picture FILE` the QR codes of a PNG or JPEG are looked at instead, one answer for each.

use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::Folders;
use crate::app::read_files;
use crate::perception::{AD_FROM, Perceiver, SignalName, Signals, picture};

/// Far above what any platform lets a person write; a file without line breaks must not fill the memory.
const LINE_AT_MOST: usize = 1 << 20;

#[derive(Debug, clap::Args)]
pub struct PerceiveArgs {
    /// Whose lexicons 词库所在的配置
    #[command(flatten)]
    folders: Folders,
    /// Look at the QR codes of this PNG or JPEG instead of standard input 识别这张图片里的二维码
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// From standard input to standard output.
pub fn run_command(args: &PerceiveArgs) -> anyhow::Result<bool> {
    let compiled = read_files(&args.folders.config(), &args.folders.scripts())?;
    let perceiver = &compiled.rulebook.perceiver;
    let output = io::BufWriter::new(io::stdout().lock());
    match &args.picture {
        Some(file) => look_at_picture(perceiver, file, output),
        None => run(perceiver, io::stdin().lock(), output),
    }
}

/// One answer for each code of the picture, none when there is no code.
fn look_at_picture(perceiver: &Perceiver, file: &Path, mut output: impl Write) -> anyhow::Result<bool> {
    let mut bytes = Vec::new();
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    opened
        .take(picture::BYTES_AT_MOST as u64 + 1)
        .read_to_end(&mut bytes)
        .context("cannot read the picture")?;
    let answers: Vec<Answer> = match picture::codes(&bytes) {
        Ok(texts) => {
            texts.into_iter().map(|text| judged(perceiver, Question { text, sender_role: None })).collect()
        }
        Err(error) => vec![Answer::Failed { error: error.chinese() }],
    };
    for answer in &answers {
        serde_json::to_writer(&mut output, answer).context("cannot write the output")?;
        output.write_all(b"\n").context("cannot write the output")?;
    }
    output.flush().context("cannot write the output")?;
    Ok(!answers.iter().any(|answer| matches!(answer, Answer::Failed { .. })))
}

#[derive(Deserialize)]
struct Question {
    text: String,
    #[serde(default)]
    sender_role: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Seen { ad: bool, score: f64, signals: Vec<Seen> },
    Failed { error: String },
}

#[derive(Serialize)]
struct Seen {
    name: SignalName,
    span: (usize, usize),
    detail: String,
}

/// One line of the input.
enum Line {
    Whole,
    TooLong,
    End,
}

/// Answers line by line until the input ends. `Ok(false)` when a line could not be read; an error only when
/// reading or writing itself fails.
pub fn run(perceiver: &Perceiver, mut input: impl BufRead, mut output: impl Write) -> anyhow::Result<bool> {
    let mut line = Vec::new();
    let mut all_read = true;
    loop {
        let answer = match read_line(&mut input, &mut line).context("cannot read the input")? {
            Line::End => break,
            Line::TooLong => Answer::Failed { error: format!("这一行超过 {LINE_AT_MOST} 字节") },
            Line::Whole => answer(perceiver, &line),
        };
        all_read &= !matches!(answer, Answer::Failed { .. });
        serde_json::to_writer(&mut output, &answer).context("cannot write the output")?;
        output.write_all(b"\n").context("cannot write the output")?;
    }
    output.flush().context("cannot write the output")?;
    Ok(all_read)
}

/// Reads up to the next line break, never keeping more than a line may have; skips the rest of a longer one.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let limit = LINE_AT_MOST as u64 + 1;
    if input.by_ref().take(limit).read_until(b'\n', line)? == 0 {
        return Ok(Line::End);
    }
    let ended = line.ends_with(b"\n");
    let length = line.len() - usize::from(ended);
    if length <= LINE_AT_MOST {
        return Ok(Line::Whole);
    }
    if !ended {
        input.skip_until(b'\n')?;
    }
    Ok(Line::TooLong)
}

fn answer(perceiver: &Perceiver, line: &[u8]) -> Answer {
    match serde_json::from_slice(line) {
        Ok(question) => judged(perceiver, question),
        Err(error) => Answer::Failed { error: format!("不是一行带 text 的 JSON：{error}") },
    }
}

fn judged(perceiver: &Perceiver, question: Question) -> Answer {
    let Signals { score, found, .. } = perceiver.perceive(&question.text);
    // What the shop itself posts is its business, however much it looks like an advertisement.
    let own = matches!(question.sender_role.as_deref(), Some("owner" | "staff" | "ops"));
    let weight = Signals::weight_of(found.iter().filter(|signal| signal.name.advertises()));
    let ad = !own && weight >= AD_FROM;
    let signals =
        found.into_iter().map(|signal| Seen { name: signal.name, span: signal.span, detail: signal.detail });
    Answer::Seen { ad, score: thousandths(score), signals: signals.collect() }
}

fn thousandths(score: f32) -> f64 {
    (f64::from(score) * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perception::Phrase;

    fn perceiver() -> Perceiver {
        let phrase = |text: &str, weight| Phrase {
            text: text.to_owned(),
            category: SignalName::Ad,
            weight,
            allow: Vec::new(),
        };
        Perceiver::new(&[phrase("兼职", 0.4), phrase("日结", 0.4)])
    }

    fn run_on(input: &[u8]) -> (bool, Vec<String>) {
        let mut output = Vec::new();
        let all_read = run(&perceiver(), input, &mut output).expect("memory can be read and written");
        (all_read, String::from_utf8(output).expect("JSON is UTF-8").lines().map(str::to_owned).collect())
    }

    #[test]
    fn answers_in_order() {
        let input = "{\"text\":\"兼职，日结\",\"kind\":\"text\",\"more\":1}\n{\"text\":\"在吗\"}\n\
                     {\"text\":\"兼职日结加V：abc12345\",\"sender_role\":\"staff\"}\n{\"text\":\"兼职日结加V：abc12345\"}";
        let (all_read, lines) = run_on(input.as_bytes());
        assert!(all_read);
        assert_eq!(
            lines[0],
            r#"{"ad":false,"score":0.64,"signals":[{"name":"ad","span":[0,2],"detail":"兼职"},{"name":"ad","span":[3,5],"detail":"日结"}]}"#
        );
        assert_eq!(lines[1], r#"{"ad":false,"score":0.0,"signals":[]}"#);
        assert!(lines[2].starts_with(r#"{"ad":false,"score":0.838,"#), "{}", lines[2]);
        assert!(lines[3].starts_with(r#"{"ad":true,"score":0.838,"#), "{}", lines[3]);
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn a_bad_line_is_answered_in_its_place() {
        let (all_read, lines) = run_on(b"{\"text\":1}\n\n\xff\n{\"text\":\"ok\"}\n");
        assert!(!all_read);
        assert_eq!(lines.len(), 4);
        assert!(lines[..3].iter().all(|line| line.starts_with("{\"error\":\"")), "{lines:?}");
        assert_eq!(lines[3], r#"{"ad":false,"score":0.0,"signals":[]}"#);
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_whole() {
        let fits = format!("{{\"text\":\"{}\"}}", "a".repeat(LINE_AT_MOST - 11));
        let over = format!("{{\"text\":\"{}\"}}", "a".repeat(LINE_AT_MOST));
        for (input, answers) in
            [(format!("{fits}\n{fits}"), [true, true]), (format!("{over}\n{fits}\n"), [false, true])]
        {
            let (all_read, lines) = run_on(input.as_bytes());
            assert_eq!(lines.iter().map(|line| line.starts_with("{\"ad\"")).collect::<Vec<_>>(), answers);
            assert_eq!(all_read, answers[0]);
        }
    }
}
