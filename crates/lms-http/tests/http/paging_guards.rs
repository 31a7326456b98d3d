//! Listings that do not end, or end too early. None of them may pass for a whole one.

use futures::stream::StreamExt;
use lms_core::{Cursor, Error, ErrorKind, Paged, Retry};
use lms_http::{Paging, PastEnd};
use serde_json::json;

use crate::paging::{ids, items, linked, numbered};
use crate::server::{Reply, Server};
use crate::{chain, client};

/// Thirty pages are more than any listing here has, so that none goes on for ever if a guard fails.
fn by_number() -> Paging {
    Paging::numbered("items").most_pages(30)
}

fn by_link() -> Paging {
    Paging::next_link().most_pages(30)
}

/// The items before the error, and the error.
async fn broken(listing: Paged<u64>) -> (Vec<u64>, Error) {
    let mut stream = listing.items();
    let mut read = Vec::new();
    loop {
        match stream.next().await {
            Some(Ok(id)) => read.push(id),
            Some(Err(error)) => {
                assert!(stream.next().await.is_none(), "an error is the last word");
                return (read, error);
            }
            None => panic!("ended after {read:?} as if that were all"),
        }
    }
}

/// That the error is about the listing and loses nothing of what is known.
#[track_caller]
fn incomplete(error: &Error, words: &str) {
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never), "{error}");
    assert_eq!((error.operation(), error.resource()), ("items.list", Some("course c")), "{error}");
    assert!(error.message().contains(words), "{error}");
}

#[tokio::test]
async fn a_repeated_address_is_an_error_after_its_page() {
    let server = Server::answering(|got, before| {
        let host = got.header("host").expect("a host");
        linked(Some(&format!("http://{host}/list?cursor=canary")), &[before as u64])
    })
    .await;
    let (read, error) = broken(ids(by_link(), &client(&server).0, None)).await;
    assert_eq!((read, error.kind()), (vec![0, 1], ErrorKind::Protocol));
    assert!(error.message().contains("may not be all") && !chain(&error).contains("canary"), "{error}");
    assert_eq!(server.lines().len(), 2);
}

#[tokio::test]
async fn the_same_page_again_is_an_error() {
    for circle in [1, 2] {
        let server = Server::answering(move |got, before| {
            let host = got.header("host").expect("a host");
            if got.line.contains("page=") {
                return numbered(before as u64 + 1, true, &[(before % circle) as u64]);
            }
            linked(Some(&format!("http://{host}/list?cursor={before}")), &[(before % circle) as u64])
        })
        .await;
        let client = client(&server).0;
        let (read, error) = broken(ids(by_number(), &client, None)).await;
        assert_eq!(read.len(), circle);
        incomplete(&error, "a page came a second time");
        assert_eq!(error.status(), Some(200));
    }
    let server = Server::answering(|got, before| {
        let host = got.header("host").expect("a host");
        linked(Some(&format!("http://{host}/list?cursor={before}")), &[7])
    })
    .await;
    let paging = by_link().past_end(PastEnd::End);
    let (read, error) = broken(ids(paging, &client(&server).0, None)).await;
    assert_eq!(read, [7], "an address is no reason to believe that this is the end");
    incomplete(&error, "a page came a second time");
}

#[tokio::test]
async fn the_last_page_again_is_the_end_where_that_is_known() {
    let server =
        Server::answering(|_, before| numbered(before as u64 + 1, true, &[before.min(2) as u64])).await;
    let paging = by_number().past_end(PastEnd::End);
    assert_eq!(ids(paging, &client(&server).0, None).all().await.expect("the end"), [0, 1, 2]);
    assert_eq!(server.lines().len(), 4);
}

#[tokio::test]
async fn an_earlier_page_again_is_never_the_end() {
    let server = Server::answering(|_, before| numbered(before as u64 + 1, true, &[before as u64 % 2])).await;
    let paging = by_number().past_end(PastEnd::End);
    let (read, error) = broken(ids(paging, &client(&server).0, None)).await;
    assert_eq!(read, [0, 1]);
    incomplete(&error, "a page came a second time");
}

#[tokio::test]
async fn pages_without_items_end_it_or_are_an_error() {
    let script =
        || [numbered(1, true, &[1]), numbered(2, true, &[]), numbered(3, true, &[]), numbered(4, true, &[])];
    let server = Server::scripted(script()).await;
    let (read, error) = broken(ids(by_number(), &client(&server).0, None)).await;
    assert_eq!((read, server.lines().len()), (vec![1], 4));
    incomplete(&error, "3 pages without items");
    let server = Server::scripted(script()).await;
    let paging = by_number().past_end(PastEnd::End);
    assert_eq!(ids(paging, &client(&server).0, None).all().await.expect("the end"), [1]);
    assert_eq!(server.lines().len(), 4);
}

