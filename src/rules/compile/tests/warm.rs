//! Whatever was compiled before, a tree comes to the same.

use proptest::prelude::*;

use super::*;

/// A file and the texts that it may have; it may also be missing.
type Slot = (&'static str, &'static [&'static str]);

/// The same file name with other texts, the same text in other files, and everything that a script's judgement
/// depends on outside its own file.
const SLOTS: &[Slot] = &[
    (
        "config/stores.toml",
        &[
            "[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nregion = \"北京\"\nhours = \"9:00-21:00\"\n",
            "# 搬了家\n[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nregion = \"天津\"\nhours = \"早上九点到晚上九点\"\n\
             [[store]]\nid = \"hexi\"\nname = \"河西店\"\n",
            "[[store]\n",
        ],
    ),
    (
        "config/prices.toml",
        &[
            "[[product]]\nid = \"mooncake\"\nname = \"月饼\"\nprice = \"68元\"\nunit = \"盒\"\n\
             valid = { from = 2026-09-01, to = 2026-12-31 }\n",
            "\n[[product]]\nid = \"mooncake\"\nname = \"月饼\"\nprice = \"58元\"\nunit = \"盒\"\nwas = \"68元\"\n\
             valid = { from = 2026-09-01, to = 2026-09-25 }\n",
            "[[product]]\nid = \"mooncakes\"\nname = \"月饼\"\nprice = \"68元\"\nunit = \"盒\"\n\
             valid = { from = 2026-09-01, to = 2026-12-31 }\n",
        ],
    ),
    ("config/profiles/vip.toml", &["name = \"老友\"\n", "name = \"老友\"\n[welcome]\nscript = \"hello\"\n"]),
    ("bot-scripts/welcome/a.toml", SCRIPTS),
    ("bot-scripts/faq/a.toml", SCRIPTS),
    ("bot-scripts/faq/b.toml", SCRIPTS),
    (
        "bot-scripts/overrides/a.toml",
        &[
            "[[override]]\nscript = \"hours\"\nstore = \"chaoyang\"\ntriggers = [\"开门\"]\n",
            "[[override]]\nscript = \"price\"\nregion = \"北京\"\nvalid = { from = 2026-01-01, to = 2027-01-01 }\n",
            "[[override]]\nscript = \"hello\"\nregion = \"北京\"\n[[override.message]]\ntext = \"全国第一的{{ brand }}\"\n",
        ],
    ),
    ("bot-scripts/faq/media/a.png", &["size 100 PNG", "size 20000000 PNG", "no picture"]),
    ("bot-scripts/welcome/media/a.png", &["size 200 PNG"]),
];

const SCRIPTS: &[&str] = &[
    "[[script]]\nid = \"hours\"\ntitle = \"营业时间\"\ntriggers = [\"几点开门\", \"帮助\"]\nprofiles = [\"vip\"]\n\
     [[script.message]]\ntext = \"{{ store.hours }}开门\"\n",
    "[[script]]\nid = \"price\"\ntitle = \"月饼多少钱\"\ntriggers = [\"多少钱\"]\nstores = [\"chaoyang\"]\n\
     valid = { to = 2026-10-01 }\n[[script.message]]\ntext = '{{ product(\"mooncake\").price }}一盒'\n",
    "[[script]]\nid = \"hello\"\ntitle = \"欢迎\"\nstores_may = [\"text\"]\n[[script.message]]\ntext = \"欢迎\"\n\
     [[script]]\nid = \"picture\"\ntitle = \"营业时间\"\ntriggers = [\"图\"]\n[[script.message]]\nkind = \"image\"\n\
     file = \"media/a.png\"\n",
    "[[script]]\nid = \"best\"\ntitle = \"第一\"\ntriggers = [\"几 点 开门\"]\nreplaced_by = \"hours\"\n\
     [[script.message]]\ntext = \"全国第一，{{ left }}盒\"\n[[script.ask]]\nname = \"left\"\nlabel = \"还剩？\"\n\
     choices = [\"1\", \"2\"]\n[[script.waive]]\nrule = \"absolute-terms\"\nreason = \"看过\"\nuntil = 2026-10-01\n",
    "[[script]]\nid = \"long\"\ntitle = \"长\"\ntriggers = [\"长\"]\nunknown = 1\n[[script.message]]\n\
     text = \"{{ group }}{% if members %}{{ memberz }}{% endif %}\"\n[[script.message]]\nkind = \"markdown\"\ntext = \"{{ 1 + 1 }}\"\n",
    "[[script]]\nid = \"half\"\ntitle = \"半\"\ntriggers = [\"半\"\n[[script.message]]\ntext = \"{{ brand }}\"\n",
];

/// One change of the tree: which slot, and its new text; none when there is no such text.
type Edit = (usize, usize);

fn tree(texts: &[Option<&'static str>], day: u8) -> Sources {
    let files = SLOTS.iter().zip(texts).filter_map(|((name, _), text)| Some((*name, (*text)?)));
    let now = format!("2026-09-{day:02}T08:00:00Z").parse().expect("a moment");
    sources(&files.collect::<Vec<_>>()).at(now)
}

/// Everything that was made; what is made lazily or shown in no certain order is left out.
fn told(compiled: Result<Compiled, Vec<Diagnostic>>) -> Result<String, Vec<Diagnostic>> {
    let Compiled { server, rulebook, warnings } = compiled?;
    let scripts = &rulebook.scripts;
    let library = (scripts.versions(), scripts.overrides(), scripts.products());
    let rest = (&rulebook.stores, &rulebook.profiles, &rulebook.groups, &rulebook.version, &rulebook.app);
    Ok(format!("{server:?}\n{library:?}\n{rest:?}\n{warnings:?}"))
}

proptest! {
    // Each case compiles up to thirty trees twice.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_tree_comes_to_the_same_warm_and_cold(
        edits in prop::collection::vec(((0..SLOTS.len(), 0..8_usize), 18_u8..22), 1..30),
    ) {
        let mut compiler = Compiler::default();
        let mut texts = vec![None; SLOTS.len()];
        for ((slot, text), day) in edits {
            let (slot, text): Edit = (slot, text);
            texts[slot] = SLOTS[slot].1.get(text).copied();
            let sources = tree(&texts, day);
            prop_assert_eq!(told(compiler.compile(&sources)), told(compile(&sources)), "{:?}", texts);
        }
    }
}

/// Edits of one file leave the judgements of the others as they are, and the index, when nothing that it knows
/// has changed.
#[test]
fn what_has_not_changed_is_not_made_anew() {
    let mut texts: Vec<Option<&'static str>> = vec![None; SLOTS.len()];
    let (hello, hours) = (3, 4);
    (texts[hello], texts[hours]) = (
        Some(SCRIPTS[2]),
        Some(
            "[[script]]\nid = \"hours\"\ntitle = \"营业时间\"\ntriggers = [\"几点开门\"]\n[[script.message]]\ntext = \"九点\"\n",
        ),
    );
    texts[8] = Some(SLOTS[8].1[0]);
    let mut compiler = Compiler::default();
    let mut compiled = |texts: &[Option<&'static str>]| {
        compiler.compile(&tree(texts, 20)).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).rulebook.scripts
    };
    let first = compiled(&texts);
    let script = |library: &crate::scripts::Library, id: &str| {
        let found = library.all().iter().find(|script| script.id == id);
        Arc::clone(found.expect("the script"))
    };
    texts[hours] = Some(
        "[[script]]\nid = \"hours\"\ntitle = \"几点\"\ntriggers = [\"几点开门\"]\n[[script.message]]\ntext = \"十点\"\n",
    );
    let second = compiled(&texts);
    assert!(Arc::ptr_eq(&script(&first, "hello"), &script(&second, "hello")));
    assert_ne!(script(&first, "hours"), script(&second, "hours"));
    assert!(!first.finder().is(second.finder()));
    texts[1] = Some(SLOTS[1].1[0]);
    let third = compiled(&texts);
    assert!(third.finder().is(second.finder()));
}
