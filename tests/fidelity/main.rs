//! Nine ordered pairs of platforms by all courses: nothing is lost unsaid, nothing comes back otherwise than
//! announced, and a dry run tells the truth. Writes `docs/fidelity.md` (`cargo xtask fidelity`).

mod cells;
mod corpus;
mod leg;
#[path = "../support/shared.rs"]
mod shared;
mod table;

use std::sync::Arc;

use futures::future::try_join_all;
use futures::stream::{self, StreamExt};
use lms::{Platform, Result};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::corpus::{Course, Hosted, PLATFORMS, Way, demo, real, root};
use crate::leg::{Leg, leg};
use crate::table::Pairs;

/// What all pairs gave for one course.
struct Row {
    course: Course,
    pairs: Pairs,
    wrong: Vec<String>,
}

/// Puts a course on each platform, and moves it from each to each.
async fn all_pairs(course: &Course, way: Way, turns: &Arc<Semaphore>) -> Result<(Pairs, Vec<String>)> {
    let (home, _server) = course.open().await?;
    let (mut pairs, mut wrong) = (Pairs::new(), Vec::new());
    let mut note = |from: Option<usize>, to: usize, leg: &Leg| {
        let start = from.map_or("home", |from| PLATFORMS[from].name());
        wrong.extend(leg.wrong.iter().map(|said| format!("{start} → {}: {said}", PLATFORMS[to])));
        if let Some(from) = from {
            *pairs.entry((from, to)).or_default() += &leg.counts;
        }
    };
    let at_home = PLATFORMS.iter().position(|platform| *platform == course.native);
    let hosts = to_all(&home, course.native, way, turns).await?;
    hosts.iter().enumerate().for_each(|(to, leg)| note(at_home, to, leg));
    let others: Vec<usize> = (0..PLATFORMS.len()).filter(|from| Some(*from) != at_home).collect();
    let legs = others.iter().map(|from| to_all(&hosts[*from].hosted, PLATFORMS[*from], way, turns));
    for (from, legs) in others.iter().zip(try_join_all(legs).await?) {
        legs.iter().enumerate().for_each(|(to, leg)| note(Some(*from), to, leg));
    }
    Ok((pairs, wrong))
}

/// Moves a course to each platform, at once as far as there are turns. A course on a site is read by one at a time:
/// Studio keeps one export of each.
async fn to_all(from: &Hosted, origin: Platform, way: Way, turns: &Arc<Semaphore>) -> Result<Vec<Leg>> {
    let alone = Arc::new(Semaphore::new(if way == Way::Interfaces { 1 } else { PLATFORMS.len() }));
    try_join_all(PLATFORMS.map(|to| {
        let (from, turns, alone) = (from.clone(), turns.clone(), alone.clone());
        async move {
            let _first = alone.acquire_owned().await.expect("it stays open");
            let turn = turns.acquire_owned().await.expect("it stays open");
            let moved = tokio::task::spawn_blocking(move || {
                let moved = Handle::current().block_on(leg(&from, origin, to, way));
                drop(turn);
                moved
            });
            moved.await.expect("no panic")
        }
    }))
    .await
}

async fn rows(courses: Vec<Course>, way: Way) -> Vec<Row> {
    let turns = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(4, usize::from)));
    let rows = courses.into_iter().map(|course| {
        let turns = turns.clone();
        async move {
            let (pairs, wrong) = match all_pairs(&course, way, &turns).await {
                Ok(done) => done,
                Err(error) => (Pairs::new(), vec![format!("{error:?}")]),
            };
            Row { course, pairs, wrong }
        }
    });
    // Each course on its way keeps three platforms: so many that there is work for each turn.
    let rows: Vec<_> = rows.collect();
    stream::iter(rows).buffered(6).collect().await
}

fn complain(rows: &[Row]) {
    let wrong: Vec<String> = rows
        .iter()
        .flat_map(|row| row.wrong.iter().map(|said| format!("{}: {said}", row.course.name)))
        .collect();
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn sum(rows: &[Row]) -> Pairs {
    let mut all = Pairs::new();
    for (pair, counts) in rows.iter().flat_map(|row| &row.pairs) {
        *all.entry(*pair).or_default() += counts;
    }
    all
}

/// Holds a part of the page against what was counted; with `LMS_UPDATE_OUTCOMES` in the environment writes it.
fn hold(part: &str, text: &str) {
    let path = root().join("docs/fidelity.md");
    let (begin, end) = (format!("<!-- {part} -->\n"), format!("<!-- end of {part} -->\n"));
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    let kept = page.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).map(|(kept, _)| kept);
    if std::env::var_os("LMS_UPDATE_OUTCOMES").is_some() {
        let other = if part == "demo" { "real" } else { "demo" };
        let (b, e) = (format!("<!-- {other} -->\n"), format!("<!-- end of {other} -->\n"));
        let kept = page.split_once(&b).and_then(|(_, rest)| rest.split_once(&e)).map_or("", |(kept, _)| kept);
        let (demo, real) = if part == "demo" { (text, kept) } else { (kept, text) };
        let page = format!(
            "{}<!-- demo -->\n{demo}<!-- end of demo -->\n<!-- real -->\n{real}<!-- end of real -->\n",
            table::head()
        );
        std::fs::write(&path, page).expect("the page can be written");
        return;
    }
    assert_eq!(kept, Some(text), "docs/fidelity.md is out of date: run `cargo xtask fidelity`");
    assert!(page.starts_with(&table::head()), "docs/fidelity.md is out of date: run `cargo xtask fidelity`");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_course_between_all_platforms() {
    let (files, interfaces) =
        tokio::join!(rows(vec![demo()], Way::Files), rows(vec![demo()], Way::Interfaces));
    complain(&files);
    complain(&interfaces);
    let said = "Every interaction of the model, and text in several scripts.";
    let mut text = table::part("The demo course", said, &sum(&files));
    text.push_str(&table::by_interface(&sum(&interfaces)));
    hold("demo", &text);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_real_course_between_all_platforms() {
    let courses = real();
    if courses.is_empty() {
        return;
    }
    let rows = rows(courses, Way::Files).await;
    complain(&rows);
    let said =
        format!("{} courses that authors have published; they are not part of the project.", rows.len());
    let by_course: Vec<(String, Platform, Pairs)> =
        rows.iter().map(|row| (row.course.name.clone(), row.course.native, row.pairs.clone())).collect();
    let mut text = table::part("Real courses", &said, &sum(&rows));
    text.push_str(&table::by_course(&by_course));
    hold("real", &text);
}
