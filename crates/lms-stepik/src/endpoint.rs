//! The lists of the flat API: what each is called, takes and can be asked for
//! (reference stepik.md 2.1, 2.2, 2.9, 2.11).

use std::fmt;

use lms_core::{Error, ErrorKind, Platform, Result};

/// What can be done with the objects of an endpoint (reference stepik.md 2.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// GET of the list, also with `ids[]`.
    List,
    /// GET of one object.
    Get,
    /// POST.
    Create,
    /// PUT: the whole object.
    Replace,
    /// DELETE.
    Delete,
}

impl Action {
    fn letter(self) -> char {
        match self {
            Self::List => 'l',
            Self::Get => 'g',
            Self::Create => 'c',
            Self::Replace => 'r',
            Self::Delete => 'd',
        }
    }
}

struct Facts {
    name: &'static str,
    wrapper: &'static str,
    actions: &'static str,
    filters: &'static [&'static str],
    orders: &'static [&'static str],
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $wrapper:literal, $actions:literal,
        [$($filter:literal),*], [$($order:literal),*];)*) => {
        /// A list of Stepik's API. Each answer holds the objects under the endpoint's own name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Endpoint {
            $($(#[$doc])* $variant,)*
        }

        impl Endpoint {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn facts(self) -> Facts {
                match self {
                    $(Self::$variant => Facts {
                        name: $name,
                        wrapper: $wrapper,
                        actions: $actions,
                        filters: &[$($filter),*],
                        orders: &[$($order),*],
                    },)*
                }
            }
        }
    };
}

