//! Filling a script in.
//!
//! Templates are the brand's; what they are filled with is data and stays as it is, also when it looks like a
//! template or like markup. An unknown name is a mistake, never an empty place in a customer's message.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{
    Environment, Error, ErrorKind, Output, State, Template, UndefinedBehavior, Value, escape_formatter,
};

use super::context::{Context, equip};
use super::draft::{Draft, TemplateMistake};
use super::grammar;
use super::{Campaigns, Facts, MessageKind, Part, Products, ScriptMessage};

/// Steps that filling one message may take. A message takes tens; a loop that somebody wrote by mistake
/// must not hold up the group.
const STEPS_AT_MOST: u64 = 10_000;
/// More than any hand can send: the longest is the smart robot's answer of 20 480 bytes (wecom-receive.md
/// §4.5).
const FILLED_BYTES_AT_MOST: usize = 32 * 1024;

/// A script that cannot be filled in.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("话术 {script} 无法填写：{why}")]
pub struct FillError {
    pub script: String,
    pub why: String,
}

/// The template engine with all that templates may name. A template is compiled when it is first filled in,
/// and kept: of a large library most are not asked for between two changes of the files.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    pub fn new(products: Arc<Products>, campaigns: Arc<Campaigns>) -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(STEPS_AT_MOST));
        environment.set_formatter(refuse_no_text);
        equip(&mut environment, products, campaigns);
        // A template's name is its text.
        environment.set_loader(|text| match grammar::read(text) {
            Ok(_) => Ok(Some(text.to_owned())),
            Err(refused) => Err(Error::new(ErrorKind::InvalidOperation, refused.why)),
        });
        environment.set_auto_reload(false);
        Self { environment }
    }

    /// Reads and compiles a text for the check of the files; nothing of it is kept.
    pub fn draft<'t>(&'t self, text: &'t str) -> Result<Draft<'t>, TemplateMistake> {
        Draft::new(&self.environment, text)
    }

    /// `None` when the message has nothing to say with these facts.
    pub(super) fn fill(
        &self,
        message: &ScriptMessage,
        facts: &Facts,
        answers: &BTreeMap<String, String>,
    ) -> Result<Option<Part>, String> {
        let markdown = message.content.kind() == MessageKind::Markdown;
        let mut context: Option<Value> = None;
        let content = message.content.try_map(|text| {
            if !grammar::is_template(text) {
                return Ok(text.trim().to_owned());
            }
            let context =
                context.get_or_insert_with(|| Value::from_object(Context::new(facts, answers, markdown)));
            let template = self.environment.get_template(text);
            let filled = template.and_then(|template| render(&template, context.clone()));
            filled.map(|filled| filled.trim().to_owned()).map_err(|error| explain(&error))
        })?;
        Ok((!content.is_empty()).then_some(content))
    }
}

pub(super) fn render(template: &Template<'_, '_>, context: Value) -> Result<String, Error> {
    let mut filled = Capped::default();
    match template.render_captured_to(context, &mut filled) {
        Ok(_) => {
            String::from_utf8(filled.bytes).map_err(|_| Error::new(ErrorKind::WriteFailure, "not UTF-8"))
        }
        Err(_) if filled.full => Err(Error::new(ErrorKind::WriteFailure, TOO_LONG)),
        Err(error) => Err(error),
    }
}

/// A text that is being filled in, as far as it may grow.
#[derive(Default)]
struct Capped {
    bytes: Vec<u8>,
    full: bool,
}

impl Write for Capped {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        self.full = self.bytes.len() + more.len() > FILLED_BYTES_AT_MOST;
        if self.full {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is optional and not there (`was` of a product that has none) is no text, and neither is a store
/// or a product as a whole.
fn refuse_no_text(output: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Err(Error::new(ErrorKind::UndefinedError, "nothing to show"));
    }
    if matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable) {
        return Err(Error::new(ErrorKind::InvalidOperation, "要写出是哪一项，例如 store.name"));
    }
    escape_formatter(output, state, value)
}

const TOO_LONG: &str = "too long";

