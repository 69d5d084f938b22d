//! From the files' texts to stories and golden messages, with every mistake in them.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::golden::Golden;
use super::people::Cast;
use super::references;
use super::steps;
use super::story::{Member, Story};
use crate::decision::{GroupId, GroupKind};
use crate::files::{At, Diagnostic, OneOrMore, Report, Sources, Text, read_file};
use crate::rules::written::{
    FileKind, GoldenEntry, GoldensFile, HandName, Must, StepEntry, StoriesFile, StoryEntry, StoryGroup,
    StoryMember, StoryRole,
};
use crate::rules::{GroupEar, Role, Rulebook};

/// Everything that `zhanggui test` tries.
#[derive(Debug, Default)]
pub struct Checked {
    pub(super) stories: Vec<Story>,
    pub(super) goldens: Vec<Golden>,
    /// Mistakes, in the order of files and lines. What has one is not tried.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether there is nothing to try.
    pub fn is_empty(&self) -> bool {
        self.stories.is_empty() && self.goldens.is_empty()
    }
}

/// Reads every `*.story.toml` and `*.golden.toml` of the sources. Without `rules`, because they have
/// mistakes of their own, what is referred to is not looked up.
pub fn check(sources: &Sources, rules: Option<&Rulebook>) -> Checked {
    let mut report = Report::new(&sources.files);
    let mut checked = Checked::default();
    for (at, file) in sources.files.iter().enumerate() {
        match FileKind::of(file) {
            Some(FileKind::Stories) => {
                let file: StoriesFile = read_file(at, &file.text, &mut report);
                for entry in entries(&file, &mut report) {
                    let number = checked.stories.len() + 1;
                    checked.stories.extend(story(&entry, number, rules, &mut report));
                }
            }
            Some(FileKind::Goldens) => {
                let file: GoldensFile = read_file(at, &file.text, &mut report);
                goldens(&file, rules, &mut report, &mut checked.goldens);
            }
            _ => {}
        }
    }
    checked.diagnostics = report.finish();
    checked
}

/// A story and its steps, wherever these are written.
struct Written {
    story: At<StoryEntry>,
    steps: Vec<At<StepEntry>>,
}

fn entries(file: &StoriesFile, report: &mut Report<'_>) -> Vec<Written> {
    let own = |story: &At<StoryEntry>| story.step.as_ref().map(|list| list.value.clone()).unwrap_or_default();
    let Some(story) = &file.story else { return Vec::new() };
    match &story.value {
        OneOrMore::One(story) => {
            let mut steps = own(story);
            steps.extend(file.step.as_ref().map(|list| list.value.clone()).unwrap_or_default());
            vec![Written { story: At::clone(story), steps }]
        }
        OneOrMore::More(stories) => {
            if let Some(beside) = &file.step {
                report
                    .error("misplaced-step", beside.place, "这些 [[step]] 不知道属于哪个故事")
                    .hint("故事写成 [[story]] 的，经过写成 [[story.step]]，紧跟在它的故事后面");
            }
            if stories.is_empty() {
                let hint = "写成 [story]，下面写它的内容";
                report.error("empty-list", story.place, "一个故事也没有").hint(hint);
            }
            stories.iter().map(|story| Written { story: story.clone(), steps: own(story) }).collect()
        }
    }
}

/// The group's own, and those of its store.
fn tags(entry: &StoryEntry, rules: Option<&Rulebook>) -> Vec<String> {
    let store = entry.store.as_ref().zip(rules).and_then(|(store, rules)| rules.stores.get(&store.0));
    let inherited = store.into_iter().flat_map(|store| &store.tags).cloned();
    let own = entry.tags.iter().flat_map(|list| &list.value).map(|tag| tag.0.clone());
    own.chain(inherited).collect()
}

