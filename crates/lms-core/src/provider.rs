//! The traits that a platform implements. All are used as trait objects.
//!
//! They are for implementors. A method with a body is one that a platform may do better; conveniences
//! for callers are in [`crate::LmsProviderExt`] and its siblings.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt};
use serde::Serialize;

use crate::{
    Account, AccountSupport, Adapted, Asset, AssetBody, AssetId, AssetLink, AssetLinks, AuthoringSupport,
    Batch, Changed, Content, Course, CourseId, CourseLink, CourseQuery, CourseSummary, CourseSupport,
    EnrollOptions, Enrollee, Enrollment, EnrollmentQuery, EnrollmentState, EnrollmentSupport, Error,
    ErrorKind, Grade, GradeQuery, GradeSupport, Lesson, LessonId, NewAccount, NewCourse, Paged, Patience,
    Platform, Registered, RegistrationSupport, Result, Section, SectionId, Slot, Step, StepAt, StepId,
    StepLinks, Subject, Submission, SubmissionId, SubmissionQuery, SubmissionSupport, Task, TaskAnswer,
    TaskQuery, TaskRef, TaskSummary, TaskSupport,
};

/// What a provider is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderInfo {
    /// The platform whose nouns it speaks.
    pub platform: Platform,
    /// Where it is: the site's address, or the path of a folder or archive.
    pub location: String,
}

/// Requests sent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RequestCount {
    /// Requests that change nothing.
    pub read: u64,
    /// Requests that may.
    pub write: u64,
}

/// A connected platform. An accessor answers `None` where the platform has no such service.
pub trait LmsProvider: fmt::Debug + Send + Sync + 'static {
    /// What and where it is.
    fn info(&self) -> &ProviderInfo;
    /// Requests sent so far; zeros for folders and archives.
    fn requests(&self) -> RequestCount;
    /// How long so many calls of an operation (`"enrollments.enroll"`) take at least, by the limits of the
    /// platform that are known beforehand and what its answers have taught since. Zero where no limit is
    /// known. Sends nothing; the platform's own time is not in it.
    fn planned(&self, operation: &str, calls: u64) -> Duration;
    /// Listing and reading courses.
    fn courses(&self) -> Option<&dyn Courses> {
        None
    }
    /// Writing courses.
    fn authoring(&self) -> Option<&dyn Authoring> {
        None
    }
    /// Who takes part.
    fn enrollments(&self) -> Option<&dyn Enrollments> {
        None
    }
    /// Opening accounts.
    fn registration(&self) -> Option<&dyn Registration> {
        None
    }
    /// Looking up accounts.
    fn accounts(&self) -> Option<&dyn Accounts> {
        None
    }
    /// Tasks as learners meet them.
    fn tasks(&self) -> Option<&dyn Tasks> {
        None
    }
    /// Answering tasks.
    fn submissions(&self) -> Option<&dyn Submissions> {
        None
    }
    /// Marks.
    fn grades(&self) -> Option<&dyn Grades> {
        None
    }
}

/// Listing and reading courses.
#[async_trait]
pub trait Courses: Send + Sync {
    /// What of this the platform can do.
    fn support(&self) -> CourseSupport;
    /// The courses that the account sees. Sends nothing until the listing is polled.
    ///
    /// # Errors
    /// `Unsupported` at once for an option that cannot be honoured.
    fn list(&self, query: CourseQuery) -> Result<Paged<CourseSummary>>;
    /// One course, as lists show it.
    ///
    /// # Errors
    /// `NotFound` where there is none, or the account may not see it.
    async fn get(&self, id: &CourseId) -> Result<CourseSummary>;
    /// The whole course: structure, text, exercises, the list of files. Keys where the account may
    /// see them.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`; for files `InvalidInput` with file and line.
    async fn content(&self, id: &CourseId) -> Result<Content>;
    /// The bytes of a file of the course.
    ///
    /// # Errors
    /// `NotFound` where the course has no such file.
    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody>;
    /// Where a link in a text of this course leads, if it leads to a page of the same course. Sends nothing.
    fn course_link(&self, _course: &Course, _link: &str) -> Option<CourseLink> {
        None
    }
}

