//! Any batch and any message of the conversation archive: no panic.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use zhanggui::channels::wecom::archive::{self, Batch};

fuzz_target!(|body: &[u8]| {
    if let Ok(batch) = Batch::parse(body) {
        for sequenced in &batch.messages {
            let _ = archive::event(&sequenced.message, "archive", "ww1", Timestamp::UNIX_EPOCH);
        }
    }
    if let Ok(plain) = std::str::from_utf8(body) {
        let _ = archive::parse(plain, "archive", "ww1", Timestamp::UNIX_EPOCH);
    }
});
