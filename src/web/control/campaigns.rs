//! Agreeing to campaigns, holding them up, ending them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::asked::{Answers, Untold};
use super::{Acceptor, Answer, Control};
use crate::decision::{CampaignOrder, CampaignOrdered, EventKind};

/// What is wanted of a campaign.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderCampaign {
    pub campaign: String,
    pub order: CampaignOrder,
    /// Who says so: a userid.
    pub by: String,
}

const ANSWERS: Answers = Answers {
    feature: "campaigns",
    done: &[
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
    ],
};

pub async fn order<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(OrderCampaign { campaign, order, by }): Json<OrderCampaign>,
) -> Result<Answer, Untold> {
    let what = format!("campaign:{campaign}");
    let kind = EventKind::CampaignOrdered(Box::new(CampaignOrdered { campaign, order }));
    control.decided(control.each_time(&what, &by, kind), &ANSWERS).await
}
