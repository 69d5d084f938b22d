//! The same work on many things, over all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// So many are taken at once: few enough that no core is left with a long rest, many enough that fetching them
/// costs nothing.
const TAKEN_AT_ONCE: usize = 16;

/// What `work` makes of each item, in the order of the items. Each core works with a `desk` of its own.
pub fn spread<T: Sync, D: Send, R: Send>(
    items: &[T],
    desk: impl Fn() -> D,
    work: impl Fn(&mut D, &T) -> R + Sync,
) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let workers = cores.min(items.len().div_ceil(TAKEN_AT_ONCE));
    if workers <= 1 {
        let mut desk = desk();
        return items.iter().map(|item| work(&mut desk, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let (next, work) = (&next, &work);
    let mut made: Vec<(usize, Vec<R>)> = thread::scope(|scope| {
        let worker = |mut desk: D| scope.spawn(move || take_turns(items, next, |item| work(&mut desk, item)));
        let workers: Vec<_> = (0..workers).map(|_| worker(desk())).collect();
        let made = workers.into_iter().map(|worker| worker.join());
        made.flat_map(|made| made.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    made.sort_unstable_by_key(|(start, _)| *start);
    made.into_iter().flat_map(|(_, made)| made).collect()
}

/// Works off what nobody else has taken; each result is that of the items from this one on.
fn take_turns<T, R>(items: &[T], next: &AtomicUsize, mut work: impl FnMut(&T) -> R) -> Vec<(usize, Vec<R>)> {
    let mut made = Vec::new();
    loop {
        let start = next.fetch_add(TAKEN_AT_ONCE, Ordering::Relaxed);
        let Some(rest) = items.get(start..).filter(|rest| !rest.is_empty()) else { return made };
        let taken = &rest[..rest.len().min(TAKEN_AT_ONCE)];
        made.push((start, taken.iter().map(&mut work).collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for count in [0, 1, TAKEN_AT_ONCE, TAKEN_AT_ONCE + 1, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(spread(&items, || (), |(), item| item * 2), doubled);
        }
    }
}
