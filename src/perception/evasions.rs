//! Every trick by which advertisers hide, one test each: what is hidden is found, and its place is told in characters of
//! the original.

use super::*;

fn perceiver() -> Perceiver {
    let phrase = |text: &str| Phrase {
        text: text.to_owned(),
        category: SignalName::Ad,
        weight: 0.4,
        allow: Vec::new(),
    };
    let phrases = [
        "兼职",
        "日结",
        "加微信",
        "贷款",
        "刷单",
        "赚钱",
        "领红包",
        "无前期",
        "强势招商",
        "橙",
        "首充送",
        "🍠代发",
    ];
    Perceiver::new(&phrases.map(phrase))
}

/// The text holds the finding, and the span leads to these characters of it.
fn is_found(text: &str, detail: &str, written: &str) {
    let found = perceiver().perceive(text).found;
    let cut = |signal: &Signal| {
        let (start, end) = signal.span;
        text.chars().skip(start).take(end - start).collect::<String>()
    };
    let places: Vec<(&str, String)> = found.iter().map(|signal| (&*signal.detail, cut(signal))).collect();
    assert!(places.contains(&(detail, written.to_owned())), "{text:?}: {places:?}");
}

/// One test for each trick: its name, and texts with what is found in which characters of them.
macro_rules! tricks {
    ($($trick:ident: $([$text:literal, $detail:literal, $written:literal]),+;)+) => {$(
        #[test]
        fn $trick() {
            $(is_found($text, $detail, $written);)+
        }
    )+};
}

tricks! {
    add_me_verb_replaced: ["佳我徽：sx111505", "sx111505", "sx111505"], ["家威 abc11210", "abc11210", "abc11210"];
    wechat_replaced: ["崴信：abc11210", "abc11210", "abc11210"], ["嶶信abc11210", "abc11210", "abc11210"];
    qq_and_group_replaced: ["加Ǭ㪊100200300", "100200300", "100200300"], ["君羊号：100200300", "100200300", "100200300"];
    full_width: ["兼职　加Ｖ：ａｂｃ１２３４５", "abc12345", "ａｂｃ１２３４５"];
    circled: ["加ⓥ：ⓐⓑⓒ①②③④⑤", "abc12345", "ⓐⓑⓒ①②③④⑤"], ["ⓙ兼职", "兼职", "兼职"];
    keycaps: ["扣扣1️⃣8️⃣2️⃣7️⃣8️⃣", "18278", "1️⃣8️⃣2️⃣7️⃣8"];
    squared_and_regional_letters: ["🅥🅧abc11210", "abc11210", "abc11210"], ["加🅅：🇦 🇧 🇨 1 1 2 1 0", "abc11210", "🇦 🇧 🇨 1 1 2 1 0"];
    mathematical: ["𝒗𝒙：𝒂𝒃𝒄𝟏𝟏𝟐𝟏𝟎", "abc11210", "𝒂𝒃𝒄𝟏𝟏𝟐𝟏𝟎"];
    chinese_numerals: ["电话壹叁玖零零零零零零零零", "13900000000", "壹叁玖零零零零零零零零"];
    roman_and_other_numerals: ["加Ⅴ：abc⑫345", "abc12345", "abc⑫345"], ["电话〡〣〩00000000", "13900000000", "〡〣〩00000000"];
    letters_for_digits: ["联系 l39OOOOOOOO", "13900000000", "l39OOOOOOOO"];
    digits_of_other_scripts: ["电话 ༡༣༩༠༠༠༠༠༠༠༠", "13900000000", "༡༣༩༠༠༠༠༠༠༠༠"], ["电话 ១៣៩០០០០០០០០", "13900000000", "១៣៩០០០០០០០០"];
    split_numbers: ["电话157 5176 4994", "15751764994", "157 5176 4994"];
    symbols_between: ["兼·职·日·结", "兼职", "兼·职"], ["贷/款/快", "贷款", "贷/款"];
    combining_marks: ["兼͛职͛", "兼职", "兼͛职"], ["兼҉职", "兼职", "兼҉职"], ["兼࿆职", "兼职", "兼࿆职"];
    zero_width: ["贷\u{200b}款", "贷款", "贷\u{200b}款"], ["贷\u{2060}\u{feff}款", "贷款", "贷\u{2060}\u{feff}款"];
    right_to_left: ["\u{202e}54321cba 信微加\u{202c}", "加微信", "信微加"], ["\u{202e}54321cba：信微加", "abc12345", "54321cba"];
    traditional: ["兼職日結", "日结", "日結"], ["貸款", "贷款", "貸款"];
    rare_variants: ["加嶶信", "加微信", "加嶶信"], ["兂前期", "无前期", "兂前期"];
    split_characters: ["力口微亻言", "加微信", "力口微亻言"], ["弓虽势招商", "强势招商", "弓虽势招商"], ["尸巾刂单", "刷单", "尸巾刂单"];
    similar_shapes: ["曰结", "日结", "曰结"], ["加ν：аbc12345", "abc12345", "аbc12345"], ["ㄖ结", "日结", "ㄖ结"];
    other_scripts_as_noise: ["兼ᚠ职", "兼职", "兼ᚠ职"], ["兼ꀀ职", "兼职", "兼ꀀ职"];
    emoji_as_words: ["加🐧182785892", "182785892", "182785892"], ["来领🧧", "领红包", "领🧧"], ["赚💰", "赚钱", "赚💰"];
    emoji_between: ["兼😀职", "兼职", "兼😀职"];
    site_without_a_link: ["a93m点ⓒⓒ", "a93m.cc", "a93m点ⓒⓒ"], ["wwwー点ーabc123ー点ーtop", "www.abc123.top", "wwwー点ーabc123ー点ーtop"];
    tokens_to_copy: ["复制￥aB3dE5fG7hJ￥打开", "¥ab3de5fg7hj¥", "￥aB3dE5fG7hJ￥"];
    codes_of_the_client: ["兼[em]e123[/em]职", "兼职", "兼[em]e123[/em]职"], ["兼[强]职", "兼职", "兼[强]职"], ["@代发,who:1,auto:1 贷款", "贷款", "贷款"];
    after_forty_line_breaks: ["在吗\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n兼职", "兼职", "兼职"];
}

#[test]
fn exotic_letters_are_a_disguise_only_among_chinese() {
    let disguises = |text| {
        let found = perceiver().perceive(text).found;
        found.into_iter().filter(|signal| signal.name == SignalName::Disguise).count()
    };
    assert_eq!(disguises("网站ᚰ盘"), 1);
    assert_eq!(disguises("ꀀꀁꀂ"), 0);
}

/// Whoever writes like this wants to buy, to joke or to be delivered to.
#[test]
fn honest_messages_with_the_same_characters_hold_nothing() {
    for text in [
        "恭喜发财🧧🧧🧧",
        "💰💰💰",
        "🐧好可爱",
        "力气真大，一口吃了",
        "子曰学而时习之",
        "大家好，家里有米吗",
        "十个鸡蛋",
        "[抱拳][强]",
        "谢谢[玫瑰]",
        "@店长 在吗",
        "λ是波长",
        "单号SF13800138000123",
        "第3点，下午2点到",
        "39.9一件，包邮",
        "￥39.9",
        "型号A1B2C3D4",
        "女马",
        "王元元的快递",
        "1. 张三 2份\n2. 李四 3份",
        "13:30-15:00",
    ] {
        assert_eq!(perceiver().perceive(text).found, [], "{text:?}");
    }
}
