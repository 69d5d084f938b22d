//! The example brand's files in a folder of their own.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// All of them, with the schemas that their first lines name.
pub fn example_brand() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["config", "bot-scripts", "schemas"] {
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let copied = Command::new("cp").arg("-r").arg(files).arg(folder.path()).status();
        assert!(copied.is_ok_and(|status| status.success()), "{name} is copied");
    }
    folder
}

/// Without these folders of `config/`.
pub fn example_without(folders: &[&str]) -> TempDir {
    let brand = example_brand();
    for folder in folders {
        std::fs::remove_dir_all(brand.path().join("config").join(folder)).expect("the brand has it");
    }
    brand
}

/// Says nothing of its own accord: what a test sees must not depend on the day on which it runs.
pub fn calm_brand() -> TempDir {
    without_campaigns(example_without(&["schedules", "playbooks"]))
}

/// With its campaigns switched off: scripts name them, so they cannot be taken away.
pub fn without_campaigns(brand: TempDir) -> TempDir {
    let campaigns = brand.path().join("config/campaigns");
    for entry in std::fs::read_dir(campaigns).expect("the brand has some") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        std::fs::write(&path, text.replace("[[campaign]]\n", "[[campaign]]\noff = true\n")).expect("written");
    }
    brand
}
