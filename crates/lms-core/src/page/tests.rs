use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future;
use futures::task::{FutureObj, SpawnError};

use super::*;

fn pages(pages: Vec<Page<u8>>) -> Paged<u8> {
    Paged::new(None, move |at| {
        let n = at.map_or(0, |c| c.as_str().parse::<usize>().unwrap_or(usize::MAX));
        let page = pages.get(n).cloned();
        async move { page.ok_or_else(|| Error::new(ErrorKind::NotFound, "past the end")) }
    })
}

fn page(items: &[u8], next: Option<usize>) -> Page<u8> {
    Page { items: items.to_vec(), next: next.map(|n| Cursor::new(n.to_string())), total: None }
}

#[tokio::test]
async fn an_empty_middle_page_is_not_the_end() {
    let listing = pages(vec![page(&[1, 2], Some(1)), page(&[], Some(2)), page(&[3], None)]);
    assert_eq!(listing.all().await.expect("pages"), [1, 2, 3]);
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error_after_the_page_that_has_it() {
    let mut items = pages(vec![page(&[1], Some(1)), page(&[2], Some(1))]).items();
    assert_eq!(items.next().await.and_then(Result::ok), Some(1));
    assert_eq!(items.next().await.and_then(Result::ok), Some(2));
    assert_eq!(items.next().await.and_then(Result::err).map(|e| e.kind()), Some(ErrorKind::Protocol));
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn items_of_pages_read_so_far_are_kept() {
    let mut items = pages(vec![page(&[1, 2], Some(9))]).items();
    assert_eq!(items.next().await.and_then(Result::ok), Some(1));
    assert_eq!(items.next().await.and_then(Result::ok), Some(2));
    assert_eq!(items.next().await.and_then(Result::err).map(|e| e.kind()), Some(ErrorKind::NotFound));
}

#[test]
fn a_cursor_prints_nothing_of_what_it_holds() {
    let listing = pages(Vec::new());
    let listing = Paged { start: Some(Cursor::new("https://x.example/?email=canary")), ..listing };
    assert_eq!(format!("{listing:?}"), "Paged { start: Some(Cursor(…)), ahead: 0, .. }");
}

#[tokio::test]
async fn items_are_changed_left_out_or_refused_in_their_place() {
    let listing = || pages(vec![page(&[1, 2], Some(1)), page(&[3], None)]);
    let odd = listing().try_filter_map(|n| Ok((n % 2 == 1).then(|| n.to_string())));
    assert_eq!(odd.all().await.expect("pages"), ["1", "3"]);
    let mut refused =
        listing().try_map(|n| if n == 3 { Err(Error::invalid("three")) } else { Ok(n) }).items();
    assert_eq!(refused.next().await.and_then(Result::ok), Some(1));
    assert_eq!(refused.next().await.and_then(Result::ok), Some(2));
    assert_eq!(refused.next().await.and_then(Result::err).map(|e| e.kind()), Some(ErrorKind::InvalidInput));
    assert!(refused.next().await.is_none());
}

#[tokio::test]
async fn a_changed_page_keeps_cursor_and_total() {
    let listing = pages(vec![Page { total: Some(9), ..page(&[1], Some(1)) }, page(&[2], None)]);
    let pages: Vec<_> = listing.try_map(|n| Ok(u32::from(n))).pages().try_collect().await.expect("pages");
    assert_eq!((pages[0].total, pages[0].next.as_ref().map(Cursor::as_str)), (Some(9), Some("1")));
    assert_eq!((pages[1].total, pages[1].next.is_none()), (None, true));
}

/// Runs tasks on the test's runtime.
struct Here;

impl Spawn for Here {
    fn spawn_obj(&self, task: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        tokio::spawn(task);
        Ok(())
    }
}

/// An executor that is shut down: it takes tasks and drops them, or takes none.
struct Shut(bool);

impl Spawn for Shut {
    fn spawn_obj(&self, task: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        drop(task);
        if self.0 { Ok(()) } else { Err(SpawnError::shutdown()) }
    }
}

/// Numbers from 0 on, one on a page, and how many pages were asked for so far. The page with the number
/// `wrong` is an error, and the one after it is never answered.
fn numbers(wrong: Option<usize>) -> (Paged<usize>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let listing = Paged::new(None, move |at| {
        let n = at.map_or(0, |c| c.as_str().parse::<usize>().unwrap_or(usize::MAX));
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            match wrong {
                Some(wrong) if n == wrong => Err(Error::new(ErrorKind::Unavailable, "down")),
                Some(wrong) if n > wrong => future::pending().await,
                _ => Ok(Page { items: vec![n], next: Some(Cursor::new((n + 1).to_string())), total: None }),
            }
        }
    });
    (listing, asked)
}

/// Lets all tasks run until none has anything to do.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn no_more_pages_are_fetched_ahead_than_asked_for() {
    for ahead in [0, 1, 3] {
        let (listing, asked) = numbers(None);
        let mut pages = listing.spawner(Arc::new(Here)).prefetch(ahead).pages();
        settle().await;
        assert_eq!(asked.load(Ordering::SeqCst), 0, "nothing before the first poll");
        for taken in 1..=4 {
            let page = pages.next().await.expect("endless").expect("a page");
            assert_eq!(page.items, [taken - 1]);
            settle().await;
            assert_eq!(asked.load(Ordering::SeqCst), taken + ahead, "{ahead} ahead of {taken}");
        }
        drop(pages);
        settle().await;
        assert_eq!(asked.load(Ordering::SeqCst), 4 + ahead, "nothing after the end");
    }
}

