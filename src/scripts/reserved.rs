//! What staff say to the bot itself; no script may be called like that.

use crate::text::matching_key;

/// Lists what one may use.
pub const HELP: &str = "帮助";
/// Lists what one has marked; with a keyword behind it, marks a script.
pub const FAVOURITES: &str = "收藏";
/// With a keyword behind it, takes the mark away.
pub const NO_FAVOURITE: &str = "取消收藏";
/// Lists what one has used lately.
pub const RECENT: &str = "最近";
/// Ends a dialogue.
pub const CANCEL: &str = "取消";

/// Lists the campaigns that one may hold up.
pub const CAMPAIGNS: &str = "活动列表";
/// With the name of a campaign or its product behind it: nothing is left.
pub const SOLD_OUT: &str = "售罄";
/// In the same way: there is more.
pub const RESTOCKED: &str = "补货";

/// All words with a meaning of their own.
pub const RESERVED: [&str; 8] =
    [HELP, FAVOURITES, NO_FAVOURITE, RECENT, CANCEL, CAMPAIGNS, SOLD_OUT, RESTOCKED];

/// A number of so few digits chooses from a list; `618` may be a keyword.
const DIGITS_AT_MOST: usize = 2;

/// Whether a keyword, in any writing, is one of [`RESERVED`] or chooses from a list by its number.
pub fn is_reserved(keyword: &str) -> bool {
    let key = matching_key(keyword);
    let is_choice =
        (1..=DIGITS_AT_MOST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_digit());
    is_choice || RESERVED.contains(&key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_choices_are_reserved_in_any_writing() {
        for keyword in ["帮助", " 幫助！", "收藏", "取消收藏", "最近", "取消", "1", "１２", "①", "07"]
        {
            assert!(is_reserved(keyword), "{keyword:?}");
        }
        for keyword in ["帮助我", "618", "1号", "一", "", "v1"] {
            assert!(!is_reserved(keyword), "{keyword:?}");
        }
    }
}
