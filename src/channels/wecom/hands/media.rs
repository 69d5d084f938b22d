//! Files on their way out: read where the scripts are, compared with what was reviewed, uploaded once.
//!
//! What this module promises:
//! - the content that goes out is the one that the action names, or nothing goes out;
//! - a file is uploaded once per owner of its id and per use, by one caller at a time, and again before the
//!   platform forgets it or when the platform says that it has;
//! - no more than [`UPLOADS_AT_ONCE`] files are held in memory for uploading.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::attachment::{Attachment, Carriage, Need, Uploader, Use};
use super::{PersonAndLog, Trouble};
use crate::channels::wecom::client::{Api, MediaKind, Upload, too_large};
use crate::clock::Clock;
use crate::decision::MediaFile;
use crate::files::folder::{MediaError, read_media};

/// How long the platform keeps an upload (wecom-send.md §12.1).
const LIVES: SignedDuration = SignedDuration::from_hours(3 * 24);
/// An id is not used so shortly before its end: its message may still wait, and the platform's clock may be
/// ahead of ours.
const SPARE: SignedDuration = SignedDuration::from_hours(1);
/// A file of 20 MB takes 60 MB while it is uploaded.
const UPLOADS_AT_ONCE: usize = 4;
/// Ids in memory, some 300 bytes each; a library has hundreds of files.
const MAX_KNOWN: usize = 50_000;

/// What an id of the platform stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MediaKey {
    /// `corp:ww1` or `webhook:dealers`: who may use the id.
    pub owner: String,
    /// Of the content.
    pub sha256: String,
    pub used_as: Use,
}

/// A file that the platform holds for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    pub key: MediaKey,
    /// The `media_id`, or the address of an article's picture.
    pub id: String,
    pub uploaded_at: Timestamp,
    /// Not to be used from then on; `None` is never.
    pub good_until: Option<Timestamp>,
}

impl Uploaded {
    fn is_good_at(&self, now: Timestamp) -> bool {
        self.good_until.is_none_or(|until| now < until)
    }
}

/// What the platform holds of our files.
#[derive(Debug)]
pub(super) struct Media {
    scripts: PathBuf,
    clock: Clock,
    known: Mutex<HashMap<MediaKey, Uploaded>>,
    /// Keys whose last id was refused; a second refusal in a row is not answered by another upload.
    refused: Mutex<HashSet<MediaKey>>,
    /// Held by whoever looks after a key; the others wait and find it done.
    flights: Mutex<HashMap<MediaKey, Arc<tokio::sync::Mutex<()>>>>,
    room: Semaphore,
}

impl Media {
    pub fn new(scripts: PathBuf, clock: Clock) -> Self {
        Self {
            scripts,
            clock,
            known: Mutex::default(),
            refused: Mutex::default(),
            flights: Mutex::default(),
            room: Semaphore::new(UPLOADS_AT_ONCE),
        }
    }

    /// What was uploaded before this process started: the store seeds the memory.
    pub fn remember(&self, uploaded: Uploaded) {
        let (mut known, now) = (lock(&self.known), self.clock.now());
        if known.len() >= MAX_KNOWN {
            known.retain(|_, old| old.is_good_at(now));
        }
        if known.len() >= MAX_KNOWN {
            tracing::warn!("too many uploads to remember; files will be uploaded again");
            known.clear();
        }
        known.insert(uploaded.key.clone(), uploaded);
    }

    /// Makes sure that the platform has the file; the second value is what was uploaded just now.
    pub async fn bring(&self, api: &Api, need: &Need<'_>) -> Result<(Attachment, Option<Uploaded>), Trouble> {
        let Carriage::Upload { by, used_as } = need.carriage else {
            return Ok((Attachment::Bytes(self.content(need).await?), None));
        };
        let key = MediaKey { owner: by.owner(), sha256: need.file.sha256.clone(), used_as };
        let flight = lock(&self.flights).entry(key.clone()).or_default().clone();
        let alone = flight.lock().await;
        let brought = self.bring_alone(api, need, by, &key).await;
        drop(alone);
        let mut flights = lock(&self.flights);
        // Ours and the map's: nobody else waits for this flight, and nobody can join while the map is locked.
        if Arc::strong_count(&flight) <= 2 {
            flights.remove(&key);
        }
        drop(flights);
        let (id, uploaded) = brought?;
        Ok((Attachment::Id { id, key }, uploaded))
    }