endpoints! {
    /// Announcements of courses.
    Announcements: "announcements", "announcement", "lgcrd", [], [];
    /// Teachers of classes.
    Assistants: "assistants", "assistant", "lgcd", ["klass", "user"], [];
    /// The places of steps in units; read-only.
    Assignments: "assignments", "assignment", "lg", [], [];
    /// Files of courses and lessons; created by a form of several parts, see [`crate::Stepik::attach`].
    Attachments: "attachments", "attachment", "lgrd", ["course", "lesson"], [];
    /// Tries at quizzes.
    Attempts: "attempts", "attempt", "lgc", ["step", "user"], [];
    /// What learners were given for a course.
    Certificates: "certificates", "certificate", "lgr", ["user", "course"], ["id"];
    /// Cohorts.
    Classes: "classes", "class", "lgcrd",
        ["owner", "course", "invitation_key", "assistant", "student", "user"], [];
    /// Comments of steps.
    Comments: "comments", "comment", "lgcrd", ["user", "parent", "course", "target"],
        ["time", "id", "last_time", "vote_delta"];
    /// Marks: one row for each learner of a course.
    CourseGrades: "course-grades", "courseGrade", "lg", ["course", "user", "is_teacher", "klass", "search"],
        ["score", "id"];
    /// Lists of courses in the catalog.
    CourseLists: "course-lists", "courseList", "lg", ["language", "platform"], [];
    /// What learners say of courses.
    CourseReviews: "course-reviews", "courseReview", "lgcrd", ["course", "user"],
        ["create_date", "update_date", "id", "score"];
    /// The sums of these.
    CourseReviewSummaries: "course-review-summaries", "courseReviewSummary", "lg", [],
        ["id", "average", "count"];
    /// Courses.
    Courses: "courses", "course", "lgcrd",
        ["is_featured", "tag", "language", "owner", "is_idea_compatible", "is_public", "is_promoted",
         "schedule_type", "exclude_ended", "is_popular", "is_unsuitable", "is_paid", "enrolled", "teacher",
         "is_cataloged", "with_certificate"],
        ["create_date", "update_date", "id", "popularity", "activity"];
    /// Which comments belong to a lesson or step.
    DiscussionProxies: "discussion-proxies", "discussionProxy", "lg", [], [];
    /// Default and solutions thread of a step.
    DiscussionThreads: "discussion-threads", "discussionThread", "lg", [], [];
    /// The account's addresses.
    EmailAddresses: "email-addresses", "emailAddress", "lgcd",
        ["user", "email", "is_verified", "is_primary"], [];
    /// The account in courses; the id is that of the course.
    Enrollments: "enrollments", "enrollment", "lgcd", [], [];
    /// Courses that the account likes.
    FavoriteCourses: "favorite-courses", "favoriteCourse", "lgcd", ["course"], [];
    /// Groups of users, such as a course's teachers.
    Groups: "groups", "group", "g", [], [];
    /// How a step is reviewed.
    Instructions: "instructions", "instruction", "lgcrd", [], [];
    /// Links that let people into a group.
    Invitations: "invitations", "invitation", "lgcd", [], [];
    /// Where the account was last in a course.
    LastSteps: "last-steps", "lastStep", "lg", [], [];
    /// Lessons.
    Lessons: "lessons", "lesson", "lgcrd", ["is_featured", "language", "owner", "course", "teacher"],
        ["id", "create_date", "update_date", "vote_epic", "vote_abuse", "vote_delta"];
    /// Reports and other work that takes time.
    LongTasks: "long-tasks", "longTask", "lgc", [], [];
    /// Users in groups.
    Members: "members", "member", "lgcd", ["group"], [];
    /// Own profiles.
    Profiles: "profiles", "profile", "lgr", [], [];
    /// Points and what was seen; ids such as `77-502`.
    Progresses: "progresses", "progress", "lg", [], [];
    /// Reviews of submissions.
    Reviews: "reviews", "review", "lgcr", [], [];
    /// A submission on its way through reviews.
    ReviewSessions: "review-sessions", "reviewSession", "lgc", [], [];
    /// What reviewers give points for.
    Rubrics: "rubrics", "rubric", "lgcrd", [], [];
    /// What search finds.
    SearchResults: "search-results", "searchResult", "l",
        ["query", "type", "course", "language", "is_popular", "tag"], [];
    /// Modules of courses.
    Sections: "sections", "section", "lgcrd", ["course"], [];
    /// Accounts of other sites with which a user signs in.
    SocialAccounts: "social-accounts", "socialAccount", "lgc", ["provider", "uid", "user"], [];
    /// Pages of a user on other sites.
    SocialProfiles: "social-profiles", "socialProfile", "lg", [], [];
    /// Steps as their authors see them.
    StepSources: "step-sources", "stepSource", "lgcrd", ["lesson"], [];
    /// Steps as learners see them.
    Steps: "steps", "step", "lg", ["lesson"], ["id", "create_date", "update_date"];
    /// What clients keep with the platform.
    StorageRecords: "storage-records", "storage-record", "lgcrd", ["user", "kind", "kind__startswith"], [];
    /// Learners of a class.
    Students: "students", "student", "lgcd", ["klass", "user", "tutor"], [];
    /// Answers to quizzes.
    Submissions: "submissions", "submission", "lgc",
        ["attempt", "step", "user", "user_name", "status", "search", "review_status", "klass", "course"],
        ["desc", "asc"];
    /// Topics.
    Tags: "tags", "tag", "lg", [], [];
    /// Places of lessons in sections.
    Units: "units", "unit", "lgcrd", ["lesson", "course", "section"], [];
    /// Runs of a learner's code.
    UserCodeRuns: "user-code-runs", "userCodeRun", "lgc", [], [];
    /// The account's courses.
    UserCourses: "user-courses", "userCourse", "lgr",
        ["course", "is_favorite", "is_archived", "can_be_reviewed", "is_draft"],
        ["course", "id", "is_favorite", "last_viewed"];
    /// The account's lessons.
    UserLessons: "user-lessons", "userLesson", "lg", ["is_moderator"], ["is_pinned", "last_viewed"];
    /// People.
    Users: "users", "user", "lg", ["alias"],
        ["id", "reputation", "knowledge", "reputation_rank", "knowledge_rank"];
    /// That a step was seen.
    Views: "views", "view", "c", [], [];
    /// Votes on comments and lessons.
    Votes: "votes", "vote", "lgr", [], [];
}

