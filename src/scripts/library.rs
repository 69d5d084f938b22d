//! All scripts of the brand and how they are found.
//!
//! Scripts without triggers are the bot's own (a warning, a welcome); staff neither find nor see them.

use std::collections::{BTreeMap, HashMap};

use super::fill::Templates;
use super::{
    Ask, Asker, Facts, FillError, Filled, Override, Products, Scope, Script, ScriptMessage, TemplateMistake,
    Variant,
};
use crate::text::{Grams, matching_key};

/// What a library is made of.
#[derive(Clone, Debug, Default)]
pub struct LibraryParts {
    /// Ids must be unique (the files' check sees to it).
    pub scripts: Vec<Script>,
    pub overrides: Vec<Override>,
    /// Store id → region.
    pub regions: BTreeMap<String, String>,
    pub products: Products,
}

/// The whole script library; built once per change of the files.
#[derive(Debug)]
pub struct Library {
    /// The brand's scripts, then what regions and stores made of them.
    versions: Vec<Script>,
    /// How many of them are the brand's.
    brands: usize,
    by_id: HashMap<String, usize>,
    changed: HashMap<usize, Changed>,
    regions: BTreeMap<String, String>,
    overrides: Vec<Override>,
    /// Folded trigger or title → versions; those with the trigger before those with the title.
    by_keyword: HashMap<String, Vec<usize>>,
    /// For `nearest`: triggers and title of every version that staff may find.
    searchable: Vec<(usize, Vec<Grams>)>,
    /// The brand's scripts, scene by scene.
    by_scene: Vec<usize>,
    templates: Templates,
}

/// Where a script is another one than the brand's; `None` = it is switched off there.
#[derive(Debug, Default)]
struct Changed {
    regions: BTreeMap<String, Option<usize>>,
    stores: BTreeMap<String, Option<usize>>,
}

impl Default for Library {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Library {
    /// A library of scripts that are the same everywhere.
    pub fn new(scripts: Vec<Script>) -> Self {
        Self::of(LibraryParts { scripts, ..LibraryParts::default() })
    }

    /// Templates that cannot be compiled are told by [`Library::try_out`] and again when somebody fills
    /// them in.
    pub fn of(parts: LibraryParts) -> Self {
        let LibraryParts { scripts: mut versions, overrides, regions, products } = parts;
        let by_id: HashMap<String, usize> =
            versions.iter().enumerate().map(|(nth, script)| (script.id.clone(), nth)).collect();
        let brands = versions.len();
        let changed = change(&mut versions, &by_id, &overrides, &regions);
        let mut templates = Templates::new(products);
        for (_, text) in
            versions.iter().flat_map(|script| &script.messages).flat_map(|message| message.content.texts())
        {
            templates.add(text);
        }
        let for_staff: Vec<usize> =
            (0..versions.len()).filter(|&nth| !versions[nth].triggers.is_empty()).collect();
        let words = |script: &Script| -> Vec<Grams> {
            script.triggers.iter().chain([&script.title]).map(|word| Grams::new(word)).collect()
        };
        Self {
            by_id,
            brands,
            changed,
            regions,
            overrides,
            by_keyword: by_keyword(&versions, &for_staff),
            searchable: for_staff.iter().map(|&nth| (nth, words(&versions[nth]))).collect(),
            by_scene: by_scene(&versions[..brands]),
            templates,
            versions,
        }
    }

    /// The brand's scripts, in the order of the files.
    pub fn all(&self) -> &[Script] {
        &self.versions[..self.brands]
    }

    /// The brand's scripts and after them every version that a region or a store has made of one.
    pub fn versions(&self) -> &[Script] {
        &self.versions
    }

    /// The brand's script, whatever regions and stores make of it.
    pub fn get(&self, id: &str) -> Option<&Script> {
        self.by_id.get(id).map(|&nth| &self.versions[nth])
    }

