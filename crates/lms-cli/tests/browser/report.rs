//! The report in a browser: it needs nothing, it works, and everybody can use it.

use serde_json::{Value, json};

use crate::driver::{Browser, Scheme, address};
use crate::shown;

/// Asserts that pages complained of nothing since they were last asked, and asked for these addresses alone.
/// What stands in a page itself (`data:`) is not asked for anywhere.
pub(crate) async fn asked_for(browser: &Browser, urls: &[&str]) {
    let console: Vec<String> = browser.console().await.iter().map(ToString::to_string).collect();
    assert!(console.is_empty(), "{console:?}");
    let mut requests = browser.requests().await;
    requests.retain(|request| !request.starts_with("data:"));
    assert_eq!(requests, urls);
}

#[tokio::test]
async fn it_needs_nothing_and_shows_formulas_and_pictures() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = address(&shown::report(folder.path()).await);
    browser.open(&url).await;
    asked_for(&browser, &[&url]).await;
    let seen = browser
        .evaluate(
            "return (async () => {
             const all = (s) => document.querySelectorAll(s).length;
             document.querySelectorAll('details').forEach((d) => { d.open = true; });
             const picture = document.querySelector('.sides img[alt=\"A hill\"]');
             picture.scrollIntoView();
             await picture.decode();
             return {
                 formulas: all('math mfrac') > 0,
                 unwritten: all('code.latex'),
                 picture: picture.naturalWidth,
                 sides: all('details.item') === all('details.item .sides'),
                 items: all('details.item') > 2,
                 differs: all('.sides tr.differs') > 0,
                 originals: Array.from(document.querySelectorAll('a[download]'), (a) =>
                     a.download + ' ' + atob(a.href.split(',')[1]).includes('abcd')),
                 ring: all('svg.ring .arc') > 1,
             };
             })()",
        )
        .await;
    let expected = json!({"formulas": true, "unwritten": 0, "picture": 1, "sides": true, "items": true,
        "differs": true, "originals": ["problem-plot.xml true"], "ring": true});
    assert_eq!(seen, expected);
    asked_for(&browser, &[]).await;
}

#[tokio::test]
async fn filters_search_and_what_is_printed() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    browser.open(&address(&shown::report(folder.path()).await)).await;
    let shown = "return Array.from(document.querySelectorAll('.entry:not([hidden])'), (e) =>
        e.closest('.group').hidden ? 'in a hidden group' : e.querySelector('.path')?.textContent ?? 'course')";
    let all = browser.evaluate(shown).await;
    let all = all.as_array().expect("a list");
    assert!(all.len() > 4, "{all:?}");
    assert_eq!(browser.text(".shown .number").await, all.len().to_string());

    browser.type_into("input[type=search]", "CARNOT bound").await;
    let found = browser.evaluate(shown).await;
    assert_eq!(found, json!(["1. Carnot › 1. Efficiency › 1. Carnot's bound"]));
    assert_eq!(browser.text(".shown .number").await, "1");
    browser.evaluate("document.querySelector('input[type=search]').value = ''").await;

    // One section, then one severity of it.
    browser
        .evaluate(
            "const select = document.querySelector('select'); select.value = '1';
             select.dispatchEvent(new Event('input', {bubbles: true}))",
        )
        .await;
    let section = browser.evaluate(shown).await;
    let section: Vec<&str> = section.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(!section.is_empty() && section.len() < all.len(), "{section:?}");
    assert!(section.iter().all(|path| path.starts_with("1. Carnot")), "{section:?}");
    browser.click("input[value=approximated]").await;
    browser.click("input[value=exact]").await;
    assert_eq!(browser.evaluate(shown).await, json!(["1. Carnot › 2. Plot › 1. Draw the cycle"]));

    let printed = browser
        .evaluate(
            "dispatchEvent(new Event('beforeprint'));
             const open = document.querySelectorAll('details.item[open]').length;
             dispatchEvent(new Event('afterprint'));
             return [open, document.querySelectorAll('details.item[open]').length]",
        )
        .await;
    assert_eq!(printed, json!([1, 0]), "what is listed is printed in full, and closed afterwards");
}

/// Text that is too faint against what is behind it (WCAG 2.2, 1.4.3), and what is wider than the page.
const FAINT: &str = "
    const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
    const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (e) => { for (; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; } return [255, 255, 255, 1]; };
    const faint = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const e = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || ['SCRIPT', 'STYLE'].includes(e.tagName) || !e.checkVisibility()) continue;
        const svg = e.closest('svg');
        const ink = parse(svg ? getComputedStyle(e).fill : getComputedStyle(e).color);
        const [a, b] = [light(ink), light(behind(e))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(walker.currentNode.data.trim() + ' ' + getComputedStyle(e).color);
    }
    return [faint, document.documentElement.scrollWidth > innerWidth]";

#[tokio::test]
async fn it_can_be_read_on_any_screen_and_in_any_light() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = address(&shown::report(folder.path()).await);
    for width in [400, 1280] {
        for scheme in [Scheme::Light, Scheme::Dark] {
            browser.show_as(width, scheme).await;
            browser.open(&url).await;
            browser.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })").await;
            assert_eq!(browser.evaluate(FAINT).await, json!([[], false]), "{width} {scheme:?}");
        }
    }
}

#[tokio::test]
async fn screen_readers_and_keyboards_find_their_way() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    browser.open(&address(&shown::report(folder.path()).await)).await;
    let tree = browser.devtools("Accessibility.getFullAXTree", json!({})).await;
    let nodes = tree["nodes"].as_array().expect("nodes");
    let seen = nodes.iter().filter(|node| node["ignored"] != true);
    let mut landmarks = Vec::new();
    for node in seen {
        let (role, name) =
            (node["role"]["value"].as_str().unwrap_or(""), node["name"]["value"].as_str().unwrap_or(""));
        let acts = [
            "link",
            "button",
            "checkbox",
            "combobox",
            "searchbox",
            "image",
            "DisclosureTriangle",
            "region",
            "table",
            "search",
            "radio",
        ];
        // Tables inside an item are named by the item's summary.
        if acts.contains(&role) && role != "table" {
            assert!(!name.trim().is_empty(), "a {role} without name: {node}");
        }
        if ["main", "banner", "contentinfo", "search"].contains(&role) {
            landmarks.push(role);
        }
    }
    landmarks.sort_unstable();
    assert_eq!(landmarks, ["banner", "contentinfo", "main", "search"]);
    let headings = browser
        .evaluate(
            "return Array.from(document.querySelectorAll('h1,h2,h3,h4,h5,h6'), (h) => Number(h.tagName[1]))",
        )
        .await;
    let levels: Vec<i64> = headings.as_array().expect("levels").iter().filter_map(Value::as_i64).collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "a level is left out: {levels:?}");
    let language = browser.evaluate("return document.documentElement.lang + document.title.length").await;
    assert!(language.as_str().is_some_and(|l| l.starts_with("en")));

    // The whole way by keyboard: the first tab is the skip link, an item opens by the Enter key.
    browser.press("Tab").await;
    assert_eq!(browser.evaluate("return document.activeElement.className").await, "skip");
    browser.evaluate("document.querySelector('details.item summary').focus()").await;
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    browser.press("Enter").await;
    assert_eq!(browser.evaluate("return document.querySelector('details.item').open").await, true);
    assert_eq!(browser.evaluate(outline).await, "solid");
}
