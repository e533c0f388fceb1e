//! How often this thread allocates, for the bench `playback`. Libraries without the feature `count-allocations`, which are all
//! that are shipped, keep the system's allocator and count nothing.

#[cfg(feature = "count-allocations")]
pub(crate) use counting::count;

/// Allocations of this thread so far; `None` where they are not counted.
#[cfg(not(feature = "count-allocations"))]
pub(crate) fn count() -> Option<u64> {
    None
}

#[cfg(feature = "count-allocations")]
#[expect(unsafe_code, reason = "an allocator is an unsafe trait")]
mod counting {
    use std::{
        alloc::{GlobalAlloc, Layout, System},
        cell::Cell,
    };

    thread_local! {
        static COUNT: Cell<u64> = const { Cell::new(0) };
    }

    #[global_allocator]
    static COUNTING: Counting = Counting;

    struct Counting;

    /// Allocations of this thread so far.
    #[allow(clippy::unnecessary_wraps, reason = "other libraries do not count")]
    pub(crate) fn count() -> Option<u64> {
        Some(COUNT.get())
    }

    // SAFETY: everything is left to the system's allocator.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            COUNT.set(COUNT.get() + 1);
            // SAFETY: the caller's promises are passed on.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            // SAFETY: the caller's promises are passed on.
            unsafe { System.dealloc(pointer, layout) }
        }

        unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            COUNT.set(COUNT.get() + 1);
            // SAFETY: the caller's promises are passed on.
            unsafe { System.realloc(pointer, layout, size) }
        }
    }
}
