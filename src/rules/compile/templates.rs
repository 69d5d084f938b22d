//! Every text of every script is tried out with the longest and the emptiest that it may be filled in
//! with, so that none fails, is cut off or tells a price that no longer holds in front of a customer.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use super::judge::Surroundings;
use super::{Reading, messages};
use crate::files::{AnyText, At, Place, Report, Text};
use crate::rules::written::{MessageEntry, StoreEntry};
use crate::scripts::{
    ANSWER_CHARACTERS_AT_MOST, Ask, Facts, MessageKind, Product, Sample, Script, StoreFacts, TemplateMistake,
    Templates,
};

/// As a text (wecom-send.md §3.2, §5.2).
const TEXT_BYTES_AT_MOST: usize = 2048;
/// As a private message or in an app's group (§3.2), and by a group's push robot (§5.2).
const MARKDOWN_BYTES_AT_MOST: usize = 2048;
const WEBHOOK_MARKDOWN_BYTES_AT_MOST: usize = 4096;
/// Of films, links and mini-programs (§3.2).
const TITLE_BYTES_AT_MOST: usize = 128;
const DESCRIPTION_BYTES_AT_MOST: usize = 512;
const ADDRESS_BYTES_AT_MOST: usize = 2048;
const PAGE_BYTES_AT_MOST: usize = 128;

/// The platform allows names of groups up to this (§4.1).
const GROUP_NAME_CHARACTERS_AT_MOST: usize = 50;
/// People's names may be longer, but those of ten newcomers together hardly are.
const USUAL_NAME_CHARACTERS: usize = 8;
/// As many as a welcome mentions by default.
const MEMBERS: usize = 10;
/// A Chinese character.
const LONG_CHARACTER: &str = "国";

/// What texts are tried out with.
pub struct Trial<'a> {
    surroundings: &'a Surroundings,
    templates: Templates,
    /// For texts without asks: the longest and nothing at all.
    usual: [Sample; 2],
}

impl<'a> Trial<'a> {
    pub fn new(surroundings: &'a Surroundings) -> Self {
        let nothing = BTreeMap::new();
        let usual = [Sample::new(&surroundings.longest, &nothing), Sample::new(&Facts::default(), &nothing)];
        let (prices, campaigns) = (&surroundings.prices, &surroundings.campaigns);
        let templates = Templates::new(Arc::clone(prices), Arc::clone(campaigns));
        Self { surroundings, templates, usual }
    }

