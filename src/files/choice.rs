//! Words to choose from.

/// Declares how the variants of an enum are written in files: the word and what it means.
///
/// ```text
/// choices! { Role { Owner = "owner", "群主"; Staff = "staff", "店员"; } }
/// ```
#[macro_export]
macro_rules! choices {
    ($name:ident { $($variant:ident = $word:literal, $doc:literal;)+ }) => {
        impl $crate::files::Spelled for $name {
            const SHAPE: $crate::files::Shape =
                $crate::files::Shape::Choice(&[$($crate::files::Choice { word: $word, doc: $doc }),+]);

            fn parse(text: &str) -> Result<Self, $crate::files::Misspelled> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::files::Misspelled::choice(text, &[
                        $($crate::files::Choice { word: $word, doc: $doc }),+
                    ])),
                }
            }
        }
    };
}

use super::{Choice, Misspelled, nearest};

impl Misspelled {
    /// A word that is none of the `known`.
    pub fn choice(text: &str, known: &[Choice]) -> Self {
        let list: Vec<String> =
            known.iter().map(|choice| format!("\"{}\" {}", choice.word, choice.doc)).collect();
        let list = format!("可以写：{}", list.join("、"));
        let hint = match nearest(text, known.iter().map(|choice| choice.word)) {
            Some(word) => format!("是不是想写 \"{word}\"？{list}"),
            None => list,
        };
        Self::new("bad-choice", format!("没有 {text:?} 这个选项"), hint)
    }
}
