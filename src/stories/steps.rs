//! The steps of a story, checked: one thing happens in each, and everybody in it is known.

use jiff::SignedDuration;

use super::moments::order;
use super::people::Cast;
use super::references::{cascade, moment_script, person, reason, words};
use super::story::{Echo, Expectation, Happening, Step, Subject};
use crate::files::{At, Id, Report, Text, Whole};
use crate::rules::Rulebook;
use crate::rules::written::{ExpectEntry, StepEntry, StoryEcho};

/// Checks all steps in order. Steps with mistakes are left out.
pub fn check<'a>(
    steps: &'a [At<StepEntry>],
    mut cast: Cast<'a>,
    rules: Option<&Rulebook>,
    report: &mut Report<'_>,
) -> Vec<Step> {
    let mut checked = Vec::new();
    for step in steps {
        // Whoever joins may be expected to be greeted in the same step.
        step.joins.iter().flat_map(|list| &list.value).for_each(|name| cast.enters(&name.0));
        check_people(step, &cast, report);
        step.starts_cascade.iter().chain(&step.cancels_cascade).for_each(|id| cascade(id, rules, report));
        step.sends_moment.iter().for_each(|moment| moment_script(moment, rules, report));
        let happens = happening(step, report);
        check_before(step, &checked, report);
        let expect: Vec<At<Expectation>> = step
            .expect
            .iter()
            .flat_map(|list| &list.value)
            .filter_map(|entry| expectation(entry, &cast, rules, report))
            .collect();
        let because = step.because.iter().flat_map(|list| &list.value);
        let because = because
            .map(|code| {
                reason(code, report);
                At { value: code.0.clone(), place: code.place }
            })
            .collect();
        let Some(happens) = happens else { continue };
        checked.push(Step {
            place: step.place,
            after: step.after.as_ref().map_or(SignedDuration::ZERO, |after| after.0),
            at: step.at.as_ref().map(|at| at.0),
            happens,
            expect,
            because,
        });
    }
    checked
}

fn check_people(step: &StepEntry, cast: &Cast<'_>, report: &mut Report<'_>) {
    let leaving = step.leaves.iter().flat_map(|list| &list.value);
    let publishing = step.publishes.iter().flat_map(|list| &list.value);
    let liked = step.liked.iter().flat_map(|list| &list.value).filter_map(|echo| echo.of.as_ref());
    step.from
        .iter()
        .chain(leaving)
        .chain(publishing)
        .chain(liked)
        .for_each(|name| person(name, cast, report));
}

/// A card is tapped, an action fails and a moment is published only after there was one.
fn check_before(step: &StepEntry, before: &[Step], report: &mut Report<'_>) {
    let expected = || before.iter().flat_map(|step| &step.expect);
    let no_card = !expected().any(|one| matches!(one.subject, Subject::Card(_)));
    if let Some(taps) = step.taps.as_ref().filter(|_| no_card) {
        let hint = "前面先有一步写着 expect = [{ card = \"…\" }]";
        report.error("nothing-before", taps.place, "还没有发过待办卡，点不了").hint(hint);
    }
    let asked = before.iter().any(|step| matches!(step.happens, Happening::SendsMoment { .. }));
    let of_moments =
        step.publishes.as_ref().map(|list| list.place).or(step.liked.as_ref().map(|list| list.place));
    if let Some(place) = of_moments.filter(|_| !asked) {
        let hint = "前面先有一步写着 sends_moment = { script = \"…\" }";
        report.error("nothing-before", place, "还没有请人发过朋友圈").hint(hint);
    }
    if let Some(fails) = step.fails.as_ref().filter(|_| expected().next().is_none()) {
        let hint = "前面先有一步写着 expect = [{ … }]";
        report.error("nothing-before", fails.place, "机器人还什么都没做，谈不上没做成").hint(hint);
    }
}

/// `None` when it is not one thing, which has been reported.
fn happening(step: &At<StepEntry>, report: &mut Report<'_>) -> Option<Happening> {
    let from = || step.from.as_ref().map(|from| from.0.clone()).unwrap_or_default();
    let names = |list: &[At<Text>]| list.iter().map(|name| name.0.clone()).collect::<Vec<_>>();
    let mut all = Vec::new();
    all.extend(step.says.as_ref().map(|text| Happening::Says { from: from(), text: text.0.clone() }));
    all.extend(step.asks.as_ref().map(|text| Happening::Asks { from: from(), text: text.0.clone() }));
    let mention = |text: String| Happening::MentionsRobot { from: from(), text };
    all.extend(step.mentions_robot.as_ref().map(|text| mention(text.0.clone())));
    all.extend(step.taps.as_ref().map(|button| Happening::Taps { from: from(), button: button.value }));
    let somebody_acts = !all.is_empty();
    let code = step.by_code.as_ref().map(|code| code.0.clone());
    let joins = |list: &At<Vec<At<Text>>>| Happening::Joins { names: names(&list.value), code };
    all.extend(step.joins.as_ref().map(joins));
    all.extend(step.leaves.as_ref().map(|list| Happening::Leaves(names(&list.value))));
    all.extend(step.fails.as_ref().map(|why| Happening::Fails(why.0.clone())));
    let by = step.from.as_ref().map(|from| from.0.clone());
    let cascade = |id: &At<Id>| id.0.clone();
    let starts = step.starts_cascade.as_ref().map(cascade);
    all.extend(starts.map(|cascade| Happening::StartsCascade { from: by.clone(), cascade }));
    let cancels = step.cancels_cascade.as_ref().map(cascade);
    all.extend(cancels.map(|cascade| Happening::CancelsCascade { from: by.clone(), cascade }));
    all.extend(of_moments(step));
    let is_ordered = step.starts_cascade.is_some() || step.cancels_cascade.is_some();
    let is_ordered = is_ordered || step.sends_moment.is_some() || step.cancels_moment.is_some();
    if all.len() > 1 {
        report.error("many-things", step.place, "一步里写了几件事").hint("一步只写一件，别的另起一步");
        return None;
    }
    if let Some(code) = step.by_code.as_ref().filter(|_| step.joins.is_none()) {
        report.error("nothing-done", code.place, "只写了是哪个码，没写谁进群").hint("加一行 joins = [\"…\"]");
        return None;
    }
    match &step.from {
        Some(from) if !somebody_acts && !is_ordered => {
            report
                .error("nothing-done", from.place, "只写了是谁，没写做了什么")
                .hint("加一行 says = \"…\"、asks = \"…\"、mentions_robot = \"…\" 或 taps = \"done\"");
            return None;
        }
        None if somebody_acts => {
            report.error("missing-key", step.place, "缺少 from：谁").hint("加一行 from = \"…\"");
            return None;
        }
        _ => {}
    }
    Some(all.pop().unwrap_or(Happening::Nothing))
}

