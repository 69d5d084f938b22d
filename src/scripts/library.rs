//! All scripts of the brand and how they are found.
//!
//! Scripts without triggers are the bot's own (a warning, a welcome); staff neither find nor see them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use super::fill::Templates;
use super::search::SearchIndex;
use super::wordings::Wordings;
use super::{Facts, FillError, Filled, How, Preference, Recognised, Recogniser, Script, TemplateMistake};

/// The whole script library; built once per change of the files.
#[derive(Debug)]
pub struct Library {
    scripts: Vec<Script>,
    by_id: HashMap<String, usize>,
    /// Made when it is first needed: the check of the files needs none, and a reload does not wait for it.
    finder: OnceLock<Finder>,
    /// Scripts that staff may find, scene by scene.
    by_scene: Vec<usize>,
    templates: Templates,
}

/// By what scripts are found.
#[derive(Debug)]
struct Finder {
    search: SearchIndex,
    recogniser: Recogniser,
}

/// A script that was found, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit<'l> {
    pub script: &'l Script,
    pub how: How,
}

impl Default for Library {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Library {
    /// Ids must be unique (the files' check sees to it). Templates that cannot be compiled are reported by
    /// [`Library::check`] and again when somebody fills them in.
    pub fn new(scripts: Vec<Script>) -> Self {
        let by_id = scripts.iter().enumerate().map(|(nth, script)| (script.id.clone(), nth)).collect();
        let for_staff: Vec<usize> =
            (0..scripts.len()).filter(|&nth| !scripts[nth].triggers.is_empty()).collect();
        Self {
            by_id,
            finder: OnceLock::new(),
            by_scene: by_scene(&scripts, for_staff),
            templates: Templates::new(&scripts),
            scripts,
        }
    }

    pub fn all(&self) -> &[Script] {
        &self.scripts
    }

    pub fn get(&self, id: &str) -> Option<&Script> {
        self.by_id.get(id).map(|&nth| &self.scripts[nth])
    }

    /// The script that exactly this keyword or title brings, written in any width, case or script.
    /// `profile` narrows to the scripts of a group's profile. One that is usable today comes before one that
    /// is not; an expired script is found too, so that the caller can say so and name its successor.
    pub fn triggered(&self, keyword: &str, profile: Option<&str>, today: Date) -> Option<&Script> {
        let found = self.finder().search.exactly(keyword);
        let fitting = || found.iter().map(|&nth| &self.scripts[nth]).filter(|script| script.fits(profile));
        fitting().find(|script| script.usable_on(today)).or_else(|| fitting().next())
    }

    /// Up to `at_most` scripts that fit, by keyword, title, body, pinyin, initials, or with a slip of the finger;
    /// the best match first. Expired ones are found too, unless `fits` refuses them.
    pub fn search(
        &self,
        keyword: &str,
        at_most: usize,
        preference: &Preference<'_>,
        fits: impl Fn(&Script) -> bool,
    ) -> Vec<Hit<'_>> {
        let found = self.finder().search.search(keyword, at_most, preference, |nth| fits(&self.scripts[nth]));
        found.into_iter().map(|found| Hit { script: &self.scripts[found.script], how: found.how }).collect()
    }

    /// Up to `at_most` usable scripts that come nearest to the keyword, nearest first.
    pub fn nearest(&self, keyword: &str, profile: Option<&str>, today: Date, at_most: usize) -> Vec<&Script> {
        let fits = |script: &Script| script.fits(profile) && script.usable_on(today);
        let hits = self.search(keyword, at_most, &Preference::default(), fits);
        hits.into_iter().map(|hit| hit.script).collect()
    }

    /// The script that a heard text is, pasted as it was given or lightly edited, and where it was found.
    pub fn recognise(&self, text: &str) -> Option<(&Script, Recognised)> {
        self.finder().recogniser.recognise(text).map(|found| (&self.scripts[found.script], found))
    }

    /// Makes the index by which scripts are found, if it was not made yet, so that nobody waits for it: some
    /// 200 ms for 20 000 scripts.
    pub fn prepare(&self) {
        self.finder();
    }

    fn finder(&self) -> &Finder {
        self.finder.get_or_init(|| {
            let wordings = Arc::new(Wordings::new(&self.scripts));
            let search = SearchIndex::over(&self.scripts, Arc::clone(&wordings));
            Finder { search, recogniser: Recogniser::over(wordings) }
        })
    }

    /// Scripts that staff may use today, in the order of scenes and files.
    pub fn usable(&self, profile: Option<&str>, today: Date) -> Vec<&Script> {
        let scripts = self.by_scene.iter().map(|&nth| &self.scripts[nth]);
        scripts.filter(|script| script.fits(profile) && script.usable_on(today)).collect()
    }

    /// The script that stands in for this one today: the first usable one along `replaced_by`.
    pub fn successor(&self, script: &Script, today: Date) -> Option<&Script> {
        let next = |script: &Script| script.replaced_by.as_deref().and_then(|id| self.get(id));
        // Files may name each other in a circle; no chain is longer than the library.
        std::iter::successors(next(script), |script| next(script))
            .take(self.scripts.len())
            .find(|successor| successor.usable_on(today) && successor.id != script.id)
    }

    /// Fills every message of the script in. A message that has nothing to say with these facts is left out.
    pub fn fill(&self, script: &Script, facts: &Facts) -> Result<Vec<Filled>, FillError> {
        self.templates.fill(script, facts)
    }

    /// Every mistake in the templates, in the order of the scripts.
    pub fn check(&self) -> Vec<TemplateMistake> {
        self.templates.check(&self.scripts)
    }
}

