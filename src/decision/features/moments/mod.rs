//! F16 Moments (朋友圈): a moments script becomes tasks of the platform, which the staff of the chosen stores
//! publish with one tap each; who has not is reminded once, and ops hears the figures at the end.
//!
//! That a moment goes out once is kept by its name: whoever hands a request in asks again under the same key
//! only when nothing came of it before ([`crate::decision::MomentRequest`]).

use crate::decision::event::EventKind;
use crate::decision::{
    Act, Draft, Hand, MomentEvent, MomentNews, MomentOrder, MomentRequest, Part, plan_moment,
};

mod plan;
#[cfg(test)]
mod tests;
mod words;

pub use plan::{MomentPlan, plan};

pub const NAME: &str = "moments";

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        EventKind::Moment(request) => match request.as_ref() {
            MomentRequest::Send(order) => send(draft, order),
            MomentRequest::Cancel { moment } => cancel(draft, moment),
        },
        EventKind::MomentNews(news) => tell(draft, news),
        _ => {}
    }
}

fn send(draft: &mut Draft<'_>, order: &MomentOrder) {
    match plan_moment(draft.rules, order, draft.now) {
        Err(why) => draft.because(NAME, "refused", why),
        Ok(plan) => {
            draft.because(NAME, "asked", words::asked(draft, order, &plan));
            for task in plan.tasks {
                let hand = Hand::App { app: draft.rules.app.clone() };
                draft.push(hand, Act::Moment(Box::new(task)));
            }
        }
    }
}

fn cancel(draft: &mut Draft<'_>, moment: &str) {
    let by = draft.event.from.as_ref().map_or_else(|| "operator".to_owned(), ToString::to_string);
    draft.because(NAME, "cancelled", format!("朋友圈 {moment} 取消：还没发的不再能发，已经发出的留着"));
    draft.cancel_moment(moment, by);
}

fn tell(draft: &mut Draft<'_>, news: &MomentNews) {
    match &news.what {
        MomentEvent::Published { people } => {
            let names: Vec<&str> = people.iter().map(|person| draft.name_of(person)).collect();
            let text = format!("「{}」发了朋友圈：{}", news.title, names.join("、"));
            draft.because(NAME, "published", text);
        }
        MomentEvent::Unpublished { people, until } => {
            let text = words::reminder(draft, &news.title, *until);
            draft.because(NAME, "reminded", format!("「{}」提醒 {} 人发朋友圈", news.title, people.len()));
            people.iter().for_each(|person| draft.tell(person, Part::text(text.clone())));
        }
        MomentEvent::NotMade { tasks } => {
            let text = words::not_made(news, tasks);
            draft.because(NAME, "not_made", text.clone());
            draft.tell_ops(&text, words::MORE);
        }
        MomentEvent::Over(figures) => {
            let text = words::over(draft, news, figures);
            draft.because(NAME, "over", text.clone());
            draft.tell_ops(&text, &words::more(&news.moment));
        }
    }
}
