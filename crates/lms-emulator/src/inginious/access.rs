//! When a course or a task is open (reference inginious.md 9.3).

use jiff::civil::{Date, DateTime};

use super::yaml::Node;

/// The accessibility of a course, a registration or a task. Times are naive local times of the server, as in 0.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Never,
    Always,
    /// Closed interval; a missing end is open. The soft deadline only shows on pages, so it is not kept.
    Window {
        start: Option<DateTime>,
        end: Option<DateTime>,
    },
}

/// The server's clock, as the site's naive local time.
pub(crate) fn now() -> DateTime {
    jiff::Zoned::now().datetime()
}

impl Access {
    /// Reads a value of the course file.
    ///
    /// # Errors
    /// A form that 0.9.2 refuses; it makes the whole course, or the task, unreadable.
    pub(crate) fn read(value: &Node) -> Result<Self, String> {
        match value {
            Node::Null | Node::Bool(true) => Ok(Self::Always),
            Node::Bool(false) | Node::Int(0) => Ok(Self::Never),
            Node::Float(0.0) => Ok(Self::Never),
            Node::Str(text) => Self::read_text(text),
            other => Err(format!("`{}` is not an accessibility", other.python_str())),
        }
    }

    fn read_text(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').map(str::trim).collect();
        let (start, end) = match parts.as_slice() {
            [""] => return Ok(Self::Always),
            [start] => (*start, ""),
            [start, end] => (*start, *end),
            // The middle is the soft deadline, shown on pages; answers are taken until the last one.
            // A fourth, empty part is let pass.
            [start, soft, end] | [start, soft, end, ""] => {
                instant(soft)?;
                (*start, *end)
            }
            _ => return Err(format!("`{text}` has more than three dates")),
        };
        Ok(Self::Window { start: instant(start)?, end: instant(end)? })
    }

    pub(crate) fn is_open(self, at: DateTime) -> bool {
        self.has_started(at)
            && match self {
                Self::Window { end: Some(end), .. } => at <= end,
                _ => true,
            }
    }

    pub(crate) fn has_started(self, at: DateTime) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Window { start, .. } => start.is_none_or(|start| start <= at),
        }
    }
}

/// `YYYY-MM-DD[ HH[:MM[:SS]]]`; empty for none.
fn instant(text: &str) -> Result<Option<DateTime>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let bad = || format!("`{text}` is not a date of the form YYYY-MM-DD HH:MM:SS");
    let (day, time) = text.split_once(' ').unwrap_or((text, ""));
    let mut numbers = day.split('-').map(str::parse::<i16>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day)), None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return Err(bad());
    };
    let parts = time.split(':').filter(|part| !part.trim().is_empty());
    let clock: Vec<i8> =
        parts.map(|part| part.trim().parse::<i8>()).collect::<Result<_, _>>().map_err(|_| bad())?;
    let (hour, minute, second) = match clock.as_slice() {
        [] => (0, 0, 0),
        [hour] => (*hour, 0, 0),
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return Err(bad()),
    };
    let small = |number: i16| i8::try_from(number).map_err(|_| bad());
    let date = Date::new(year, small(month)?, small(day)?).map_err(|_| bad())?;
    let time = jiff::civil::Time::new(hour, minute, second, 0).map_err(|_| bad())?;
    Ok(Some(date.to_datetime(time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Access, String> {
        Access::read(&Node::parse(yaml).unwrap())
    }

    #[test]
    fn the_documented_forms() {
        let at = |text: &str| instant(text).unwrap().unwrap();
        for always in ["true", "null", "''", "'/'"] {
            assert!(read(always).unwrap().is_open(at("2030-01-01")), "{always}");
        }
        for never in ["false", "0"] {
            assert_eq!(read(never), Ok(Access::Never));
        }
        let window = read("2020-01-01/2020-02-01 12:00/2020-03-01 10:20:30").unwrap();
        assert!(window.is_open(at("2020-03-01 10:20:30")) && window.is_open(at("2020-01-01")));
        assert!(!window.is_open(at("2020-03-01 10:20:31")) && window.has_started(at("2021-01-01")));
        assert!(!read("'2035-01-01 00:00:00/'").unwrap().has_started(at("2030-01-01")));
        for bad in ["'true'", "1", "2014-05-10", "'a/b/c/d'", "'2014-05-10T10:00:00'", "'10/05/2014'"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
