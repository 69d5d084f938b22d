//! Hears that something below the folders may have changed, also after they were deleted, came
//! back, or were swapped by changing a link.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// A path that leads through more links than this leads in a circle.
const LINKS_AT_MOST: usize = 16;

/// Rings until it is dropped.
#[derive(Debug)]
pub struct Watching {
    bell: Arc<Notify>,
    watched: Option<Watched>,
}

#[derive(Debug)]
struct Watched {
    targets: Targets,
    /// Ends watching when it is dropped; `None` when not everything can be watched.
    watcher: Option<RecommendedWatcher>,
}

/// What must be watched to hear of every change of some folders.
#[derive(Clone, Debug, Default, PartialEq)]
struct Targets {
    /// Real paths of folders to be watched with all below them, and what tells one from another
    /// that took its place.
    whole: BTreeSet<(PathBuf, Identity)>,
    /// Folders in which only some entries matter: a folder of ours, or a link that leads to it.
    around: BTreeSet<(PathBuf, Identity)>,
    /// Those entries.
    entries: BTreeSet<PathBuf>,
}

type Identity = (u64, u64);

impl Watching {
    pub fn new(bell: Arc<Notify>) -> Self {
        Self { bell, watched: None }
    }

    /// Watches the folders as they are now. To be called before they are read, so that no change
    /// falls between. `entries` are files elsewhere whose change rings, too.
    pub fn renew(&mut self, folders: &[&Path], entries: &[PathBuf]) {
        let targets = Targets::of(folders, entries);
        let same = self.watched.as_ref().filter(|watched| watched.targets == targets);
        if same.is_some_and(|watched| watched.watcher.is_some()) {
            return;
        }
        let watcher = self.watch(&targets);
        // What could not be watched is tried again, but told once.
        if let (Err(error), None) = (&watcher, same) {
            tracing::warn!(%error, "the folders cannot be watched; changes are found every 30 s");
        }
        self.watched = Some(Watched { targets, watcher: watcher.ok() });
    }

    fn watch(&self, targets: &Targets) -> notify::Result<RecommendedWatcher> {
        let (bell, of) = (Arc::clone(&self.bell), targets.clone());
        let hear = move |heard: notify::Result<Event>| {
            // What went wrong while watching may have hidden a change.
            if heard.as_ref().map_or(true, |event| of.concerns(event)) {
                bell.notify_one();
            }
        };
        // Links out of the folders are refused by the reading, so nobody follows them here.
        let mut watcher = RecommendedWatcher::new(hear, Config::default().with_follow_symlinks(false))?;
        for (folder, _) in &targets.whole {
            watcher.watch(folder, RecursiveMode::Recursive)?;
        }
        for (folder, _) in &targets.around {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        Ok(watcher)
    }
}

impl Targets {
    fn of(folders: &[&Path], entries: &[PathBuf]) -> Self {
        let mut targets = Self::default();
        for folder in folders {
            if let Ok(real) = folder.canonicalize() {
                let identity = identity(&real);
                targets.whole.insert((real, identity));
            }
            if let Ok(path) = std::path::absolute(folder) {
                targets.path(&path, LINKS_AT_MOST);
            }
        }
        for entry in entries {
            targets.entry(entry);
        }
        let whole = &targets.whole;
        targets.around.retain(|(folder, _)| !whole.iter().any(|(whole, _)| folder.starts_with(whole)));
        targets
    }

    /// The entry that a path names may come, go or be swapped, and so may every link on its way.
    fn path(&mut self, path: &Path, links_left: usize) {
        self.entry(path);
        for part in path.ancestors() {
            let Ok(leads_to) = part.read_link() else { continue };
            self.entry(part);
            if let (Some(parent), Some(links_left)) = (part.parent(), links_left.checked_sub(1)) {
                self.path(&parent.join(leads_to), links_left);
            }
        }
    }

