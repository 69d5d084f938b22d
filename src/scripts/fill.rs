//! Filling a script in.
//!
//! Templates are the brand's; what they are filled with is data and stays as it is, also when it looks like a
//! template or like markup. An unknown name is a mistake, never an empty place in a customer's message.

use std::collections::BTreeSet;

use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::{MessageKind, Script};
use crate::text::{one_line, similarity};

/// Steps that filling one message may take. A message takes tens; a loop that somebody wrote by mistake
/// must not hold up the group.
const STEPS_AT_MOST: u64 = 10_000;

/// The names of facts are shorter than this; the rest of a longer one is cut off.
const NAME_AT_MOST: usize = 400;

/// What a template may name.
const NAMES: [&str; 9] = [
    "brand",
    "store.name",
    "store.region",
    "store.address",
    "store.hours",
    "store.phone",
    "group",
    "members",
    "count",
];

/// What a template may name. Empty strings are allowed; an unknown name is an error.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Facts {
    /// `{{ brand }}`: the brand's name.
    pub brand: String,
    pub store: StoreFacts,
    /// `{{ group }}`: the group's name.
    pub group: String,
    /// `{{ members }}`: the names of the people spoken to, joined by `、`; may be empty.
    pub members: String,
    /// `{{ count }}`: how many people are spoken to.
    pub count: usize,
}

/// `{{ store.name }}` and so on.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct StoreFacts {
    pub name: String,
    pub region: String,
    pub address: String,
    pub hours: String,
    pub phone: String,
}

/// A message of a script, ready to be sent or pasted.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    pub kind: super::MessageKind,
    pub text: String,
}

/// A template that cannot be filled in.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("话术 {script} 无法填写：{why}")]
pub struct FillError {
    pub script: String,
    pub why: String,
}

/// A mistake in a template, for the check of the files.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateMistake {
    pub script: String,
    /// Which message of the script, from 0.
    pub message: usize,
    /// Which line of the message's text, from 1.
    pub line: usize,
    /// For people.
    pub why: String,
}

/// All templates of a library, compiled once.
#[derive(Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
    /// Those that could not be compiled.
    broken: Vec<TemplateMistake>,
}

impl Templates {
    pub(super) fn new(scripts: &[Script]) -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(STEPS_AT_MOST));
        let mut broken = Vec::new();
        for (script, message) in each_message(scripts) {
            let source = script.messages[message].text.clone();
            if let Err(error) = environment.add_template_owned(name(script, message), source) {
                broken.push(mistake(script, message, error.line(), explain(&error)));
            }
        }
        Self { environment, broken }
    }

    /// Every message of the script that has something to say; at least one.
    pub(super) fn fill(&self, script: &Script, facts: &Facts) -> Result<Vec<Filled>, FillError> {
        let fail = |why: String| FillError { script: script.id.clone(), why };
        let mut filled = Vec::new();
        for (nth, message) in script.messages.iter().enumerate() {
            if let Some(broken) = self.broken.iter().find(|broken| is_at(broken, script, nth)) {
                return Err(fail(broken.why.clone()));
            }
            let text = self.render(script, nth, facts).map_err(|error| fail(explain(&error)))?;
            let text = text.trim();
            if !text.is_empty() {
                filled.push(Filled { kind: message.kind, text: text.to_owned() });
            }
        }
        if filled.is_empty() { Err(fail("填好以后是空的".to_owned())) } else { Ok(filled) }
    }

    fn render(&self, script: &Script, message: usize, facts: &Facts) -> Result<String, Error> {
        let facts = Serde(spoken(facts, script.messages[message].kind));
        self.environment.get_template(&name(script, message))?.render(facts)
    }

    /// Every mistake that can be seen without real facts, in the order of the scripts.
    pub(super) fn check(&self, scripts: &[Script]) -> Vec<TemplateMistake> {
        each_message(scripts).flat_map(|(script, message)| self.check_message(script, message)).collect()
    }

    fn check_message(&self, script: &Script, message: usize) -> Vec<TemplateMistake> {
        if let Some(broken) = self.broken.iter().find(|broken| is_at(broken, script, message)) {
            return vec![broken.clone()];
        }
        let unknown = self.unknown_names(script, message);
        if !unknown.is_empty() {
            return unknown;
        }
        // Facts and their absence lead through the two sides of an `{% if %}`.
        let failed = [everything(), Facts::default()]
            .into_iter()
            .find_map(|facts| self.render(script, message, &facts).err());
        failed.map(|error| mistake(script, message, error.line(), explain(&error))).into_iter().collect()
    }

    fn unknown_names(&self, script: &Script, message: usize) -> Vec<TemplateMistake> {
        let Ok(template) = self.environment.get_template(&name(script, message)) else { return Vec::new() };
        let used: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
        let unknown = used.iter().filter(|used| !NAMES.contains(&used.as_str()));
        let lines = || script.messages[message].text.lines();
        unknown
            .map(|unknown| {
                let line = lines().position(|line| line.contains(unknown.as_str())).map(|at| at + 1);
                mistake(script, message, line, format!("没有 {{{{ {unknown} }}}} 这一项{}", hint(unknown)))
            })
            .collect()
    }
}

