//! One node as `config/org.toml` writes it, wherever it comes from.

/// All texts are data: whatever they hold, they stay texts.
#[derive(Debug, Default)]
pub struct Node {
    /// Lines above it, without their sign.
    pub remarks: Vec<String>,
    pub id: String,
    pub name: Option<String>,
    /// `brand`, `distributor`, `store`, `staff`; `None` = what is usual.
    pub level: Option<&'static str>,
    pub parent: Option<String>,
    pub store: Option<String>,
    pub people: Vec<String>,
}

impl Node {
    pub fn toml(&self) -> String {
        let mut toml = String::from("\n[[node]]\n");
        for remark in &self.remarks {
            toml.push_str(&format!("# {}\n", one_line(remark)));
        }
        let mut line = |key: &str, value: &str| toml.push_str(&format!("{key} = {value}\n"));
        line("id", &quoted(&self.id));
        let texts = [
            ("name", self.name.as_deref()),
            ("level", self.level),
            ("parent", self.parent.as_deref()),
            ("store", self.store.as_deref()),
        ];
        for (key, text) in texts {
            text.into_iter().for_each(|text| line(key, &quoted(text)));
        }
        if !self.people.is_empty() {
            let people: Vec<String> = self.people.iter().map(|person| quoted(person)).collect();
            line("people", &format!("[{}]", people.join(", ")));
        }
        toml
    }
}

/// A remark ends with its line, and holds nothing that TOML allows in no remark.
fn one_line(remark: &str) -> String {
    remark.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// As a TOML text. TOML escapes as JSON does, and one more.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_place(
            remark in any::<String>(), name in any::<String>(), person in any::<String>(),
        ) {
            let node = Node {
                remarks: vec![remark],
                id: "a".into(),
                name: Some(name.clone()),
                people: vec![person.clone()],
                ..Node::default()
            };
            let parsed: toml::Table = node.toml().parse().expect("TOML");
            let node = &parsed["node"][0];
            prop_assert_eq!(node.as_table().map(|table| table.len()), Some(3));
            prop_assert_eq!(node["name"].as_str(), Some(name.as_str()));
            prop_assert_eq!(node["people"][0].as_str(), Some(person.as_str()));
        }
    }
}
