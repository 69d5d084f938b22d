//! What people say in a load run: everyday messages to a shop, in which nothing is to be found, so that the run measures
//! what nearly every message costs.
//!
//! Nobody says the same twice, in no run of an hour: the same text again would be flooding, or one that goes around.

/// With where somebody lives, what they want, and how much of it.
const LINES: [fn(&str, &str, &str) -> String; 6] = [
    |home, goods, amount| {
        format!("早上好呀，今天店里有没有新到的{goods}？给{home}留{amount}，下班以后过来拿。")
    },
    |home, goods, amount| format!("昨天买的{amount}{goods}都吃完了，老人小孩都说好，{home}下次还来买。"),
    |home, goods, amount| {
        format!("请问周末几点关门？{home}要下班以后七点多才能过去拿那{amount}{goods}，来得及吧？")
    },
    |home, goods, amount| format!("{home}的{amount}{goods}已经收到啦，谢谢老板！"),
    |home, goods, amount| format!("有没有邻居一起买{goods}？{home}家里两个人吃不完{amount}，想找人分一半。"),
    |home, goods, amount| {
        format!(
            "上次说的那个{goods}还有吗？麻烦帮{home}留{amount}，晚上六点以后去取，直接放冰柜里就行，辛苦了。"
        )
    },
];

const GOODS: [&str; 64] = [
    "苹果", "香蕉", "雪梨", "橙子", "柚子", "葡萄", "草莓", "蓝莓", "桃子", "李子", "樱桃", "荔枝", "龙眼",
    "芒果", "菠萝", "西瓜", "甜瓜", "石榴", "山楂", "柿子", "红枣", "核桃", "板栗", "花生", "土豆", "红薯",
    "山药", "莲藕", "南瓜", "冬瓜", "黄瓜", "丝瓜", "茄子", "番茄", "青椒", "白菜", "菠菜", "生菜", "芹菜",
    "韭菜", "萝卜", "洋葱", "豆腐", "豆浆", "香菇", "木耳", "海带", "紫菜", "鸡蛋", "鸭蛋", "排骨", "牛肉",
    "鸡翅", "鲈鱼", "虾仁", "酸奶", "鲜奶", "面包", "馒头", "水饺", "汤圆", "挂面", "大米", "小米",
];

const AMOUNTS: [&str; 8] = ["一份", "两份", "三份", "四份", "一盒", "两盒", "三盒", "四盒"];

const SURNAMES: [&str; 64] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何",
    "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓",
    "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛", "叶", "阎", "余",
    "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜", "范", "方", "石", "姚",
];

const TITLES: [&str; 8] = ["阿姨", "叔叔", "奶奶", "爷爷", "大姐", "大哥", "老师", "师傅"];

const BUILDINGS: u64 = 64;
const FLOORS: u64 = 32;
const ROOMS: u64 = 8;

/// Messages of one run that are told apart, and seconds of its start; together what the words can tell apart.
const MESSAGES: u64 = 1 << 22;
const SECONDS: u64 = 1 << 12;

/// What the message with this number says in the run that began at `run` (Unix milliseconds).
pub(super) fn text(run: u64, number: u64) -> String {
    let mut rest = (run / 1000) % SECONDS * MESSAGES + number % MESSAGES;
    let mut choose = |count: u64| {
        let chosen = rest % count;
        rest /= count;
        chosen as usize
    };
    // Neighbours differ in what they say, then in who they are.
    let line = LINES[choose(LINES.len() as u64)];
    let goods = GOODS[choose(GOODS.len() as u64)];
    let surname = SURNAMES[choose(SURNAMES.len() as u64)];
    let room = choose(ROOMS) + 1;
    let title = TITLES[choose(TITLES.len() as u64)];
    let floor = choose(FLOORS) + 1;
    let amount = AMOUNTS[choose(AMOUNTS.len() as u64)];
    let building = choose(BUILDINGS) + 1;
    line(&format!("{building}栋{floor}{room:02}{surname}{title}"), goods, amount)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::files::folder;
    use crate::rules::compile;

    const RUN: u64 = 1_795_393_659_592;

    #[test]
    fn nobody_says_the_same_twice() {
        let mut said = BTreeSet::new();
        for run in [RUN, RUN + 1000, RUN + 59 * 60 * 1000] {
            for number in (0..20_000).chain(MESSAGES - 1000..MESSAGES) {
                assert!(said.insert(text(run, number)), "{run} {number}");
            }
        }
    }

    #[test]
    fn nothing_is_found_in_what_people_say() {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let sources = folder::read(&config, &folder::scripts_of(&config));
        let rules = compile(&sources).expect("the example brand compiles").rulebook;
        let texts = (0..3000).map(|nth| text(RUN + nth * 7919, nth * 1373));
        let found: Vec<_> = texts
            .map(|text| (rules.perceiver.perceive(&text).found, text))
            .filter(|(found, _)| !found.is_empty())
            .collect();
        assert!(
            found.is_empty(),
            "{} of 3000: {:#?}",
            found.len(),
            found.iter().take(20).collect::<Vec<_>>()
        );
    }
}