    /// What this region or store has made of the script; `None` where it is the brand's or switched off.
    pub fn version_in(&self, id: &str, scope: &Scope) -> Option<&Script> {
        let changed = self.changed.get(self.by_id.get(id)?)?;
        let version = match scope {
            Scope::Region(region) => changed.regions.get(region),
            Scope::Store(store) => changed.stores.get(store),
        };
        Some(&self.versions[(*version?)?])
    }

    /// What the asker's region and then the store change of the script.
    pub fn overrides_of(&self, id: &str, asker: &Asker<'_>) -> Vec<&Override> {
        let region = self.region(asker);
        let here = |over: &&Override| match &over.scope {
            Scope::Region(of) => region == Some(of.as_str()),
            Scope::Store(of) => asker.store == Some(of.as_str()),
        };
        let mut found: Vec<_> = self.overrides.iter().filter(|over| over.script == id).filter(here).collect();
        found.sort_by_key(|over| matches!(over.scope, Scope::Store(_)));
        found
    }

    /// The script as it is for this asker, on whatever day; `None` when it is switched off there or meant
    /// for others.
    pub fn resolved(&self, id: &str, asker: &Asker<'_>) -> Option<&Script> {
        let script = &self.versions[self.version(*self.by_id.get(id)?, asker)?];
        script.is_for(asker).then_some(script)
    }

    /// The script that exactly this keyword or title brings, written in any width, case or script. One that
    /// is usable today comes before one that is not; an expired script is found too, so that the caller can
    /// say so and name its successor.
    pub fn triggered(&self, keyword: &str, asker: &Asker<'_>) -> Option<&Script> {
        let found = self.by_keyword.get(&matching_key(keyword))?;
        let fitting = || found.iter().filter_map(|&nth| self.here(nth, asker));
        fitting().find(|script| script.usable_on(asker.today)).or_else(|| fitting().next())
    }

    /// Up to `at_most` usable scripts that come nearest to the keyword, nearest first; none that shares no
    /// character with it.
    pub fn nearest(&self, keyword: &str, asker: &Asker<'_>, at_most: usize) -> Vec<&Script> {
        let wanted = Grams::new(keyword);
        let mut near: Vec<(f32, &Script)> = self
            .searchable
            .iter()
            .map(|(nth, words)| (nearness(&wanted, words), *nth))
            .filter(|(nearness, _)| *nearness > 0.0)
            .filter_map(|(nearness, nth)| Some((nearness, self.here(nth, asker)?)))
            .filter(|(_, script)| script.usable_on(asker.today))
            .collect();
        near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        near.into_iter().take(at_most).map(|(_, script)| script).collect()
    }

    /// Scripts that this asker may find and use today, in the order of scenes and files.
    pub fn usable(&self, asker: &Asker<'_>) -> Vec<&Script> {
        let here = self.by_scene.iter().filter_map(|&nth| self.version(nth, asker));
        let here = here.map(|nth| &self.versions[nth]);
        here.filter(|script| {
            !script.triggers.is_empty() && script.is_for(asker) && script.usable_on(asker.today)
        })
        .collect()
    }

    /// The script that stands in for this one today: the first usable one along `replaced_by`.
    pub fn successor(&self, script: &Script, asker: &Asker<'_>) -> Option<&Script> {
        let next = |script: &Script| script.replaced_by.as_deref().and_then(|id| self.resolved(id, asker));
        // Files may name each other in a circle; no chain is longer than the library.
        std::iter::successors(next(script), |script| next(script))
            .take(self.brands)
            .find(|successor| successor.usable_on(asker.today) && successor.id != script.id)
    }