fn each_message(scripts: &[Script]) -> impl Iterator<Item = (&Script, usize)> {
    scripts.iter().flat_map(|script| (0..script.messages.len()).map(move |message| (script, message)))
}

fn name(script: &Script, message: usize) -> String {
    format!("{}#{message}", script.id)
}

fn is_at(mistake: &TemplateMistake, script: &Script, message: usize) -> bool {
    mistake.script == script.id && mistake.message == message
}

fn mistake(script: &Script, message: usize, line: Option<usize>, why: String) -> TemplateMistake {
    TemplateMistake { script: script.id.clone(), message, line: line.unwrap_or(1), why }
}

/// The known name that comes nearest.
fn hint(unknown: &str) -> String {
    let near = |name: &&str| similarity(unknown, name);
    let nearest =
        NAMES.into_iter().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|name| near(name) > 0.5);
    nearest.map_or_else(
        || format!("；可以用的有：{}", NAMES.join("、")),
        |name| format!("，是不是想写 {{{{ {name} }}}}"),
    )
}

fn explain(error: &Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::SyntaxError => format!("花括号里的写法不对（{detail}）"),
        ErrorKind::OutOfFuel => "要算的步骤太多，请写得简单些".to_owned(),
        ErrorKind::UndefinedError => "用了没有的名字".to_owned(),
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownTest
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownMethod => {
            format!("用了没有的功能（{detail}）")
        }
        kind => format!("填不出来（{kind}：{detail}）"),
    }
}

/// Names that people gave themselves, on one line, and without the signs that would be markup.
fn spoken(facts: &Facts, kind: MessageKind) -> Facts {
    let plain = |name: &str| {
        let name = one_line(name, NAME_AT_MOST);
        match kind {
            MessageKind::Text => name,
            MessageKind::Markdown => name.chars().map(unmarked).collect(),
        }
    };
    Facts { group: plain(&facts.group), members: plain(&facts.members), ..facts.clone() }
}

/// The full-width twin of a sign that is markup on the platform (wecom-send.md §3.5).
fn unmarked(c: char) -> char {
    match c {
        '#' => '＃',
        '*' => '＊',
        '[' => '［',
        ']' => '］',
        '`' => '｀',
        '<' => '＜',
        '>' => '＞',
        _ => c,
    }
}

