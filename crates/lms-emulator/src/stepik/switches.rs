//! What no source tells about the real platform, as switches. The defaults are this project's choices.

use std::time::Duration;

/// Choices about behaviour that is unknown (reference stepik.md 6.3), or that sources report differently. A client is
/// ready for the real platform when it works with every setting, not only with the defaults.
///
/// ```
/// use lms_emulator::stepik::{PageBeyondEnd, Switches};
/// let switches = Switches { page_beyond_end: PageBeyondEnd::Empty, ..Switches::default() };
/// assert!(!switches.skips_consent);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Switches {
    /// What becomes of a refresh token when it is used. Default: [`RefreshTokens::Rotate`]. (1.3)
    pub refresh_tokens: RefreshTokens,
    /// Status of an OAuth error about a wrong client, password or refresh token. Default: 401, as the iOS app reads
    /// it; Android takes a 400 as well. (1.3)
    pub bad_grant_status: u16,
    /// The grant that the application is registered for, such as `"authorization_code"`; refreshing goes with code and
    /// password. Default: `None`, every grant is open to it. (1.3)
    pub only_grant: Option<&'static str>,
    /// Whether the application is a public one, which signs in without a secret as the desktop plugins do.
    /// Default: `false`. (1.3)
    pub is_public_client: bool,
    /// What becomes of a code challenge. Default: [`Pkce::WhenOffered`]. (1.2)
    pub pkce: Pkce,
    /// Whether a signed-in user is sent on with a code at once instead of being asked. Default: `false`.
    pub skips_consent: bool,
    /// What `stepics/1` answers to an unusable token. Default: [`BadToken::Guest`]. (1.4)
    pub bad_token: BadToken,
    /// Refuses sign-ins of an account after this many wrong passwords in a row. Default: `None`. (1.3)
    pub login_throttle: Option<LoginThrottle>,
    /// What `POST /api/users` answers. Default: [`Registered::User`]. (1.5)
    pub registered: Registered,
    /// What a page past the last one is. Default: [`PageBeyondEnd::NotFound`]. (2.4)
    pub page_beyond_end: PageBeyondEnd,
    /// In which order a multi-get answers. Default: [`MultiGetOrder::Scrambled`]. (2.5)
    pub multi_get_order: MultiGetOrder,
    /// Longest query in bytes before the request is a 414 in HTML. Default: 8192. (1.6)
    pub longest_query: usize,
    /// Whether an `order` that the endpoint does not know is a 400. Default: `false`, it is ignored. (6.3)
    pub refuses_unknown_order: bool,
    /// Whether `order` is ignored in a listing of submissions by step, oldest first, as one dashboard reports.
    /// Default: `true`. (3.10)
    pub ignores_order_with_step: bool,
    /// How numbers print that recordings show as number or text: scores, grades, money. Default: [`Numbers::Plain`].
    /// (2.8)
    pub numbers: Numbers,
    /// What a stranger gets for a single step-source. Default: [`ForeignSource::Forbidden`]. (3.8)
    pub foreign_source: ForeignSource,
    /// What the lists of children in a PUT do (`sections`, `units`, `steps`). Default: [`ChildLists::Ignored`]. (3.6)
    pub child_lists: ChildLists,
    /// What happens to optional fields that a PUT of a course, section, unit or lesson leaves out. Default:
    /// [`Omitted::Kept`]. (5.2)
    pub omitted: Omitted,
    /// Whether a step put on a taken position moves the later ones up, and deleting moves them down. Default: `true`.
    /// (3.8)
    pub shifts_steps: bool,
    /// Which number `worth` of a step is. Default: [`Worth::Zero`]. (3.7)
    pub worth: Worth,
    /// What becomes of points when the cost of a step changes. Default: [`CostEdit::KeepsPoints`]. (6.3)
    pub cost_edit: CostEdit,
    /// Whether a new attempt makes `cleanedup` of the older ones of the same user and step. Default: `true`. (4.2)
    pub new_attempt_cleans_up: bool,
    /// Whether changing a step makes `cleanedup` of all attempts at it. Default: `true`. (6.3)
    pub step_change_cleans_up: bool,
    /// Whether a used attempt of a type that the apps renew takes a second submission. Default: `false`. (4.2)
    pub takes_used_attempts: bool,
    /// How long an attempt at a dataset quiz may take. Default: 300 s. (4.2, 4.15)
    pub dataset_time: Duration,
    /// What a submission after the time of an attempt is. Default: [`Expired::Refused`]. (4.2)
    pub expired: Expired,
    /// Whether teachers may submit beyond `max_submissions_count`. Default: `false`. (4.2)
    pub limit_spares_teachers: bool,
    /// Status of a submission with a score between 0 and 1. Default: [`PartialCredit::PartiallyCorrect`]. (4.2)
    pub partial_credit: PartialCredit,
    /// What is left of the points at try number n when the section discounts `inverse`. Default:
    /// [`InverseDiscount::Reciprocal`]. (4.2)
    pub inverse_discount: InverseDiscount,
    /// How replies are judged that a program would have to run: code, dataset, linux-code, trik, admin. Default:
    /// [`CodeRule::Marker`]. (4.13)
    pub code: CodeRule,
    /// Whether teachers who may not edit a course see its groups and members. Default: `true`. (6.3)
    pub teachers_see_members: bool,
    /// Largest attachment in bytes. Default: 25 MiB. (3.15)
    pub largest_attachment: usize,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            refresh_tokens: RefreshTokens::Rotate,
            bad_grant_status: 401,
            only_grant: None,
            is_public_client: false,
            pkce: Pkce::WhenOffered,
            skips_consent: false,
            bad_token: BadToken::Guest,
            login_throttle: None,
            registered: Registered::User,
            page_beyond_end: PageBeyondEnd::NotFound,
            multi_get_order: MultiGetOrder::Scrambled,
            longest_query: 8192,
            refuses_unknown_order: false,
            ignores_order_with_step: true,
            numbers: Numbers::Plain,
            foreign_source: ForeignSource::Forbidden,
            child_lists: ChildLists::Ignored,
            omitted: Omitted::Kept,
            shifts_steps: true,
            worth: Worth::Zero,
            cost_edit: CostEdit::KeepsPoints,
            new_attempt_cleans_up: true,
            step_change_cleans_up: true,
            takes_used_attempts: false,
            dataset_time: Duration::from_secs(300),
            expired: Expired::Refused,
            limit_spares_teachers: false,
            partial_credit: PartialCredit::PartiallyCorrect,
            inverse_discount: InverseDiscount::Reciprocal,
            code: CodeRule::Marker,
            teachers_see_members: true,
            largest_attachment: 25 * 1024 * 1024,
        }
    }
}

