//! Whether somebody asks something, by how it is written.

use super::fold;

/// Words with which Chinese questions are asked. In a long text they mean little; in a line of a chat they do.
const ASKING: &[&str] = &[
    "吗",
    "呢",
    "怎么",
    "怎样",
    "咋",
    "什么",
    "啥",
    "多少",
    "几点",
    "几号",
    "几天",
    "几块",
    "几个",
    "几盒",
    "几位",
    "哪",
    "谁",
    "能不能",
    "可不可以",
    "有没有",
    "是不是",
    "要不要",
    "会不会",
    "好不好",
    "行不行",
    "请问",
    "问一下",
    "问下",
    "求问",
    "还有货",
    "如何",
];

/// Phrases that only look like a question.
const NOT_ASKING: &[&str] =
    &["没什么", "不怎么", "怎么都行", "什么都好", "什么都行", "谁知道呢", "哪里哪里", "哪儿的话", "着呢"];

/// Characters beyond which a text is no question of a chat, but something forwarded or announced.
const LONGEST: usize = 120;

/// Whether a line of a chat asks something.
pub fn asks_something(text: &str) -> bool {
    let plain = fold(text);
    if plain.chars().count() > LONGEST {
        return false;
    }
    if plain.trim_end().ends_with('?') {
        return true;
    }
    let meant = NOT_ASKING.iter().fold(plain, |text, phrase| text.replace(phrase, ""));
    ASKING.iter().any(|word| meant.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_questions_with_and_without_the_mark() {
        for question in
            ["这个怎么卖", "還有貨嗎", "几点开门？", "能不能送到楼下", "在?", "这是谁家的", "多少钱一盒啊"]
        {
            assert!(asks_something(question), "{question}");
        }
    }

    #[test]
    fn talk_is_no_question() {
        let forwarded = "大家好，".repeat(40) + "请问";
        for talk in ["", "早上好", "今天炖了汤", "没什么", "好吃着呢", "哪里哪里", "收到", forwarded.as_str()]
        {
            assert!(!asks_something(talk), "{talk}");
        }
    }
}