#[tokio::test]
async fn errors_keep_their_place_and_end_the_listing() {
    let (listing, asked) = numbers(Some(2));
    let mut items = listing.spawner(Arc::new(Here)).prefetch(5).items();
    assert_eq!(items.next().await.and_then(Result::ok), Some(0));
    settle().await;
    assert_eq!(asked.load(Ordering::SeqCst), 3, "the error is known by now");
    assert_eq!(items.next().await.and_then(Result::ok), Some(1));
    assert_eq!(items.next().await.and_then(Result::err).map(|e| e.kind()), Some(ErrorKind::Unavailable));
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn a_request_under_way_stops_with_its_stream() {
    struct Under(Arc<AtomicUsize>);
    impl Drop for Under {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&dropped);
    let listing = Paged::new(None, move |at| {
        let under = Under(Arc::clone(&count));
        async move {
            if at.is_some() {
                let _under = under;
                return future::pending().await;
            }
            std::mem::forget(under);
            Ok(Page { items: vec![1], next: Some(Cursor::new("2")), total: None })
        }
    });
    let mut pages = listing.spawner(Arc::new(Here)).prefetch(1).pages();
    pages.next().await.expect("a page").expect("a page");
    settle().await;
    assert_eq!(dropped.load(Ordering::SeqCst), 0, "the second is under way");
    drop(pages);
    settle().await;
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_end_of_a_prefetched_listing_is_the_end() {
    let listing = pages(vec![page(&[1, 2], Some(1)), page(&[], Some(2)), page(&[3], None)]);
    assert_eq!(listing.spawner(Arc::new(Here)).prefetch(2).all().await.expect("pages"), [1, 2, 3]);
}

#[tokio::test]
async fn a_task_that_is_gone_is_not_the_end() {
    for takes in [true, false] {
        let listing = pages(vec![page(&[1], None)]).spawner(Arc::new(Shut(takes))).prefetch(2);
        assert_eq!(listing.all().await.expect_err("gone").kind(), ErrorKind::Unavailable);
    }
    let listing = Paged::<u8>::new(None, |_| async { panic!("the task breaks") });
    let error = listing.spawner(Arc::new(Here)).prefetch(2).all().await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn without_a_runtime_a_listing_stays_lazy() {
    let (listing, asked) = numbers(None);
    let mut pages = listing.prefetch(3).pages();
    pages.next().await.expect("endless").expect("a page");
    settle().await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
