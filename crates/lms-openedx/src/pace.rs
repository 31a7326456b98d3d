//! The limits on requests that Open edX ships with (reference openedx.md 1.6).

use std::str::FromStr;
use std::time::Duration;

use lms_core::{Error, ErrorKind, Result};
use lms_http::{Pace, Quota, Rate};

/// Whose limits hold. The platform counts by account and is more patient with staff; an account cannot
/// ask which it is, so this is an option. Chosen too high, the client slows down at the first 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Throttled {
    /// An ordinary account.
    #[default]
    User,
    /// An account with `is_staff`.
    Staff,
    /// Nobody is held back beforehand, for sites whose operator has lifted the limits.
    None,
}

/// Views that count together: enrollments one by one and in bulk, and the history of submissions.
const ENROLLMENT: &[&str] = &[
    "enrollments.enroll",
    "enrollments.unenroll",
    "enrollments.get",
    "enrollments.of",
    "enrollments.course",
    "enrollments.roles",
    "enrollments.list",
    "enrollments.bulk",
    "courses.enrolled",
    "submissions.history",
];

impl Throttled {
    /// The preset: course list 20 a minute (staff 40), enrollments 40 (staff 120), validation of
    /// registrations 30 a minute, registrations 60 in seven days for one address.
    pub fn pace(self) -> Pace {
        let (list, enrollment) = match self {
            Self::User => (20, 40),
            Self::Staff => (40, 120),
            Self::None => return Pace::default(),
        };
        let week = Rate { requests: 60, per: Duration::from_secs(7 * 24 * 3600) };
        let quota = |operations, rate| Quota { operations, rate };
        Pace {
            quotas: vec![
                quota(&["courses.list"], Rate::per_minute(list)),
                quota(ENROLLMENT, Rate::per_minute(enrollment)),
                quota(&["registration.validate"], Rate::per_minute(30)),
                quota(&["registration.register"], week),
            ],
            ..Pace::default()
        }
    }
}

impl FromStr for Throttled {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "user" => Ok(Self::User),
            "staff" => Ok(Self::Staff),
            "none" => Ok(Self::None),
            _ => Err(Error::new(ErrorKind::Config, "neither user nor staff nor none").on(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(pace: &Pace, operation: &str) -> Option<Rate> {
        pace.quotas.iter().find(|quota| quota.operations.contains(&operation)).map(|quota| quota.rate)
    }

    #[test]
    fn presets_are_those_of_the_reference() {
        let (user, staff) = (Throttled::User.pace(), Throttled::Staff.pace());
        for (operation, by_user, by_staff) in [
            ("courses.list", 20, 40),
            ("enrollments.enroll", 40, 120),
            ("enrollments.bulk", 40, 120),
            ("submissions.history", 40, 120),
            ("registration.validate", 30, 30),
        ] {
            assert_eq!(rate(&user, operation), Some(Rate::per_minute(by_user)), "{operation}");
            assert_eq!(rate(&staff, operation), Some(Rate::per_minute(by_staff)), "{operation}");
        }
        let week = rate(&user, "registration.register").expect("a limit");
        assert_eq!((week.requests, week.per.as_secs()), (60, 604_800));
        assert_eq!(Throttled::None.pace(), Pace::default());
        assert!("staf".parse::<Throttled>().is_err());
    }
}
