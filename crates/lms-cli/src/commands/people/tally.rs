//! What comes of a row, and how many rows came to what.

use serde::Serialize;

use super::count;

/// What came of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Enrolled,
    Unenrolled,
    Registered,
    Valid,
    /// Nothing was to be done.
    Already,
    /// Enrolled once the person has an account.
    Pending,
    Refused,
    /// The same person as in a line before.
    Duplicate,
    /// Nothing in the row.
    Empty,
    /// Sent, and what came of it cannot be found out.
    Unknown,
}

impl Outcome {
    const ALL: [Self; 10] = [
        Self::Enrolled,
        Self::Unenrolled,
        Self::Registered,
        Self::Valid,
        Self::Already,
        Self::Pending,
        Self::Refused,
        Self::Duplicate,
        Self::Empty,
        Self::Unknown,
    ];

    /// As it stands in the result file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Unenrolled => "unenrolled",
            Self::Registered => "registered",
            Self::Valid => "valid",
            Self::Already => "already",
            Self::Pending => "pending",
            Self::Refused => "refused",
            Self::Duplicate => "duplicate",
            Self::Empty => "empty",
            Self::Unknown => "unknown",
        }
    }

    /// From the result file.
    pub(crate) fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// Whether somebody has to look at the row.
    pub(crate) fn is_trouble(self) -> bool {
        matches!(self, Self::Refused | Self::Unknown)
    }
}

/// How many rows came to what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally([u64; Outcome::ALL.len()]);

impl Tally {
    /// One more.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        for (held, count) in Outcome::ALL.iter().zip(&mut self.0) {
            *count += u64::from(*held == outcome);
        }
    }

    /// How many came to this.
    pub(crate) fn of(&self, outcome: Outcome) -> u64 {
        self.each().find(|(held, _)| *held == outcome).map_or(0, |(_, count)| count)
    }

    /// All rows.
    pub(crate) fn rows(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Whether somebody has to look at a row.
    pub(crate) fn has_trouble(&self) -> bool {
        self.each().any(|(outcome, count)| outcome.is_trouble() && count > 0)
    }

    /// Whether anything was done, or found done.
    pub(crate) fn has_success(&self) -> bool {
        use Outcome::{Already, Enrolled, Pending, Registered, Unenrolled, Valid};
        [Enrolled, Unenrolled, Registered, Valid, Already, Pending]
            .into_iter()
            .any(|outcome| self.of(outcome) > 0)
    }

    fn each(&self) -> impl Iterator<Item = (Outcome, u64)> {
        Outcome::ALL.into_iter().zip(self.0)
    }

    /// `9,990 enrolled, 8 already, 2 refused`.
    pub(crate) fn sentence(&self) -> String {
        let told: Vec<String> = self
            .each()
            .filter(|(_, n)| *n > 0)
            .map(|(outcome, n)| format!("{} {}", count(n), outcome.name()))
            .collect();
        if told.is_empty() { "no rows".to_owned() } else { told.join(", ") }
    }
}

impl Serialize for Tally {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.each().filter(|(_, n)| *n > 0).map(|(outcome, n)| (outcome.name(), n)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_reads_as_a_sentence() {
        let mut tally = Tally::default();
        assert_eq!(tally.sentence(), "no rows");
        for outcome in [Outcome::Refused, Outcome::Enrolled, Outcome::Enrolled] {
            tally.add(outcome);
        }
        assert_eq!(tally.sentence(), "2 enrolled, 1 refused");
        assert_eq!((tally.rows(), tally.of(Outcome::Enrolled), tally.has_trouble()), (3, 2, true));
        assert_eq!(serde_json::to_string(&tally).expect("JSON"), r#"{"enrolled":2,"refused":1}"#);
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::read(outcome.name()), Some(outcome));
        }
    }
}