#[tokio::test]
async fn only_pages_without_items_in_a_row_count() {
    let server = Server::answering(|_, before| {
        let page = before as u64 + 1;
        if page.is_multiple_of(3) { numbered(page, page < 30, &[page]) } else { numbered(page, true, &[]) }
    })
    .await;
    let all = ids(by_number(), &client(&server).0, None).all().await.expect("pages");
    assert_eq!(all.len(), 10);
}

#[tokio::test]
async fn addresses_to_pages_without_items_end_in_an_error() {
    let server = Server::answering(|_, before| linked(Some(&format!("/list?cursor={before}")), &[])).await;
    let client = client(&server).0;
    let paging = by_link().most_empty(5);
    let (read, error) = broken(ids(paging.past_end(PastEnd::End), &client, None)).await;
    assert_eq!((read.len(), server.lines().len()), (0, 5));
    incomplete(&error, "5 pages without items");
}

#[tokio::test]
async fn a_listing_that_is_too_long_is_an_error_and_can_be_resumed() {
    let server = Server::answering(|got, _| {
        let page: u64 = got.line.rsplit('=').next().and_then(|n| n.parse().ok()).expect("a page");
        numbered(page, true, &[page])
    })
    .await;
    let client = client(&server).0;
    for past_end in [PastEnd::Error, PastEnd::End] {
        let short = by_number().past_end(past_end).most_pages(3);
        let mut pages = ids(short.clone(), &client, None).pages();
        let mut last = None;
        for expected in 1..=3 {
            let page = pages.next().await.expect("a page").expect("a page");
            assert_eq!(page.items, [expected]);
            last = page.next;
        }
        incomplete(
            &pages.next().await.expect("no silent end").expect_err("too long"),
            "not ended after 3 pages",
        );
        assert_eq!(last.as_ref().map(Cursor::as_str), Some("4"));
        let (read, _) = broken(ids(short, &client, last)).await;
        assert_eq!(read, [4, 5, 6]);
    }
    assert_eq!(server.lines().len(), 12, "nothing is sent beyond");
}

