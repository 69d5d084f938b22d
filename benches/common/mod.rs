//! What several benchmarks need: memory that is counted, and numbers that are the same in every run.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, with its use counted.
pub struct Counting {
    in_use: AtomicUsize,
    most: AtomicUsize,
    asked: AtomicUsize,
}

impl Counting {
    pub const fn new() -> Self {
        Self { in_use: AtomicUsize::new(0), most: AtomicUsize::new(0), asked: AtomicUsize::new(0) }
    }

    /// Bytes in use.
    pub fn in_use(&self) -> usize {
        self.in_use.load(Ordering::Relaxed)
    }

    /// The most bytes that were in use at one time since the last call.
    #[allow(dead_code, reason = "one benchmark asks, the others do not")]
    pub fn most(&self) -> usize {
        self.most.swap(self.in_use(), Ordering::Relaxed)
    }

    /// How often memory was asked for.
    #[allow(dead_code, reason = "one benchmark asks, the other does not")]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let before = self.in_use.fetch_add(layout.size(), Ordering::Relaxed);
        self.most.fetch_max(before + layout.size(), Ordering::Relaxed);
        self.asked.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.in_use.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

/// The same numbers in every run (Knuth's linear congruential generator).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    #[allow(dead_code, reason = "one benchmark asks, the other does not")]
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
