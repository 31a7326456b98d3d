//! Listings in the forms that platforms use.

use std::time::Duration;

use futures::stream::{StreamExt, TryStreamExt};
use lms_core::{Cursor, ErrorKind, Page, Paged};
use lms_http::{Client, PageBody, Paging};
use serde_json::{Value, json};

use crate::client;
use crate::server::{Got, Reply, Server};

#[derive(Debug, serde::Deserialize)]
pub(crate) struct Item {
    pub(crate) id: u64,
}

/// The numbers of the items of a listing whose first page is `/list?course=c%2B1`.
pub(crate) fn ids(paging: Paging, client: &Client, from: Option<Cursor>) -> Paged<u64> {
    let client = client.clone();
    paging
        .list(from, move || {
            let request = client.get("/list").query("course", "c+1").header("accept-language", "en");
            let request = request.operation("items.list").resource("course c");
            async move { Ok(request) }
        })
        .try_map(|item: Item| Ok(item.id))
}

pub(crate) fn items(ids: &[u64]) -> Value {
    ids.iter().map(|id| json!({ "id": id })).collect()
}

/// A page by number that says which it is.
pub(crate) fn numbered(page: u64, has_next: bool, ids: &[u64]) -> Reply {
    let meta = json!({"page": page, "has_next": has_next, "has_previous": page > 1});
    Reply::new(200, json!({"meta": meta, "items": items(ids)}).to_string())
}

/// A page with the address of the next, or with null.
pub(crate) fn linked(next: Option<&str>, ids: &[u64]) -> Reply {
    Reply::new(200, json!({"next": next, "previous": null, "results": items(ids)}).to_string())
}

async fn pages(listing: Paged<u64>) -> Vec<Page<u64>> {
    listing.pages().try_collect().await.expect("pages")
}

fn cursor(page: &Page<u64>) -> Option<&str> {
    page.next.as_ref().map(Cursor::as_str)
}

#[tokio::test]
async fn pages_by_number() {
    let server =
        Server::scripted([numbered(1, true, &[1, 2]), numbered(2, true, &[]), numbered(3, false, &[3])])
            .await;
    let pages = pages(ids(Paging::numbered("items"), &client(&server).0, None)).await;
    assert_eq!(pages.iter().flat_map(|page| &page.items).collect::<Vec<_>>(), [&1, &2, &3]);
    assert_eq!(pages.iter().map(cursor).collect::<Vec<_>>(), [Some("2"), Some("3"), None]);
    assert_eq!(pages[0].total, None, "this form has no total (reference stepik.md 2.1)");
    assert_eq!(
        server.lines(),
        [1, 2, 3].map(|page| format!("GET /list?course=c%2B1&page={page}")),
        "an empty page in the middle is not the end"
    );
    let languages: Vec<_> =
        server.got().iter().filter_map(|got| got.header("accept-language").map(String::from)).collect();
    assert_eq!(languages, ["en"; 3], "all pages are asked for alike");
}

#[tokio::test]
async fn objects_that_come_beside_the_items_are_there() {
    let body = json!({
        "meta": {"page": 1, "has_next": false}, "courses": items(&[5]), "enrollments": items(&[5]),
    });
    let server = Server::scripted([Reply::new(200, body.to_string())]).await;
    let client = client(&server).0;
    let read = |body: &mut PageBody| {
        let enrolled: Vec<Item> = body.beside("enrollments")?.unwrap_or_default();
        assert!(body.beside::<Value>("users")?.is_none());
        let enrolled: Vec<u64> = enrolled.into_iter().map(|item| item.id).collect();
        let courses: Vec<Item> = body.items()?;
        Ok(courses.into_iter().map(|course| (course.id, enrolled.contains(&course.id))).collect())
    };
    let request = move || {
        let request = client.get("/api/courses");
        async move { Ok(request) }
    };
    let courses = Paging::numbered("courses").list_with(None, request, read);
    assert_eq!(courses.all().await.expect("a page"), [(5, true)]);
}

#[tokio::test]
async fn addresses_are_followed_as_they_are() {
    // Each as a platform may write it: absolute, below the host, and as a query alone.
    let server = Server::answering(|got, before| match before {
        0 => {
            let host = got.header("host").expect("a host");
            linked(Some(&format!("http://{host}/list?course=c%2B1&page=2&x=a%20b")), &[1])
        }
        1 => linked(Some("/list?course=c%2B1&page=3"), &[]),
        2 => linked(Some("?page=4"), &[2]),
        _ => linked(None, &[3]),
    })
    .await;
    let listing = ids(Paging::next_link(), &client(&server).0, None);
    assert_eq!(listing.all().await.expect("pages"), [1, 2, 3]);
    assert_eq!(
        server.lines(),
        [
            "GET /list?course=c%2B1",
            "GET /list?course=c%2B1&page=2&x=a%20b",
            "GET /list?course=c%2B1&page=3",
            "GET /list?page=4"
        ]
    );
    assert!(server.got().iter().all(|got| got.header("accept-language") == Some("en")));
}

