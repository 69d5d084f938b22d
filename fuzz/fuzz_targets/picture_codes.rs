//! Any bytes as a picture: no panic, bounded memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhanggui::perception::picture;

fuzz_target!(|bytes: &[u8]| {
    let _ = picture::codes(bytes);
});