/// What a step has to do with moments.
fn of_moments(step: &At<StepEntry>) -> Vec<Happening> {
    let mut all = Vec::new();
    let from = || step.from.as_ref().map(|from| from.0.clone());
    let order = step.sends_moment.as_ref().and_then(order);
    all.extend(order.map(|order| Happening::SendsMoment { from: from(), order: Box::new(order) }));
    let cancelled = step.cancels_moment.as_ref();
    all.extend(cancelled.map(|id| Happening::CancelsMoment { from: from(), moment: id.0.clone() }));
    let names = |list: &At<Vec<At<Text>>>| list.value.iter().map(|name| name.0.clone()).collect();
    all.extend(step.publishes.as_ref().map(|list| Happening::Publishes(names(list))));
    let count = |number: &Option<At<Whole<0, 100_000>>>| number.as_ref().map_or(0, |number| number.count());
    let echo = |echo: &At<StoryEcho>| {
        let of = echo.of.as_ref()?.0.clone();
        Some(Echo { of, likes: count(&echo.likes), comments: count(&echo.comments) })
    };
    let echoes = |list: &At<Vec<At<StoryEcho>>>| list.value.iter().filter_map(echo).collect();
    all.extend(step.liked.as_ref().map(|list| Happening::Liked(echoes(list))));
    all
}

const SUBJECTS: &str = "post、remove、tell、answer、card、card_says、moment";

/// `None` when it has not one subject, which has been reported.
fn expectation(
    entry: &At<ExpectEntry>,
    cast: &Cast<'_>,
    rules: Option<&Rulebook>,
    report: &mut Report<'_>,
) -> Option<At<Expectation>> {
    let mentioned = entry.mentions.iter().chain(&entry.people).flat_map(|list| &list.value);
    entry.remove.iter().chain(&entry.to).chain(mentioned).for_each(|name| person(name, cast, report));
    let plain = |text: &At<Text>| text.0.clone();
    let mut subjects = Vec::new();
    subjects.extend(entry.post.as_ref().map(|text| Subject::Post(words(text, rules, report))));
    subjects.extend(entry.tell.as_ref().map(|text| Subject::Tell(words(text, rules, report))));
    subjects.extend(entry.answer.as_ref().map(|text| Subject::Answer(words(text, rules, report))));
    subjects.extend(entry.remove.as_ref().map(|name| Subject::Remove(plain(name))));
    subjects.extend(entry.card.as_ref().map(|text| Subject::Card(plain(text))));
    subjects.extend(entry.card_says.as_ref().map(|text| Subject::CardSays(plain(text))));
    subjects.extend(entry.moment.as_ref().map(|text| Subject::Moment(words(text, rules, report))));
    if subjects.len() != 1 {
        let message = if subjects.is_empty() { "没写该做哪件事" } else { "一项里写了几件事" };
        let hint = format!("每个花括号里写一件，可以写：{SUBJECTS}");
        report.error("one-thing", entry.place, message).hint(hint);
        return None;
    }
    let subject = subjects.pop()?;
    check_details(entry, &subject, report);
    let value = Expectation {
        mentions: entry.mentions.as_ref().map(|list| list.value.iter().map(plain).collect()),
        to: entry.to.as_ref().map(plain),
        why: entry.why.as_ref().map(plain),
        paste: entry.paste.as_ref().map(|text| words(text, rules, report)),
        by: entry.by.as_ref().map(|by| by.value),
        people: entry.people.as_ref().map(|list| list.value.iter().map(plain).collect()),
        subject,
    };
    Some(At { value, place: entry.place })
}

/// A detail of another act would never hold.
fn check_details(entry: &ExpectEntry, subject: &Subject, report: &mut Report<'_>) {
    let post = matches!(subject, Subject::Post(_));
    let card = matches!(subject, Subject::Card(_));
    let moment = matches!(subject, Subject::Moment(_));
    let told = card || matches!(subject, Subject::Tell(_) | Subject::CardSays(_));
    let details = [
        ("mentions", entry.mentions.as_ref().map(|detail| detail.place), post, "post"),
        ("to", entry.to.as_ref().map(|detail| detail.place), told, "tell、card、card_says"),
        ("why", entry.why.as_ref().map(|detail| detail.place), card, "card"),
        ("paste", entry.paste.as_ref().map(|detail| detail.place), card, "card"),
        ("people", entry.people.as_ref().map(|detail| detail.place), moment, "moment"),
    ];
    for (key, place, fits, subjects) in details {
        if let Some(place) = place.filter(|_| !fits) {
            report
                .error("no-such-detail", place, format!("{key} 在这里没有意思"))
                .hint(format!("{key} 只跟 {subjects} 一起写"));
        }
    }
}
