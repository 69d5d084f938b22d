//! A moderator who teaches: which verdicts a person would give who watches a group and sees the bot err.

use super::measure::{ACT_FROM, ASK_FROM, Judges};
use super::report::{MIX_ADS, MIX_HONEST};
use crate::perception::learned::{Learned, Lesson};
use crate::training::{Random, Row};

/// Everybody's draw is the same.
const SEED: u64 = 20_261_122;
const TEACHER: &str = "moderator";

/// The rows come in an order by chance, as messages do. The moderator says nothing about what the bot does right
/// by itself; of an advertisement that it let pass or asks about, and of an honest message that it asks about or acts on,
/// they give their verdict, and the bot learns at once. After `at_most` verdicts they go home. Messages of sources
/// that are no group talk are left out. Returns the verdicts.
pub fn teach<'r>(judges: &mut Judges, rows: &'r [Row], at_most: usize) -> Vec<Lesson<'r>> {
    let is_talk = |row: &&Row| MIX_ADS.contains(&&*row.source) || MIX_HONEST.contains(&&*row.source);
    let mut heard: Vec<&Row> = rows.iter().filter(is_talk).collect();
    Random::new(SEED).shuffle(&mut heard);
    judges.learned = Learned::over(judges.model.clone());
    let mut lessons = Vec::new();
    for row in heard {
        if lessons.len() >= at_most {
            break;
        }
        let [weight, ..] = judges.score(&row.text);
        let right = if row.is_ad { weight >= ACT_FROM } else { weight < ASK_FROM };
        if !right {
            let lesson = Lesson { text: &row.text, honest: !row.is_ad, teacher: TEACHER };
            judges.learned.teach(lesson);
            lessons.push(lesson);
        }
    }
    lessons
}