    /// Tries every text of a version of a script; `written` are the messages that it was made from.
    pub fn check<'w>(
        &self,
        script: &Script,
        written: impl Iterator<Item = &'w At<MessageEntry>>,
        report: &mut Report<'_>,
    ) {
        let samples = self.samples(&script.asks);
        for entry in written {
            // What stands in a half-saved file says little.
            if report.is_broken(entry.place.file()) {
                continue;
            }
            let kind = messages::kind_of(entry);
            for (key, text) in messages::texts(entry).filter(|(key, _)| *key != "file") {
                self.check_text(script, (kind, key), text, &samples, report);
            }
        }
    }

    /// Where a region or a store changes the days of a script, its prices must hold on those, too.
    pub fn check_days(&self, script: &Script, valid: Place, report: &mut Report<'_>) {
        let texts = script.messages.iter().flat_map(|message| message.content.texts());
        // What cannot be read has been reported where it stands.
        for draft in texts.filter_map(|(_, text)| self.templates.draft(text).ok()) {
            for product in draft.products().iter().filter_map(|(id, _)| self.surroundings.prices.get(id)) {
                check_price_holds(script, product, valid, report);
            }
        }
    }

    /// The longest answers, and once more with each choice in its turn, since an `{% if %}` may look at it.
    fn samples(&self, asks: &[Ask]) -> Vec<Sample> {
        if asks.is_empty() {
            return self.usual.to_vec();
        }
        let longest: BTreeMap<String, String> =
            asks.iter().map(|ask| (ask.name.clone(), longest_answer(ask))).collect();
        let mut samples =
            vec![Sample::new(&self.surroundings.longest, &longest), Sample::new(&Facts::default(), &longest)];
        for ask in asks {
            for choice in &ask.choices {
                let mut with_choice = longest.clone();
                with_choice.insert(ask.name.clone(), choice.clone());
                samples.push(Sample::new(&self.surroundings.longest, &with_choice));
            }
        }
        samples
    }

    fn check_text(
        &self,
        script: &Script,
        (kind, key): (MessageKind, &str),
        text: &At<Text>,
        samples: &[Sample],
        report: &mut Report<'_>,
    ) {
        let asks: Vec<&Ask> = script.asks.iter().collect();
        match self.templates.draft(&text.0) {
            Err(mistake) => tell(&mistake, text, report),
            Ok(draft)
                if !self.check_products(script, draft.products(), text, report)
                    || !self.check_campaigns(draft.campaigns(), text, report) =>
            {
                return;
            }
            Ok(draft) => match draft.try_out(&asks, samples) {
                Ok(bytes) => check_length(kind, key, bytes, text.place, report),
                Err(mistakes) => mistakes.iter().for_each(|mistake| tell(mistake, text, report)),
            },
        }
        if key == "url" && !text.0.starts_with("https://") && !text.0.starts_with("http://") {
            report
                .error("bad-address", text.place, "链接要以 https:// 开头")
                .hint("例如 \"https://shop.example.com/goods\"");
        }
    }

    /// Whether all products that a text names exist. Their prices must hold as long as the script does.
    fn check_products(
        &self,
        script: &Script,
        named: &[(String, usize)],
        text: &At<Text>,
        report: &mut Report<'_>,
    ) -> bool {
        let Surroundings { prices, products, .. } = self.surroundings;
        let mut all_known = true;
        for (id, _) in named {
            let place = place_of(id, text, report);
            match prices.get(id) {
                Some(product) => check_price_holds(script, product, place, report),
                None => {
                    products.check(id, place, report);
                    all_known = false;
                }
            }
        }
        all_known
    }

    /// Whether all campaigns that a text names exist.
    fn check_campaigns(&self, named: &[(String, usize)], text: &At<Text>, report: &mut Report<'_>) -> bool {
        let Surroundings { campaigns, campaign_ids, .. } = self.surroundings;
        let unknown: Vec<&String> =
            named.iter().map(|(id, _)| id).filter(|id| !campaigns.contains_key(*id)).collect();
        for id in &unknown {
            campaign_ids.check(id, place_of(id, text, report), report);
        }
        unknown.is_empty()
    }
}

/// Where an id stands in a text.
fn place_of(id: &str, text: &At<Text>, report: &Report<'_>) -> Place {
    let source = report.text(text.place);
    source.find(id).map_or(text.place, |at| text.place.part(at..at + id.len()))
}

fn check_price_holds(script: &Script, product: &Product, place: Place, report: &mut Report<'_>) {
    let begins = |from: Option<Date>| from.unwrap_or(Date::MIN);
    let ends = |to: Option<Date>| to.unwrap_or(Date::MAX);
    let (from, to) = (begins(script.valid_from), ends(script.valid_to));
    let (price_from, price_to) = (begins(product.valid_from), ends(product.valid_to));
    if to < price_from || price_to < from {
        let message = format!("“{}”的价钱（{}）和话术的有效期没有一天对得上", product.name, product.place);
        report.error("price-not-valid", place, message).hint("改价钱的 valid，或改话术的 valid");
    } else if from < price_from || price_to < to {
        let day =
            if price_to < to { format!("只到 {price_to}") } else { format!("从 {price_from} 才开始") };
        let message =
            format!("“{}”的价钱{day}（{}），那以外的日子这条话术发不出去", product.name, product.place);
        report
            .warning("price-not-valid", place, message)
            .hint("让话术的 valid 不超出价钱的 valid，或更新价钱");
    }
}

/// Told where it stands in the file.
fn tell(mistake: &TemplateMistake, text: &At<Text>, report: &mut Report<'_>) {
    let source = report.text(text.place);
    let line = line_of(source, mistake.line).unwrap_or(0..source.len());
    let part =
        mistake.part.as_ref().and_then(|part| blanks(source, line.clone()).find(|(_, name)| name == part));
    let span = part.map_or(line, |(span, _)| span);
    report.error("bad-template", text.place.part(span), mistake.why.clone()).hint.clone_from(&mistake.hint);
}

