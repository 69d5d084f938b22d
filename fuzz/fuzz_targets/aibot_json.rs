//! Any plain text of a smart robot: no panic.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use zhanggui::channels::wecom::aibot;
use zhanggui::text::strip_mention;

fuzz_target!(|plain: &str| {
    let _ = aibot::parse(plain, "robot", "ww1", Timestamp::UNIX_EPOCH);
    let _ = strip_mention(plain);
});
