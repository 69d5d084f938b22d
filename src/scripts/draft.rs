//! A text as the check of the files sees it: read, compiled and tried out before anybody is sent it.

use std::collections::BTreeSet;

use minijinja::{Environment, Error, ErrorKind, Template};

use super::Ask;
use super::context::Sample;
use super::facts::{FACT_NAMES, FUNCTIONS};
use super::fill::{explain, render};
use super::grammar::{self, Uses};
use crate::text::similarity;

/// A mistake in a template, for the check of the files.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateMistake {
    /// Which line of the text, from 1.
    pub line: usize,
    /// What is meant, as it is written on that line, if it is known.
    pub part: Option<String>,
    /// For people.
    pub why: String,
    /// What to do about it, if that is known.
    pub hint: Option<String>,
}

/// One text of a message, compiled. Made by [`Templates::draft`](super::Templates::draft).
#[derive(Debug)]
pub struct Draft<'t> {
    text: &'t str,
    uses: Uses,
    /// `None` when the text is plain.
    template: Option<Template<'t, 't>>,
}

impl<'t> Draft<'t> {
    pub(super) fn new(environment: &'t Environment<'t>, text: &'t str) -> Result<Self, TemplateMistake> {
        if !grammar::is_template(text) {
            return Ok(Self { text, uses: Uses::default(), template: None });
        }
        let uses = grammar::read(text).map_err(|refused| TemplateMistake {
            line: text[..refused.at].matches('\n').count() + 1,
            part: None,
            why: refused.why,
            hint: None,
        })?;
        let template = environment.template_from_str(text).map_err(|error| mistake(&error))?;
        Ok(Self { text, uses, template: Some(template) })
    }

    /// The products that it names: the id, and at which byte of the text.
    pub fn products(&self) -> &[(String, usize)] {
        &self.uses.products
    }

    /// The campaigns that it names, in the same way.
    pub fn campaigns(&self) -> &[(String, usize)] {
        &self.uses.campaigns
    }

    /// How many bytes it has at most when it is filled in with these, or every mistake in it that can be seen
    /// without real facts. `asks` may be named in it; different samples lead through the sides of an `{% if %}`.
    pub fn try_out(&self, asks: &[&Ask], samples: &[Sample]) -> Result<usize, Vec<TemplateMistake>> {
        let Some(template) = &self.template else { return Ok(self.text.trim().len()) };
        let unknown = unknown_names(template, self.text, asks);
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let mut longest = 0;
        for sample in samples {
            let filled = render(template, sample.context());
            longest = longest.max(filled.map_err(|error| vec![mistake(&error)])?.trim().len());
        }
        Ok(longest)
    }
}

fn unknown_names(template: &Template<'_, '_>, text: &str, asks: &[&Ask]) -> Vec<TemplateMistake> {
    let used: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
    let is_known = |used: &str| {
        FACT_NAMES.contains(&used) || FUNCTIONS.contains(&used) || asks.iter().any(|ask| ask.name == used)
    };
    let unknown = used.iter().filter(|used| !is_known(used));
    unknown
        .map(|unknown| TemplateMistake {
            line: text.lines().position(|line| line.contains(unknown.as_str())).map_or(1, |at| at + 1),
            part: Some(unknown.clone()),
            why: format!("没有 {{{{ {unknown} }}}} 这一项"),
            hint: Some(hint(unknown, asks)),
        })
        .collect()
}

/// The known name that comes nearest, or all of them.
fn hint(unknown: &str, asks: &[&Ask]) -> String {
    let names = || FACT_NAMES.into_iter().chain(asks.iter().map(|ask| ask.name.as_str()));
    let near = |name: &&str| similarity(unknown, name);
    let nearest = names().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|name| near(name) > 0.5);
    let list = names().collect::<Vec<_>>().join("、");
    nearest.map_or_else(
        || {
            format!(
                "可以写的有：{list}；价钱写 product(\"商品编号\").price，活动写 campaign(\"活动编号\").day"
            )
        },
        |name| format!("是不是想写 {{{{ {name} }}}}？可以写的有：{list}"),
    )
}

fn mistake(error: &Error) -> TemplateMistake {
    TemplateMistake { line: error.line().unwrap_or(1), part: None, why: explain(error), hint: advice(error) }
}

/// What to do about an error of the engine.
fn advice(error: &Error) -> Option<String> {
    let advice = match error.kind() {
        ErrorKind::SyntaxError => "写成 {{ store.name }} 这样，两边各两个花括号",
        ErrorKind::UndefinedError => {
            "商品有 name、price、was、until、unit、steps，活动有 title、day、from、to、days_left；可能没有的先写 {% if … %}"
        }
        ErrorKind::UnknownFilter => "竖线后面可以写：yuan、date、weekday、mention、count",
        ErrorKind::UnknownFunction => "可以用的只有 product(\"商品编号\") 和 campaign(\"活动编号\")",
        _ => return None,
    };
    Some(advice.to_owned())
}