/// `None` when something required is missing or wrong, which has been reported.
fn story(
    written: &Written,
    number: usize,
    rules: Option<&Rulebook>,
    report: &mut Report<'_>,
) -> Option<Story> {
    let before = report.errors();
    let entry = &written.story;
    if let Some(profile) = &entry.profile {
        references::profile(profile, rules, report);
    }
    if let Some(store) = &entry.store {
        references::store(store, rules, report);
    }
    for schedule in entry.schedules.iter().flat_map(|list| &list.value) {
        references::schedule(schedule, rules, report);
    }
    for id in entry.playbooks.iter().flat_map(|list| &list.value) {
        references::playbook(id, rules, report);
    }
    let kind = match entry.kind.as_ref().map(|kind| kind.value) {
        Some(StoryGroup::Customer) => GroupKind::Customer,
        Some(StoryGroup::Internal) | None => GroupKind::Internal,
    };
    let mut cast = Cast::new(rules);
    let members = entry.members.iter().flat_map(|list| &list.value);
    let members: Vec<Member> = members.filter_map(|written| member(written, kind, report)).collect();
    members.iter().for_each(|member| cast.enters(&member.name));
    let steps = steps::check(&written.steps, cast, rules, report);
    if steps.is_empty() && report.errors() == before {
        report
            .error("empty-list", entry.place, "这个故事什么也没发生")
            .hint("加一行 [[step]]（一个文件几个故事时写 [[story.step]]），下面写 says = \"…\"");
    }
    let zone = rules.map_or(TimeZone::UTC, |rules| rules.timezone.clone());
    let starts = entry.starts.as_ref()?.in_zone(&zone);
    let good = report.errors() == before;
    Some(Story {
        group: GroupId::new(format!("story-{number}")),
        title: entry.title.as_ref()?.0.clone(),
        starts: starts?,
        kind,
        profile: entry.profile.as_ref()?.0.clone(),
        store: entry.store.as_ref().map(|store| store.0.clone()),
        ears: entry.ears.as_ref().map_or_else(|| usual_ears(kind), |list| values(&list.value)),
        hands: entry.hands.as_ref().map_or_else(|| usual_hands(kind), |list| values(&list.value)),
        members,
        schedules: entry.schedules.iter().flat_map(|list| &list.value).map(|id| id.0.clone()).collect(),
        created: entry.created.as_ref().map(|ago| ago.0),
        playbooks: entry.playbooks.iter().flat_map(|list| &list.value).map(|id| id.0.clone()).collect(),
        removals_fail: entry.removals_fail.as_ref().map(|why| why.0.clone()),
        steps,
        estate: entry.estate.as_ref().map(|estate| estate.0.clone()),
        tags: tags(entry, rules),
        size: entry.size.as_ref().map(|size| size.count()),
    })
    .filter(|_| good)
}

fn member(written: &At<StoryMember>, kind: GroupKind, report: &mut Report<'_>) -> Option<Member> {
    let role = written.role.as_ref().map_or(StoryRole::Member, |role| role.value);
    if role == StoryRole::Staff && kind == GroupKind::Internal {
        let place = written.role.as_ref().map_or(written.place, |role| role.place);
        report
            .error("staff-by-files", place, "内部群里谁是店员，由 stores.toml 说了算")
            .hint("name 写成他在 stores.toml 里的账号，去掉 role");
    }
    /// Long enough to be no newcomer.
    const JOINED: SignedDuration = SignedDuration::from_hours(48);
    let joined = written.joined.as_ref().map_or(JOINED, |ago| ago.0);
    Some(Member { name: written.name.as_ref()?.0.clone(), role, joined })
}

fn usual_ears(kind: GroupKind) -> Vec<GroupEar> {
    match kind {
        GroupKind::Internal => vec![GroupEar::GroupRobot],
        GroupKind::Customer => vec![GroupEar::Archive, GroupEar::Events],
    }
}

fn usual_hands(kind: GroupKind) -> Vec<HandName> {
    match kind {
        GroupKind::Internal => vec![HandName::Appchat, HandName::StaffTask],
        GroupKind::Customer => vec![HandName::StaffTask],
    }
}

fn values<T: Clone>(list: &[At<T>]) -> Vec<T> {
    list.iter().map(|one| one.value.clone()).collect()
}

fn goldens(file: &GoldensFile, rules: Option<&Rulebook>, report: &mut Report<'_>, all: &mut Vec<Golden>) {
    if let Some(profile) = &file.profile {
        references::profile(profile, rules, report);
    }
    for entry in file.golden.iter().flat_map(|list| &list.value) {
        if let Some(profile) = &entry.profile {
            references::profile(profile, rules, report);
        }
        let texts = texts(entry);
        if texts.is_empty() && !report.is_broken(entry.place.file()) {
            report
                .error("missing-key", entry.place, "这一项没有写是哪句话")
                .hint("加一行 text = \"…\"，或 texts = [\"…\", \"…\"]");
        }
        let profile = entry.profile.as_ref().or(file.profile.as_ref());
        let (Some(must), Some(profile)) = (&entry.must, profile) else { continue };
        if rules.is_none_or(|rules| !rules.profiles.contains_key(&profile.0)) {
            continue;
        }
        for text in texts {
            all.push(golden(entry, must.value, &profile.0, text, all.len() + 1));
        }
    }
}

fn texts(entry: &At<GoldenEntry>) -> Vec<&At<Text>> {
    entry.text.iter().chain(entry.texts.iter().flat_map(|list| &list.value)).collect()
}

fn golden(entry: &At<GoldenEntry>, must: Must, profile: &str, text: &At<Text>, number: usize) -> Golden {
    Golden {
        group: GroupId::new(format!("golden-{number}")),
        place: text.place,
        text: text.0.clone(),
        must,
        profile: profile.to_owned(),
        role: entry.from_role.as_ref().map_or(Role::Member, |role| role.value),
        reason: entry.reason.as_ref().map(|reason| reason.0.clone()),
    }
}