/// Writing courses.
///
/// The order is: [`adapt`](Self::adapt), [`create_course`](Self::create_course),
/// [`put_asset`](Self::put_asset) for each file, sections, lessons, steps from the outside in, then
/// [`finish`](Self::finish). Nodes that are written come from an adapted course.
#[async_trait]
pub trait Authoring: Send + Sync {
    /// What of this the platform can do.
    fn support(&self) -> AuthoringSupport;
    /// How many `put_*` calls it is wise to have under way at once.
    fn parallel(&self) -> usize;
    /// What this platform can hold of a course, and what is lost. Sends nothing.
    fn adapt(&self, course: &Course) -> Adapted;
    /// What this platform makes of links between steps of a course that comes from another, or from itself.
    fn step_links(&self, _from: Platform) -> StepLinks {
        StepLinks::Unknown
    }
    /// The address that a text may link a step by; `None` as long as the id that it takes is not known. Sends
    /// nothing.
    fn step_page(&self, _course: &CourseId, _at: &StepAt<'_>) -> Option<String> {
        None
    }
    /// Begins a course from the header of an adapted one (sections and assets are ignored).
    ///
    /// # Errors
    /// `AlreadyExists` where it is there and `new` says to refuse; `OutcomeUnknown` when the answer
    /// was lost.
    async fn create_course(&self, header: &Course, new: &NewCourse) -> Result<CourseId>;
    /// Stores a file.
    ///
    /// # Errors
    /// `InvalidInput` where the platform does not take it (size, name).
    async fn put_asset(&self, course: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink>;
    /// Which of the files of a course [`put_asset`](Self::put_asset) would write over; `None` where the file would get a
    /// place of its own. `there` are the files of the course as [`Courses::content`] lists them; the answer has the id of
    /// one of them, and the address that `put_asset` would give. Sends nothing.
    ///
    /// A platform that gives each file a place of its own whatever it is called leaves this as it is. Any other has to
    /// answer, or an update writes over what somebody put there.
    fn written_over(&self, _asset: &Asset, _there: &[Asset]) -> Option<AssetLink> {
        None
    }
    /// Writes a section's own fields (not its lessons).
    async fn put_section(
        &self,
        course: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        links: &AssetLinks,
    ) -> Result<SectionId>;
    /// Writes a lesson's own fields (not its steps).
    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId>;
    /// Writes a step with its blocks.
    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId>;
    /// A lesson of this title that stands nowhere and has no steps yet: what a run leaves that broke off in
    /// the middle of [`put_lesson`](Self::put_lesson), on platforms where that takes several requests.
    async fn find_unplaced_lesson(&self, _title: &str) -> Result<Option<LessonId>> {
        Ok(None)
    }
    /// Whether what `put_*` and `delete_*` write only lasts once [`finish`](Self::finish) is over, as with an
    /// archive that is packed and imported whole: a run that breaks off before has changed nothing then.
    fn staged(&self) -> bool {
        false
    }
    /// Puts the sections of a course in this order, which names each of them once. Ids stay; what stands
    /// where it should is not written.
    ///
    /// # Errors
    /// `Unsupported` where the platform has no way to it but writing each section again, which is then
    /// for the caller to do; so in all three.
    async fn order_sections(&self, course: &CourseId, _order: &[SectionId]) -> Result<()> {
        Err(Error::unsupported(Platform::Other, "authoring.order_sections").on(course))
    }
    /// Puts the lessons of a section in this order.
    async fn order_lessons(
        &self,
        _course: &CourseId,
        section: &SectionId,
        _order: &[LessonId],
    ) -> Result<()> {
        Err(Error::unsupported(Platform::Other, "authoring.order_lessons").on(section))
    }
    /// Puts the steps of a lesson in this order.
    async fn order_steps(&self, _course: &CourseId, lesson: &LessonId, _order: &[StepId]) -> Result<()> {
        Err(Error::unsupported(Platform::Other, "authoring.order_steps").on(lesson))
    }
    /// Removes a section with what is in it; a lesson used elsewhere stays there.
    async fn delete_section(&self, course: &CourseId, section: &SectionId) -> Result<()>;
    /// Removes a lesson; one used elsewhere stays there.
    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()>;
    /// Removes a step.
    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()>;
    /// Whether [`delete_step`](Self::delete_step) of a step, and deleting what it stands in, takes this file of the course
    /// with it, as where files lie in the folders of tasks. Sends nothing.
    fn deleted_with(&self, _step: &StepId, _file: &Asset) -> bool {
        false
    }
    /// Writes what of the header needs the files (description, cover), then makes the course whole:
    /// waits until steps are ready, packs the archive, imports it.
    ///
    /// # Errors
    /// What the platform says of single nodes, with the node named.
    async fn finish(&self, course: &CourseId, header: &Course, links: &AssetLinks) -> Result<()>;
    /// Makes the course whole as [`finish`](Self::finish) does, and leaves its header as it is there.
    ///
    /// # Errors
    /// Those of `finish`; `Unsupported` where one does not go without the other.
    async fn finish_nodes(&self, course: &CourseId) -> Result<()> {
        Err(Error::unsupported(Platform::Other, "authoring.finish_nodes").on(course))
    }
}

/// Who takes part.
#[async_trait]
pub trait Enrollments: Send + Sync {
    /// What of this the platform can do.
    fn support(&self) -> EnrollmentSupport;
    /// Who takes part in a course, as far as the account may see.
    fn list(&self, course: &CourseId, query: EnrollmentQuery) -> Result<Paged<Enrollment>>;
    /// Lets an account take part. Enrolling twice is no error.
    async fn enroll(&self, course: &CourseId, who: &Subject, options: &EnrollOptions) -> Result<Enrollment>;
    /// Ends it.
    async fn unenroll(&self, course: &CourseId, who: &Subject) -> Result<()>;

    /// Which calls [`enroll_many`](Self::enroll_many) makes; `with_mode` where people are given a mode.
    fn enroll_batch(&self, _with_mode: bool) -> Batch {
        Batch::one_by_one("enrollments.enroll")
    }

