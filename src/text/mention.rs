//! Taking off the mention with which a message to a robot begins.

/// The text without the mention that it begins with: `@RobotA hello` → `hello`.
///
/// The platform gives no list of mentions and no name to go by (wecom-receive.md §4.1), so a mention ends at the first white space.
pub fn strip_mention(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix('@') {
        Some(mention) => mention.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_leading_mention_is_taken_off() {
        for (text, expected) in [
            ("@RobotA hello robot", "hello robot"),
            ("  @小掌柜\u{2005}中秋 预售 ", "中秋 预售"),
            ("@小掌柜\n帮助", "帮助"),
            ("@小掌柜", ""),
            ("@", ""),
            ("帮助", "帮助"),
            ("问 @小掌柜 帮助", "问 @小掌柜 帮助"),
            ("", ""),
        ] {
            assert_eq!(strip_mention(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_loses_its_mention_without_panic(text in "@?\\PC*") {
            prop_assert!(text.trim().ends_with(strip_mention(&text)));
        }
    }
}
