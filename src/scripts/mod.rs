//! PURE. The script library (话术库): what the brand wrote, how it is found, how it is filled in.

mod ask;
mod asker;
mod campaigns;
mod context;
mod draft;
mod facts;
mod fill;
mod grammar;
mod library;
mod message;
mod overrides;
mod part;
mod postings;
mod prices;
mod recognise;
mod reserved;
mod script;
mod search;
mod wordings;

pub use ask::{ANSWER_CHARACTERS_AT_MOST, Ask, Pattern};
pub use asker::Asker;
pub use campaigns::{CampaignFacts, Campaigns};
pub use context::Sample;
pub use draft::{Draft, TemplateMistake};
pub use facts::{FACT_NAMES, Facts, StoreFacts};
pub use fill::{FillError, Templates};
pub use library::{Finder, Hit, Library, LibraryParts};
pub use message::{MessageKind, ScriptMessage};
pub use overrides::{Override, Scope};
pub use part::{MediaFile, Part};
pub use prices::{PriceStep, Product, Products};
pub use recognise::{Recognised, Recogniser};
pub use reserved::{
    CAMPAIGNS, CANCEL, FAVOURITES, HELP, NO_FAVOURITE, RECENT, RESERVED, RESTOCKED, SOLD_OUT, is_reserved,
};
pub use script::{Joins, Script, ScriptRole, Step, StoreField, Variant};
pub use search::{Extent, Field, Found, How, Preference, SearchIndex, Way};

/// The scene of texts for staff's own Moments (朋友圈).
pub const MOMENTS: &str = "moments";

/// A scene's name as staff read it; a scene that the brand invented is shown as it is written.
pub fn scene_in_chinese(scene: &str) -> &str {
    match scene {
        "welcome" => "欢迎",
        "greeting" => "问候",
        "promotion" => "好货",
        "objection" => "顾客犹豫时",
        "close" => "成交六步",
        "event" => "活动",
        "after-sales" => "售后",
        "holiday" => "节日",
        "faq" => "常见问题",
        MOMENTS => "朋友圈",
        "moderation" => "群秩序",
        "staff" => "店员手册",
        other => other,
    }
}
