//! WeChat and QQ ids: a contact word, then an id. A contact word alone is no contact; customers ask the
//! shop for its WeChat all day.

use super::numbers::Number;
use super::{Contacts, Row};
use crate::perception::{Finding, SignalName};
use crate::text::digit;

/// An id behind a word that everybody uses; customers leave theirs too.
const PLAIN_WEIGHT: f32 = 0.45;

/// An id behind a word that means to pass a filter.
const SLANG_WEIGHT: f32 = 0.55;

/// WeChat ids have 6 to 20 characters and begin with a letter.
const WECHAT_ID: std::ops::RangeInclusive<usize> = 6..=20;

/// QQ numbers and QQ group numbers.
const QQ_ID: std::ops::RangeInclusive<usize> = 5..=11;

/// Between a contact word and its id stand at most this many letters, such as `号是`.
const FILLERS_AT_MOST: usize = 4;

/// More than this between two parts of an id is no longer one id.
const WIDEST_GAP: usize = 3;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Wechat,
    Qq,
}

#[derive(Clone, Copy, PartialEq)]
enum Sense {
    /// Everybody's word.
    Plain,
    /// Hardly an honest person's word.
    Slang,
    /// Means other things too, so it counts only behind `加` and the like, or before a colon.
    Ambiguous,
}

/// Contact words, the longer ones first.
static WORDS: [(&str, Kind, Sense); 53] = [
    ("微信", Kind::Wechat, Sense::Plain),
    ("薇信", Kind::Wechat, Sense::Slang),
    ("威信", Kind::Wechat, Sense::Slang),
    ("徽信", Kind::Wechat, Sense::Slang),
    ("维信", Kind::Wechat, Sense::Slang),
    ("葳信", Kind::Wechat, Sense::Slang),
    ("崴信", Kind::Wechat, Sense::Slang),
    ("魏信", Kind::Wechat, Sense::Slang),
    ("潍信", Kind::Wechat, Sense::Slang),
    ("惟信", Kind::Wechat, Sense::Slang),
    ("微芯", Kind::Wechat, Sense::Slang),
    ("薇芯", Kind::Wechat, Sense::Slang),
    ("威芯", Kind::Wechat, Sense::Slang),
    ("微杏", Kind::Wechat, Sense::Slang),
    ("崴杏", Kind::Wechat, Sense::Slang),
    ("伟心", Kind::Wechat, Sense::Slang),
    ("卫心", Kind::Wechat, Sense::Slang),
    ("v信", Kind::Wechat, Sense::Slang),
    ("v芯", Kind::Wechat, Sense::Slang),
    ("wei信", Kind::Wechat, Sense::Slang),
    ("卫星", Kind::Wechat, Sense::Ambiguous),
    ("weixin", Kind::Wechat, Sense::Plain),
    ("wechat", Kind::Wechat, Sense::Plain),
    ("vx", Kind::Wechat, Sense::Slang),
    ("wx", Kind::Wechat, Sense::Slang),
    ("微", Kind::Wechat, Sense::Ambiguous),
    ("薇", Kind::Wechat, Sense::Ambiguous),
    ("威", Kind::Wechat, Sense::Ambiguous),
    ("徽", Kind::Wechat, Sense::Ambiguous),
    ("葳", Kind::Wechat, Sense::Ambiguous),
    ("崴", Kind::Wechat, Sense::Ambiguous),
    ("v", Kind::Wechat, Sense::Ambiguous),
    ("qq群", Kind::Qq, Sense::Plain),
    ("q群", Kind::Qq, Sense::Plain),
    ("q裙", Kind::Qq, Sense::Slang),
    ("企鹅群", Kind::Qq, Sense::Slang),
    ("企鹅裙", Kind::Qq, Sense::Slang),
    ("企鹅", Kind::Qq, Sense::Slang),
    ("扣扣群", Kind::Qq, Sense::Slang),
    ("扣扣", Kind::Qq, Sense::Slang),
    ("抠抠", Kind::Qq, Sense::Slang),
    ("叩叩", Kind::Qq, Sense::Slang),
    ("秋秋", Kind::Qq, Sense::Ambiguous),
    ("群号", Kind::Qq, Sense::Plain),
    ("裙号", Kind::Qq, Sense::Slang),
    ("qq", Kind::Qq, Sense::Plain),
    ("q", Kind::Qq, Sense::Ambiguous),
    ("扣", Kind::Qq, Sense::Ambiguous),
    ("抠", Kind::Qq, Sense::Ambiguous),
    ("叩", Kind::Qq, Sense::Ambiguous),
    ("鹅", Kind::Qq, Sense::Ambiguous),
    ("群", Kind::Qq, Sense::Ambiguous),
    ("裙", Kind::Qq, Sense::Ambiguous),
];

