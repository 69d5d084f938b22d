//! The program's allocator: mimalloc, asked in the shortest way.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_void;

use libmimalloc_sys::{
    mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc, mi_zalloc_aligned,
};

/// What every block of mimalloc is aligned to that is at least as large (`MI_MAX_ALIGN_SIZE`).
const ALWAYS_ALIGNED: usize = 16;

/// The crate `mimalloc` asks for an alignment every time. For blocks of more than 1 KiB mimalloc 3 then takes a larger
/// one and looks for an aligned place in it: seven times for each callback, for the eight bytes that all blocks have.
pub struct Allocator;

fn is_aligned_anyway(layout: Layout) -> bool {
    layout.align() <= ALWAYS_ALIGNED && layout.align() <= layout.size()
}

// SAFETY: mimalloc's functions keep the contract of an allocator, the plain ones for what is aligned anyway. A block may
// be freed and grown without saying how it was asked for.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = if is_aligned_anyway(layout) {
            unsafe { mi_malloc(layout.size()) }
        } else {
            unsafe { mi_malloc_aligned(layout.size(), layout.align()) }
        };
        block.cast()
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let block = if is_aligned_anyway(layout) {
            unsafe { mi_zalloc(layout.size()) }
        } else {
            unsafe { mi_zalloc_aligned(layout.size(), layout.align()) }
        };
        block.cast()
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        unsafe { mi_free(block.cast::<c_void>()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let block = block.cast::<c_void>();
        let grown = if is_aligned_anyway(layout) && layout.align() <= size {
            unsafe { mi_realloc(block, size) }
        } else {
            unsafe { mi_realloc_aligned(block, size, layout.align()) }
        };
        grown.cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_aligned_and_keeps_its_bytes_when_it_grows() {
        for align in (0..10).map(|power| 1 << power) {
            for size in [1, 3, 8, 15, 16, 24, 40, 100, 1000, 1025, 1500, 5000, 70_000] {
                let layout = Layout::from_size_align(size, align).expect("a layout");
                // SAFETY: the size is not 0; what is read was written, or asked for as zeros.
                unsafe {
                    let zeros = Allocator.alloc_zeroed(layout);
                    assert!(!zeros.is_null() && zeros.addr().is_multiple_of(align), "{layout:?}");
                    assert!((0..size).all(|at| zeros.add(at).read() == 0), "{layout:?}");
                    let block = Allocator.alloc(layout);
                    assert!(!block.is_null() && block.addr().is_multiple_of(align), "{layout:?}");
                    (0..size).for_each(|at| block.add(at).write(at as u8));
                    let grown = Allocator.realloc(block, layout, 3 * size);
                    assert!(!grown.is_null() && grown.addr().is_multiple_of(align), "{layout:?}");
                    assert!((0..size).all(|at| grown.add(at).read() == at as u8), "{layout:?}");
                    Allocator.dealloc(grown, Layout::from_size_align(3 * size, align).expect("a layout"));
                    Allocator.dealloc(zeros, layout);
                }
            }
        }
    }
}
