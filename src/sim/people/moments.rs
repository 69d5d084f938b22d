//! Staff and their customers in moments: publishing what the corp asks for, liking it, commenting on it.

use serde_json::{Value, json};

use crate::sim::refusal::Refusal;
use crate::sim::world::moment::{Echo, Moment, Published};
use crate::sim::world::{Change, Step};

/// A member taps 发表.
pub fn publish(step: &mut Step<'_>, id: &str, person: &str) -> Result<Value, Refusal> {
    let (moment, at) = (find(step, id)?, step.now());
    if !moment.people.iter().any(|one| one == person) {
        return Err(Refusal::Conflict(format!("这条朋友圈没有请{person}发")));
    }
    if moment.published.contains_key(person) {
        return Err(Refusal::Conflict("这条朋友圈已经发过了".into()));
    }
    if moment.cancelled_at.is_some() {
        return Err(Refusal::Conflict("这条朋友圈已经被取消".into()));
    }
    if !moment.is_made(at) {
        return Err(Refusal::Conflict("这条朋友圈还在建，等两秒".into()));
    }
    step.make(Change::MomentPublished { id: id.to_owned(), person: person.to_owned(), at });
    Ok(json!({"at": at}))
}

/// What customers and colleagues do to something published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoKind {
    Like,
    Comment,
}

/// `by` likes, or comments on, what `person` has published. One like a head; comments as many as they want.
pub fn echo(step: &mut Step<'_>, id: &str, person: &str, by: &str, kind: EchoKind) -> Result<Value, Refusal> {
    let (moment, at) = (find(step, id)?, step.now());
    if !step.state().people.contains_key(by) {
        return Err(Refusal::no_person(by));
    }
    let published: &Published = moment
        .published
        .get(person)
        .ok_or_else(|| Refusal::Conflict(format!("{person}还没有发这条朋友圈")))?;
    let liked = published.likes.iter().any(|like| like.by == by);
    if kind == EchoKind::Like && liked {
        return Err(Refusal::Conflict("已经赞过了".into()));
    }
    let echo = Echo { by: by.to_owned(), at };
    let (id, person) = (id.to_owned(), person.to_owned());
    step.make(match kind {
        EchoKind::Like => Change::MomentLiked { id, person, echo },
        EchoKind::Comment => Change::MomentCommented { id, person, echo },
    });
    Ok(json!({}))
}

fn find(step: &Step<'_>, id: &str) -> Result<Moment, Refusal> {
    let moment = step.state().moments.get(id).cloned();
    moment.ok_or_else(|| Refusal::Missing(format!("没有编号为 {id} 的朋友圈")))
}
