//! The table of the small resources. (reference stepik.md 2.9-2.11, 3.2, 3.14, 3.20)

use crate::stepik::form::Takes;

/// One of the small resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Plain {
    EmailAddresses,
    SocialAccounts,
    SocialProfiles,
    CourseReviews,
    Tags,
    CourseLists,
    Classes,
    Students,
    Assistants,
    StorageRecords,
    Invitations,
    Announcements,
    UserCodeRuns,
    FavoriteCourses,
}

/// What a required field must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Text,
    Course,
    Class,
    User,
    Group,
    Step,
}

/// Who sees an object; whoever made it may change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Everyone,
    ItsUser,
    /// By its user and whoever may edit its course, or the course of its class or group.
    Staff,
}

pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) first_id: i64,
    pub(super) required: &'static [(&'static str, Needs)],
    pub(super) fields: &'static [(&'static str, Takes)],
    pub(super) filters: &'static [&'static str],
    pub(super) orders: &'static [&'static str],
    pub(super) seen: Seen,
}

const NOTHING: Spec = Spec {
    name: "",
    first_id: 0,
    required: &[],
    fields: &[],
    filters: &[],
    orders: &[],
    seen: Seen::Everyone,
};

const EMAIL_ADDRESSES: Spec = Spec {
    name: "email-addresses",
    first_id: 5_511_203,
    required: &[("email", Needs::Text)],
    filters: &["user", "email", "is_verified", "is_primary"],
    seen: Seen::ItsUser,
    ..NOTHING
};
const SOCIAL_ACCOUNTS: Spec = Spec {
    name: "social-accounts",
    first_id: 1_904_336,
    required: &[("provider", Needs::Text), ("uid", Needs::Text)],
    filters: &["provider", "uid", "user"],
    ..NOTHING
};
const SOCIAL_PROFILES: Spec =
    Spec { name: "social-profiles", first_id: 310_422, filters: &["user"], ..NOTHING };
const COURSE_REVIEWS: Spec = Spec {
    name: "course-reviews",
    first_id: 902_118,
    required: &[("course", Needs::Course)],
    fields: &[("score", Takes::Int), ("text", Takes::Text)],
    filters: &["course", "user"],
    orders: &["create_date", "update_date", "id", "score"],
    ..NOTHING
};
const TAGS: Spec = Spec { name: "tags", first_id: 15_000, ..NOTHING };
const COURSE_LISTS: Spec =
    Spec { name: "course-lists", first_id: 40, filters: &["language", "platform"], ..NOTHING };
const CLASSES: Spec = Spec {
    name: "classes",
    first_id: 61_204,
    required: &[("course", Needs::Course)],
    fields: &[("title", Takes::Text), ("description", Takes::Text)],
    filters: &["owner", "course", "invitation_key"],
    seen: Seen::Staff,
    ..NOTHING
};
const STUDENTS: Spec = Spec {
    name: "students",
    first_id: 770_310,
    required: &[("klass", Needs::Class), ("invitation_key", Needs::Text)],
    filters: &["klass", "user"],
    seen: Seen::Staff,
    ..NOTHING
};
const ASSISTANTS: Spec = Spec {
    name: "assistants",
    first_id: 22_019,
    required: &[("klass", Needs::Class), ("user", Needs::User)],
    filters: &["klass", "user"],
    seen: Seen::Staff,
    ..NOTHING
};
const STORAGE_RECORDS: Spec = Spec {
    name: "storage-records",
    first_id: 33_902_144,
    fields: &[("kind", Takes::Text), ("data", Takes::Any)],
    filters: &["user", "kind", "kind__startswith"],
    seen: Seen::ItsUser,
    ..NOTHING
};
const INVITATIONS: Spec = Spec {
    name: "invitations",
    first_id: 81_554,
    required: &[("group", Needs::Group)],
    fields: &[("name", Takes::Text), ("description", Takes::Text), ("limit", Takes::OptionalInt)],
    filters: &["group"],
    seen: Seen::Staff,
    ..NOTHING
};
const ANNOUNCEMENTS: Spec = Spec {
    name: "announcements",
    first_id: 470_221,
    required: &[("subject", Needs::Text), ("text", Needs::Text)],
    fields: &[("course", Takes::OptionalInt)],
    filters: &["course"],
    seen: Seen::Staff,
    ..NOTHING
};
const USER_CODE_RUNS: Spec = Spec {
    name: "user-code-runs",
    first_id: 99_120_400,
    required: &[("step", Needs::Step), ("language", Needs::Text), ("code", Needs::Text)],
    fields: &[("stdin", Takes::Text)],
    filters: &["user", "step"],
    seen: Seen::ItsUser,
    ..NOTHING
};
const FAVORITE_COURSES: Spec = Spec {
    name: "favorite-courses",
    first_id: 640_011,
    required: &[("course", Needs::Course)],
    filters: &["course"],
    seen: Seen::ItsUser,
    ..NOTHING
};

const ALL: [Plain; 14] = [
    Plain::EmailAddresses,
    Plain::SocialAccounts,
    Plain::SocialProfiles,
    Plain::CourseReviews,
    Plain::Tags,
    Plain::CourseLists,
    Plain::Classes,
    Plain::Students,
    Plain::Assistants,
    Plain::StorageRecords,
    Plain::Invitations,
    Plain::Announcements,
    Plain::UserCodeRuns,
    Plain::FavoriteCourses,
];

impl Plain {
    /// The resource of this path segment.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|plain| plain.name() == name)
    }

    pub(super) fn spec(self) -> &'static Spec {
        match self {
            Self::EmailAddresses => &EMAIL_ADDRESSES,
            Self::SocialAccounts => &SOCIAL_ACCOUNTS,
            Self::SocialProfiles => &SOCIAL_PROFILES,
            Self::CourseReviews => &COURSE_REVIEWS,
            Self::Tags => &TAGS,
            Self::CourseLists => &COURSE_LISTS,
            Self::Classes => &CLASSES,
            Self::Students => &STUDENTS,
            Self::Assistants => &ASSISTANTS,
            Self::StorageRecords => &STORAGE_RECORDS,
            Self::Invitations => &INVITATIONS,
            Self::Announcements => &ANNOUNCEMENTS,
            Self::UserCodeRuns => &USER_CODE_RUNS,
            Self::FavoriteCourses => &FAVORITE_COURSES,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.spec().name
    }

    pub(crate) fn first_id(self) -> i64 {
        self.spec().first_id
    }

    pub(crate) fn orders(self) -> &'static [&'static str] {
        self.spec().orders
    }
}
