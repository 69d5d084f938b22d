//! `department/list` and `user/simplelist` (the platform's pages path/90208 and path/90200): departments and their
//! members, as far as the app sees them.
//!
//! The example app sees everything or nothing. What is asked for a department that does not exist is unverified; here
//! it is one that the app does not see.

use serde_json::{Value, json};

use super::error::{ApiError, Checked};
use super::{Outcome, Request};
use crate::sim::world::{Department, State, Step};

pub fn departments(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let state = step.state();
    let listed: Vec<Value> = match request.query("id") {
        "" if request.app()?.sees_root => state.departments.values().map(item).collect(),
        "" => Vec::new(),
        id => {
            let top = seen(state, request, id)?;
            state.departments.values().filter(|one| is_below(state, one, top.id)).map(item).collect()
        }
    };
    Ok(Outcome::answering(json!({"department": listed})))
}

pub fn members(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let state = step.state();
    let department = seen(state, request, request.query("department_id"))?;
    let member = |id: &String| {
        let within = state.departments.values().filter(|one| one.members.contains(id));
        json!({"userid": id, "name": state.name_of(id), "department": within.map(|one| one.id).collect::<Vec<_>>()})
    };
    let members: Vec<Value> = department.members.iter().map(member).collect();
    Ok(Outcome::answering(json!({"userlist": members})))
}

fn seen<'s>(state: &'s State, request: &Request<'_>, id: &str) -> Checked<&'s Department> {
    let id: i64 = id.parse().map_err(|_| ApiError::because(40035, "the department's id is a number"))?;
    let department = state.departments.get(&id).filter(|_| request.app().is_ok_and(|app| app.sees_root));
    department.ok_or(ApiError::new(60011))
}

fn item(department: &Department) -> Value {
    json!({
        "id": department.id,
        "name": department.name,
        "name_en": "",
        "department_leader": department.leaders,
        "parentid": department.parent,
        "order": department.order,
    })
}

/// Whether it is this one, or anywhere below it.
fn is_below(state: &State, department: &Department, top: i64) -> bool {
    let parent = |one: &&Department| state.departments.get(&one.parent);
    std::iter::successors(Some(department), parent).any(|one| one.id == top)
}
