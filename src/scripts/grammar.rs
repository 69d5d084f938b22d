//! The part of the template language that scripts may use: `{{ name | filter }}`, `if` and `for`.
//!
//! Everything else is refused before the engine sees it. Without assignments, joining and repeating of
//! texts, no value can be longer than what a script is filled in with, so that the limits on steps and on
//! output bound all work and memory. (The engine would compute `"x" * 999999999` while compiling.)

/// What a template names that cannot be seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Every `product("id")`: the id, and at which byte it stands.
    pub products: Vec<(String, usize)>,
    /// The same of every `campaign("id")`.
    pub campaigns: Vec<(String, usize)>,
}

/// What is written at this byte is not for scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub at: usize,
    /// Chinese.
    pub why: String,
}

const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];
const PRODUCT: &str = "product";
const CAMPAIGN: &str = "campaign";

/// Whether the text is more than plain.
pub fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Reads a template. What is not well formed is left to the engine, which tells it better.
pub fn read(text: &str) -> Result<Uses, Refused> {
    let mut uses = Uses::default();
    let mut at = 0;
    while let Some(start) = text[at..].find('{').map(|found| at + found) {
        let (ends_with, statement) = match text.as_bytes().get(start + 1) {
            Some(b'{') => ("}}", false),
            Some(b'%') => ("%}", true),
            Some(b'#') => {
                at = text[start..].find("#}").map_or(text.len(), |end| start + end + 2);
                continue;
            }
            _ => {
                at = start + 1;
                continue;
            }
        };
        let code = Code { text, at: start + 2, ends_with };
        at = code.read(statement, &mut uses)?;
    }
    Ok(uses)
}

/// The inside of one pair of braces.
struct Code<'t> {
    text: &'t str,
    at: usize,
    ends_with: &'static str,
}

impl<'t> Code<'t> {
    /// Reads to behind the closing braces.
    fn read(mut self, statement: bool, uses: &mut Uses) -> Result<usize, Refused> {
        self.skip_white_space_control();
        let mut first = statement;
        while let Some(c) = self.rest().chars().next() {
            if self.rest().starts_with(self.ends_with) {
                return Ok(self.at + self.ends_with.len());
            }
            match c {
                '"' | '\'' => self.skip_string(c),
                '~' | '+' | '*' => {
                    return Err(self.refused(format!("花括号里不能用 {c}；要连起来就直接挨着写")));
                }
                _ if is_name(c) => {
                    let (start, word) = self.word();
                    self.check_word(start, word, std::mem::take(&mut first), uses)?;
                }
                _ => self.at += c.len_utf8(),
            }
        }
        Ok(self.text.len())
    }

    fn check_word(&mut self, at: usize, word: &str, first: bool, uses: &mut Uses) -> Result<(), Refused> {
        if first && !STATEMENTS.contains(&word) {
            let why = format!("话术里只能用 if 和 for，不能用 {word}");
            return Err(Refused { at, why });
        }
        if word == "recursive" {
            return Err(Refused { at, why: "for 里不能用 recursive".to_owned() });
        }
        let is_attribute = self.text[..at].trim_end().ends_with('.');
        let (named, example) = match word {
            _ if is_attribute => return Ok(()),
            PRODUCT => (&mut uses.products, "product 后面要直接写商品编号，例如 product(\"mooncake\")"),
            CAMPAIGN => (&mut uses.campaigns, "campaign 后面要直接写活动编号，例如 campaign(\"new-year\")"),
            _ => return Ok(()),
        };
        let id = self.quoted_argument().ok_or_else(|| Refused { at, why: example.to_owned() })?;
        named.push((id.to_owned(), at));
        Ok(())
    }

    /// The `id` of `("id")` that follows.
    fn quoted_argument(&self) -> Option<&'t str> {
        let inside = self.rest().trim_start().strip_prefix('(')?.trim_start();
        let quote = inside.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (id, after) = inside[1..].split_once(quote)?;
        after.trim_start().starts_with(')').then_some(id)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// `{%-` and `{%+`.
    fn skip_white_space_control(&mut self) {
        if self.rest().starts_with(['-', '+']) {
            self.at += 1;
        }
    }

    fn word(&mut self) -> (usize, &'t str) {
        let rest = self.rest();
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        (start, &rest[..length])
    }

    fn skip_string(&mut self, quote: char) {
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if c == quote => {
                    self.at += at + 1;
                    return;
                }
                _ => {}
            }
        }
        self.at = self.text.len();
    }

    fn refused(&self, why: String) -> Refused {
        Refused { at: self.at, why }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> Option<usize> {
        read(text).err().map(|refused| refused.at)
    }

    #[test]
    fn names_filters_if_and_for_pass() {
        for text in [
            "a + b * c ~ d {单} {",
            "{{ brand }} {{- today | weekday -}}",
            "{%- if count > 1 and members %}{% elif not group %}{% else %}{% endif %}",
            "{% for step in product('a').steps %}{{ step.price }}{% endfor %}",
            "{{ \"a+b \\\" * c\" }}{# set + #}",
            "{{ count - 1 }}",
            "{{ unclosed",
            "{% if 'unclosed",
        ] {
            assert_eq!(refused(text), None, "{text}");
        }
    }

    #[test]
    fn whatever_grows_is_refused() {
        for (text, at) in [
            ("{{ brand ~ brand }}", 9),
            ("{{ 'x' * 99999999 }}", 7),
            ("好{{ a + a }}", 8),
            ("{% set a = b %}", 3),
            ("{%- with a = b %}", 4),
            ("{% macro a() %}", 3),
            ("{% for a in b recursive %}", 14),
            ("{% filter x %}", 3),
            ("{% include 'x' %}", 3),
        ] {
            assert_eq!(refused(text), Some(at), "{text}");
        }
    }

    #[test]
    fn products_and_campaigns_are_named_outright() {
        let uses = read("{{ product(\"月饼\").price }}{% if product( 'b' ).was %}{% endif %}{{ a.product }}")
            .expect("good");
        assert_eq!(uses.products, [("月饼".to_owned(), 3), ("b".to_owned(), 35)]);
        let uses = read("{{ campaign('new-year').days_left }}{{ a.campaign }}").expect("good");
        assert_eq!(uses.campaigns, [("new-year".to_owned(), 3)]);
        for text in
            ["{{ product(brand).price }}", "{{ product }}", "{{ product('a' }}", "{{ campaign(brand).day }}"]
        {
            assert_eq!(refused(text), Some(3), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([{}%#\"'\\\\ ~a名.(]|product|set|\\PC){0,30}") {
            if let Err(refused) = read(&text) {
                prop_assert!(text.is_char_boundary(refused.at));
            }
        }
    }
}
