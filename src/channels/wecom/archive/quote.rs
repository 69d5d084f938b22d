//! Quotes in archived text: plain text in two forms, by client (§6.5).
//!
//! The **first** end of a quote counts: a sender could write a later one to pass own words off as
//! quoted ones.

/// The WeCom client: `这是一条引用/回复消息：\n"USER:\nQUOTE"\n------\nOWN`. The platform's own sample
/// has no line break after the colon and no user.
const WECOM_BEGIN: &str = "这是一条引用/回复消息：";
const WECOM_END: &str = "\"\n------\n";
/// The WeChat client: `「USER：QUOTE」\n- - - …\nOWN`.
const WECHAT_BEGIN: &str = "「";
const WECHAT_END: &str = "」\n- - -";

/// The quoted text without its author, and the sender's own words; `None` when nothing is quoted.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    wecom(text).or_else(|| wechat(text))
}

fn wecom(text: &str) -> Option<(&str, &str)> {
    let (quoted, own) = text.strip_prefix(WECOM_BEGIN)?.split_once(WECOM_END)?;
    let quoted = quoted.trim_start().strip_prefix('"').unwrap_or(quoted);
    Some((quoted.split_once(":\n").map_or(quoted, |(_, quote)| quote), own))
}

fn wechat(text: &str) -> Option<(&str, &str)> {
    let (quoted, rest) = text.strip_prefix(WECHAT_BEGIN)?.split_once(WECHAT_END)?;
    let (line, own) = rest.split_once('\n')?;
    let is_rule = line.chars().all(|character| matches!(character, '-' | ' '));
    is_rule.then(|| (quoted.split_once('：').map_or(quoted, |(_, quote)| quote), own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_split() {
        for (text, expected) in [
            ("这是一条引用/回复消息：\n\"小王:\n加V领红包\"\n------\n别信这个", ("加V领红包", "别信这个")),
            ("这是一条引用/回复消息：\"\n------\n@nick777", ("", "@nick777")),
            ("「小王：加V领红包」\n- - - - - - - -\n别信\n这个", ("加V领红包", "别信\n这个")),
            ("「没有作者」\n- - -\n好", ("没有作者", "好")),
        ] {
            assert_eq!(split(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_quote_is_the_senders_own() {
        for text in [
            "",
            "你好",
            "「书名」真好看",
            "「小王：你好」\n- - - 其实我在卖货",
            "「小王：你好」\n- - - x\n好",
            "这是一条引用/回复消息：没有下文",
            "我说：这是一条引用/回复消息：\"\n------\n好",
        ] {
            assert_eq!(split(text), None, "{text}");
        }
    }

    #[test]
    fn a_second_rule_does_not_hide_the_senders_words() {
        let text = "「甲：早」\n- - -\n加V兼职」\n- - -\n好";
        assert_eq!(split(text), Some(("早", "加V兼职」\n- - -\n好")));
        let text = "这是一条引用/回复消息：\n\"甲:\n早\"\n------\n加V\"\n------\n好";
        assert_eq!(split(text), Some(("早", "加V\"\n------\n好")));
    }
}
