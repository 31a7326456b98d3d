//! Ten thousand rows, on a platform that limits how fast it is asked. The run is interrupted with Ctrl-C and killed,
//! and goes on each time.

use std::collections::{HashMap, HashSet};

use lms_emulator::{FaultRule, Throttle};

use crate::platforms::{Platform, Watched, stderr, stdout};

const ROWS: usize = 10_000;
/// People of the small run that memory is compared with; they come after those of the large one.
const FEW: usize = 1_000;

/// Lines of people, of whom some are odd.
fn table(platform: &Platform, from: usize, rows: usize) -> String {
    let mut text = format!("{},note\n", platform.column);
    for number in 0..rows {
        let who = match number {
            // Of the large table only: somebody unknown, somebody twice, nobody.
            42 if rows > FEW => {
                "nobody.of.this.name".to_owned() + if platform.column == "email" { "@x.example" } else { "" }
            }
            43 if rows > FEW => platform.person(from),
            44 if rows > FEW => String::new(),
            number => platform.person(from + number),
        };
        let note = if who.is_empty() { String::new() } else { format!("\"row, {number}\"") };
        text.push_str(&format!("{who},{note}\n"));
    }
    text
}

fn lines(platform: &Platform) -> usize {
    platform.read("people.result.csv").lines().count()
}

/// `in_flight`: how many people may be under way when a run is killed, who are asked about or written again.
fn cut_off_twice(platform: &Platform, write: (&str, &str), people_in_a_write: usize, in_flight: usize) {
    let rows = ROWS;
    let (method, path) = write;
    let taken = || {
        let entries = platform.log().entries();
        entries.iter().filter(|e| e.method == method && e.path.starts_with(path) && e.status != 429).count()
    };
    let before = taken();
    platform.write("people.csv", &table(platform, 1, rows));
    let args = ["enroll", platform.course, "--csv", "people.csv", "--resume"];
    let mut large = 0;

    let mut run = Watched::start(platform.lms(&args));
    run.until(|| lines(platform) > rows / 7);
    run.signal("-INT");
    run.until(|| false);
    large = large.max(run.kilobytes);
    let output = run.end();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert!(stderr(&output).contains("--resume"), "{}", stderr(&output));
    let after_interrupt = lines(platform);
    assert!((rows / 7..rows).contains(&after_interrupt), "it was cut off in the middle: {after_interrupt}");

    let mut run = Watched::start(platform.lms(&args));
    run.until(|| lines(platform) > after_interrupt + rows / 7);
    run.signal("-KILL");
    large = large.max(run.kilobytes);
    assert_eq!(run.end().status.code(), None);
    assert!(lines(platform) < rows, "it was killed in the middle");

    let mut run = Watched::start(platform.lms(&args));
    run.until(|| false);
    large = large.max(run.kilobytes);
    let output = run.end();
    assert_eq!(output.status.code(), Some(1), "one row is refused: {}{}", stdout(&output), stderr(&output));

    let result = platform.read("people.result.csv");
    let input = platform.read("people.csv");
    assert_eq!(result.lines().count(), rows + 1);
    let mut outcomes: HashMap<String, usize> = HashMap::new();
    for (row, outcome) in input.lines().zip(result.lines()).skip(1) {
        let rest = outcome.strip_prefix(row).and_then(|rest| rest.strip_prefix(','));
        let rest = rest.unwrap_or_else(|| panic!("{outcome} is not about {row}"));
        *outcomes.entry(rest.split(',').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let of = |name: &str| outcomes.get(name).copied().unwrap_or_default();
    assert_eq!(of("enrolled") + of("already"), rows - 3, "{outcomes:?}");
    assert!(of("already") <= 2 * in_flight, "only what was under way is found done: {outcomes:?}");
    assert_eq!((of("duplicate"), of("empty")), (1, 1), "{outcomes:?}");
    assert_eq!(of("refused") + of("pending"), 1, "{outcomes:?}");

    let written = taken() - before;

    // In a course of the same size: some platforms answer each request with all who take part.
    platform.write("few.csv", &table(platform, rows + 1, FEW));
    let mut few = Watched::start(platform.lms(&["enroll", platform.course, "--csv", "few.csv"]));
    few.until(|| false);
    let small = few.kilobytes;
    let few = few.end();
    assert_eq!(few.status.code(), Some(0), "{}", stderr(&few));

    // Nobody is there twice, and nobody was enrolled again but those who were under way.
    let roster = platform.run(&["roster", platform.course, "--csv"]);
    assert_eq!(roster.status.code(), Some(0), "{}", stderr(&roster));
    let users: Vec<String> =
        stdout(&roster).lines().skip(1).map(|l| l.split(',').next().unwrap_or("").to_owned()).collect();
    assert_eq!(users.iter().collect::<HashSet<_>>().len(), users.len());
    assert_eq!(users.len(), rows - 3 + FEW);
    let entries = platform.log().entries();
    let limited = entries.iter().filter(|entry| entry.status == 429).count();
    assert!(limited > 0, "the platform never said that it was asked too fast");
    let least = (rows - 3).div_ceil(people_in_a_write);
    let most = least + (2 * in_flight).div_ceil(people_in_a_write) + 3;
    assert!((least..=most).contains(&written), "{written} writes where {least} to {most} are right");

    eprintln!("{}: {FEW} rows {small} kB, {rows} rows {large} kB, {limited} times too fast", platform.course);
    assert!(large < small + 8_000, "memory grows with the rows: {small} kB, {large} kB");
}

#[test]
fn stepik_goes_on_after_it_was_cut_off_twice() {
    let platform = Platform::stepik(ROWS + FEW, limited(2_000.0));
    cut_off_twice(&platform, ("POST", "/api/members"), 1, 8);
}

#[test]
fn open_edx_goes_on_after_it_was_cut_off_twice() {
    let platform = Platform::openedx(ROWS + FEW, limited(100.0));
    cut_off_twice(&platform, ("POST", "/api/bulk_enroll/"), 100, 100);
}

#[test]
fn inginious_goes_on_after_it_was_cut_off_twice() {
    let platform = Platform::inginious(ROWS + FEW, limited(2_000.0));
    cut_off_twice(&platform, ("POST", "/admin/"), 1, 250);
}

/// As many a second as a quick machine asks for, and three refusals for certain.
fn limited(per_second: f64) -> (Option<Throttle>, Vec<FaultRule>) {
    let refusals = "429:retry-after=1:times=3".parse().expect("a fault");
    (Some(Throttle { burst: 20, ..Throttle::per_second(per_second) }), vec![refusals])
}