    /// Lets many take part, in as few requests as the platform allows. People are taken from the stream
    /// as they are needed, and no more than [`Batch::people`] or a few dozen are held.
    ///
    /// One result for each person, in the order of the people. An error is the last item: of that person
    /// and those after it nothing is known, and the same call may be made again with them, since nobody is
    /// enrolled twice. A body that a platform does not replace calls [`enroll`](Self::enroll) one by one.
    fn enroll_many<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Enrollee>,
    ) -> BoxStream<'a, Result<Changed>> {
        Changed::until_error(
            people
                .then(move |person| async move {
                    match person.options() {
                        Ok(options) => Changed::of(self.enroll(course, &person.who, &options).await),
                        Err(unsupported) => Changed::refused(unsupported),
                    }
                })
                .boxed(),
        )
    }

    /// Which calls [`unenroll_many`](Self::unenroll_many) makes.
    fn unenroll_batch(&self) -> Batch {
        Batch::one_by_one("enrollments.unenroll")
    }

    /// Ends it for many, as [`enroll_many`](Self::enroll_many) begins it. Who is not enrolled is
    /// [`Changed::Already`] inactive.
    fn unenroll_many<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Subject>,
    ) -> BoxStream<'a, Result<Changed>> {
        Changed::until_error(
            people
                .then(move |who| async move {
                    let user = who.given();
                    let state = EnrollmentState::Inactive;
                    match self.unenroll(course, &who).await {
                        Ok(()) => Ok(Changed::Done { user, state }),
                        Err(e) if e.kind() == ErrorKind::NotEnrolled => Ok(Changed::Already { user, state }),
                        Err(e) => Changed::refused(e),
                    }
                })
                .boxed(),
        )
    }
}

/// Opening accounts.
#[async_trait]
pub trait Registration: Send + Sync {
    /// What of this the platform can do.
    fn support(&self) -> RegistrationSupport;
    /// What the platform would complain of, by field; empty if nothing. Creates nothing.
    async fn validate(&self, account: &NewAccount) -> Result<Vec<(String, String)>>;
    /// Opens an account.
    ///
    /// # Errors
    /// `InvalidInput` or `AlreadyExists` with the complaints in [`crate::Error::fields`].
    async fn register(&self, account: &NewAccount) -> Result<Registered>;
}

/// Looking up accounts.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// What of this the platform can do.
    fn support(&self) -> AccountSupport;
    /// The account that is signed in.
    ///
    /// # Errors
    /// `Unauthenticated` where the platform takes us for a guest.
    async fn me(&self) -> Result<Account>;
    /// An account.
    async fn get(&self, who: &Subject) -> Result<Account>;
}

/// Tasks as learners meet them.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// What of this the platform can do.
    fn support(&self) -> TaskSupport;
    /// The tasks of a course, in order.
    fn list(&self, course: &CourseId, query: TaskQuery) -> Result<Paged<TaskSummary>>;
    /// A task with what is to be answered.
    async fn get(&self, task: &TaskRef) -> Result<Task>;
}

/// Answering tasks.
#[async_trait]
pub trait Submissions: Send + Sync {
    /// What of this the platform can do.
    fn support(&self) -> SubmissionSupport;
    /// Sends an answer. Returns when the platform has taken it, not when it has judged it.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent when the answer does not fit the task;
    /// `OutcomeUnknown` when it was sent and the answer was lost.
    async fn submit(&self, task: &TaskRef, answer: &TaskAnswer) -> Result<SubmissionId>;
    /// How a submission stands.
    async fn get(&self, task: &TaskRef, id: &SubmissionId) -> Result<Submission>;
    /// Waits for the verdict, asking in the platform's rhythm.
    ///
    /// # Errors
    /// `Timeout` when patience ends first; the submission stands and may be asked for later.
    async fn wait(&self, task: &TaskRef, id: &SubmissionId, patience: Patience) -> Result<Submission>;
    /// Submissions of a task, newest first.
    fn list(&self, task: &TaskRef, query: SubmissionQuery) -> Result<Paged<Submission>>;

    /// What everybody has sent in a course, task after task in the order of the course. Sends nothing until
    /// it is polled, and holds a few pages at most.
    ///
    /// # Errors
    /// `Unsupported` at once on platforms that give the submissions of single accounts only; so do those that
    /// do not replace this body.
    fn of_course(&self, _course: &CourseId) -> Result<BoxStream<'static, Result<Submission>>> {
        Err(Error::new(ErrorKind::Unsupported, "the platform lists the submissions of single accounts only"))
    }
}

/// Marks.
#[async_trait]
pub trait Grades: Send + Sync {
    /// What of this the platform can do.
    fn support(&self) -> GradeSupport;
    /// What the signed-in account has reached.
    async fn mine(&self, course: &CourseId) -> Result<Grade>;
    /// What everybody has reached, as far as the account may see.
    fn list(&self, course: &CourseId, query: GradeQuery) -> Result<Paged<Grade>>;
}