pub(super) fn explain(error: &Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::SyntaxError => format!("花括号里的写法不对（{detail}）"),
        ErrorKind::OutOfFuel => "要算的步骤太多，请写得简单些".to_owned(),
        ErrorKind::WriteFailure if detail == TOO_LONG => {
            format!("填出来的内容太长，超过 {} KiB，请写得简单些", FILLED_BYTES_AT_MOST / 1024)
        }
        ErrorKind::UndefinedError => "用了没有的名字，或者没有填的一项".to_owned(),
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownTest
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownMethod => {
            format!("用了没有的功能（{detail}）")
        }
        // Our own functions and filters explain themselves.
        ErrorKind::InvalidOperation if !detail.is_ascii() => detail.to_owned(),
        kind => format!("填不出来（{kind}：{detail}）"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::files::Money;
    use crate::scripts::{CampaignFacts, Library, LibraryParts, Part, Product, Sample, Script, StoreFacts};

    fn facts() -> Facts {
        let some = || "示例".to_owned();
        let store = StoreFacts {
            id: String::new(),
            name: some(),
            region: some(),
            address: some(),
            hours: some(),
            phone: some(),
        };
        Facts {
            brand: some(),
            store,
            group: some(),
            member: some(),
            members: some(),
            count: 2,
            today: date(2026, 9, 25),
        }
    }

    fn library(contents: Vec<Part>) -> Library {
        let messages = contents.into_iter().map(|content| ScriptMessage { variant: None, content }).collect();
        Library::of(LibraryParts {
            scripts: vec![Arc::new(Script { id: "hello".to_owned(), messages, ..Script::default() })],
            products: products(),
            campaigns: Arc::new(campaigns()),
            ..LibraryParts::default()
        })
    }

    fn products() -> Products {
        let money = |fen| Money::from_fen(fen).expect("money");
        let mooncake = Product {
            id: "mooncake".to_owned(),
            name: "山核桃月饼".to_owned(),
            price: money(6800),
            was: None,
            unit: "盒".to_owned(),
            steps: vec![crate::scripts::PriceStep { from: 2, price: money(6550) }],
            valid_from: None,
            valid_to: Some(date(2026, 9, 25)),
            place: "config/prices.toml:1".to_owned(),
        };
        [("mooncake".to_owned(), mooncake)].into()
    }

    fn campaigns() -> Campaigns {
        let campaign = CampaignFacts {
            title: "中秋预售".to_owned(),
            day: Some(date(2026, 9, 25)),
            from: None,
            to: Some(date(2026, 9, 26)),
            place: "config/campaigns/a.toml:1".to_owned(),
        };
        [("autumn".to_owned(), campaign)].into()
    }

    fn fill_all(contents: Vec<Part>, facts: &Facts) -> Result<Vec<String>, String> {
        let library = library(contents);
        let filled = library.fill(&library.all()[0], None, facts, &BTreeMap::new());
        filled
            .map(|all| all.iter().map(|part| part.paste_or_kind().into_owned()).collect())
            .map_err(|error| error.why)
    }

    fn texts(texts: &[&str], facts: &Facts) -> Result<Vec<String>, String> {
        fill_all(texts.iter().map(|text| Part::Text { text: (*text).to_owned() }).collect(), facts)
    }

    fn one(text: &str) -> Result<String, String> {
        texts(&[text], &facts()).map(|texts| texts.concat())
    }

    fn mistakes(text: &str) -> Vec<(usize, String)> {
        let templates = Templates::new(Arc::new(products()), Arc::new(campaigns()));
        let (nothing, none) = (Facts::default(), BTreeMap::new());
        let samples = [Sample::new(&facts(), &none), Sample::new(&nothing, &none)];
        let draft = templates.draft(text).map_err(|mistake| vec![mistake]);
        let tried = draft.and_then(|draft| draft.try_out(&[], &samples));
        tried.err().into_iter().flatten().map(|mistake| (mistake.line, mistake.why)).collect()
    }

    #[test]
    fn fills_in_and_leaves_out() {
        let both = [
            "{% if members %}{{ members }}，{% endif %}欢迎来{{ store.name }}！\n",
            "{% if count > 1 %}来了{{ count }}位{% endif %}",
        ];
        let mut facts = facts();
        facts.members = "小王、小李".to_owned();
        facts.store.name = "山谷小铺".to_owned();
        let said = ["小王、小李，欢迎来山谷小铺！", "来了2位"].map(str::to_owned);
        assert_eq!(texts(&both, &facts), Ok(said.to_vec()));
        facts.members = String::new();
        facts.count = 0;
        assert_eq!(texts(&both, &facts), Ok(vec!["欢迎来山谷小铺！".to_owned()]));
    }

    #[test]
    fn every_text_of_a_message_is_filled_in() {
        let link = Part::Link {
            title: "{{ store.name }}的月饼".to_owned(),
            description: String::new(),
            url: "https://shop.example.com/?group={{ count }}".to_owned(),
            picture: None,
        };
        assert_eq!(
            fill_all(vec![link], &facts()),
            Ok(vec!["示例的月饼\nhttps://shop.example.com/?group=2".to_owned()])
        );
    }

    #[test]
    fn money_and_days_look_as_people_write_them() {
        let text = "{{ product('mooncake').name }}{{ product('mooncake').price }}一{{ product('mooncake').unit }}，\
            {% for step in product('mooncake').steps %}{{ step.from }}盒起{{ step.price | yuan }}，{% endfor %}\
            {{ product('mooncake').until | date }}（{{ product('mooncake').until | weekday }}）截止";
        let said = "山核桃月饼68元一盒，2盒起65.5元，9月25日（周五）截止";
        assert_eq!(one(text).as_deref(), Ok(said));
        assert_eq!(one("{{ today }}{{ today | weekday }}").as_deref(), Ok("9月25日周五"));
        assert_eq!(one("{% if product('mooncake').was %}原价{% endif %}无").as_deref(), Ok("无"));
        assert_eq!(
            one("{{ '小王、小李' | mention }}{{ '小王、小李' | count }}").as_deref(),
            Ok("@小王 @小李2")
        );
    }

    #[test]
    fn a_price_that_does_not_hold_is_never_told() {
        let mut later = facts();
        later.today = date(2026, 9, 26);
        let text = "{{ product('mooncake').price }}";
        let told = texts(&[text], &later).expect_err("over");
        assert_eq!(told, "“山核桃月饼”今天没有价格（config/prices.toml:1）");
        // The check of the files knows no certain day.
        assert_eq!(mistakes(text), []);
        assert_eq!(mistakes("{{ product('cake').price }}")[0].1, "没有编号为 \"cake\" 的商品");
        assert!(mistakes("{{ product('mooncake').was }}")[0].1.contains("没有填的一项"));
        assert!(mistakes("{{ brand | yuan }}")[0].1.contains("只能用在价钱后面"));
    }

    #[test]
    fn campaigns_count_down_and_are_silent_when_they_are_over() {
        let text = "{{ campaign('autumn').title }}还有{{ campaign('autumn').days_left }}天，{{ campaign('autumn').day }}截止";
        let on = |day| texts(&[text], &Facts { today: day, ..facts() }).map(|texts| texts.concat());
        assert_eq!(on(date(2026, 9, 22)).as_deref(), Ok("中秋预售还有3天，9月25日截止"));
        assert_eq!(on(date(2026, 9, 26)).as_deref(), Ok("中秋预售还有0天，9月25日截止"));
        assert!(on(date(2026, 9, 27)).expect_err("over").contains("结束了"));
        assert!(mistakes("{{ campaign('autumn').from }}")[0].1.contains("没有填的一项"));
        assert_eq!(mistakes("{{ campaign('spring').day }}")[0].1, "没有编号为 \"spring\" 的活动");
    }

    #[test]
    fn facts_are_data() {
        let facts = Facts { members: "{{ brand }}\n**[点我](http://a.top)**<@all>".to_owned(), ..facts() };
        assert_eq!(
            texts(&["{{ members }}"], &facts),
            Ok(vec!["{{ brand }} **[点我](http://a.top)**<@all>".to_owned()])
        );
        let markdown = Part::Markdown { text: "**{{ members }}**".to_owned() };
        assert_eq!(
            fill_all(vec![markdown], &facts),
            Ok(vec!["**{{ brand }} ＊＊［点我］(http://a.top)＊＊＜@all＞**".to_owned()])
        );
    }

    #[test]
    fn what_cannot_be_filled_is_an_error() {
        for text in [
            "{{ 价格 }}",
            "{{ price }}",
            "{% if brand %}",
            "{{ brand|nothing }}",
            "",
            "{% for a in [1,2] %}{% endfor %}",
            "{{ store }}",
        ] {
            assert!(one(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn mistakes_have_a_line_and_a_hint() {
        assert_eq!(mistakes("好\n{{ store.name }} {{ count }}"), []);
        assert_eq!(
            mistakes("好\n{% if members %}{{ store.nmae }}{% endif %}"),
            [(2, "没有 {{ store.nmae }} 这一项".to_owned())]
        );
        assert_eq!(mistakes("{{ price }}"), [(1, "没有 {{ price }} 这一项".to_owned())]);
        assert_eq!(mistakes("好\n好 {{ brand")[0].0, 2);
        assert!(mistakes("{{ 价格 }}")[0].1.contains("写法不对"));
        assert!(mistakes("{{ brand|upper }}")[0].1.contains("没有的功能"));
        assert!(
            mistakes("{% if members %}{% else %}{{ brand|upper }}{% endif %}")[0].1.contains("没有的功能")
        );
        assert_eq!(
            mistakes("好\n{% set a = brand %}"),
            [(2, "话术里只能用 if 和 for，不能用 set".to_owned())]
        );
    }

    #[test]
    fn endless_work_is_stopped() {
        let list = vec!["1"; 200].join(",");
        let loops = |inside: &str| {
            format!("{{% for a in [{list}] %}}{{% for b in [{list}] %}}{inside}{{% endfor %}}{{% endfor %}}")
        };
        assert_eq!(mistakes(&loops("x")), [(1, "要算的步骤太多，请写得简单些".to_owned())]);
        let long = "山".repeat(2000);
        let told = mistakes(&format!("{{% for a in [{list}] %}}{long}{{% endfor %}}"));
        assert_eq!(told, [(1, "填出来的内容太长，超过 32 KiB，请写得简单些".to_owned())]);
    }
}
