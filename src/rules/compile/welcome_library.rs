//! The library of group welcomes: whether each template can be there.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Reading;
use super::around::Around;
use crate::files::{At, Id, Report};
use crate::rules::WelcomeTemplate;
use crate::rules::welcome_library::{TEMPLATES_AT_MOST, filled};
use crate::rules::written::WelcomeTemplateEntry;
use crate::scripts::Library;

pub fn check(reading: &Reading<'_>, around: &Around<'_>, report: &mut Report<'_>) -> Vec<WelcomeTemplate> {
    let mut templates: Vec<WelcomeTemplate> = Vec::new();
    let mut keys = BTreeSet::new();
    // With errors about, what a template says may not be what it will say.
    let today = around.today.filter(|_| !report.has_errors());
    for entry in reading.welcome_templates() {
        let Some(script) = &entry.script else { continue };
        let known = around.known.scripts.check(&script.0, script.place, report);
        if known {
            check_blanks(script, around.scripts, report);
        }
        for template in of_entry(entry, script, around, report) {
            if !keys.insert(template.key()) {
                report
                    .error("duplicate-template", script.place, format!("{} 写了两次", template.key()))
                    .hint("留一段，删掉另一段");
            }
            if let Some(today) = today.filter(|_| known) {
                check_content(&template, script, today, around, report);
            }
            templates.push(template);
            if templates.len() == TEMPLATES_AT_MOST + 1 {
                let message = format!("企业微信最多收 {TEMPLATES_AT_MOST} 份入群欢迎语，从这里开始多了");
                report
                    .error("too-many-templates", entry.place, message)
                    .hint("每家店算一份；几家店能共用的，去掉 stores 合成一份");
            }
        }
    }
    templates
}

/// One for each of its stores, or one for the brand.
fn of_entry(
    entry: &WelcomeTemplateEntry,
    script: &At<Id>,
    around: &Around<'_>,
    report: &mut Report<'_>,
) -> Vec<WelcomeTemplate> {
    let template = |store| WelcomeTemplate { script: script.0.clone(), store };
    let Some(stores) = entry.stores.as_ref().filter(|stores| !stores.value.is_empty()) else {
        return vec![template(None)];
    };
    for store in &stores.value {
        around.known.stores.check(&store.0, store.place, report);
    }
    stores.value.iter().map(|store| template(Some(store.0.clone()))).collect()
}

/// Nobody is there to fill them in.
fn check_blanks(script: &At<Id>, scripts: &Library, report: &mut Report<'_>) {
    let found = scripts.get(&script.0);
    if found.is_some_and(|found| found.asks.iter().any(|ask| ask.default.is_none())) {
        report
            .error(
                "template-with-blanks",
                script.place,
                format!("话术 {:?} 要人填空，不能做欢迎语素材", script.0),
            )
            .hint("给每个填空写 default，或换一条");
    }
}

/// As it is today: texts whose length depends on the day do not belong here.
fn check_content(
    template: &WelcomeTemplate,
    script: &At<Id>,
    today: Date,
    around: &Around<'_>,
    report: &mut Report<'_>,
) {
    let store = template.store.as_ref().and_then(|id| around.stores.get(id));
    if let Err(why) = filled(around.scripts, &template.script, around.brand, store, today) {
        report
            .error("unfit-template", script.place, format!("{} 不能做欢迎语素材：{why}", template.key()))
            .hint("改话术，或换一条");
    }
}

#[cfg(test)]
mod tests {
    use crate::files::{SourceFile, Sources};
    use crate::rules::{compile, samples::SERVER};

    /// So many stores, each with a template.
    fn told(stores: usize) -> Result<usize, String> {
        let store = |number: usize| format!("[[store]]\nid = \"s{number}\"\nname = \"{number} 号店\"\n");
        let ids: Vec<String> = (0..stores).map(|number| format!("\"s{number}\"")).collect();
        let library = format!("[[template]]\nscript = \"hello\"\nstores = [{}]", ids.join(", "));
        let files = vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/stores.toml", (0..stores).map(store).collect::<String>()),
            SourceFile::new(
                "bot-scripts/welcome/a.toml",
                "[[script]]\nid = \"hello\"\ntitle = \"你好\"\n[[script.message]]\ntext = \"您好\"",
            ),
            SourceFile::new("config/welcome-library.toml", library),
        ];
        let compiled = compile(&Sources::new(files));
        let compiled =
            compiled.map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<String>());
        compiled.map(|compiled| compiled.rulebook.welcome_library.len())
    }

    #[test]
    fn what_a_template_cannot_say_is_told_when_the_day_is_known() {
        let text = "长".repeat(1001);
        let script =
            format!("[[script]]\nid = \"hello\"\ntitle = \"你好\"\n[[script.message]]\ntext = \"{text}\"");
        let mut sources = Sources::new(vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("bot-scripts/welcome/a.toml", script),
            SourceFile::new("config/welcome-library.toml", "[[template]]\nscript = \"hello\""),
        ]);
        assert!(compile(&sources).is_ok());
        sources.now = Some("2026-11-22T10:00:00+08:00".parse().expect("a time"));
        let mistakes = compile(&sources).expect_err("too long");
        let error = mistakes.iter().find(|one| one.is_error()).expect("an error").to_string();
        assert!(error.contains("3000 字节"), "{error}");
    }

    #[test]
    fn the_hundred_and_first_is_refused() {
        assert_eq!(told(100), Ok(100));
        let refused = told(101).unwrap_err();
        assert!(refused.contains("最多收 100 份入群欢迎语"), "{refused}");
    }
}
