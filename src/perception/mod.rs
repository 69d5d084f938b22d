//! PURE. Content → signals, with no memory and no knowledge of the sender.
//!
//! A message is folded once (`text`); the lexicons look at its letters, the contact finders at its folded
//! characters, and every finding is given in characters of the original. Brand allow-lists are the judge's
//! business: [`Signal::detail`] holds the folded number or domain for it.

mod classified;
pub mod classifier;
mod contacts;
mod disguise;
#[cfg(test)]
mod evasions;
pub mod learned;
mod lexicon;
mod phrases;
pub mod picture;
mod signals;
mod views;

pub use phrases::{Phrases as PhraseIndex, Place as PhrasePlace};
pub use signals::{AD_FROM, Signal, SignalName, Signals};

use std::cell::RefCell;
use std::sync::Arc;

use crate::text::Folded;
use classifier::Model;
use learned::{Known, Learned};
use lexicon::Lexicon;
use views::Views;

/// One phrase of `config/lexicons/*.toml`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    pub text: String,
    pub category: SignalName,
    /// 0 to 1: how much this phrase alone speaks for an advertisement.
    pub weight: f32,
    /// Longer texts in which the phrase means nothing bad (`第一次` for `第一`).
    pub allow: Vec<String>,
}

/// Sees messages; built once per change of the files, shared by all tasks.
#[derive(Debug, Default)]
pub struct Perceiver {
    lexicon: Lexicon,
    classifier: Option<Arc<Model>>,
}

thread_local! {
    /// Reused, so that an honest message costs no memory.
    static VIEWS: RefCell<Views> = RefCell::default();
}

/// Something found in a view; the range is in folded characters and never empty.
#[derive(Clone, Debug, PartialEq)]
struct Finding {
    name: SignalName,
    start: usize,
    end: usize,
    detail: String,
    weight: f32,
    /// It was written so that a plain search misses it.
    hidden: bool,
}

impl Perceiver {
    /// Phrases may repeat and may come in any width, case or script; empty ones are ignored.
    pub fn new(phrases: &[Phrase]) -> Self {
        Self { lexicon: Lexicon::new(phrases), classifier: None }
    }

    /// The same with the trained classifier as one more signal.
    #[must_use]
    pub fn with_classifier(self, model: Arc<Model>) -> Self {
        Self { classifier: Some(model), ..self }
    }

    /// Every phrase once: its category, its folded text and its weight.
    pub fn phrases(&self) -> impl Iterator<Item = (SignalName, &str, f32)> {
        self.lexicon.phrases()
    }

    /// Looks at one message's text as if nobody had taught anything. Takes time in proportion to its length;
    /// allocates only for what it finds.
    pub fn perceive(&self, text: &str) -> Signals {
        self.perceive_with(text, Learned::nothing())
    }

    /// The same with what people have taught.
    pub fn perceive_with(&self, text: &str, learned: &Learned) -> Signals {
        VIEWS.with_borrow_mut(|views| {
            views.look_at(text);
            self.see(views, learned)
        })
    }

    /// The classifier as it was trained.
    pub fn classifier(&self) -> Option<&Arc<Model>> {
        self.classifier.as_ref()
    }

    fn see(&self, views: &Views, learned: &Learned) -> Signals {
        let folded = &views.folded;
        let mut findings = Vec::new();
        views.each(&mut findings, |view, findings| {
            self.lexicon.find(view, findings);
            contacts::find(view, findings);
        });
        let mut found: Vec<Signal> = disguise::find(folded, &findings);
        found.extend(findings.into_iter().map(|finding| Signal {
            name: finding.name,
            span: folded.span(finding.start, finding.end),
            detail: finding.detail,
            weight: finding.weight,
        }));
        if let Some(model) = learned.model().or(self.classifier.as_ref()) {
            classified::hear(model, folded, &mut found);
        }
        found.extend(
            views.find(|view| learned.known(&view.letters.chars)).map(|known| recognised(known, folded)),
        );
        found.sort_by_key(|signal| (signal.span, signal.name));
        let score = Signals::score_of(found.iter().filter(|signal| signal.name.advertises()));
        Signals { score, fingerprint: views.fingerprint(), found }
    }
}

