//! What finds scripts: by what staff type, and by what was pasted.

use std::sync::{Arc, OnceLock};

use crate::scripts::wordings::Wordings;
use crate::scripts::{Recogniser, Script, SearchIndex};

/// Finds scripts among all versions of a library. It depends on them alone, so that libraries with the same
/// versions share one. Its indexes are made when they are first needed: the check of the files needs none.
#[derive(Clone, Debug, Default)]
pub struct Finder(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    versions: Vec<Arc<Script>>,
    indexes: OnceLock<Indexes>,
}

#[derive(Debug)]
struct Indexes {
    search: SearchIndex,
    recogniser: Recogniser,
}

impl Finder {
    /// The finder of these versions: this one, if it is.
    pub(super) fn over(self, versions: &[Arc<Script>]) -> Self {
        if self.0.versions == versions {
            return self;
        }
        Self(Arc::new(Inner { versions: versions.to_vec(), indexes: OnceLock::new() }))
    }

    /// Whether the two are one, with the same indexes.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn prepare(&self) {
        self.indexes();
    }

    pub(super) fn search(&self) -> &SearchIndex {
        &self.indexes().search
    }

    pub(super) fn recogniser(&self) -> &Recogniser {
        &self.indexes().recogniser
    }

    fn indexes(&self) -> &Indexes {
        let Inner { versions, indexes } = &*self.0;
        indexes.get_or_init(|| {
            let wordings = Arc::new(Wordings::new(versions));
            let search = SearchIndex::over(versions, Arc::clone(&wordings));
            Indexes { search, recogniser: Recogniser::over(wordings) }
        })
    }
}
