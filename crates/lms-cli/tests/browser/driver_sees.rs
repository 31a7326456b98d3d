//! The driver sees what a page does: what is looked for in other pages would be found.

use std::fs;

use crate::driver::{Browser, Scheme, address};

const PAGE: &str = r#"<!doctype html><title>Page</title>
<style>:root{color-scheme:light dark;--paper:white} @media (prefers-color-scheme:dark){:root{--paper:black}}
body{background:var(--paper)}</style>
<label>Name <input id="name"></label> <button id="greet">Greet</button> <p id="greeting"></p>
<button id="shout">Shout</button>
<script>
  console.error("oh dear");
  new Image().src = "http://127.0.0.1:9/pixel.png";
  document.getElementById("greet").onclick = () => setTimeout(() => {
    document.getElementById("greeting").innerHTML = "<b>Hello, " + document.getElementById("name").value + "</b>";
  }, 30);
  document.getElementById("shout").onclick = () => setTimeout(() => alert("HEY"), 0);
</script>"#;

#[tokio::test]
async fn console_requests_dialogs_and_what_is_shown() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    fs::write(&file, PAGE).expect("the page is written");
    let url = address(&file);
    browser.open(&url).await;

    let console = browser.console().await;
    assert!(console.iter().any(|m| m.level == "SEVERE" && m.text.contains("oh dear")), "{console:?}");
    let requests = browser.requests().await;
    assert!(requests.contains(&url), "{requests:?}");
    assert!(requests.iter().any(|r| r.ends_with("/pixel.png")), "{requests:?}");

    browser.type_into("#name", "Ada").await;
    browser.click("#greet").await;
    assert_eq!(browser.text("#greeting b").await, "Hello, Ada");
    assert!(browser.dialog().await.is_none());
    browser.click("#shout").await;
    let mut said = None;
    for _ in 0..100 {
        said = browser.dialog().await;
        if said.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(said.as_deref(), Some("HEY"));

    let paper = "return getComputedStyle(document.body).backgroundColor + innerWidth";
    browser.show_as(400, Scheme::Dark).await;
    assert_eq!(browser.evaluate(paper).await, "rgb(0, 0, 0)400");
    let dark = browser.picture().await;
    browser.show_as(1280, Scheme::Light).await;
    assert_eq!(browser.evaluate(paper).await, "rgb(255, 255, 255)1280");
    assert_ne!(dark, browser.picture().await);
    assert_eq!(browser.url().await, url);
}