/// Scenes in the order in which the files bring them.
fn by_scene(scripts: &[Script], mut for_staff: Vec<usize>) -> Vec<usize> {
    let mut rank: HashMap<&str, usize> = HashMap::new();
    for script in scripts {
        let next = rank.len();
        rank.entry(&script.scene).or_insert(next);
    }
    for_staff.sort_by_key(|&nth| rank.get(scripts[nth].scene.as_str()));
    for_staff
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::scripts::{MessageKind, ScriptMessage};

    const TODAY: Date = date(2026, 9, 20);

    fn script(id: &str, scene: &str, triggers: &[&str]) -> Script {
        Script {
            id: id.to_owned(),
            title: format!("{id}的标题"),
            scene: scene.to_owned(),
            step: None,
            senses: Vec::new(),
            triggers: triggers.iter().map(ToString::to_string).collect(),
            profiles: Vec::new(),
            owner: None,
            valid_from: None,
            valid_to: None,
            replaced_by: None,
            messages: vec![ScriptMessage { kind: MessageKind::Text, text: "{{ brand }}".to_owned() }],
            place: String::new(),
        }
    }

    fn library() -> Library {
        let presale = Script {
            valid_from: Some(date(2026, 9, 1)),
            valid_to: Some(date(2026, 9, 25)),
            replaced_by: Some("mooncake".to_owned()),
            ..script("presale", "promotion", &["中秋", "月饼预售"])
        };
        let mooncake = Script {
            valid_from: Some(date(2026, 9, 26)),
            ..script("mooncake", "promotion", &["月饼", "中秋"])
        };
        let vip =
            Script { profiles: vec!["vip".to_owned()], ..script("vip", "greeting", &["ＶＩＰ问候"]) };
        Library::new(vec![
            script("hours", "faq", &["几点开门", "营业时间"]),
            presale,
            vip,
            mooncake,
            script("refund", "faq", &["退换货"]),
            script("ad-removed", "moderation", &[]),
        ])
    }

    fn triggered(keyword: &str, profile: Option<&str>, today: Date) -> Option<String> {
        library().triggered(keyword, profile, today).map(|script| script.id.clone())
    }

    #[test]
    fn a_keyword_brings_its_script_in_any_writing() {
        assert_eq!(triggered("營業時間！", None, TODAY).as_deref(), Some("hours"));
        assert_eq!(triggered("vip 问候", None, TODAY).as_deref(), Some("vip"));
        assert_eq!(triggered("refund的标题", None, TODAY).as_deref(), Some("refund"));
        assert_eq!(triggered("营业", None, TODAY), None);
        assert_eq!(triggered("ad-removed的标题", None, TODAY), None);
        assert_eq!(triggered("", None, TODAY), None);
    }

    #[test]
    fn a_usable_script_comes_before_an_expired_one() {
        assert_eq!(triggered("中秋", None, TODAY).as_deref(), Some("presale"));
        assert_eq!(triggered("中秋", None, date(2026, 10, 1)).as_deref(), Some("mooncake"));
        assert_eq!(triggered("月饼预售", None, date(2026, 10, 1)).as_deref(), Some("presale"));
    }

    #[test]
    fn profiles_narrow() {
        assert_eq!(triggered("vip问候", Some("moms"), TODAY), None);
        assert_eq!(triggered("vip问候", Some("vip"), TODAY).as_deref(), Some("vip"));
        assert_eq!(triggered("退换货", Some("moms"), TODAY).as_deref(), Some("refund"));
    }

    #[test]
    fn nearest_first_and_usable_only() {
        let library = library();
        let ids = |keyword: &str, profile: Option<&str>| -> Vec<String> {
            library.nearest(keyword, profile, TODAY, 3).iter().map(|script| script.id.clone()).collect()
        };
        assert_eq!(ids("月并预售", None), ["presale"]);
        assert_eq!(ids("退货", None)[0], "refund");
        assert_eq!(ids("问候语", Some("moms")), Vec::<String>::new());
        assert_eq!(ids("标题", None).len(), 3);
        assert_eq!(ids("", None), Vec::<String>::new());
    }

    #[test]
    fn usable_goes_scene_by_scene() {
        let library = library();
        let ids: Vec<&str> = library.usable(None, TODAY).iter().map(|script| script.id.as_str()).collect();
        assert_eq!(ids, ["hours", "refund", "presale", "vip"]);
    }

    #[test]
    fn successors_are_followed_to_a_usable_one_and_never_in_a_circle() {
        let library = library();
        let presale = library.get("presale").expect("in the library");
        assert_eq!(
            library.successor(presale, date(2026, 10, 1)).map(|script| script.id.as_str()),
            Some("mooncake")
        );
        assert_eq!(library.successor(presale, date(2026, 9, 25)), None);
        let replaced =
            |id: &str, by: &str| Script { replaced_by: Some(by.to_owned()), ..script(id, "faq", &["问"]) };
        let circle = Library::new(vec![replaced("a", "b"), replaced("b", "a"), replaced("c", "nobody")]);
        assert_eq!(circle.successor(&circle.all()[0], TODAY), None);
        assert_eq!(circle.successor(&circle.all()[2], TODAY), None);
    }

    #[test]
    fn validity_includes_its_first_and_last_day() {
        let library = library();
        let presale = library.get("presale").expect("in the library");
        let usable = [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 25), date(2026, 9, 26)];
        assert_eq!(usable.map(|day| presale.usable_on(day)), [false, true, true, false]);
        let replaced = Script { replaced_by: Some("hours".to_owned()), ..script("old", "faq", &["旧"]) };
        assert!(!replaced.usable_on(TODAY));
    }
}