pub(super) fn find(row: Row, contacts: &mut Contacts) {
    let mut nth = 0;
    while let Some(letter) = row.letter(nth) {
        let found = contact_word(row, nth, letter).and_then(|word| Some((word.id(row)?, word.weight)));
        let Some((id, weight)) = found else {
            nth += 1;
            continue;
        };
        let (start, end) = (row.folded(id.start), row.folded(id.end - 1) + 1);
        nth = id.end;
        let Id { name, detail, hidden, .. } = id;
        contacts.add(Finding { name, start, end, detail, weight, hidden });
    }
}

/// An id's letters in the row.
struct Id {
    name: SignalName,
    start: usize,
    end: usize,
    detail: String,
    hidden: bool,
}

struct ContactWord {
    kind: Kind,
    weight: f32,
    /// The first letter behind the word and its fillers.
    behind: usize,
    /// `加` or the like stands before it.
    invited: bool,
    /// A colon or the like stands before the id.
    announced: bool,
    /// The word is Latin and the id goes on in the same run of letters.
    glued: bool,
}

fn contact_word(row: Row, nth: usize, letter: char) -> Option<ContactWord> {
    // Nearly every letter ends here.
    if !matches!(
        letter,
        '微' | '薇'
            | '威'
            | '徽'
            | '维'
            | '葳'
            | '崴'
            | '魏'
            | '潍'
            | '惟'
            | '伟'
            | '卫'
            | 'v'
            | 'w'
            | 'q'
            | '企'
            | '扣'
            | '抠'
            | '叩'
            | '秋'
            | '群'
            | '裙'
            | '鹅'
    ) {
        return None;
    }
    if letter.is_ascii()
        && row.is_joined(nth)
        && row.letter(nth - 1).is_some_and(|c| c.is_ascii_alphanumeric())
    {
        return None;
    }
    let (word, kind, sense) = WORDS.iter().copied().find(|(word, ..)| row.spells(nth, word))?;
    let end = nth + word.chars().count();
    let behind = skip_fillers(row, end);
    let announced = (end..=behind).any(|at| row.gap(at).iter().any(|c| matches!(c, ':' | '=' | '→')));
    let invited = is_invited(row, nth);
    let glued = behind == end && word.is_ascii() && row.is_joined(end) && !invited;
    let weight = if sense == Sense::Plain { PLAIN_WEIGHT } else { SLANG_WEIGHT };
    let is_meant = sense != Sense::Ambiguous || invited || announced;
    is_meant.then_some(ContactWord { kind, weight, behind, invited, announced, glued })
}

fn skip_fillers(row: Row, end: usize) -> usize {
    let is_filler = |c| {
        matches!(
            c,
            '号' | '码'
                | '是'
                | '为'
                | '我'
                | '账'
                | '帐'
                | '群'
                | '请'
                | '加'
                | '搜'
                | '同'
                | '名'
                | '联'
                | '系'
        )
    };
    let fillers = (end..).take(FILLERS_AT_MOST).take_while(|&at| row.letter(at).is_some_and(is_filler));
    end + fillers.count()
}