fn check_length(kind: MessageKind, key: &str, bytes: usize, place: Place, report: &mut Report<'_>) {
    if let Some((at_most, what_happens)) = too_long(kind, key, bytes) {
        let message = format!("填好以后最长有 {bytes} 字节，超过 {at_most}，{what_happens}");
        let hint = match key {
            "text" => "一个汉字占 3 字节；写短一点，或分成几条 [[script.message]]",
            _ => "一个汉字占 3 字节；写短一点",
        };
        report.warning("text-too-long", place, message).hint(hint);
    }
}

/// The limit that a text is over, and what happens then.
fn too_long(kind: MessageKind, key: &str, bytes: usize) -> Option<(usize, &'static str)> {
    let (at_most, what_happens) = match (kind, key) {
        (MessageKind::Markdown, _) if bytes > WEBHOOK_MARKDOWN_BYTES_AT_MOST => {
            (WEBHOOK_MARKDOWN_BYTES_AT_MOST, "平台会拒绝")
        }
        (MessageKind::Markdown, _) => (MARKDOWN_BYTES_AT_MOST, "只有消息推送机器人发得出去"),
        (MessageKind::Text, _) => (TEXT_BYTES_AT_MOST, "平台会从中间截断"),
        (_, "title") => (TITLE_BYTES_AT_MOST, "平台会截断或拒绝"),
        (_, "description") => (DESCRIPTION_BYTES_AT_MOST, "平台会截断或拒绝"),
        (_, "url") => (ADDRESS_BYTES_AT_MOST, "平台会拒绝"),
        (_, "page") => (PAGE_BYTES_AT_MOST, "平台会拒绝"),
        _ => return None,
    };
    (bytes > at_most).then_some((at_most, what_happens))
}

fn longest_answer(ask: &Ask) -> String {
    if let Some(choice) = ask.choices.iter().max_by_key(|choice| choice.len()) {
        return choice.clone();
    }
    let any = ANSWER_CHARACTERS_AT_MOST * LONG_CHARACTER.len();
    let bytes =
        ask.pattern.as_ref().and_then(|pattern| pattern.bytes_at_most()).map_or(any, |most| most.min(any));
    "8".repeat(bytes)
}

/// The longest of everything that the files say, field by field.
pub fn longest(reading: &Reading<'_>) -> Facts {
    let of = |field: fn(&StoreEntry) -> &Option<At<AnyText>>| {
        let all = reading.stores().filter_map(|store| field(store).as_ref());
        all.map(|text| text.0.clone()).max_by_key(String::len).unwrap_or_default()
    };
    let names = reading.stores().filter_map(|store| store.name.as_ref()).map(|name| name.0.clone());
    let name = LONG_CHARACTER.repeat(USUAL_NAME_CHARACTERS);
    Facts {
        brand: reading.brand_name().unwrap_or_default().to_owned(),
        store: StoreFacts {
            id: String::new(),
            name: names.max_by_key(String::len).unwrap_or_default(),
            region: of(|store| &store.region),
            address: of(|store| &store.address),
            hours: of(|store| &store.hours),
            phone: of(|store| &store.phone),
        },
        group: LONG_CHARACTER.repeat(GROUP_NAME_CHARACTERS_AT_MOST),
        members: [name.as_str(); MEMBERS].join("、"),
        member: name,
        count: MEMBERS,
        today: Date::constant(2000, 12, 31),
    }
}

/// All `{{ … }}` within the span: where, and the name in each.
fn blanks(text: &str, within: Range<usize>) -> impl Iterator<Item = (Range<usize>, &str)> {
    text[within.clone()].match_indices("{{").filter_map(move |(start, _)| {
        let start = within.start + start;
        let end = start + text[start..within.end].find("}}")? + 2;
        let name = text[start + 2..end - 2].split('|').next().unwrap_or_default().trim();
        Some((start..end, name))
    })
}

/// The span of a line of a text in the source of its TOML string; `None` when it has only one line.
/// TOML leaves out a line break right after the opening `"""`.
fn line_of(source: &str, line: usize) -> Option<Range<usize>> {
    let opening = ["\"\"\"\r\n", "\"\"\"\n"].into_iter().find(|opening| source.starts_with(opening))?;
    let mut start = opening.len();
    for (at, text) in source[start..].split_inclusive('\n').enumerate() {
        let content = text.trim_end();
        if at + 1 == line && !content.is_empty() {
            return Some(start..start + content.len());
        }
        start += text.len();
    }
    None
}
