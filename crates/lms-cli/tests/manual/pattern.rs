//! What a page shows, held against what was printed.

/// Whether `printed` is what `shown` says. `[..]` stands for anything within a line, a line `...` for any lines.
pub(crate) fn agree(shown: &[String], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=printed.len()).any(|skipped| agree(rest, &printed[skipped..]))
        }
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, more)| line_agrees(first, line) && agree(rest, more))
        }
    }
}

/// Whether one line is what a page shows.
pub(crate) fn line_agrees(shown: &str, printed: &str) -> bool {
    let Some((head, tail)) = shown.split_once("[..]") else { return shown == printed };
    let Some(rest) = printed.strip_prefix(head) else { return false };
    rest.char_indices()
        .map(|(at, _)| at)
        .chain([rest.len()])
        .any(|at| rest.get(at..).is_some_and(|rest| line_agrees(tail, rest)))
}

#[test]
fn placeholders_stand_for_anything_and_nothing_else_does() {
    let shown = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    for (page, printed, holds) in [
        ("a\nb", "a\nb", true),
        ("a [..] c", "a long b c", true),
        ("a [..] c", "a c", false),
        ("[..]", "", false),
        ("a\n...\nd", "a\nb\nc\nd", true),
        ("a\n...", "a", true),
        ("a\n...\nd", "a\nb", false),
        ("a", "a\nb", false),
        ("", "b", false),
    ] {
        let printed: Vec<&str> = printed.lines().collect();
        assert_eq!(agree(&shown(page), &printed), holds, "{page:?} and {printed:?}");
    }
}
