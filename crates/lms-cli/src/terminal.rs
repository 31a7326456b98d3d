//! What stdout and stderr are, and whether they take colours.

use std::io::IsTerminal;
use std::sync::OnceLock;

use clap::ValueEnum;

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Even in a file or a pipe.
    Always,
    /// Nowhere.
    Never,
}

static CHOICE: OnceLock<Colour> = OnceLock::new();

/// Settles when there are colours, for the whole run.
pub(crate) fn set_colour(choice: Colour) {
    // The first choice stays; there is only one command line.
    let _ = CHOICE.set(choice);
}

/// What `--color` says, read before the command line is: help has colours too.
pub(crate) fn colour_asked(arguments: impl IntoIterator<Item = String>) -> Colour {
    let mut arguments = arguments.into_iter().take_while(|argument| argument != "--");
    let mut choice = Colour::Auto;
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--color") {
            Some("") => arguments.next(),
            Some(value) => value.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        choice = value.and_then(|value| Colour::from_str(&value, true).ok()).unwrap_or(choice);
    }
    choice
}

/// What a piece of text says beyond its words.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paint {
    /// A heading.
    Strong,
    /// All is well.
    Good,
    /// Something to look at.
    Warn,
    /// Something failed.
    Bad,
    /// Of less weight.
    Dim,
}

/// One of the two streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    colours: bool,
}

/// Standard output.
pub(crate) fn stdout() -> Screen {
    screen(std::io::stdout().is_terminal())
}

/// Standard error.
pub(crate) fn stderr() -> Screen {
    screen(std::io::stderr().is_terminal())
}

fn screen(is_terminal: bool) -> Screen {
    let colours = match CHOICE.get().copied().unwrap_or_default() {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    Screen { colours }
}

impl Screen {
    /// Whether it takes colours.
    pub(crate) fn has_colours(self) -> bool {
        self.colours
    }

    /// The text, coloured where there are colours.
    pub(crate) fn paint(self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Strong => "1",
            Paint::Good => "32",
            Paint::Warn => "33",
            Paint::Bad => "31",
            Paint::Dim => "2",
        };
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Columns of standard output: those of the terminal, 100 elsewhere.
pub(crate) fn width() -> usize {
    let term = console::Term::stdout();
    if term.is_term() { usize::from(term.size().1).max(20) } else { 100 }
}

/// Text for people, whose long lines are broken between words where `term` is a terminal; what follows stands further in
/// than the line began, or below its last column. Elsewhere as it is: scripts go by lines.
pub(crate) fn wrapped(text: &str, term: &console::Term) -> String {
    if term.is_term() { wrap(text, usize::from(term.size().1).max(40)) } else { text.to_owned() }
}

fn wrap(text: &str, columns: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if console::measure_text_width(line) <= columns {
            wrapped.push_str(line);
        } else {
            let inner = hanging(line, columns);
            let mut used = 0;
            for word in words(line) {
                let width = console::measure_text_width(word.trim_end());
                if used > inner && used + width > columns {
                    // A path that is nearly as long as the line stays in one piece.
                    let indent = inner.min(columns.saturating_sub(width));
                    wrapped.truncate(wrapped.trim_end().len());
                    wrapped.push('\n');
                    wrapped.extend(std::iter::repeat_n(' ', indent));
                    used = indent;
                }
                wrapped.push_str(word);
                used += console::measure_text_width(word);
            }
        }
        wrapped.push_str(end);
    }
    wrapped
}

/// The words of a line, each with the space behind it. A command in backticks is one: it is there to be copied.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut rest, mut from) = (line, 0);
    while let Some(at) = rest.get(from..).and_then(|text| text.find([' ', '`'])).map(|at| from + at) {
        let closed = rest.get(at + 1..).filter(|_| rest[at..].starts_with('`')).map(|text| text.find('`'));
        match closed {
            Some(Some(length)) => from = at + length + 2,
            Some(None) => from = at + 1,
            None => {
                let (word, left) = rest.split_at(at + 1);
                words.push(word);
                (rest, from) = (left, 0);
            }
        }
    }
    words.push(rest);
    words
}

/// Where the rest of a long line begins: below its last column, which two spaces or more part from the one before, as long
/// as a third of the line is left for it.
fn hanging(line: &str, columns: usize) -> usize {
    let indent = line.len() - line.trim_start().len();
    let mut at = indent + 4;
    for (end, _) in line.match_indices("  ") {
        let rest = line[end..].trim_start();
        let column = console::measure_text_width(&line[..line.len() - rest.len()]);
        if column > indent && column <= columns * 2 / 3 && !rest.is_empty() {
            at = column;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words_and_others_stay() {
        let text = "short  line\n  dropped: 丈量世界: nothing like it there\n\nend";
        assert_eq!(wrap(text, 60), text);
        assert_eq!(
            wrap(text, 24),
            "short  line\n  dropped: 丈量世界:\n      nothing like it\n      there\n\nend"
        );
        assert_eq!(
            wrap("one_word_that_is_longer_than_the_line x", 10),
            "one_word_that_is_longer_than_the_line\n    x"
        );
        assert_eq!(
            wrap("  please say `lms login work` to sign in `it", 20),
            "  please say\n    `lms login work`\n      to sign in `it"
        );
        assert_eq!(words("a  `b c`, d"), ["a ", " ", "`b c`, ", "d"]);
        assert_eq!(wrap("  it is in /a/long/path/that/fits", 24), "  it is in\n  /a/long/path/that/fits");
        assert_eq!(
            wrap("  丈量  all   what stands in the last column\n", 28),
            "  丈量  all   what stands in\n              the last\n              column\n"
        );
        assert_eq!(
            wrap("a column too far to the right  and the rest", 36),
            "a column too far to the right  and\n    the rest"
        );
    }

    #[test]
    fn the_colour_is_read_wherever_it_stands() {
        let asked = |line: &str| colour_asked(line.split(' ').map(str::to_owned));
        assert_eq!(asked("lms courses x"), Colour::Auto);
        assert_eq!(asked("lms --color never courses x"), Colour::Never);
        assert_eq!(asked("lms courses x --color=always"), Colour::Always);
        assert_eq!(asked("lms courses -- --color=always"), Colour::Auto);
    }
}
