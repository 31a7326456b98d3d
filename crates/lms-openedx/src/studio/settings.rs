//! Details and grading of a course, as Studio's pages have them (reference openedx.md 3.17).

use lms_core::{CourseId, GradingCategory, GradingPolicy, Result};
use lms_http::{Method, RequestBuilder, Route, Safety};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::provider::Way;

#[derive(Serialize, Deserialize)]
struct Grading {
    graders: Vec<Grader>,
    #[serde(default)]
    grade_cutoffs: Map<String, Value>,
    /// Hours and minutes, kept as they are.
    #[serde(default)]
    grace_period: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    minimum_grade_credit: Value,
}

#[derive(Serialize, Deserialize)]
struct Grader {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    short_label: Option<String>,
    #[serde(default)]
    min_count: u32,
    #[serde(default)]
    drop_count: u32,
    /// In percent here, 0 to 1 everywhere else (6.1).
    #[serde(default)]
    weight: f64,
    #[serde(default)]
    id: usize,
}

impl OpenEdx {
    /// The details of a course by the platform's names: `start_date`, `end_date`, `overview`, `short_description`,
    /// `effort`, `language`, `self_paced`, … Calls `GET /settings/details/{course}` in a session, or
    /// `GET /api/contentstore/v1/course_details/{course}` with a token.
    ///
    /// # Errors
    /// `InvalidInput` for what is no course key, unsent; `NotFound`; `PermissionDenied`.
    pub async fn course_details(&self, course: &CourseId) -> Result<Map<String, Value>> {
        self.details_request(Method::Get, course, Safety::Read)?.send_json().await
    }

    /// Changes what is named of the details. They are written whole, and what is missing may be emptied, so they are
    /// read first: the calls of [`Self::course_details`], then the same address with `POST` in a session or `PUT` with a
    /// token. Writes nothing where all is so already. Gives the details as they are then.
    ///
    /// # Errors
    /// As [`Self::course_details`], and `InvalidInput` with a complaint about each field.
    pub async fn update_course_details(
        &self,
        course: &CourseId,
        changes: Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let before = self.course_details(course).await?;
        let mut after = before.clone();
        after.extend(changes);
        if after == before {
            return Ok(before);
        }
        let method = match self.studio_way("studio.details")? {
            Way::Session(_) => Method::Post,
            Way::Token(_) => Method::Put,
        };
        self.details_request(method, course, Safety::Repeatable)?.json(&after).send_json().await
    }

    /// What counts, as Studio has it. Calls `GET /settings/grading/{course}` in a session, or
    /// `GET /api/contentstore/v1/course_grading/{course}` with a token.
    ///
    /// # Errors
    /// As [`Self::course_details`].
    pub async fn course_grading(&self, course: &CourseId) -> Result<GradingPolicy> {
        let grading = self.read_grading(course).await?;
        let categories = grading.graders.into_iter().map(|grader| GradingCategory {
            name: grader.kind,
            short_label: grader.short_label.filter(|label| !label.is_empty()),
            weight: grader.weight / 100.0,
            count: grader.min_count,
            drop: grader.drop_count,
        });
        let mut cutoffs: Vec<(String, f64)> = grading
            .grade_cutoffs
            .into_iter()
            .filter_map(|(name, least)| Some((name, least.as_f64()?)))
            .collect();
        cutoffs.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(GradingPolicy { categories: categories.collect(), cutoffs })
    }

    /// Sets what counts; the time of grace stays. Reads first, as [`Self::course_grading`], then calls
    /// `POST /settings/grading/{course}`, or `POST /api/contentstore/v0/course_grading/{course}` with a token.
    ///
    /// # Errors
    /// As [`Self::course_details`].
    pub async fn update_course_grading(&self, course: &CourseId, policy: &GradingPolicy) -> Result<()> {
        const OPERATION: &str = "studio.grading";
        let mut grading = self.read_grading(course).await?;
        let GradingPolicy { categories, cutoffs } = policy;
        grading.graders = categories
            .iter()
            .enumerate()
            .map(|(id, category)| Grader {
                kind: category.name.clone(),
                short_label: category.short_label.clone(),
                min_count: category.count,
                drop_count: category.drop,
                weight: category.weight * 100.0,
                id,
            })
            .collect();
        grading.grade_cutoffs = cutoffs.iter().map(|(name, least)| (name.clone(), (*least).into())).collect();
        let (studio, route) = match self.studio_way(OPERATION)? {
            Way::Session(studio) => (studio, Route::new("/settings/grading/{course}")),
            Way::Token(studio) => (studio, Route::new("/api/contentstore/v0/course_grading/{course}")),
        };
        let request = studio.request(Method::Post, route.id(course), Safety::Repeatable).json(&grading);
        let request = request.accept_json().operation(OPERATION).resource(course);
        request.send().await.map(drop)
    }

    async fn read_grading(&self, course: &CourseId) -> Result<Grading> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Answer {
            Nested { course_details: Grading },
            Plain(Grading),
        }
        const OPERATION: &str = "studio.grading";
        CourseKey::parse(course)?;
        let (studio, route) = match self.studio_way(OPERATION)? {
            Way::Session(studio) => (studio, Route::new("/settings/grading/{course}")),
            Way::Token(studio) => (studio, Route::new("/api/contentstore/v1/course_grading/{course}")),
        };
        let request = studio.get(route.id(course)).accept_json();
        match request.operation(OPERATION).resource(course).send_json().await? {
            Answer::Nested { course_details: grading } | Answer::Plain(grading) => Ok(grading),
        }
    }

    fn details_request(&self, method: Method, course: &CourseId, safety: Safety) -> Result<RequestBuilder> {
        const OPERATION: &str = "studio.details";
        CourseKey::parse(course)?;
        let (studio, route) = match self.studio_way(OPERATION)? {
            Way::Session(studio) => (studio, Route::new("/settings/details/{course}")),
            Way::Token(studio) => (studio, Route::new("/api/contentstore/v1/course_details/{course}")),
        };
        let request = studio.request(method, route.id(course), safety);
        Ok(request.accept_json().operation(OPERATION).resource(course))
    }
}
