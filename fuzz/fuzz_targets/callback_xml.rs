//! Any body and any plain text of an app or group robot: no panic.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use zhanggui::channels::wecom::{app, envelope, group_robot};

fuzz_target!(|body: &[u8]| {
    let _ = envelope::encrypt_of(body);
    if let Ok(plain) = std::str::from_utf8(body) {
        let _ = app::parse(plain, "app", "ww1", Timestamp::UNIX_EPOCH);
        let _ = group_robot::parse(plain, "robot", "ww1", Timestamp::UNIX_EPOCH);
    }
});
