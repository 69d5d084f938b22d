//! Agreeing to campaigns, holding them up, ending them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Acceptor, Control, decided};
use crate::decision::{CampaignOrder, CampaignOrdered, Ear, Event, EventKey, EventKind, MemberId};

/// What is wanted of a campaign.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderCampaign {
    pub campaign: String,
    pub order: CampaignOrder,
    /// Who says so: a userid.
    pub by: String,
}

/// The name of the feature whose reasons are the answer.
const FEATURE: &str = "campaigns";
/// The reasons that mean: it is so now, or was before.
const DONE: [&str; 12] = [
    "agreed",
    "refused",
    "answered_before",
    "paused",
    "stopped_before",
    "resumed",
    "running_before",
    "ended",
    "ended_before",
    "sold_out",
    "sold_out_before",
    "restocked",
];

pub(super) async fn order<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(asked): Json<OrderCampaign>,
) -> Response {
    let OrderCampaign { campaign, order, by } = asked;
    let at = control.clock.now();
    let event = Event {
        // Each asking is an event of its own: what is so already is said again.
        key: EventKey::new(format!("campaign:{campaign}:{}", at.as_nanosecond())),
        at,
        ear: Ear::Operator,
        via: "control".into(),
        group: None,
        from: Some(MemberId::from(by.as_str())),
        kind: EventKind::CampaignOrdered(Box::new(CampaignOrdered { campaign, order })),
        raw: None,
    };
    decided(&control, event, FEATURE, &DONE).await
}
