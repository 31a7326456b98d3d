//! What a platform can do, asked at run time.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far a detail is carried by the platform itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// By the platform's own interface.
    Native,
    /// By other means (several calls, a web page), at a cost that the provider's docs name.
    Emulated,
    /// Not at all: the call answers `Unsupported` and sends nothing.
    #[default]
    No,
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native",
            Self::Emulated => "emulated",
            Self::No => "no",
        })
    }
}

macro_rules! supports {
    ($($(#[$doc:meta])* $name:ident = $service:literal { $($(#[$field_doc:meta])* $field:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Support,)*
        }

        impl $name {
            /// Every ability with its name, such as `courses.search`.
            pub fn rows(self) -> Vec<(&'static str, Support)> {
                vec![$((concat!($service, ".", stringify!($field)), self.$field)),*]
            }
        }
    )*};
}

supports! {
    /// What [`crate::Courses`] can do.
    CourseSupport = "courses" {
        /// `list`.
        list,
        /// `list` with a search text.
        search,
        /// `content`: the whole course.
        content,
        /// `content` with keys: what is right is told.
        keys,
        /// `read_asset`.
        assets,
    }
    /// What [`crate::Authoring`] can do.
    AuthoringSupport = "authoring" {
        /// `create_course`.
        create,
        /// `put_*` with an existing id.
        update,
        /// `delete_*`.
        delete,
        /// `put_asset`.
        assets,
    }
    /// What [`crate::Enrollments`] can do.
    EnrollmentSupport = "enrollments" {
        /// `list`.
        list,
        /// `enroll` for oneself.
        enroll_self,
        /// `enroll` for others.
        enroll_others,
        /// `unenroll` for oneself.
        unenroll_self,
        /// `unenroll` for others.
        unenroll_others,
    }
    /// What [`crate::Registration`] can do.
    RegistrationSupport = "registration" {
        /// `register`.
        register,
        /// `validate`: without creating an account.
        validate,
    }
    /// What [`crate::Accounts`] can do.
    AccountSupport = "accounts" {
        /// `me`.
        me,
        /// `get`.
        get,
    }
    /// What [`crate::Tasks`] can do.
    TaskSupport = "tasks" {
        /// `list`.
        list,
        /// `get`.
        get,
    }
    /// What [`crate::Submissions`] can do.
    SubmissionSupport = "submissions" {
        /// `submit`.
        submit,
        /// `get` and `wait`.
        get,
        /// `list`, own.
        list_own,
        /// `list`, other people's.
        list_others,
    }
    /// What [`crate::Grades`] can do.
    GradeSupport = "grades" {
        /// `mine`.
        mine,
        /// `list`.
        list,
    }
}