impl Endpoint {
    /// The name in the address and around the list: `"step-sources"`.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// The key around an object that is sent: `"stepSource"`.
    pub fn wrapper(self) -> &'static str {
        self.facts().wrapper
    }

    /// Whether the platform offers this.
    pub fn offers(self, action: Action) -> bool {
        self.facts().actions.contains(action.letter())
    }

    /// The documented filters of the list; `page` and `ids[]` go without saying.
    pub fn filters(self) -> &'static [&'static str] {
        self.facts().filters
    }

    /// The documented fields to order the list by.
    pub fn orders(self) -> &'static [&'static str] {
        self.facts().orders
    }

    pub(crate) fn require(self, action: Action, operation: &'static str) -> Result<()> {
        if self.offers(action) {
            return Ok(());
        }
        Err(Error::unsupported(Platform::Stepik, operation).on(format!("{self}, {action:?}")))
    }

    /// The platform passes over filters that it does not know (reference stepik.md 2.11) and would give
    /// everything, so they are refused here.
    pub(crate) fn check_filter(self, filter: &str, operation: &'static str) -> Result<()> {
        self.check(filter, self.filters(), "filter", operation)
    }

    /// The same for `order`: fields with or without `-`, commas between them.
    pub(crate) fn check_order(self, order: &str, operation: &'static str) -> Result<()> {
        order
            .split(',')
            .map(|field| field.strip_prefix('-').unwrap_or(field))
            .try_for_each(|field| self.check(field, self.orders(), "order", operation))
    }

    fn check(self, given: &str, known: &[&str], what: &str, operation: &'static str) -> Result<()> {
        if known.contains(&given) {
            return Ok(());
        }
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Err(Error::new(
            ErrorKind::Unsupported,
            format!("`{given}` is no documented {what} of this list; documented: {known}"),
        )
        .at(Platform::Stepik, operation)
        .on(self))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_platforms_and_no_two_are_the_same() {
        let mut names: Vec<&str> = Endpoint::ALL.iter().map(|endpoint| endpoint.name()).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        // The irregular plurals and the keys that clients were seen to send (reference stepik.md 2.1, 2.2).
        for (endpoint, name, wrapper) in [
            (Endpoint::Progresses, "progresses", "progress"),
            (Endpoint::Classes, "classes", "class"),
            (Endpoint::DiscussionProxies, "discussion-proxies", "discussionProxy"),
            (Endpoint::StepSources, "step-sources", "stepSource"),
            (Endpoint::StorageRecords, "storage-records", "storage-record"),
            (Endpoint::UserCodeRuns, "user-code-runs", "userCodeRun"),
        ] {
            assert_eq!((endpoint.name(), endpoint.wrapper()), (name, wrapper));
        }
    }

    #[test]
    fn what_is_not_documented_is_refused_with_what_is() {
        let refused = Endpoint::Units.check_filter("lessons", "t").expect_err("a slip of the pen");
        assert_eq!(refused.kind(), ErrorKind::Unsupported);
        assert!(refused.message().contains("lesson, course, section"), "{refused}");
        assert!(Endpoint::Courses.check_order("-popularity,id", "t").is_ok());
        assert!(Endpoint::Courses.check_order("-title", "t").is_err());
        assert!(Endpoint::Steps.require(Action::Create, "t").is_err());
        assert!(Endpoint::StepSources.require(Action::Create, "t").is_ok());
    }

    /// The guide's examples run; here they are complete.
    #[test]
    fn the_guide_has_an_example_of_every_list_filter_and_order() {
        let guide = include_str!("../guide.md");
        let has = |what: &str| guide.contains(what);
        for endpoint in Endpoint::ALL {
            assert!(has(&format!("Endpoint::{endpoint:?}")), "no example of {endpoint}");
            for filter in endpoint.filters() {
                // Typed queries name the filter in a comment.
                let shown = has(&format!("// {filter}\n")) || has(&format!(".with(\"{filter}\", "));
                assert!(shown, "no example of {endpoint}?{filter}");
            }
            for order in endpoint.orders() {
                let mut lines = guide.lines().filter(|line| line.contains("order"));
                let word = |c: char| !c.is_alphanumeric() && c != '_';
                let shown = lines.any(|line| line.split(word).any(|w| w == *order));
                assert!(shown || *order == "asc", "no example of {endpoint}?order={order}");
            }
        }
    }
}