    /// The variant that this seed draws, by weight; the same seed always draws the same.
    pub fn variant_for<'s>(&self, script: &'s Script, seed: u64) -> Option<&'s str> {
        let weight = |variant: &Variant| u64::from(variant.weight);
        let all: u64 = script.variants.iter().map(weight).sum();
        let mut drawn = seed.checked_rem(all)?;
        let drawn = script.variants.iter().find(|variant| {
            let hit = drawn < weight(variant);
            drawn = drawn.saturating_sub(weight(variant));
            hit
        });
        drawn.map(|variant| variant.name.as_str())
    }

    /// The script between those that it joins, in the order in which they are sent. Joined ones that are
    /// not usable today are left out.
    pub fn with_joined<'s>(&'s self, script: &'s Script, asker: &Asker<'_>) -> Vec<&'s Script> {
        let mut order = Vec::new();
        self.join(script, asker, &mut vec![&script.id], &mut order);
        order
    }

    /// Everything that is filled in for this script and those it joins; the first of a name counts.
    pub fn asks<'s>(&'s self, script: &'s Script, asker: &Asker<'_>) -> Vec<&'s Ask> {
        let mut asks: Vec<&Ask> = Vec::new();
        for ask in self.with_joined(script, asker).into_iter().flat_map(|script| &script.asks) {
            if !asks.iter().any(|known| known.name == ask.name) {
                asks.push(ask);
            }
        }
        asks
    }

    /// Fills every message of the script in, and of those it joins. A message that has nothing to say with
    /// these facts is left out. What is not answered takes its default. The first variant is taken when
    /// none is given.
    pub fn fill(
        &self,
        script: &Script,
        variant: Option<&str>,
        facts: &Facts,
        answers: &BTreeMap<String, String>,
    ) -> Result<Vec<Filled>, FillError> {
        let fail = |why: String| FillError { script: script.id.clone(), why };
        let asker = asker_of(facts);
        let answers = answered(&self.asks(script, &asker), answers).map_err(fail)?;
        let mut filled = Vec::new();
        for script in self.with_joined(script, &asker) {
            for message in script.messages_of(script.variant(variant)) {
                filled.extend(self.templates.fill(message, facts, &answers).map_err(fail)?);
            }
        }
        if filled.is_empty() { Err(fail("填好以后是空的".to_owned())) } else { Ok(filled) }
    }

    /// Fills one message in; `None` when it has nothing to say with these facts. The error is a Chinese
    /// sentence.
    pub fn fill_message(
        &self,
        message: &ScriptMessage,
        facts: &Facts,
        answers: &BTreeMap<String, String>,
    ) -> Result<Option<Filled>, String> {
        self.templates.fill(message, facts, answers)
    }

    /// How many bytes one text of a message, which may use these asks, has at most when it is filled in
    /// with these facts and answers; or every mistake in it. Different samples lead through the sides of
    /// an `{% if %}`.
    pub fn try_out(
        &self,
        text: &str,
        asks: &[&Ask],
        samples: &[(&Facts, &BTreeMap<String, String>)],
    ) -> Result<usize, Vec<TemplateMistake>> {
        self.templates.try_out(text, asks, samples)
    }

    /// The products that a text of a message names: the id, and at which byte of the text.
    pub fn products_in(&self, text: &str) -> &[(String, usize)] {
        self.templates.products(text)
    }

    fn join<'s>(
        &'s self,
        script: &'s Script,
        asker: &Asker<'_>,
        seen: &mut Vec<&'s str>,
        order: &mut Vec<&'s Script>,
    ) {
        let usable = |id: &String| self.resolved(id, asker).filter(|joined| joined.usable_on(asker.today));
        for joined in script.joins.before.iter().filter_map(usable) {
            self.join_once(joined, asker, seen, order);
        }
        order.push(script);
        for joined in script.joins.after.iter().filter_map(usable) {
            self.join_once(joined, asker, seen, order);
        }
    }

    fn join_once<'s>(
        &'s self,
        script: &'s Script,
        asker: &Asker<'_>,
        seen: &mut Vec<&'s str>,
        order: &mut Vec<&'s Script>,
    ) {
        if !seen.contains(&script.id.as_str()) {
            seen.push(&script.id);
            self.join(script, asker, seen, order);
        }
    }

    /// This version, if it is the one for the asker.
    fn here(&self, version: usize, asker: &Asker<'_>) -> Option<&Script> {
        let script = &self.versions[version];
        let brands = *self.by_id.get(&script.id)?;
        (self.version(brands, asker) == Some(version) && script.is_for(asker)).then_some(script)
    }

    fn region<'r>(&'r self, asker: &Asker<'r>) -> Option<&'r str> {
        asker.region.or_else(|| Some(self.regions.get(asker.store?)?.as_str()))
    }

    /// What the asker's store, else its region, has made of the brand's script.
    fn version(&self, brands: usize, asker: &Asker<'_>) -> Option<usize> {
        let Some(changed) = self.changed.get(&brands) else { return Some(brands) };
        let of_store = asker.store.and_then(|store| changed.stores.get(store));
        let of_region = || changed.regions.get(self.region(asker)?);
        of_store.or_else(of_region).copied().unwrap_or(Some(brands))
    }
}

