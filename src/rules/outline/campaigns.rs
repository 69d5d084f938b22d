//! What a campaign's steps have in common, in words; the steps themselves are told as schedules.

use super::{Named, lasting, said, valid};
use crate::rules::{Approval, Campaign};

pub fn campaign(campaign: &Campaign) -> Named {
    let Campaign { id: _, title, off, from, to, product, approval, steps: _, version: _, place: _ } =
        campaign;
    let asked = |approval: &Approval| {
        format!("{}（{}），提前 {}", approval.role, approval.people.join("、"), lasting(approval.ask_before))
    };
    let says = [
        ("起止", valid(*from, *to)),
        ("商品", product.clone().unwrap_or_default()),
        ("谁同意", approval.as_ref().map(asked).unwrap_or_default()),
        ("停用", if *off { "是".to_owned() } else { String::new() }),
    ];
    Named { name: title.clone(), says: said(says) }
}
