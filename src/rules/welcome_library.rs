//! PURE. The library of group welcomes on the platform (入群欢迎语素材, wecom-send.md §7.2): which scripts are in it,
//! and what they say there.

use jiff::civil::Date;

use super::{Rulebook, Store, asker_in, facts_in};
use crate::scripts::{Facts, Library, Part, Script};

/// Of one corp.
pub const TEMPLATES_AT_MOST: usize = 100;
const TEXT_BYTES: usize = 3000;
/// The platform puts the name of the customer who joined in its place.
const NICKNAME: &str = "%NICKNAME%";

/// One template that the files ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WelcomeTemplate {
    /// The script's id.
    pub script: String,
    /// The id of the store for which it is filled in; `None` = for the whole brand.
    pub store: Option<String>,
}

impl WelcomeTemplate {
    /// Tells it from the others: `welcome-direct-sale@chaoyang`.
    pub fn key(&self) -> String {
        match &self.store {
            Some(store) => format!("{}@{store}", self.script),
            None => self.script.clone(),
        }
    }

    /// What people call it: 福利群新人欢迎（山谷小铺朝阳店）.
    pub fn title(&self, rules: &Rulebook) -> String {
        let title = rules.scripts.get(&self.script).map_or(&self.script, |script| &script.title);
        let store = self.store.as_ref().and_then(|id| rules.stores.get(id));
        store.map_or_else(|| title.clone(), |store| format!("{title}（{}）", store.name))
    }

    /// What it says on this day; `None` when the script may not be used then. The error is a Chinese sentence.
    pub fn parts(&self, rules: &Rulebook, today: Date) -> Result<Option<Vec<Part>>, String> {
        let store = self.store.as_ref().and_then(|id| rules.stores.get(id));
        filled(&rules.scripts, &self.script, &rules.brand.name, store, today)
    }
}

/// A script as a template of this store. What does not fit is an error.
pub(super) fn filled(
    library: &Library,
    script: &str,
    brand: &str,
    store: Option<&Store>,
    today: Date,
) -> Result<Option<Vec<Part>>, String> {
    let script = library.resolved(script, &asker_in(store, today)).filter(|script| script.usable_on(today));
    let Some(script) = script else { return Ok(None) };
    let parts = parts(library, script, brand, store, today)?;
    match misfit(&parts) {
        None => Ok(Some(parts)),
        Some(why) => Err(why),
    }
}

fn parts(
    library: &Library,
    script: &Script,
    brand: &str,
    store: Option<&Store>,
    today: Date,
) -> Result<Vec<Part>, String> {
    let facts = Facts {
        member: NICKNAME.to_owned(),
        members: NICKNAME.to_owned(),
        count: 1,
        ..facts_in(brand, store, today)
    };
    let filled = library.fill(script, script.variant(None), &facts, &Default::default());
    filled.map_err(|error| error.why)
}

/// Why the platform takes no such template, in Chinese; `None` = it does.
fn misfit(parts: &[Part]) -> Option<String> {
    let unfit = |part: &&Part| match part {
        Part::Markdown { .. } => true,
        Part::MiniProgram { picture, .. } => picture.is_none(),
        _ => false,
    };
    if let Some(part) = parts.iter().find(unfit) {
        let kind = part.kind().chinese();
        return Some(match part {
            Part::MiniProgram { .. } => format!("入群欢迎语里的{kind}要配封面图（file）"),
            _ => format!("入群欢迎语不能有{kind}"),
        });
    }
    let attached = parts.iter().filter(|part| !part.is_words()).count();
    if attached > 1 {
        return Some(format!("入群欢迎语除了文字只能再带一样，这里有 {attached} 样"));
    }
    let bytes = text(parts).len();
    (bytes > TEXT_BYTES).then(|| format!("入群欢迎语的文字最多 {TEXT_BYTES} 字节，这里有 {bytes} 字节"))
}

/// The words of a template; several texts are paragraphs of one.
pub fn text(parts: &[Part]) -> String {
    let words = parts.iter().filter(|part| part.is_words()).filter_map(Part::paste);
    words.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{SourceFile, Sources};
    use crate::rules::{compile, samples::SERVER};

    const TODAY: Date = Date::constant(2026, 11, 22);

    fn rules(scripts: &str) -> Rulebook {
        let stores = "[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nregion = \"北京\"";
        let files = [
            ("config/zhanggui.toml", SERVER),
            ("config/stores.toml", stores),
            ("bot-scripts/welcome/a.toml", scripts),
        ];
        let files = files.into_iter().map(|(name, text)| SourceFile::new(name, text)).collect();
        compile(&Sources::new(files)).expect("good files").rulebook
    }

    fn template(store: Option<&str>) -> WelcomeTemplate {
        WelcomeTemplate { script: "hello".into(), store: store.map(str::to_owned) }
    }

    #[test]
    fn the_newcomer_is_called_by_name_and_the_store_by_its_own() {
        let text =
            "{% if members %}{{ members }}，{% endif %}欢迎{% if store.name %}来{{ store.name }}{% endif %}";
        let rules = rules(&format!(
            "[[script]]\nid = \"hello\"\ntitle = \"你好\"\nvalid = {{ from = 2026-01-01 }}\n\
             [[script.message]]\ntext = \"{text}\""
        ));
        let says = |store: Option<&str>| {
            template(store).parts(&rules, TODAY).unwrap().map(|parts| super::text(&parts))
        };
        assert_eq!(says(Some("chaoyang")).as_deref(), Some("%NICKNAME%，欢迎来朝阳店"));
        assert_eq!(says(None).as_deref(), Some("%NICKNAME%，欢迎"));
        assert_eq!(template(None).parts(&rules, Date::constant(2025, 1, 1)), Ok(None), "not yet");
        assert_eq!(template(Some("chaoyang")).title(&rules), "你好（朝阳店）");
        assert_eq!(template(Some("chaoyang")).key(), "hello@chaoyang");
    }

    #[test]
    fn what_the_platform_takes_no_template_of_is_told() {
        let message = |message: &str| format!("[[script]]\nid = \"hello\"\ntitle = \"你好\"\n{message}");
        let link =
            "[[script.message]]\nkind = \"link\"\ntitle = \"地图\"\nurl = \"https://shop.example.com\"\n";
        let long = format!("[[script.message]]\ntext = \"{}\"", "长".repeat(1001));
        for (messages, says) in [
            (long, "3000 字节"),
            (link.repeat(2), "只能再带一样"),
            ("[[script.message]]\nkind = \"markdown\"\ntext = \"**好**\"".to_owned(), "不能有"),
        ] {
            let why = template(None).parts(&rules(&message(&messages)), TODAY).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
    }
}
