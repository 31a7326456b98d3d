//! Whom a row is about.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use lms_core::{Enrollee, Subject};

use super::drive::Plan;
use super::table::{Faults, Row, Table};
use super::tally::Outcome;
use crate::exit::Failure;

const USER: [&str; 6] = ["user", "username", "user_name", "user_id", "id", "login"];
const EMAIL: [&str; 5] = ["email", "e_mail", "mail", "email_address", "e_mail_address"];

/// Somebody as a command line or a cell names them: an address has an `@`, all else is an id or a user name.
pub(crate) fn subject(text: &str) -> Subject {
    if text.contains('@') { Subject::Email(text.to_owned()) } else { Subject::User(text.into()) }
}

/// Where a table says who is meant, and how they are to take part.
#[derive(Debug, Clone)]
pub(crate) struct People {
    user: Option<usize>,
    email: Option<usize>,
    mode: Option<usize>,
    cohort: Option<usize>,
    /// For rows that do not say.
    default: (Option<String>, Option<String>),
}

/// Why a row cannot be used: the column and what is wrong.
type Fault = (usize, &'static str);

impl People {
    /// Finds the columns.
    pub(crate) fn of(table: &Table, mode: Option<String>, cohort: Option<String>) -> Result<Self, Failure> {
        let (user, email) = (table.column(&USER), table.column(&EMAIL));
        if user.is_none() && email.is_none() {
            let named: Vec<&str> = table.headers().iter().map(str::trim).collect();
            return Err(table.fault(format!(
                "no column says who: call one `user`, `username` or `email`; the columns are {}",
                named.join(", ")
            )));
        }
        let (in_mode, in_cohort) = (table.column(&["mode"]), table.column(&["cohort"]));
        Ok(Self { user, email, mode: in_mode, cohort: in_cohort, default: (mode, cohort) })
    }

    /// Names of the columns that nobody reads: a `role` would be taken for heeded otherwise.
    pub(crate) fn unread<'t>(&self, table: &'t Table) -> Vec<&'t str> {
        let read = [self.user, self.email, self.mode, self.cohort];
        let names = table.headers().iter().map(str::trim).enumerate();
        names
            .filter(|(at, name)| !name.is_empty() && !read.contains(&Some(*at)))
            .map(|(_, name)| name)
            .collect()
    }

    fn read(&self, row: &Row) -> Result<Enrollee, Fault> {
        let missing = self.user.or(self.email).unwrap_or_default();
        let user = row.get(self.user).map(|text| (self.user, text));
        let (column, text) =
            user.or_else(|| row.get(self.email).map(|text| (self.email, text))).ok_or((missing, "empty"))?;
        let column = column.unwrap_or_default();
        if text.contains(['\n', '\r']) {
            return Err((column, "several lines in one cell; is a quotation mark missing?"));
        }
        if text.contains(',') {
            return Err((column, "a comma; one row is one person"));
        }
        if self.email == Some(column) && !is_address(text) {
            return Err((column, "no e-mail address"));
        }
        if text.contains('@') && !is_address(text) {
            return Err((column, "no e-mail address, yet it has an @"));
        }
        let cell = |at: Option<usize>, default: &Option<String>| {
            row.get(at).map(str::to_owned).or_else(|| default.clone())
        };
        Ok(Enrollee {
            who: subject(text),
            mode: cell(self.mode, &self.default.0),
            cohort: cell(self.cohort, &self.default.1),
        })
    }

    /// Reads everything once and says what is wrong. Gives how many rows there are, and how many people.
    pub(crate) fn check(&self, table: &Table) -> Result<Size, Failure> {
        let (mut faults, mut seen, mut size) = (Faults::default(), Seen::default(), Size::default());
        for row in table.rows()? {
            size.rows += 1;
            match row {
                Err(fault) => faults.add(fault),
                Ok(row) if row.is_empty() => {}
                Ok(row) => match self.read(&row) {
                    Err((column, fault)) => faults.cell(&row, table.header(column), fault),
                    Ok(person) => match seen.before(&row, &person.who, &(&person.mode, &person.cohort)) {
                        Before::No => {
                            size.people += 1;
                            size.moded += u64::from(person.mode.is_some());
                        }
                        Before::Same(_) => {}
                        Before::Other(line) => faults.add(format!(
                            "line {}: the same person as on line {line}, with another mode or cohort",
                            row.line
                        )),
                    },
                },
            }
        }
        faults.settle(table)?;
        Ok(size)
    }

    /// What to do with each row, in order.
    pub(crate) fn plan(self) -> impl FnMut(&Row) -> Plan<Enrollee> + Send {
        let mut seen = Seen::default();
        move |row| {
            if row.is_empty() {
                return Plan::Told(Outcome::Empty, String::new());
            }
            match self.read(row) {
                // It was checked before; a file that changed since says so here.
                Err((_, fault)) => Plan::Told(Outcome::Refused, fault.to_owned()),
                Ok(person) => match seen.before(row, &person.who, &()) {
                    Before::No => Plan::Send(person),
                    Before::Same(line) | Before::Other(line) => {
                        Plan::Told(Outcome::Duplicate, format!("the same person as on line {line}"))
                    }
                },
            }
        }
    }
}

/// How much there is to do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Size {
    /// Rows, the empty ones too.
    pub(crate) rows: u64,
    /// People, each once.
    pub(crate) people: u64,
    /// Those of them who are given a mode.
    pub(crate) moded: u64,
}

fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
}

/// Who came before, as numbers: tens of thousands fit into little memory.
#[derive(Debug, Default)]
pub(crate) struct Seen(HashMap<u64, (u64, u64)>);

/// Whether somebody came before, and on which line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    No,
    Same(u64),
    /// With something else to be done.
    Other(u64),
}

impl Seen {
    /// Notes somebody. Addresses are the same whatever their capitals.
    pub(crate) fn before(&mut self, row: &Row, who: &Subject, what: &impl Hash) -> Before {
        let key = match who {
            Subject::Email(email) => number(&("email", email.to_lowercase())),
            other => number(&("user", other)),
        };
        let what = number(what);
        match self.0.get(&key) {
            None => {
                self.0.insert(key, (row.line, what));
                Before::No
            }
            Some((line, held)) if *held == what => Before::Same(*line),
            Some((line, _)) => Before::Other(*line),
        }
    }
}

fn number(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