/// For joined scripts: the same store, the bot itself.
fn asker_of(facts: &Facts) -> Asker<'_> {
    let some = |text: &'_ str| (!text.is_empty()).then_some(());
    let store = some(&facts.store.id).map(|()| facts.store.id.as_str());
    let region = some(&facts.store.region).map(|()| facts.store.region.as_str());
    Asker { store, region, ..Asker::anybody(facts.today) }
}

/// The answer or default of every ask.
fn answered(asks: &[&Ask], answers: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    let answer = |ask: &&Ask| {
        let answer = answers.get(&ask.name).map_or("", String::as_str);
        ask.accepts(answer).map(|answer| (ask.name.clone(), answer))
    };
    asks.iter().map(answer).collect()
}

/// Appends what regions and stores make of the scripts. Overrides of unknown scripts change nothing.
fn change(
    versions: &mut Vec<Script>,
    by_id: &HashMap<String, usize>,
    overrides: &[Override],
    regions: &BTreeMap<String, String>,
) -> HashMap<usize, Changed> {
    let mut changed: HashMap<usize, Changed> = HashMap::new();
    // A region's first: its stores build on them.
    for (over, region) in overrides.iter().filter_map(|over| match &over.scope {
        Scope::Region(region) => Some((over, region)),
        Scope::Store(_) => None,
    }) {
        let Some(&brands) = by_id.get(&over.script) else { continue };
        let version = add(versions, over, brands, false);
        changed.entry(brands).or_default().regions.insert(region.clone(), version);
    }
    for (over, store) in overrides.iter().filter_map(|over| match &over.scope {
        Scope::Store(store) => Some((over, store)),
        Scope::Region(_) => None,
    }) {
        let Some(&brands) = by_id.get(&over.script) else { continue };
        let here = changed.entry(brands).or_default();
        let of_region = regions.get(store).and_then(|region| here.regions.get(region)).copied();
        let (base, off) = match of_region {
            Some(Some(version)) => (version, false),
            Some(None) => (brands, true),
            None => (brands, false),
        };
        let version = add(versions, over, base, off);
        changed.entry(brands).or_default().stores.insert(store.clone(), version);
    }
    changed
}

fn add(versions: &mut Vec<Script>, over: &Override, base: usize, off: bool) -> Option<usize> {
    if over.off.unwrap_or(off) {
        return None;
    }
    versions.push(over.apply(&versions[base]));
    Some(versions.len() - 1)
}

fn nearness(wanted: &Grams, words: &[Grams]) -> f32 {
    words.iter().map(|word| wanted.similarity(word)).fold(0.0, f32::max)
}

fn by_keyword(scripts: &[Script], for_staff: &[usize]) -> HashMap<String, Vec<usize>> {
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    let triggers =
        for_staff.iter().flat_map(|&nth| scripts[nth].triggers.iter().map(move |word| (word, nth)));
    let titles = for_staff.iter().map(|&nth| (&scripts[nth].title, nth));
    for (word, nth) in triggers.chain(titles) {
        let scripts = found.entry(matching_key(word)).or_default();
        if !scripts.contains(&nth) {
            scripts.push(nth);
        }
    }
    found
}