/// What becomes of a refresh token when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshTokens {
    /// It is good once; the answer holds its successor.
    Rotate,
    /// It stays good; the answer holds none.
    Keep,
}

/// What becomes of a code challenge (RFC 7636).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pkce {
    /// Checked when the client began with one.
    WhenOffered,
    /// Not looked at.
    Ignored,
    /// A sign-in without one is refused.
    Required,
}

/// What `stepics/1` answers to an unusable token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadToken {
    /// 200 with a guest.
    Guest,
    /// 401, as everywhere else.
    Unauthorized,
}

/// Too many wrong passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginThrottle {
    /// Wrong passwords in a row before further sign-ins of that account are refused.
    pub after: u32,
    /// Status of the refusal: Android expects 429, iOS 497.
    pub status: u16,
}

/// What `POST /api/users` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// 201 with the list of one user.
    User,
    /// 204 without a body.
    Empty,
}

/// What a page past the last one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageBeyondEnd {
    /// 404 with `detail`.
    NotFound,
    /// 200 with an empty list.
    Empty,
}

/// In which order a multi-get answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultiGetOrder {
    /// Neither that of the request nor that of the ids, and the same in every run.
    Scrambled,
    /// By ascending id.
    Ascending,
}

/// How numbers print that recordings show as number or text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// As numbers.
    Plain,
    /// As texts, such as `"1.0"`.
    Text,
}

/// What a stranger gets for a single step-source. In a multi-get it is always left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignSource {
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 200 with an empty list.
    EmptyList,
}

/// What the lists of children in a PUT do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildLists {
    /// Nothing.
    Ignored,
    /// They put the children into that order, with positions from 1. Children that are left out stay, at the end.
    Reorder,
}

/// What happens to optional fields that a PUT leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Omitted {
    /// They keep their value.
    Kept,
    /// They fall back to their default.
    Reset,
}

/// Which number `worth` of a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// 0, as in every capture.
    Zero,
    /// The cost, once the step is ready.
    Cost,
}

/// What becomes of points when the cost of a step changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostEdit {
    /// They stay; only later submissions get the new ones.
    KeepsPoints,
    /// They change in proportion.
    Rescales,
}

/// What a submission after the time of an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    /// A 400.
    Refused,
    /// Taken and graded wrong.
    GradedWrong,
}

/// Status of a submission with a score between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartialCredit {
    /// `partially_correct`, as Android knows it.
    PartiallyCorrect,
    /// `correct`, as iOS and the API description of 2018 know it.
    Correct,
}

/// What is left of the points at try number n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InverseDiscount {
    /// 1/n.
    Reciprocal,
    /// 1/2^(n-1).
    Halving,
}

/// How replies are judged that a program would have to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRule {
    /// Right when one of the reply's comment lines says `expect: correct`, in any comment style (`# expect: correct`,
    /// `// expect: correct`, …). A dataset reply is right when it equals a line `# expect: TEXT` of the author's code.
    Marker,
    /// Every reply that is taken is right.
    AllRight,
    /// Every reply is wrong.
    AllWrong,
}
