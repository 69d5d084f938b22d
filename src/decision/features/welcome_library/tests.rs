use jiff::Timestamp;

use super::*;
use crate::decision::event::{Ear, Event, EventKey, MemberId};
use crate::decision::{Change, Decision, Memory, Part, TemplateChange, decide};
use crate::files::{Look, SourceFile, Sources, render};
use crate::perception::Signals;
use crate::rules::{Rulebook, compile, samples};

fn rules(templates: &[&str]) -> Rulebook {
    let script = |id: &str| {
        format!(
            "[[script]]\nid = \"{id}\"\ntitle = \"{id}\"\n[[script.message]]\ntext = \"{{{{ members }}}}，{id}\"\n"
        )
    };
    let library: String = templates.iter().map(|id| format!("[[template]]\nscript = \"{id}\"\n")).collect();
    let files = vec![
        SourceFile::new("config/zhanggui.toml", samples::SERVER),
        SourceFile::new("bot-scripts/welcome/a.toml", ["a", "b", "c", "d", "e"].map(script).concat()),
        SourceFile::new("config/welcome-library.toml", library),
    ];
    let compiled = compile(&Sources::new(files));
    compiled.unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Look::Plain))).rulebook
}

fn now() -> Timestamp {
    "2026-11-22T10:00:00+08:00".parse().expect("a time")
}

fn known(key: &str, template_id: Option<&str>, text: &str, standing: TemplateStanding) -> KnownTemplate {
    KnownTemplate {
        key: key.into(),
        title: key.into(),
        template_id: template_id.map(str::to_owned),
        parts: vec![Part::text(text)],
        standing,
    }
}

fn happens(rules: &Rulebook, templates: Vec<KnownTemplate>, what: WelcomeLibraryEvent) -> Decision {
    let event = Event {
        key: EventKey::from("apply-1"),
        at: now(),
        ear: Ear::Operator,
        via: "control".into(),
        group: None,
        from: Some(MemberId::from("lin.yun")),
        kind: EventKind::WelcomeLibrary(what),
        raw: None,
    };
    let signals = Signals::default();
    let mut state = Memory::default().load(&event, &signals);
    state.welcome_templates = templates.into();
    decide(&state, &event, &signals, rules, now())
}

fn changes(decision: &Decision) -> Vec<&TemplateChange> {
    decision
        .actions
        .iter()
        .map(|action| match &action.act {
            Act::WelcomeTemplate(change) => change.as_ref(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn said(decision: &Decision) -> (&str, &str) {
    let reason = decision.reasons.iter().find(|reason| reason.feature == NAME).expect("a reason");
    (&reason.code, &reason.text)
}

#[test]
fn the_library_becomes_what_the_files_say_and_nothing_else_is_touched() {
    let templates = vec![
        known("a", Some("m1"), "%NICKNAME%，a", TemplateStanding::Done),
        known("b", Some("m2"), "以前的", TemplateStanding::Done),
        known("gone", Some("m3"), "不要了", TemplateStanding::Failed("超时".into())),
        known("c", None, "", TemplateStanding::Failed("没有权限".into())),
        known("d", None, "", TemplateStanding::UnderWay),
        known("e", None, "", TemplateStanding::Doubt),
        known("vain", None, "", TemplateStanding::Failed("没有权限".into())),
    ];
    let decision =
        happens(&rules(&["a", "b", "c", "d", "e"]), templates, WelcomeLibraryEvent::Apply { all: false });
    let steps: Vec<_> = changes(&decision)
        .iter()
        .map(|change| (change.step.chinese(), change.key.as_str(), change.last_of.as_deref()))
        .collect();
    assert_eq!(steps, [("删除", "gone", None), ("修改", "b", None), ("新增", "c", Some("apply-1"))]);
    let (code, text) = said(&decision);
    assert_eq!(code, "applied");
    for says in ["新增 1 份", "修改 1 份", "删除 1 份", "还在进行", "说不准"] {
        assert!(text.contains(says), "{text}");
    }
    let same = vec![known("a", Some("m1"), "%NICKNAME%，a", TemplateStanding::Done)];
    let again = happens(&rules(&["a"]), same.clone(), WelcomeLibraryEvent::Apply { all: true });
    assert_eq!(changes(&again)[0].step.chinese(), "修改", "whoever asks for all gets all");
    let nothing = happens(&rules(&["a"]), same, WelcomeLibraryEvent::Apply { all: false });
    assert!(nothing.actions.is_empty() && said(&nothing).1.contains("什么也不用改"));
}

#[test]
fn more_than_the_platform_holds_is_refused_as_a_whole() {
    let mut templates: Vec<_> =
        (0..100).map(|number| known(&format!("t{number}"), None, "", TemplateStanding::Doubt)).collect();
    let refused = happens(&rules(&["a"]), templates.clone(), WelcomeLibraryEvent::Apply { all: false });
    assert!(refused.actions.is_empty());
    assert!(said(&refused).1.contains("同步以后会有 101 份"), "{:?}", said(&refused));
    templates.pop();
    let fits = happens(&rules(&["a"]), templates, WelcomeLibraryEvent::Apply { all: false });
    assert_eq!(fits.actions.len(), 1);
}

#[test]
fn what_a_person_has_looked_for_in_vain_is_forgotten() {
    let templates = vec![
        known("a", None, "", TemplateStanding::UnderWay),
        known("b", None, "", TemplateStanding::Doubt),
        known("c", Some("m3"), "被人删了", TemplateStanding::Failed("参数不合法".into())),
    ];
    let forget = |key: &str| {
        let what = WelcomeLibraryEvent::Forget { key: key.into() };
        happens(&rules(&["a", "b"]), templates.clone(), what)
    };
    assert_eq!(said(&forget("a")).0, "under_way");
    assert_eq!(said(&forget("x")).0, "unknown");
    assert_eq!(said(&forget("c")).0, "forgotten", "an edit that failed: somebody deleted it");
    let forgotten = forget("b");
    assert_eq!(said(&forgotten).0, "forgotten");
    assert!(forgotten.changes.contains(&Change::ForgetWelcomeTemplate { key: "b".into() }));
}

#[test]
fn ops_hears_once_what_could_not_be_synced() {
    let good = known("a", Some("m1"), "好", TemplateStanding::Done);
    let applied = |key: &str, standing| WelcomeLibraryEvent::Applied { key: key.into(), standing };
    let last = known("z", None, "", TemplateStanding::UnderWay);
    let done = applied("z", TemplateStanding::Done);
    let synced = happens(&rules(&[]), vec![good.clone(), last.clone()], done);
    assert!(synced.actions.is_empty() && said(&synced).0 == "synced");
    let failed = known("b", None, "", TemplateStanding::Failed("素材已到上限（100 个）".into()));
    let told = happens(&rules(&[]), vec![good, failed, last], applied("z", TemplateStanding::Doubt));
    let [action] = &told.actions[..] else { panic!("{:?}", told.actions) };
    let Act::Tell { to, part } = &action.act else { panic!("{action:?}") };
    let text = part.paste().unwrap_or_default();
    assert_eq!(to.as_str(), "lin.yun");
    assert!(
        text.contains("有 2 份") && text.contains("· b：素材已到上限") && text.contains("forget z"),
        "{text}"
    );
}