#[tokio::test]
async fn a_page_past_the_end_is_an_error_with_its_status() {
    let gone = || Reply::new(404, r#"{"developer_message":"Invalid page."}"#);
    for paging in [by_number(), by_link()] {
        let server = Server::answering(move |got, before| match before {
            0 if got.line.contains("page=") => numbered(1, true, &[1]),
            0 => linked(Some("/list?cursor=x"), &[1]),
            _ => gone(),
        })
        .await;
        let (read, error) = broken(ids(paging, &client(&server).0, None)).await;
        assert_eq!((read, error.status()), (vec![1], Some(404)));
        incomplete(&error, "announced another page");
        assert!(chain(&error).contains("Invalid page."), "what the platform said is kept: {}", chain(&error));
    }
}

#[tokio::test]
async fn a_page_past_the_end_is_the_end_where_that_is_known() {
    let server = Server::scripted([numbered(1, true, &[1])]).await;
    let lenient = || by_number().past_end(PastEnd::End);
    let client = client(&server).0;
    assert_eq!(ids(lenient(), &client, None).all().await.expect("the end"), [1]);
    assert!(ids(lenient(), &client, Some(Cursor::new("2"))).all().await.expect("the end").is_empty());
    // The first page is that of a listing which is not there.
    assert_eq!(ids(lenient(), &client, None).all().await.expect_err("404").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn no_other_error_is_taken_for_the_end() {
    for status in [401, 403, 410, 500] {
        let server = Server::answering(move |_, before| match before {
            0 => numbered(1, true, &[1]),
            _ => Reply::new(status, "{}"),
        })
        .await;
        let paging = by_number().past_end(PastEnd::End);
        let (read, error) = broken(ids(paging, &client(&server).0, None)).await;
        assert_eq!((read, error.status()), (vec![1], Some(status)));
    }
}

#[tokio::test]
async fn a_cursor_that_is_stale_is_what_the_platform_says() {
    let server = Server::answering(|_, _| Reply::new(404, r#"{"detail":"Invalid cursor"}"#)).await;
    let at = Cursor::new(server.url.join("/list?cursor=x").expect("URL"));
    let (_, error) = broken(ids(by_link(), &client(&server).0, Some(at))).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
}

#[tokio::test]
async fn another_page_than_was_asked_for_is_an_error() {
    for past_end in [PastEnd::Error, PastEnd::End] {
        let server = Server::answering(|_, _| numbered(1, true, &[1])).await;
        let paging = by_number().past_end(past_end);
        let (read, error) = broken(ids(paging, &client(&server).0, None)).await;
        assert_eq!(read, [1]);
        incomplete(&error, "answered page 1 where page 2 was asked for");
    }
}

#[tokio::test]
async fn an_address_at_another_origin_is_named_and_not_followed() {
    let elsewhere = Server::answering(|_, _| linked(None, &[2])).await;
    let port = elsewhere.url.port().expect("a port");
    for link in [
        format!("http://127.0.0.1:{port}/list?email=canary"),
        format!("//localhost:{port}/list"),
        "https://evil.example/list".to_owned(),
        "ftp://127.0.0.1/list".to_owned(),
    ] {
        let next = link.clone();
        let server = Server::answering(move |_, _| linked(Some(&next), &[1])).await;
        let (read, error) = broken(ids(by_link(), &client(&server).0, None)).await;
        assert_eq!(read, [1], "{link}");
        incomplete(&error, "another origin");
        assert!(!chain(&error).contains("canary"), "{error}");
    }
    assert!(elsewhere.lines().is_empty());
}

#[tokio::test]
async fn a_proxy_that_forgets_the_scheme_is_named() {
    let server = Server::answering(|got, _| {
        let host = got.header("host").expect("a host");
        linked(Some(&format!("https://{host}/list?cursor=x")), &[1])
    })
    .await;
    let (read, error) = broken(ids(by_link(), &client(&server).0, None)).await;
    assert_eq!(read, [1]);
    incomplete(&error, "it is served over https: use that in the configured address");
}

#[tokio::test]
async fn a_user_name_in_an_address_is_refused() {
    let server = Server::answering(|got, _| {
        let host = got.header("host").expect("a host");
        linked(Some(&format!("http://ada:canary@{host}/list?cursor=x")), &[1])
    })
    .await;
    let (_, error) = broken(ids(by_link(), &client(&server).0, None)).await;
    incomplete(&error, "user name or password");
    assert!(!chain(&error).contains("canary"), "{error}");
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_not_an_empty_listing() {
    for (body, words) in [
        (json!({"detail": "Not found."}), "no list `items`"),
        (json!({"meta": {"page": 1, "has_next": false}, "items": null}), "no list `items`"),
        (json!({"meta": {"page": 1, "has_next": false}, "items": {}}), "no list `items`"),
        (json!({"items": items(&[1])}), "`meta.has_next` does not say"),
        (json!({"meta": {"page": 1}, "items": items(&[1])}), "`meta.has_next` does not say"),
        (json!({"meta": {"has_next": null}, "items": items(&[1])}), "`meta.has_next` does not say"),
        (json!("none"), "no object with `items`"),
    ] {
        let server = Server::answering(move |_, _| Reply::new(200, body.to_string())).await;
        let paging = by_number().past_end(PastEnd::End);
        let (_, error) = broken(ids(paging, &client(&server).0, None)).await;
        incomplete(&error, words);
        assert_eq!(error.status(), Some(200));
    }
    for (paging, body, words) in [
        (by_link(), json!({"results": []}), "`next` does not say"),
        (by_link(), json!({"results": [], "next": 2}), "`next` does not say"),
        (Paging::namespaced(), json!({"results": [], "next": null}), "`pagination.next` does not say"),
        (Paging::namespaced(), json!({"pagination": {"next": null}}), "no list `results`"),
    ] {
        let server = Server::answering(move |_, _| Reply::new(200, body.to_string())).await;
        incomplete(&broken(ids(paging, &client(&server).0, None)).await.1, words);
    }
}

#[tokio::test]
async fn an_item_that_does_not_fit_is_named_by_its_path() {
    let body = json!({"meta": {"page": 1, "has_next": false}, "items": [{"id": 1}, {"id": "seven"}]});
    let server = Server::answering(move |_, _| Reply::new(200, body.to_string())).await;
    let (read, error) = broken(ids(by_number(), &client(&server).0, None)).await;
    assert!(read.is_empty());
    incomplete(&error, "at items[1].id: invalid type: string \"seven\"");
}

#[tokio::test]
async fn a_number_may_be_written_in_other_ways() {
    for page in [json!(1), json!(1.0), json!("1"), json!(null), json!("first")] {
        let body = json!({"meta": {"page": page, "has_next": false}, "items": items(&[1])});
        let server = Server::answering(move |_, _| Reply::new(200, body.to_string())).await;
        let all = ids(by_number(), &client(&server).0, None).all().await;
        assert_eq!(all.expect("a page"), [1]);
    }
}