/// Scenes in the order in which the files bring them.
fn by_scene(scripts: &[Script]) -> Vec<usize> {
    let mut rank: HashMap<&str, usize> = HashMap::new();
    for script in scripts {
        let next = rank.len();
        rank.entry(&script.scene).or_insert(next);
    }
    let mut order: Vec<usize> = (0..scripts.len()).collect();
    order.sort_by_key(|&nth| rank.get(scripts[nth].scene.as_str()));
    order
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::scripts::ScriptMessage;

    const TODAY: Date = date(2026, 9, 20);

    fn script(id: &str, scene: &str, triggers: &[&str]) -> Script {
        Script {
            id: id.to_owned(),
            title: format!("{id}的标题"),
            scene: scene.to_owned(),
            triggers: triggers.iter().map(ToString::to_string).collect(),
            messages: vec![ScriptMessage::text("{{ brand }}")],
            ..Script::default()
        }
    }

    /// Somebody who asks in a group of this profile, or anywhere.
    fn asker(profile: Option<&str>, today: Date) -> Asker<'_> {
        Asker { profile, ..Asker::anybody(today) }
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
        library().triggered(keyword, &asker(profile, today)).map(|script| script.id.clone())
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
            library
                .nearest(keyword, &asker(profile, TODAY), 3)
                .iter()
                .map(|script| script.id.clone())
                .collect()
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
        let ids: Vec<&str> =
            library.usable(&asker(None, TODAY)).iter().map(|script| script.id.as_str()).collect();
        assert_eq!(ids, ["hours", "refund", "presale", "vip"]);
    }

    #[test]
    fn successors_are_followed_to_a_usable_one_and_never_in_a_circle() {
        let library = library();
        let presale = library.get("presale").expect("in the library");
        assert_eq!(
            library.successor(presale, &asker(None, date(2026, 10, 1))).map(|script| script.id.as_str()),
            Some("mooncake")
        );
        assert_eq!(library.successor(presale, &asker(None, date(2026, 9, 25))), None);
        let replaced =
            |id: &str, by: &str| Script { replaced_by: Some(by.to_owned()), ..script(id, "faq", &["问"]) };
        let circle = Library::new(vec![replaced("a", "b"), replaced("b", "a"), replaced("c", "nobody")]);
        assert_eq!(circle.successor(&circle.all()[0], &asker(None, TODAY)), None);
        assert_eq!(circle.successor(&circle.all()[2], &asker(None, TODAY)), None);
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

    /// Brand, region 北京 with the stores chaoyang and tongzhou, region 天津 with hexi.
    fn overridden() -> Library {
        let ask = Ask {
            name: "left".to_owned(),
            label: "还剩多少？".to_owned(),
            choices: Vec::new(),
            pattern: None,
            default: Some("50".to_owned()),
        };
        let variant = |name: &str, weight| Variant { name: name.to_owned(), weight };
        let message = |name: &str| ScriptMessage {
            variant: Some(name.to_owned()),
            ..ScriptMessage::text(format!("{name}还剩{{{{ left }}}}盒"))
        };
        let left = Script {
            asks: vec![ask],
            variants: vec![variant("a", 1), variant("b", 3)],
            messages: vec![message("a"), message("b")],
            ..script("left", "promotion", &["还剩"])
        };
        let region = |id: &str, region: &str| Override::new(id, Scope::Region(region.to_owned()));
        let store = |id: &str, store: &str| Override::new(id, Scope::Store(store.to_owned()));
        Library::of(LibraryParts {
            scripts: vec![left, script("tail", "promotion", &["尾巴"])],
            overrides: vec![
                Override {
                    triggers: Some(vec!["开门".to_owned()]),
                    defaults: vec![("left".to_owned(), "7".to_owned())],
                    messages: Some(vec![ScriptMessage::text("{{ store.name }}有{{ left }}盒")]),
                    ..store("left", "chaoyang")
                },
                Override { triggers: Some(vec!["北京还剩".to_owned()]), ..region("left", "北京") },
                Override { off: Some(true), ..region("tail", "北京") },
                Override { off: Some(false), ..store("tail", "tongzhou") },
            ],
            regions: [("chaoyang", "北京"), ("tongzhou", "北京"), ("hexi", "天津")]
                .map(|(store, region)| (store.to_owned(), region.to_owned()))
                .into(),
            ..LibraryParts::default()
        })
    }

    fn in_store(store: &str) -> Asker<'_> {
        Asker { store: Some(store), ..Asker::anybody(TODAY) }
    }

    #[test]
    fn a_store_goes_over_its_region_and_that_over_the_brand() {
        let library = overridden();
        let triggers =
            |store: &str| library.resolved("left", &in_store(store)).map(|script| script.triggers.concat());
        assert_eq!(triggers("hexi").as_deref(), Some("还剩"));
        assert_eq!(triggers("tongzhou").as_deref(), Some("北京还剩"));
        assert_eq!(triggers("chaoyang").as_deref(), Some("开门"));
        assert!(library.triggered("开门", &in_store("chaoyang")).is_some());
        assert!(library.triggered("还剩", &in_store("chaoyang")).is_none());
        assert!(library.triggered("开门", &in_store("hexi")).is_none());
        let scopes: Vec<_> = library
            .overrides_of("left", &in_store("chaoyang"))
            .into_iter()
            .map(|over| over.scope.clone())
            .collect();
        assert_eq!(scopes, [Scope::Region("北京".to_owned()), Scope::Store("chaoyang".to_owned())]);
        assert_eq!(library.all().len(), 2);
    }

    #[test]
    fn what_a_region_switches_off_a_store_may_use_again() {
        let library = overridden();
        let used = |store: &str| library.resolved("tail", &in_store(store)).is_some();
        assert_eq!(["chaoyang", "tongzhou", "hexi"].map(used), [false, true, true]);
        assert_eq!(library.usable(&in_store("chaoyang")).len(), 1);
    }

    #[test]
    fn a_stores_own_words_and_defaults_are_filled_in() {
        let library = overridden();
        let said = |store: &str, variant| {
            let script = library.resolved("left", &in_store(store)).expect("used");
            let mut facts = Facts { today: TODAY, ..Facts::default() };
            facts.store.name = "店".to_owned();
            let filled = library.fill(script, variant, &facts, &BTreeMap::new()).expect("filled");
            filled.iter().map(super::Filled::paste).collect::<Vec<_>>().join("|")
        };
        assert_eq!(said("chaoyang", Some("b")), "店有7盒");
        assert_eq!(said("hexi", Some("b")), "b还剩50盒");
        assert_eq!(said("hexi", None), "a还剩50盒");
    }

    #[test]
    fn variants_are_drawn_by_weight_and_always_the_same() {
        let library = overridden();
        let left = library.get("left").expect("in the library");
        let drawn: Vec<_> = (0..8).map(|seed| library.variant_for(left, seed).unwrap_or_default()).collect();
        assert_eq!(drawn, ["a", "b", "b", "b", "a", "b", "b", "b"]);
        assert_eq!(library.variant_for(library.get("tail").expect("in the library"), 5), None);
    }

    #[test]
    fn joined_scripts_go_along_once_and_only_while_they_are_usable() {
        let joined = |id: &str, before: &[&str], after: &[&str]| Script {
            joins: super::super::Joins {
                before: before.iter().map(ToString::to_string).collect(),
                after: after.iter().map(ToString::to_string).collect(),
            },
            messages: vec![ScriptMessage::text(id)],
            ..script(id, "faq", &[])
        };
        let over = Script { valid_to: Some(date(2026, 9, 1)), ..joined("over", &[], &[]) };
        let library = Library::new(vec![
            joined("main", &["head"], &["tail", "over", "nobody"]),
            joined("head", &[], &["tail"]),
            joined("tail", &["main"], &[]),
            over,
        ]);
        let main = library.get("main").expect("in the library");
        let ids = |asker: &Asker<'_>| -> Vec<String> {
            library.with_joined(main, asker).iter().map(|script| script.id.clone()).collect()
        };
        assert_eq!(ids(&Asker::anybody(TODAY)), ["head", "tail", "main"]);
        assert_eq!(ids(&Asker::anybody(date(2026, 9, 1))), ["head", "tail", "main", "over"]);
        let facts = Facts { today: TODAY, ..Facts::default() };
        let filled = library.fill(main, None, &facts, &BTreeMap::new()).expect("filled");
        assert_eq!(filled.len(), 3);
    }
}
