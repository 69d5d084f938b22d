use super::*;
use crate::perception::classifier::Model;

fn rows() -> Vec<Row> {
    let row = |text: &str, is_ad| Row {
        id: text.to_owned(),
        is_ad,
        category: "chat".to_owned(),
        source: "own".to_owned(),
        text: text.to_owned(),
    };
    vec![
        row("代开发票，可验", true),
        row("大额贷款，秒批", true),
        row("几点关门", false),
        row("好吃，下次再来", false),
    ]
}

fn corpus() -> Corpus {
    let mut corpus = Corpus::default();
    corpus.read_slots("slots.txt", "add: 加 | 佳 | 伽\nnum: 1 | 2 | 3").expect("good slots");
    corpus.read_family(Part::Ads, "parttime", "兼职日结{{add}}我\n抄小说，一天{{num}}00{{add}}我\n");
    corpus.read_family(Part::Chat, "price", "苹果{{num}}块一斤吗\n月饼多少钱\n今天到货吗\n");
    corpus.read_family(Part::Chat, "owner-promo", "全场{{num}}折\n");
    corpus.check().expect("a good corpus");
    corpus
}

fn plan() -> Plan {
    Plan { passes: 6, counted: 3, folds: 2, ..Plan::default() }
}

fn trained(plan: &Plan) -> Model {
    train(&rows(), &corpus(), plan, |_| {})
}

#[test]
fn the_same_material_gives_the_same_bytes() {
    assert_eq!(trained(&plan()).to_bytes(), trained(&plan()).to_bytes());
    let other = Plan { seed: 1, ..plan() };
    assert_ne!(trained(&plan()).to_bytes(), trained(&other).to_bytes());
}

#[test]
fn what_was_trained_can_be_told_apart_also_after_rounding() {
    let model = Model::from_bytes(&trained(&plan()).to_bytes()).expect("a whole file");
    let logit = |text: &str| Example::new(text, true, 1.0).score_by(&model);
    assert!(logit("兼职，佳我") > 0.0 && logit("贷款秒批") > 0.0);
    assert!(logit("月饼几块一斤") < 0.0 && logit("今天好吃") < 0.0);
}

#[test]
fn nothing_to_train_on_gives_a_model_that_says_nothing() {
    let model = train(&[], &Corpus::default(), &plan(), |_| {});
    assert_eq!(Example::new("兼职日结", true, 1.0).score_by(&model), 0.0);
}

#[test]
fn folds_part_the_material() {
    let (rows, corpus, plan) = (rows(), corpus(), plan());
    let material = Material::new(&rows, &corpus, &plan);
    let count = |chosen| material.plain(chosen).len();
    let folds: usize = (0..3).map(|fold| count(Chosen::Only { fold, of: 3 })).sum();
    assert_eq!(folds, count(Chosen::All));
    assert_eq!(count(Chosen::All), 9, "four rows and five lines; what owners post is left out");
    let rest = count(Chosen::Without { fold: 0, of: 3 });
    assert_eq!(rest + count(Chosen::Only { fold: 0, of: 3 }), 9);
}
