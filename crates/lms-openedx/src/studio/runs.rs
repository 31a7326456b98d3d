//! Course runs: list, create, re-run, change (reference openedx.md 3.13 b). For accounts with `is_staff`.

use lms_core::{CourseId, Cursor, Error, ErrorKind, Paged, Platform, Result, Timestamp, UserId};
use lms_http::{Method, Paging, Route, Safety};
use serde::{Deserialize, Serialize};

use crate::OpenEdx;
use crate::catalog::TeamRole;
use crate::keys::CourseKey;
use crate::page::date;

/// When a run takes place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunDates {
    /// Beginning and end: the platform takes both or neither.
    pub course: Option<(Timestamp, Timestamp)>,
    /// From when one may enroll.
    pub enrollment_start: Option<Timestamp>,
    /// Until when one may enroll.
    pub enrollment_end: Option<Timestamp>,
}

/// What is to be set of a run; what is `None` is left to the platform, or as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunSettings {
    /// Its title.
    pub title: Option<String>,
    /// Whether learners go at their own pace.
    pub self_paced: Option<bool>,
    /// Its dates.
    pub dates: Option<RunDates>,
    /// Its team, whole.
    pub team: Option<Vec<(UserId, TeamRole)>>,
}

/// A run of a course, as Studio has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CourseRun {
    /// Its key.
    pub id: CourseId,
    /// Its title.
    pub title: String,
    /// Whether learners go at their own pace.
    pub self_paced: bool,
    /// When it begins.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// Its team: names and roles.
    pub team: Vec<(UserId, String)>,
}

#[derive(Deserialize)]
struct Body {
    id: CourseId,
    title: String,
    #[serde(default)]
    pacing_type: String,
    #[serde(default)]
    schedule: Dates,
    #[serde(default)]
    team: Vec<Member>,
}

#[derive(Default, Serialize, Deserialize)]
struct Dates {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrollment_start: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrollment_end: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Member {
    user: String,
    role: String,
}

#[derive(Serialize)]
struct Send<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pacing_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<Dates>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<Vec<Member>>,
}

impl<'a> Send<'a> {
    fn of(settings: &'a RunSettings) -> Self {
        let RunSettings { title, self_paced, dates, team } = settings;
        let text = |at: Timestamp| at.to_string();
        let schedule = dates.map(|dates| Dates {
            start: dates.course.map(|(start, _)| text(start)),
            end: dates.course.map(|(_, end)| text(end)),
            enrollment_start: dates.enrollment_start.map(text),
            enrollment_end: dates.enrollment_end.map(text),
        });
        let member =
            |(user, role): &(UserId, TeamRole)| Member { user: user.to_string(), role: role.name().into() };
        Self {
            org: None,
            number: None,
            run: None,
            title: title.as_deref(),
            pacing_type: self_paced.map(|own| if own { "self_paced" } else { "instructor_paced" }),
            schedule,
            team: team.as_ref().map(|team| team.iter().map(member).collect()),
        }
    }

    fn at(self, key: &'a CourseKey) -> Self {
        Self { org: Some(&key.org), number: Some(&key.number), run: Some(&key.run), ..self }
    }
}

fn run(body: Body) -> Result<CourseRun> {
    Ok(CourseRun {
        start: date(body.schedule.start.as_deref())?,
        end: date(body.schedule.end.as_deref())?,
        id: body.id,
        title: body.title,
        self_paced: body.pacing_type == "self_paced",
        team: body.team.into_iter().map(|member| (member.user.into(), member.role)).collect(),
    })
}

impl OpenEdx {
    /// The runs of all courses. Calls `GET /api/v1/course_runs/`, page after page.
    ///
    /// # Errors
    /// `PermissionDenied` when it is read by who is not staff.
    pub fn course_runs(&self, from: Option<Cursor>) -> Result<Paged<CourseRun>> {
        self.studio()?;
        let site = self.clone();
        let first = move || {
            let request =
                site.studio().map(|studio| studio.get("/api/v1/course_runs/").operation("runs.list"));
            async move { request }
        };
        Ok(Paging::next_link().list(from, first).try_map(run))
    }

    /// One run. Calls `GET /api/v1/course_runs/{course}/`.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`.
    pub async fn course_run(&self, course: &CourseId) -> Result<CourseRun> {
        CourseKey::parse(course)?;
        let route = Route::new("/api/v1/course_runs/{course}/").id(course);
        run(self.studio()?.get(route).operation("runs.get").resource(course).send_json().await?)
    }

    /// Makes an empty run with this key. Calls `GET /api/v1/course_runs/{course}/`, since the platform answers a second
    /// creation with a failure of its own, then `POST /api/v1/course_runs/`. A title is needed.
    ///
    /// # Errors
    /// `AlreadyExists`; `InvalidInput` with a complaint about each field; `OutcomeUnknown`.
    pub async fn create_run(&self, course: &CourseId, settings: &RunSettings) -> Result<CourseRun> {
        const OPERATION: &str = "runs.create";
        let key = CourseKey::parse(course)?;
        if settings.title.as_deref().is_none_or(str::is_empty) {
            let error = Error::invalid("a course run needs a title").at(Platform::OpenEdx, OPERATION);
            return Err(error.with_field("title", "missing"));
        }
        if self.run_exists(&key).await? {
            let error = Error::new(ErrorKind::AlreadyExists, "the course run is there already");
            return Err(error.at(Platform::OpenEdx, OPERATION).on(course));
        }
        let request = self.studio()?.request(Method::Post, "/api/v1/course_runs/", Safety::Once);
        let body = Send::of(settings).at(&key);
        run(request.operation(OPERATION).resource(course).json(&body).send_json().await?)
    }

    /// Copies a run with its content under another run of the same organization: the number and the run of `new` count.
    /// The platform copies in the background: content arrives later. Calls `POST /api/v1/course_runs/{course}/rerun/`.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent for another organization, and where the run is there already, with a
    /// complaint about `run`; `NotFound` for the source; `OutcomeUnknown`.
    pub async fn rerun(
        &self,
        source: &CourseId,
        new: &CourseId,
        settings: &RunSettings,
    ) -> Result<CourseRun> {
        const OPERATION: &str = "runs.rerun";
        let (from, key) = (CourseKey::parse(source)?, CourseKey::parse(new)?);
        if from.org != key.org {
            let error = Error::invalid("a re-run stays in its organization").at(Platform::OpenEdx, OPERATION);
            return Err(error.on(new));
        }
        let route = Route::new("/api/v1/course_runs/{course}/rerun/").id(source);
        let request = self.studio()?.request(Method::Post, route, Safety::Once);
        let body = Send { number: Some(&key.number), run: Some(&key.run), ..Send::of(settings) };
        run(request.operation(OPERATION).resource(new).json(&body).send_json().await?)
    }

    /// Changes what is named of a run. Calls `PATCH /api/v1/course_runs/{course}/`: a `PUT` without team would remove
    /// it.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` with a complaint about each field; `PermissionDenied`.
    pub async fn update_run(&self, course: &CourseId, settings: &RunSettings) -> Result<CourseRun> {
        CourseKey::parse(course)?;
        let route = Route::new("/api/v1/course_runs/{course}/").id(course);
        let request = self.studio()?.request(Method::Patch, route, Safety::Repeatable);
        run(request.operation("runs.update").resource(course).json(&Send::of(settings)).send_json().await?)
    }
}
