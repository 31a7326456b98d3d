//! The neutral model: a course down to its blocks and exercises, people, and answers.

mod asset;
mod block;
mod course;
mod exercise;
mod extras;
mod foreign;
mod interaction;
mod key;
mod path;
mod people;
mod response;
mod task;
mod texts;

pub use asset::{Asset, AssetRole};
pub use block::{Block, BlockBody, FileLink, Foreign, SourceFormat, Text, Transcript, Video};
pub use course::{
    Course, CourseSummary, GradingCategory, GradingPolicy, Lesson, Schedule, Section, Step, Visibility,
};
pub use exercise::{Credit, Exercise, Feedback, Grader, Scoring};
pub use extras::Extras;
pub use interaction::{
    Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction, CodeLanguage, CodeSample,
    ExtendedTextInteraction, FileUploadInteraction, FormulaInteraction, GapInteraction, GapSegment,
    InlineChoiceInteraction, Interaction, MatchInteraction, NumericInteraction, OrderInteraction,
    TableInteraction, TextEntryInteraction,
};
pub use key::{CodeTest, GapAccept, Key, NumberAccept, SampledVariable, TextAccept, TextRule, Tolerance};
pub use path::{BlockPlace, Place};
pub use people::{Account, Enrollment, EnrollmentState, Grade, NewAccount, Registered, Subject};
pub use response::{Response, SubmittedFile, TaskAnswer};
pub use task::{Part, Submission, SubmissionState, Task, TaskRef, TaskStatus, TaskSummary, Verdict};