/// `加`, `+` or what stands for it, directly before the word or with a small word between: `加我v`.
fn is_invited(row: Row, nth: usize) -> bool {
    let asks = |at: usize| {
        row.letter(at).is_some_and(|c| {
            matches!(c, '加' | '佳' | '伽' | '嘉' | '珈' | '迦' | '茄' | '枷' | '家' | '夹' | '架' | '进')
        })
    };
    let small = |at: usize| row.letter(at).is_some_and(|c| matches!(c, '我' | '个' | '下' | '你'));
    row.gap(nth).contains(&'+')
        || nth
            .checked_sub(1)
            .is_some_and(|before| asks(before) || (small(before) && before.checked_sub(1).is_some_and(asks)))
}

impl ContactWord {
    fn id(&self, row: Row) -> Option<Id> {
        match self.kind {
            Kind::Wechat => self.wechat_number(row).or_else(|| self.wechat_id(row)),
            Kind::Qq => self.qq_number(row),
        }
    }

    /// A mobile number, or the QQ number that old accounts are bound to.
    fn wechat_number(&self, row: Row) -> Option<Id> {
        let mobile = Number::read(row, self.behind, |number| number.mobile().is_some());
        mobile.or_else(|| self.number(row)).map(|number| self.numeric(SignalName::WechatId, number))
    }

    fn qq_number(&self, row: Row) -> Option<Id> {
        self.number(row).map(|number| self.numeric(SignalName::QqId, number))
    }

    /// A number that is no amount: `群500人`, `扣10000元`.
    fn number(&self, row: Row) -> Option<Number> {
        let number = Number::longest(row, self.behind, *QQ_ID.end())?;
        let measures = row.is_joined(number.end)
            && row
                .letter(number.end)
                .is_some_and(|c| "元块分毛米斤克个件年月日号天点人箱盒瓶袋份次万".contains(c));
        let long_enough = number.digits().len() >= *QQ_ID.start();
        let written_in_digits = !number.spelled || (number.digits().len() >= 8 && number.lettered == 0);
        let ends = row.letter(number.end).is_none_or(|c| digit(c).is_none() || !row.is_joined(number.end));
        (long_enough && written_in_digits && ends && !measures && !number.listed).then_some(number)
    }

    fn numeric(&self, name: SignalName, number: Number) -> Id {
        let hidden = number.is_hidden();
        let detail = number.mobile().unwrap_or(number.digits()).to_owned();
        Id { name, start: self.behind, end: number.end, detail, hidden }
    }

    fn wechat_id(&self, row: Row) -> Option<Id> {
        row.letter(self.behind).filter(char::is_ascii_alphabetic)?;
        let mut end = self.behind;
        let (mut length, mut parts, mut single) = (0, 0, true);
        while let Some(part) = id_part(row, end) {
            single &= part == 1;
            let complete = length >= *WECHAT_ID.start() && !single;
            let too_long = length > *WECHAT_ID.end();
            if parts > 0 && (complete || too_long || row.gap(end).len() > WIDEST_GAP) {
                break;
            }
            length += row.folded(end + part - 1) + 1 - row.folded(end);
            end += part;
            parts += 1;
        }
        let written = &row.chars[row.folded(self.behind)..row.folded(end - 1) + 1];
        let id = || written.iter().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        // Letters alone are an id only where one must stand.
        let has_digit = id().any(|c| !c.is_ascii_alphabetic());
        let touches = row.is_joined(self.behind) && !self.glued && self.invited;
        let is_id = WECHAT_ID.contains(&length) && (has_digit || self.announced || touches);
        let (name, hidden) = (SignalName::WechatId, single && parts > 3);
        is_id.then(|| Id { name, start: self.behind, end, detail: id().collect(), hidden })
    }
}

/// Length of the run of Latin letters and digits here, joined by nothing but `-` and `_`.
fn id_part(row: Row, start: usize) -> Option<usize> {
    let is_latin = |at: usize| row.letter(at).is_some_and(|c| c.is_ascii_alphanumeric());
    let is_tied = |at: usize| row.gap(at).iter().all(|c| matches!(c, '-' | '_')) && row.gap(at).len() <= 1;
    // One more than an id may have shows that it is none.
    let within = (start..).take(*WECHAT_ID.end() + 1);
    let length = within.take_while(|&at| is_latin(at) && (at == start || is_tied(at))).count();
    (length > 0).then_some(length)
}
