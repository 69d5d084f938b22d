//! How a call fails: an errcode of wecom-send.md §2.2 and a text that may change.

use std::fmt;

use serde_json::{Value, json};

pub type Checked<T> = Result<T, ApiError>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: i64,
    why: String,
}

impl ApiError {
    pub fn new(code: i64) -> Self {
        Self { code, why: String::new() }
    }

    /// With the field or value that is wrong.
    pub fn because(code: i64, why: impl Into<String>) -> Self {
        Self { code, why: why.into() }
    }

    /// The request's JSON is malformed or mistyped (wecom-send.md §0, path/90455).
    pub fn wrong_json(why: impl fmt::Display) -> Self {
        Self::because(40035, format!("{why}. Warning: wrong json format. "))
    }

    pub fn answer(&self) -> Value {
        json!({"errcode": self.code, "errmsg": self.to_string()})
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(meaning(self.code))?;
        if !self.why.is_empty() {
            write!(formatter, ": {}", self.why)?;
        }
        write!(formatter, ", more info at https://open.work.weixin.qq.com/devtool/query?e={}", self.code)
    }
}

/// The platform's texts are free and never to be branched on, so these are our own short ones.
fn meaning(code: i64) -> &'static str {
    match code {
        42027..=42051 => "invalid template_card",
        90201..=90207 => "invalid miniprogram_notice",
        _ => MEANINGS.iter().find(|(known, _)| *known == code).map_or("error", |(_, text)| text),
    }
}

const MEANINGS: &[(i64, &str)] = &[
    (-1, "system busy"),
    (40001, "invalid credential"),
    (40003, "invalid userid"),
    (40004, "invalid media type"),
    (40005, "invalid type parameter"),
    (40006, "invalid file size"),
    (40007, "invalid media_id"),
    (40008, "invalid msgtype"),
    (40009, "invalid image size"),
    (40013, "invalid corpid"),
    (40014, "invalid access_token"),
    (40031, "invalid userid list"),
    (40032, "userid list too long"),
    (40035, "invalid parameter"),
    (40050, "chatid does not exist"),
    (40056, "invalid agentid"),
    (40058, "parameter missing or illegal"),
    (40068, "invalid tag"),
    (40074, "news can't be safe"),
    (40123, "invalid image content"),
    (41001, "access_token missing"),
    (41047, "invalid msgid"),
    (41048, "nobody to send to"),
    (41049, "welcome_code missing"),
    (41050, "welcome_code invalid or expired"),
    (41051, "welcome already delivered or chat already started"),
    (41055, "too many welcome templates"),
    (41058, "another app's welcome template"),
    (41060, "invalid moment_id"),
    (41061, "another member's moment"),
    (41062, "this member has not published the moment"),
    (41063, "the mass send is still being dispatched"),
    (41064, "too many attachments"),
    (41065, "invalid attachment type"),
    (41091, "a join way takes at most 5 groups"),
    (41072, "invalid media_type for this attachment_type"),
    (41080, "attachment too large"),
    (41081, "attachment resolution too high"),
    (41089, "text and attachments are both empty"),
    (41093, "the mass send was cancelled before"),
    (41094, "no reminders left for this mass send"),
    (42001, "access_token expired"),
    (42015, "card was sent by another app"),
    (42016, "card not found"),
    (42052, "message is older than 24 hours"),
    (43012, "the app has no callback url"),
    (44001, "empty media data"),
    (44004, "empty text"),
    (45001, "media too large"),
    (45002, "message too large"),
    (45008, "too many articles"),
    (45009, "api freq out of limit"),
    (45033, "too many parallel calls"),
    (48002, "api forbidden for this app"),
    (50100, "invalid cursor"),
    (60020, "not allow to access from your ip"),
    (60140, "response_code invalid, used or expired"),
    (81013, "all recipients are invalid"),
    (82001, "no recipient"),
    (82101, "no card receiver named"),
    (82102, "card receiver is not among its recipients"),
    (86001, "invalid chatid"),
    (86003, "chatid missing"),
    (86006, "too many or too few members"),
    (86007, "invalid member"),
    (86008, "not a group made by this app"),
    (86203, "owner missing"),
    (86207, "owner is not in the member list"),
    (86214, "invalid mass type"),
    (86215, "chatid exists"),
    (90501, "not a customer group of this corp"),
    (93000, "invalid webhook url"),
    (301_019, "file md5 mismatch"),
    (301_002, "agentid does not belong to this token"),
];