/// A message is known as a whole.
fn recognised(known: Known, folded: &Folded) -> Signal {
    Signal {
        name: if known.honest { SignalName::KnownHonest } else { SignalName::KnownAd },
        span: folded.span(0, folded.chars.len()),
        detail: String::new(),
        weight: known.weight,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::text::{fold, matching_key};

    /// As a brand would write it: phrases that say little alone, and a few that say much.
    static PERCEIVER: LazyLock<Perceiver> = LazyLock::new(|| {
        let weighted: [(f32, SignalName, &[&str]); 7] = [
            (
                0.4,
                SignalName::Ad,
                &["兼职", "日结", "招代理", "代发", "扫码进群", "免费领", "货源", "小白可做"],
            ),
            (
                0.6,
                SignalName::Ad,
                &["刷单", "日入", "一单一结", "月入过万", "带你赚", "涨粉", "精仿", "引流"],
            ),
            (0.8, SignalName::Ad, &["代开发票", "办证"]),
            (
                0.4,
                SignalName::Contact,
                &["加v", "+v", "加vx", "加薇信", "进群", "私我领", "加扣扣", "加企鹅"],
            ),
            (
                0.6,
                SignalName::Fraud,
                &["贷款", "秒批", "不看征信", "无抵押", "套现", "内部消息", "领红包", "跟单必中", "返利"],
            ),
            (0.6, SignalName::Gambling, &["彩金", "百家乐", "盘口", "首充送", "娱乐城", "开户"]),
            (0.6, SignalName::Adult, &["看片", "同城交友"]),
        ];
        let phrases: Vec<Phrase> = weighted
            .into_iter()
            .flat_map(|(weight, category, texts)| {
                texts.iter().map(move |text| Phrase {
                    text: (*text).to_owned(),
                    category,
                    weight,
                    allow: allowed(text),
                })
            })
            .collect();
        Perceiver::new(&phrases)
    });

    fn allowed(phrase: &str) -> Vec<String> {
        let texts: &[&str] = match phrase {
            "刷单" => &["刷单的", "刷单广告"],
            "兼职" => &["招兼职吗", "发兼职的"],
            "日结" => &["请问日结"],
            _ => &[],
        };
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn honest_messages_stay_below_a_half() {
        let messages = [
            "老板，月饼多少钱，可以加微信吗",
            "老板微信多少，我加你发地址",
            "加一下微信吧，我把身份证照片发你办会员",
            "客服微信是哪个，售后问题没人回我",
            "我手机号13812345678，快递到了打这个",
            "我电话138 1234 5678，送到3号楼2单元501",
            "师傅电话多少，洗衣机漏水急",
            "微信支付失败怎么回事",
            "微信转账给你了，查一下",
            "怎么进二群，这个群满500了",
            "群二维码过期了，重新发一个呗，我拉我妈进来",
            "请问日结多少，我儿子暑假想打工",
            "店里招兼职吗，周末有空",
            "又来一个发兼职刷单的，举报了",
            "刷单广告真多，群主踢了吧",
            "说什么刷单的都是骗人的",
            "出闲置：婴儿床9成新，100自提，有意的邻居私我",
            "我私聊你了，看一下",
            "一级代理拿货价是多少，我问下而已",
            "今天股票又绿了，亏了两万",
            "群里的车厘子今天多少一箱",
            "1. 李姐 5斤橙子 2. 张哥 10斤橙子 3. 我也要5斤",
            "1️⃣苹果 2️⃣梨 3️⃣橙子，各来一份",
            "➕1 两盒草莓",
            "接龙 2箱 山楂汁",
            "充500送50的活动还有吗",
            "满200减30还能叠加会员券吗",
            "9.9包邮是真的吗",
            "下午3点到店，帮我留两份",
            "单号78901380013800012，三天没动了",
            "发票抬头发你了，邮箱 zhang.san@example.com",
            "这个链接是官方的吗 https://shop.example.com/item/12",
            "小程序打不开，白屏",
            "谢谢老板👍👍👍",
            "家里有👨‍👩‍👧三口，买几斤合适",
            "🇨🇳国庆快乐，大家玩得开心",
            "β-胡萝卜素的那款还有吗",
            "iPhone 15 Pro 的壳有没有",
            "L码还有吗，V领的那件",
            "今天生日，结账能打折吗",
            "再来一份加，微信付款",
            "Ｔ恤３９元两件，帮我拿一件",
            "退款什么时候到账，都五天了",
            "直播间领的券怎么用",
            "我家小孩第一次吃，会不会太辣",
            "老闆，還有貨嗎？想要兩盒",
            "送到了，味道不错，下次再来",
            "麻烦管理员通过一下好友申请",
            "加我微信 lili1990 发价目表吧",
            "哈哈哈哈哈",
            "在吗",
        ];
        for text in messages {
            let signals = PERCEIVER.perceive(text);
            assert!(signals.score < 0.5, "{text:?}: {signals:#?}");
        }
    }

    #[test]
    fn advertisements_reach_nine_tenths() {
        let messages = [
            "兼职日结300加V：abc12345",
            "兼职 日结 300 加V：abc12345",
            "兼-职 日/结 300加V：abc12345",
            "兼*职*日*结 加vx：abc12345",
            "兼❤职❤日❤结❤加❤V❤：abc12345",
            "兼\u{200b}职\u{200b}日\u{200b}结，加v abc12345",
            "兼͛职͛日͛结͛ 加v abc12345",
            "蒹职日結，兼職日結，加薇信abc12345",
            "兼職日結３００加Ｖ：ａｂｃ１２３４５",
            "兼职日结300加ⓥ：ⓐⓑⓒ①②③④⑤",
            "兼职日结300加𝒗：𝒂𝒃𝒄12345",
            "兼职日结300 加vх：аbc12345",
            "兼职刷单，日入300-500，在家就能做，有意加微信abc11210",
            "刷单返利，一单一结，加微信13812345678",
            "刷⭐单⭐返⭐利⭐一⭐单⭐一⭐结",
            "专业代开发票，验真后付款，加V13812345678",
            "代-开-发-票-可-验，电话138-1234-5678",
            "无抵押贷款，当天放款，不看征信，联系电话13812345678",
            "贷/款/秒/批/无/抵/押",
            "貸款秒批不看征信",
            "贷\u{2060}款\u{2060}秒\u{2060}批\u{2060}不看征信",
            "首充送彩金，百家乐开户 abc123。com",
            "首充送彩金，浏览器输入 abc 点 vip",
            "娛樂城首充送，開戶找我 www.abc123.top",
            "t.me/abc11210 进频道看盘口，彩金日结",
            "同城交友，看片加我企鹅182785892",
            "免费领看片资源，加QQ群：100200300，私我领",
            "看片加扣扣 1 8 2 7 8 5 8 9 2",
            "加薇信领红包，带你赚，微信：①③⑨⓪⓪⓪⓪⓪⓪⓪⓪",
            "内部消息，跟单必中，进群 100200300",
            "日入三千，小白可做，＋Ｖ abc11210",
            "\u{202e}招代理，日结，月入过万，加v：abc11210",
            "招代理，小白可做，月入过万，电话一三九 零零零零 零零零零",
            "办证 电话 l39OOOOOOOO 月入过万",
            "精仿货源，一件代发，加 . 我 . 微 . 信 a b c 1 2 3 4 5",
        ];
        for text in messages {
            let signals = PERCEIVER.perceive(text);
            assert!(signals.score >= 0.9, "{text:?}: {signals:#?}");
            assert!(Signals::weight_of(&signals.found) >= AD_FROM, "{text:?}");
        }
    }

    fn disguises(text: &str) -> Vec<String> {
        let found = PERCEIVER.perceive(text).found;
        found
            .into_iter()
            .filter(|signal| signal.name == SignalName::Disguise)
            .map(|signal| signal.detail)
            .collect()
    }

    #[test]
    fn disguises_are_signals_of_their_own() {
        let examples = [
            ("加\u{200b}我", "零宽字符"),
            ("\u{202e}54321cba", "反向文字"),
            ("要͇洗͇白͇", "叠加符号"),
            ("wеixin", "形近字母"),
            ("𝓪𝓫𝓬", "花体字母"),
            ("兼-职", "拆开书写"),
        ];
        for (text, kind) in examples {
            assert_eq!(disguises(text), [kind], "{text:?}");
        }
        for text in ["привет всем", "αβγ", "re\u{301}sume\u{301}", "①②", "兼职 日结", "加 V", "❤️‍🔥"]
        {
            assert_eq!(disguises(text), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn spans_count_characters_of_the_original() {
        let signals = PERCEIVER.perceive("😀加\u{200b}微-信：ａｂｃ12345");
        let contact = signals.found.iter().find(|signal| signal.name == SignalName::WechatId);
        assert_eq!(contact.map(|signal| (signal.span, &*signal.detail)), Some(((7, 15), "abc12345")));
    }

    #[test]
    fn the_fingerprint_sees_through_disguises_only() {
        let fingerprint = |text: &str| PERCEIVER.perceive(text).fingerprint;
        assert_eq!(fingerprint("兼职 日结，加V"), fingerprint("兼-職日\u{200b}結。加Ｖ！"));
        assert_ne!(fingerprint("接龙 2箱"), fingerprint("接龙 3箱"));
        assert_ne!(fingerprint("😀"), 0);
        assert_eq!(fingerprint(" \u{200b}\n"), 0);
        // Stored beside events: a change of this number is a change of the format.
        assert_eq!(fingerprint("a"), 0xaf63_dc4c_8601_ec8c);
    }

    /// Each of these made some finder look at everything again for every character, or would.
    #[test]
    fn hostile_messages_cost_no_more_than_their_length() {
        let parts = [
            "兼职",
            "q:12345 ",
            "v=",
            "vx-",
            "a.",
            "o1",
            "o",
            "138 ",
            "1 ",
            "aа",
            "加\u{200b}",
            "😀",
            "加v",
            "a@",
            "://a.top@",
            "日 结 ",
            "一",
        ];
        for part in parts {
            let signals = PERCEIVER.perceive(&part.repeat(100_000 / part.len()));
            assert!(signals.found.len() < 10, "{part:?}");
        }
    }

    fn written() -> impl Strategy<Value = String> {
        let parts = [
            "兼职", "日结", "兼", "职", "加V", "：", " ", "-", "❤️", "\u{200b}", "abc12345", "138", "1234",
            "5678", "。com", "点vip", "https://", "wx", "q:", "一", "o", "@", "ｖ", "⒑", "\n", "++", "ß",
        ];
        proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..24)
            .prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn never_fails_and_spans_lie_within(text in prop_oneof![written(), any::<String>()]) {
            let signals = PERCEIVER.perceive(&text);
            let length = text.chars().count();
            prop_assert!((0.0..=1.0).contains(&signals.score));
            for signal in &signals.found {
                prop_assert!(signal.span.0 < signal.span.1 && signal.span.1 <= length, "{:?}", signal);
            }
        }

        #[test]
        fn what_a_phrase_fired_on_folds_to_the_phrase(text in written()) {
            for signal in PERCEIVER.perceive(&text).found {
                let (start, end) = signal.span;
                let fired: String = text.chars().skip(start).take(end - start).collect();
                match signal.name {
                    SignalName::Url => prop_assert!(signal.weight < 0.5),
                    SignalName::Disguise | SignalName::Phone | SignalName::QqId | SignalName::WechatId => {}
                    _ => prop_assert!(
                        matching_key(&fired) == matching_key(&signal.detail) || fold(&fired) == signal.detail,
                        "{:?} {:?}", fired, signal
                    ),
                }
            }
        }
    }
}
