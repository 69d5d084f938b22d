//! Moments in a story: a platform that makes every task at once, the days in which staff publish it or do not, and
//! what is told of that, as `worker/moments` would.

use jiff::{SignedDuration, Timestamp};

use crate::decision::{
    MemberId, MomentEvent, MomentFigures, MomentNews, MomentOrder, MomentPerson, MomentTask,
};
use crate::files::At;
use crate::rules::written::StoryMoment;

/// As the command line has them (`cli/moment.rs`), and as the key's documentation says.
const DEADLINE: SignedDuration = SignedDuration::from_hours(24);
const REMIND_AFTER: SignedDuration = SignedDuration::from_hours(4);

/// All tasks that staff were asked for so far.
#[derive(Debug, Default)]
pub struct Moments(Vec<Asked>);

#[derive(Debug)]
struct Asked {
    task: MomentTask,
    reminded: bool,
    /// Ops has heard the end of its moment.
    told: bool,
    cancelled_by: Option<String>,
}

/// News with the number of the task that they are of.
pub type News = (i64, MomentNews);

impl Moments {
    pub fn ask(&mut self, task: &MomentTask) {
        let task = task.clone();
        self.0.push(Asked { task, reminded: false, told: false, cancelled_by: None });
    }

    /// Nobody can publish this one any more.
    pub fn cancel(&mut self, moment: &str, by: &str, at: Timestamp) {
        for asked in self.0.iter_mut().filter(|asked| asked.task.moment == moment && asked.task.ends_at > at)
        {
            asked.task.ends_at = at;
            asked.cancelled_by = Some(by.to_owned());
        }
    }

    /// These people publish what they were asked for.
    pub fn publish(&mut self, people: &[MemberId], now: Timestamp) -> Vec<News> {
        let mut news = Vec::new();
        for (number, asked) in (1..).zip(&mut self.0).filter(|(_, asked)| asked.task.ends_at > now) {
            let wanted = |person: &&mut MomentPerson| person.waits() && people.contains(&person.id);
            let mut published = Vec::new();
            for person in asked.task.people.iter_mut().filter(wanted) {
                person.seen_at = Some(now);
                published.push(person.id.clone());
            }
            if !published.is_empty() {
                news.push((number, asked.news(MomentEvent::Published { people: published })));
            }
        }
        news
    }

    /// What customers have made of what this person published.
    pub fn echo(&mut self, person: &MemberId, likes: usize, comments: usize) {
        let people = self.0.iter_mut().flat_map(|asked| &mut asked.task.people);
        for person in people.filter(|one| one.id == *person && one.seen_at.is_some()) {
            (person.likes, person.comments) = (likes, comments);
        }
    }

    /// When something is due next.
    pub fn next(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(Asked::next).min()
    }

    /// What is due by now: who is reminded, and which moments are over.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<News> {
        let mut news = Vec::new();
        for (number, asked) in (1..).zip(&mut self.0).filter(|(_, asked)| asked.reminds(now)) {
            asked.reminded = true;
            let waits = asked.task.people.iter().filter(|person| MomentPerson::waits(person));
            let people: Vec<MemberId> = waits.map(|person| person.id.clone()).collect();
            let until = asked.task.ends_at;
            news.extend(
                (!people.is_empty())
                    .then(|| (number, asked.news(MomentEvent::Unpublished { people, until }))),
            );
        }
        while let Some(over) = self.over(now) {
            news.push(over);
        }
        news
    }

    /// A moment of which all tasks have ended, with its figures.
    fn over(&mut self, now: Timestamp) -> Option<News> {
        let ended = |name: &str| self.of(name).all(|asked| asked.task.ends_at <= now);
        let place = self.0.iter().position(|asked| !asked.told && ended(&asked.task.moment))?;
        let name = self.0[place].task.moment.clone();
        let cancelled_by = self.of(&name).find_map(|asked| asked.cancelled_by.clone());
        let figures = MomentFigures::of(self.of(&name).flat_map(|asked| &asked.task.people));
        let over = MomentEvent::Over(Box::new(MomentFigures { cancelled_by, ..figures }));
        let news = self.0[place].news(over);
        self.0.iter_mut().filter(|asked| asked.task.moment == name).for_each(|asked| asked.told = true);
        Some((i64::try_from(place + 1).unwrap_or(i64::MAX), news))
    }

    fn of(&self, moment: &str) -> impl Iterator<Item = &Asked> {
        self.0.iter().filter(move |asked| asked.task.moment == moment)
    }
}

impl Asked {
    fn next(&self) -> Option<Timestamp> {
        let reminder = self.task.remind_at.filter(|_| !self.reminded);
        let next = reminder.map_or(self.task.ends_at, |at| at.min(self.task.ends_at));
        (!self.told).then_some(next)
    }

    fn reminds(&self, now: Timestamp) -> bool {
        !self.reminded && now < self.task.ends_at && self.task.remind_at.is_some_and(|at| at <= now)
    }

    fn news(&self, what: MomentEvent) -> MomentNews {
        MomentNews { moment: self.task.moment.clone(), title: self.task.title.clone(), what }
    }
}

/// What is asked for, as it would come from the command line. `None` without a script, which has been reported.
pub fn order(written: &At<StoryMoment>) -> Option<MomentOrder> {
    let script = written.script.as_ref()?.0.clone();
    Some(MomentOrder {
        moment: written.name.as_ref().map_or_else(|| script.clone(), |name| name.0.clone()),
        script,
        stores: written.stores.iter().flat_map(|list| &list.value).map(|id| id.0.clone()).collect(),
        regions: written.regions.iter().flat_map(|list| &list.value).map(|name| name.0.clone()).collect(),
        staff: written.staff.iter().flat_map(|list| &list.value).map(|id| id.0.clone()).collect(),
        at_most: None,
        answers: written
            .answers
            .iter()
            .flat_map(|answers| &answers.0)
            .map(|(name, answer)| (name.value.clone(), answer.0.clone()))
            .collect(),
        deadline: written.deadline.as_ref().map_or(DEADLINE, |deadline| deadline.0),
        remind_after: Some(written.remind_after.as_ref().map_or(REMIND_AFTER, |after| after.0)),
    })
}
