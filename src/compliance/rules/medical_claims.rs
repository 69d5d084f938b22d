//! 疾病治疗和医疗用语。

use super::advertising_law;
use crate::compliance::context::{asks, denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Basis, Fault, Hit, Rule, each};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/medical-claims",
    title: "疾病治疗功能和医疗用语",
    severity: Severity::Error,
    basis: &[
        advertising_law("第十七条"),
        Basis {
            name: "《中华人民共和国食品安全法》", article: "第七十三条", date: "2021-04-29 修正"
        },
    ],
    why: "吃的、喝的、日用的都不是药。说能治病、防病，或用上疗效、消炎、排毒这类医疗的话，就会让人当药买，耽误看病。",
    instead: "只说配料、口味、做法；顾客问到身体，请他问医生，配料表拍给他看",
    failing: &[
        "山楂汁«降血脂»，«软化血管»",
        "每天一杯，«降血糖»、«抗癌»",
        "蜂蜜«消炎»«杀菌消炎»，嗓子疼就喝它",
        "«清热解毒»，«活血化瘀»",
        "对«糖尿病»有好处",
        "«老中医»推荐的«祖传秘方»",
        "«疗效»看得见，三天«治愈»",
        "能预防«高血压»",
        "«医生推荐»，«根治»«便秘»",
        "菌菇«增强抵抗力»，«预防感冒»",
        "喝了它«痛风»不再犯",
        "«降 血 压»的好东西",
    ],
    passing: &[
        "这就是平常吃的东西，不能治病，也不能代替药物",
        "有糖尿病、高血压的街坊，请先问医生",
        "要控糖的买这款没加糖的，看配料表",
        "采用巴氏杀菌，冷藏保存",
        "对坚果过敏的别吃",
        "感冒了多喝热水，店里有口罩",
        "不说疗效，只说味道",
        "同事在医院做治疗，这两天我替班",
        "降温了，路上滑",
        "降压器坏了，今天冷柜停一小时",
        "天热上火，煮点绿豆汤",
        "药店在我们隔壁，买药请找药师",
        "店里没有治感冒的药，请去医院看看",
        "痛风的叔叔问能不能吃菌菇，请听医生的",
        "洗手液放门口，大家进门消消毒",
    ],
    scene: None,
    words: &[CLAIMS, DISEASES],
    allowed: &[
        "精神药",
        "医疗效果",
        "降压器",
        "降压阀",
        "消炎药",
        "止痛药",
        "止咳药",
        "止咳糖浆",
        "治病虫",
        "防治病虫",
        "政治好",
        "自治好",
        "减压降压阀",
        "解毒剂",
        "抗癌协会",
        "抗癌斗士",
        "抗癌路",
        "降脂奶",
    ],
    judge,
};

/// Medical by themselves.
const CLAIMS: &[&str] = &[
    "治疗",
    "治愈",
    "治病",
    "治好",
    "疗效",
    "根治",
    "药到病除",
    "抗癌",
    "防癌",
    "抑癌",
    "抗肿瘤",
    "降血糖",
    "降糖",
    "降血压",
    "降压",
    "降血脂",
    "降脂",
    "降三高",
    "降尿酸",
    "降胆固醇",
    "消炎",
    "抗炎",
    "抗菌消炎",
    "杀菌消炎",
    "抗病毒",
    "排毒",
    "解毒",
    "清热解毒",
    "祛湿",
    "化痰",
    "止咳",
    "平喘",
    "通便",
    "活血",
    "化瘀",
    "活血化瘀",
    "散瘀",
    "补肾",
    "壮阳",
    "滋阴",
    "补气血",
    "补血",
    "养肝",
    "护肝",
    "保肝",
    "清肝",
    "利尿",
    "消肿",
    "镇痛",
    "止痛",
    "软化血管",
    "清理血管",
    "疏通血管",
    "清除血栓",
    "溶血栓",
    "预防感冒",
    "预防疾病",
    "预防心脑血管",
    "增强抵抗力",
    "提高抵抗力",
    "百病",
    "防病治病",
    "防脱生发",
    "生发液",
    "药效好",
    "药效强",
    "脑中风",
    "神药",
    "特效药",
    "偏方",
    "祖传秘方",
    "老中医",
    "医生推荐",
    "医生都",
    "医学证明",
    "临床证明",
    "临床验证",
    "医用级",
    "药用价值",
    "药用功效",
    "妙手回春",
    "健胃消食",
    "消食化积",
    "健脾",
    "祛痘",
    "治失眠",
    "抗过敏",
];

/// Only wrong together with what the goods are said to do about them.
const DISEASES: &[&str] = &[
    "糖尿病",
    "高血压",
    "高血脂",
    "三高",
    "冠心病",
    "心脏病",
    "脑梗",
    "癌症",
    "肿瘤",
    "痛风",
    "关节炎",
    "风湿",
    "胃病",
    "胃炎",
    "胃溃疡",
    "肝炎",
    "肾病",
    "便秘",
    "腹泻",
    "鼻炎",
    "咽炎",
    "哮喘",
    "贫血",
    "失眠",
    "抑郁",
    "湿疹",
    "皮炎",
    "脚气",
    "近视",
    "颈椎病",
    "腰椎",
    "前列腺",
    "妇科病",
    "痛经",
    "脱发",
    "感冒",
    "咳嗽",
    "新冠",
    "流感",
];

pattern!(
    ACTS_BEFORE =
        "(?:治|防|缓解|改善|调理|预防|告别|远离|赶走|对付|专治|专攻|消除|减轻|摆脱|有助于|抑制)[^,]{0,6}$"
);
pattern!(
    ACTS_AFTER = "^[^,]{0,4}(?:的?克星|的?福音|一扫光|有效|有好处|有帮助|有奇效|有用|管用|必[吃喝备]|断根|立马|专用|有改善)"
);
pattern!(BETTER_AFTER = "^[^,]{0,4}(?:不再|好了|见好|没了)");
pattern!(TAKES = "[吃喝用服]");
pattern!(
    /// Who sends people to the doctor makes no claim.
    SENDS_AWAY = "(?:问|找|听|看|遵|去|咨询)[^,。]{0,3}(?:医生|医院|医嘱|大夫|药师|药店)|在医院|住院|医院做|就医|代替药|替代药|不是药|并非药|不宜|慎[吃食用喝]|禁[吃食用]|忌口|别吃|不能吃|少吃|多穿|加衣|加件|口罩|洗手|通风|保暖|疫苗|锻炼|早睡|喝水|病虫|正规医院|病人"
);

const WHAT: &str = "是医疗用语或治病防病的说法，食品和日用品不能用";

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    each(draft, hits, WHAT, is_wrong)
}

fn is_wrong(part: &Part, hit: &Hit) -> bool {
    let before = part.before(hit.span.start);
    let clause = &part.text[part.clause(hit.span.clone())];
    if denied(before)
        || before.ends_with('不')
        || asks(clause)
        || SENDS_AWAY.is_match(part.sentence(hit.span.clone()))
    {
        return false;
    }
    let better =
        BETTER_AFTER.is_match(part.after(hit.span.end)) && TAKES.is_match(part.sentence(hit.span.clone()));
    hit.group == 0 || better || ACTS_BEFORE.is_match(before) || ACTS_AFTER.is_match(part.after(hit.span.end))
}