#[tokio::test]
async fn totals_are_kept_where_they_are_said() {
    let next = |got: &Got| format!("http://{}/list?page=2", got.header("host").expect("a host"));
    let server = Server::answering(move |got, before| {
        let next = (before % 2 == 0).then(|| next(got));
        let body = if got.line.contains("flat") || before < 2 {
            json!({"next": next, "previous": null, "count": 7, "num_pages": 2, "results": items(&[1 + before as u64])})
        } else {
            json!({"pagination": {"next": next, "previous": null, "count": 9, "num_pages": 2}, "results": items(&[1])})
        };
        Reply::new(200, if before == 3 { body.to_string().replace(":1}", ":2}") } else { body.to_string() })
    })
    .await;
    let client = client(&server).0;
    let flat = pages(ids(Paging::next_link(), &client, None)).await;
    assert_eq!(flat.iter().map(|page| page.total).collect::<Vec<_>>(), [Some(7), Some(7)]);
    let namespaced = pages(ids(Paging::namespaced(), &client, None)).await;
    assert_eq!(namespaced.iter().map(|page| page.total).collect::<Vec<_>>(), [Some(9), Some(9)]);
    assert_eq!(namespaced.iter().flat_map(|page| &page.items).collect::<Vec<_>>(), [&1, &2]);
}

#[tokio::test]
async fn a_bare_array_is_a_listing_of_one_page() {
    let server = Server::answering(|_, _| Reply::new(200, items(&[4, 5]).to_string())).await;
    let client = client(&server).0;
    let pages = pages(ids(Paging::next_link(), &client, None)).await;
    assert_eq!((pages.len(), pages[0].items.as_slice(), pages[0].total), (1, [4, 5].as_slice(), None));
    let error = ids(Paging::numbered("items"), &client, None).all().await.expect_err("not with numbers");
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn another_key_may_hold_the_items() {
    let body = json!({"next": null, "courses": items(&[6])});
    let server = Server::answering(move |_, _| Reply::new(200, body.to_string())).await;
    let client = client(&server).0;
    assert_eq!(ids(Paging::next_link().items("courses"), &client, None).all().await.expect("a page"), [6]);
    assert!(ids(Paging::next_link(), &client, None).all().await.is_err());
}

#[tokio::test]
async fn a_listing_resumes_where_a_cursor_says() {
    let server = Server::answering(|got, _| {
        if got.line.contains("cursor=") {
            return linked(None, &[9]);
        }
        numbered(3, false, &[3])
    })
    .await;
    let client = client(&server).0;
    let by_number = ids(Paging::numbered("items"), &client, Some(Cursor::new("3")));
    assert_eq!(by_number.all().await.expect("the rest"), [3]);
    let address = server.url.join("/list?cursor=cD0xMDA%3D").expect("URL");
    let by_address = ids(Paging::next_link(), &client, Some(Cursor::new(address)));
    assert_eq!(by_address.all().await.expect("the rest"), [9]);
    assert_eq!(server.lines(), ["GET /list?course=c%2B1&page=3", "GET /list?cursor=cD0xMDA%3D"]);
}

#[tokio::test]
async fn a_cursor_of_something_else_is_refused_unsent() {
    let server = Server::answering(|_, _| numbered(1, false, &[1])).await;
    let client = client(&server).0;
    for (paging, wrong) in [
        (Paging::numbered("items"), "0"),
        (Paging::numbered("items"), "http://127.0.0.1/list?page=2"),
        (Paging::next_link(), "2"),
        (Paging::namespaced(), ""),
    ] {
        let error = ids(paging, &client, Some(Cursor::new(wrong))).all().await.expect_err(wrong);
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, "items.list"), "{wrong}");
    }
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn pages_are_fetched_ahead_while_the_consumer_works() {
    let server = Server::answering(|_, before| numbered(before as u64 + 1, true, &[before as u64 + 1])).await;
    let client = client(&server).0;
    for (ahead, expected) in [(0, 1), (2, 3)] {
        let before = server.lines().len();
        // Pages of this second listing have other numbers, so only the count matters.
        let lenient = Paging::numbered("items");
        let mut pages =
            ids(lenient, &client, Some(Cursor::new((before + 1).to_string()))).prefetch(ahead).pages();
        pages.next().await.expect("a page").expect("a page");
        // The consumer works, and does not poll.
        for _ in 0..200 {
            if server.lines().len() == before + expected {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(server.lines().len() - before, expected, "{ahead} ahead");
    }
}