    async fn bring_alone(
        &self,
        api: &Api,
        need: &Need<'_>,
        by: Uploader<'_>,
        key: &MediaKey,
    ) -> Result<(String, Option<Uploaded>), Trouble> {
        let now = self.clock.now();
        let known = lock(&self.known).get(key).filter(|known| known.is_good_at(now)).cloned();
        if let Some(known) = known {
            // Who takes a picture out of the library does not want it sent any more.
            self.content(need).await?;
            return Ok((known.id, None));
        }
        let _room = self.room.acquire().await;
        let bytes = self.content(need).await?;
        let id = upload(api, by, key.used_as, need.file.file_name(), &bytes).await?;
        let good_until = key.used_as.expires().then(|| now.saturating_add(LIVES - SPARE).unwrap_or(now));
        let uploaded = Uploaded { key: key.clone(), id, uploaded_at: now, good_until };
        self.remember(uploaded.clone());
        Ok((uploaded.id.clone(), Some(uploaded)))
    }

    /// The platform took a message with this file.
    pub fn worked(&self, key: &MediaKey) {
        lock(&self.refused).remove(key);
    }

    /// The platform refused this id. True when another upload is worth a try.
    pub fn spent(&self, key: &MediaKey, id: &str) -> bool {
        let mut known = lock(&self.known);
        // Another message with the same id was refused before.
        if known.get(key).is_none_or(|known| known.id != id) {
            return true;
        }
        known.remove(key);
        let mut refused = lock(&self.refused);
        let first = refused.insert(key.clone());
        if !first {
            refused.remove(key);
        }
        first
    }

    /// The file's content, if it is the reviewed one.
    async fn content(&self, need: &Need<'_>) -> Result<Vec<u8>, Trouble> {
        let (scripts, file, limit) = (self.scripts.clone(), need.file.clone(), need.carriage.max_bytes());
        let read = move || read_reviewed(&scripts, &file, limit);
        match tokio::task::spawn_blocking(read).await {
            Ok(content) => content.map_err(|why| Trouble::ForGood(why.of(need))),
            Err(panic) => {
                let log = format!("reading {:?} panicked: {panic}", need.file.name);
                Err(Trouble::ForGood(PersonAndLog::new("读取文件时程序出错，请联系开发", log)))
            }
        }
    }
}

/// Why a file of the library is not sent.
enum Unfit {
    Unread(MediaError),
    /// Its content is another one than was reviewed.
    Changed,
}

fn read_reviewed(scripts: &std::path::Path, file: &MediaFile, limit: usize) -> Result<Vec<u8>, Unfit> {
    let bytes = read_media(scripts, &file.name, limit).map_err(Unfit::Unread)?;
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if digest == file.sha256 { Ok(bytes) } else { Err(Unfit::Changed) }
}

impl Unfit {
    fn of(self, need: &Need<'_>) -> PersonAndLog {
        let (what, name) = (need.what, need.file.file_name());
        let gone = |log| {
            let person = format!("{what}「{name}」在发出前被改过或删掉了，没有发出；请确认内容后再安排一次");
            PersonAndLog::new(person, log)
        };
        match self {
            Self::Changed => gone(format!("{:?} is not the reviewed content", need.file.name)),
            Self::Unread(MediaError::Unreadable { name, cause })
                if cause.kind() == std::io::ErrorKind::NotFound =>
            {
                gone(format!("{name:?} is gone"))
            }
            Self::Unread(MediaError::TooLarge { bytes, at_most, .. }) => {
                let person = too_large(name, usize::try_from(bytes).unwrap_or(usize::MAX), at_most);
                PersonAndLog::new(person, format!("{bytes} bytes, at most {at_most}"))
            }
            Self::Unread(error @ MediaError::Outside { .. }) => {
                let person = format!("{what}「{name}」不在话术文件夹里，不能发送");
                PersonAndLog::new(person, error.to_string())
            }
            Self::Unread(error @ MediaError::Unreadable { .. }) => {
                let person = format!("{what}「{name}」读不了，请检查运行掌柜的用户能不能读这个文件");
                PersonAndLog::new(person, error.to_string())
            }
        }
    }
}

async fn upload(
    api: &Api,
    by: Uploader<'_>,
    used_as: Use,
    filename: &str,
    bytes: &[u8],
) -> Result<String, Trouble> {
    let id = match by {
        Uploader::Robot(robot) => api.upload_to_webhook(robot, filename, bytes).await?,
        Uploader::App(app) => {
            let kind = match used_as {
                Use::ArticlePicture => return Ok(api.upload_picture(app, filename, bytes).await?),
                Use::Image | Use::MomentImage => MediaKind::Image,
                Use::Video | Use::MomentVideo => MediaKind::Video,
                Use::File => MediaKind::File,
            };
            let upload = Upload { kind, filename, bytes };
            if matches!(used_as, Use::MomentImage | Use::MomentVideo) {
                return Ok(api.upload_for_moment(app, upload).await?);
            }
            api.upload_media(app, upload).await?
        }
    };
    Ok(id)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
