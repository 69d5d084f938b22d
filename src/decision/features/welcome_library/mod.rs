//! F3 Group welcomes: the library from which owners of customer groups pick their welcome is made what the files
//! say, one step after the other; what fails is told to ops once.

use crate::decision::event::EventKind;
use crate::decision::{
    Act, Draft, Hand, KnownTemplate, TemplateStanding, TemplateStep, WelcomeLibraryEvent,
    plan_welcome_library,
};

mod plan;
#[cfg(test)]
mod tests;

pub use plan::{LibraryPlan, plan};

pub const NAME: &str = "welcome_library";

/// What is put under a message that is cut.
const MORE: &str = "\n……\n全部看：zhanggui welcome-library diff";

pub fn run(draft: &mut Draft<'_>) {
    let EventKind::WelcomeLibrary(event) = &draft.event.kind else { return };
    match event {
        WelcomeLibraryEvent::Apply { all } => apply(draft, *all),
        WelcomeLibraryEvent::Forget { key } => forget(draft, key),
        WelcomeLibraryEvent::Applied { key, standing } => applied(draft, key, standing),
    }
}

fn apply(draft: &mut Draft<'_>, all: bool) {
    let plan = match plan_welcome_library(draft.rules, draft.welcome_templates(), draft.today(), all) {
        Ok(plan) => plan,
        Err(why) => return draft.because(NAME, "refused", why),
    };
    draft.because(NAME, "applied", in_words(&plan));
    let (count, apply) = (plan.changes.len(), draft.event.key.to_string());
    for (number, mut change) in (1..).zip(plan.changes) {
        change.last_of = (number == count).then(|| apply.clone());
        let hand = Hand::App { app: draft.rules.app.clone() };
        draft.push(hand, Act::WelcomeTemplate(Box::new(change)));
    }
}

fn in_words(plan: &LibraryPlan) -> String {
    let count =
        |step: fn(&TemplateStep) -> bool| plan.changes.iter().filter(|change| step(&change.step)).count();
    let mut counts = vec![
        (count(|step| matches!(step, TemplateStep::Add { .. })), "新增"),
        (count(|step| matches!(step, TemplateStep::Edit { .. })), "修改"),
        (count(|step| matches!(step, TemplateStep::Delete { .. })), "删除"),
        (plan.under_way.len(), "上次的还在进行，没有再动"),
        (plan.doubtful.len(), "说不准有没有加上，没有动"),
        (plan.left.len(), "不能用，没有动"),
    ];
    counts.retain(|(count, _)| *count > 0);
    if counts.is_empty() {
        return "素材库和话术一致，什么也不用改".to_owned();
    }
    let counts: Vec<String> = counts.into_iter().map(|(count, what)| format!("{what} {count} 份")).collect();
    format!("{}。结果看 zhanggui welcome-library diff", counts.join("，"))
}

fn forget(draft: &mut Draft<'_>, key: &str) {
    match draft.welcome_templates().iter().find(|known| known.key == key) {
        None => draft.because(NAME, "unknown", format!("没有叫 {key} 的欢迎语素材")),
        Some(known) if known.standing == TemplateStanding::UnderWay => {
            draft.because(NAME, "under_way", format!("「{}」正在改，等它改完", known.title));
        }
        Some(known) => {
            let text = format!("「{}」当作不在素材库里；要加，再同步一次", known.title);
            draft.because(NAME, "forgotten", text);
            draft.forget_welcome_template(key);
        }
    }
}

/// Everything that was asked for is done, or will not be.
fn applied(draft: &mut Draft<'_>, last: &str, standing: &TemplateStanding) {
    // The last one ends with this very event, so our memory does not have it yet.
    let ended = |known: &KnownTemplate| match known.key == last {
        true if *standing == TemplateStanding::Done => None,
        true => line(&KnownTemplate { standing: standing.clone(), ..known.clone() }),
        false => line(known),
    };
    let wrong: Vec<String> = draft.welcome_templates().iter().filter_map(ended).collect();
    if wrong.is_empty() {
        return draft.because(NAME, "synced", "入群欢迎语素材库已和话术一致");
    }
    let mut lines = vec![format!("入群欢迎语素材库有 {} 份没有同步好：", wrong.len())];
    lines.extend(wrong);
    let text = lines.join("\n");
    draft.because(NAME, "failed", text.clone());
    draft.tell_ops(&text, MORE);
}

fn line(known: &KnownTemplate) -> Option<String> {
    let title = &known.title;
    match &known.standing {
        TemplateStanding::Failed(why) => Some(format!("· {title}：{why}")),
        _ if known.is_doubtful() => Some(format!(
            "· {title}：企业微信没有答复，不知道加上了没有。请在手机上看看群的入群欢迎语里有没有它：没有，就 zhanggui welcome-library forget {} 再同步一次",
            known.key
        )),
        _ => None,
    }
}