    /// Watches the folder around it; when that is not there, the nearest one that is.
    fn entry(&mut self, path: &Path) {
        for entry in path.ancestors() {
            let (Some(parent), Some(name)) = (entry.parent(), entry.file_name()) else { return };
            if let Ok(real) = parent.canonicalize() {
                self.entries.insert(real.join(name));
                let identity = identity(&real);
                self.around.insert((real, identity));
                return;
            }
        }
    }

    /// Reading is no change.
    fn concerns(&self, event: &Event) -> bool {
        let reading = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Access(_) => true,
            _ => false,
        };
        let ours = |path: &PathBuf| {
            self.entries.contains(path) || self.whole.iter().any(|(folder, _)| path.starts_with(folder))
        };
        !reading && (event.need_rescan() || event.paths.iter().any(ours))
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Identity {
    use std::os::unix::fs::MetadataExt;
    path.metadata().map(|metadata| (metadata.dev(), metadata.ino())).unwrap_or_default()
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Identity {
    Identity::default()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    struct Scene {
        folder: tempfile::TempDir,
        bell: Arc<Notify>,
        watching: Watching,
    }

    impl Scene {
        fn new() -> Self {
            let bell = Arc::new(Notify::new());
            let folder = tempfile::tempdir().expect("a folder");
            Self { folder, watching: Watching::new(Arc::clone(&bell)), bell }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn make(&self, name: &str) {
            fs::create_dir_all(self.path(name)).expect("a folder");
        }

        fn write(&self, name: &str) {
            fs::write(self.path(name), "a = 1").expect("written");
        }

        fn renew(&mut self) {
            let (config, scripts) = (self.path("config"), self.path("bot-scripts"));
            self.watching.renew(&[&config, &scripts], &[]);
        }

        /// Waits for the bell, then until it is silent.
        async fn rings(&self) {
            timeout(Duration::from_secs(20), self.bell.notified()).await.expect("the bell rings");
            while timeout(Duration::from_millis(100), self.bell.notified()).await.is_ok() {}
        }

        async fn is_silent(&self) {
            let rang = timeout(Duration::from_millis(300), self.bell.notified()).await;
            assert!(rang.is_err(), "it rang");
        }
    }

    #[tokio::test]
    async fn changes_ring_and_reading_does_not() {
        let mut scene = Scene::new();
        scene.make("config/profiles");
        scene.write("config/a.toml");
        scene.renew();
        scene.write("config/profiles/b.toml");
        scene.rings().await;
        fs::read(scene.path("config/a.toml")).expect("readable");
        fs::read_dir(scene.path("config/profiles")).expect("readable").for_each(drop);
        scene.write("unrelated.log");
        scene.is_silent().await;
    }

    #[tokio::test]
    async fn a_folder_that_is_deleted_and_comes_back_rings_each_time() {
        let mut scene = Scene::new();
        scene.make("config");
        scene.renew();
        scene.make("bot-scripts");
        scene.rings().await;
        scene.renew();
        scene.write("bot-scripts/a.toml");
        scene.rings().await;
        fs::remove_dir_all(scene.path("bot-scripts")).expect("gone");
        scene.rings().await;
        scene.renew();
        scene.make("bot-scripts");
        scene.rings().await;
        scene.renew();
        scene.write("bot-scripts/a.toml");
        scene.rings().await;
    }

    #[tokio::test]
    async fn a_link_that_is_swapped_rings() {
        let mut scene = Scene::new();
        scene.make("releases/1");
        scene.make("releases/2");
        symlink("releases/1", scene.path("current")).expect("a link");
        symlink("current", scene.path("config")).expect("a link");
        scene.renew();
        symlink("releases/2", scene.path("next")).expect("a link");
        fs::rename(scene.path("next"), scene.path("current")).expect("swapped");
        scene.rings().await;
        scene.renew();
        scene.write("releases/2/a.toml");
        scene.rings().await;
    }
}