/// Facts of which none is missing.
fn everything() -> Facts {
    let some = || "示例".to_owned();
    let store = StoreFacts { name: some(), region: some(), address: some(), hours: some(), phone: some() };
    Facts { brand: some(), store, group: some(), members: some(), count: 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripts::ScriptMessage;

    fn script(texts: &[&str], kind: MessageKind) -> Script {
        let message = |text: &&str| ScriptMessage { kind, text: (*text).to_owned() };
        Script {
            id: "hello".to_owned(),
            title: "问好".to_owned(),
            scene: "greeting".to_owned(),
            step: None,
            senses: Vec::new(),
            triggers: vec!["你好".to_owned()],
            profiles: Vec::new(),
            owner: None,
            valid_from: None,
            valid_to: None,
            replaced_by: None,
            messages: texts.iter().map(message).collect(),
            place: "bot-scripts/greeting/hello.toml:1".to_owned(),
        }
    }

    fn filled(texts: &[&str], kind: MessageKind, facts: &Facts) -> Result<Vec<String>, String> {
        let script = script(texts, kind);
        let filled = Templates::new(std::slice::from_ref(&script)).fill(&script, facts);
        filled.map(|filled| filled.into_iter().map(|filled| filled.text).collect()).map_err(|error| error.why)
    }

    fn mistakes(text: &str) -> Vec<(usize, String)> {
        let scripts = [script(&["好", text], MessageKind::Text)];
        let found = Templates::new(&scripts).check(&scripts);
        assert!(found.iter().all(|mistake| mistake.message == 1 && mistake.script == "hello"));
        found.into_iter().map(|mistake| (mistake.line, mistake.why)).collect()
    }

    #[test]
    fn fills_in_and_leaves_out() {
        let texts = [
            "{% if members %}{{ members }}，{% endif %}欢迎来{{ store.name }}！\n",
            "{% if count > 1 %}来了{{ count }}位{% endif %}",
        ];
        let mut facts = everything();
        facts.members = "小王、小李".to_owned();
        facts.store.name = "山谷小铺".to_owned();
        let both = ["小王、小李，欢迎来山谷小铺！", "来了2位"].map(str::to_owned);
        assert_eq!(filled(&texts, MessageKind::Text, &facts), Ok(both.to_vec()));
        facts.members = String::new();
        facts.count = 0;
        assert_eq!(filled(&texts, MessageKind::Text, &facts), Ok(vec!["欢迎来山谷小铺！".to_owned()]));
    }

    #[test]
    fn facts_are_data() {
        let facts =
            Facts { members: "{{ brand }}\n**[点我](http://a.top)**<@all>".to_owned(), ..everything() };
        assert_eq!(
            filled(&["{{ members }}"], MessageKind::Text, &facts),
            Ok(vec!["{{ brand }} **[点我](http://a.top)**<@all>".to_owned()])
        );
        assert_eq!(
            filled(&["**{{ members }}**"], MessageKind::Markdown, &facts),
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
        ] {
            assert!(filled(&[text], MessageKind::Text, &everything()).is_err(), "{text:?}");
        }
        let foreign = script(&["好"], MessageKind::Text);
        assert!(Templates::new(&[]).fill(&foreign, &everything()).is_err());
    }

    #[test]
    fn mistakes_have_a_line_and_a_hint() {
        assert_eq!(mistakes("好\n{{ store.name }} {{ count }}"), []);
        assert_eq!(
            mistakes("好\n{% if members %}{{ store.nmae }}{% endif %}"),
            [(2, "没有 {{ store.nmae }} 这一项，是不是想写 {{ store.name }}".to_owned())]
        );
        assert!(mistakes("{{ price }}")[0].1.contains("可以用的有：brand、store.name"));
        assert_eq!(mistakes("好\n好 {{ brand")[0].0, 2);
        assert!(mistakes("{{ 价格 }}")[0].1.contains("写法不对"));
        assert!(mistakes("{{ brand|upper }}")[0].1.contains("没有的功能"));
        assert!(
            mistakes("{% if members %}{% else %}{{ brand|upper }}{% endif %}")[0].1.contains("没有的功能")
        );
    }

    #[test]
    fn endless_work_is_stopped() {
        let list = vec!["1"; 200].join(",");
        let text = format!("{{% for a in [{list}] %}}{{% for b in [{list}] %}}x{{% endfor %}}{{% endfor %}}");
        assert_eq!(mistakes(&text), [(1, "要算的步骤太多，请写得简单些".to_owned())]);
    }
}
