//! Words to search courses by, where a site heeds them and where it does not.

use std::sync::Arc;

use futures::StreamExt;
use lms_core::{CourseSummary, Page, Paged, Result};
use tokio::sync::OnceCell;

use crate::OpenEdx;
use crate::page::namespaced;
use crate::wire::CourseBody;

/// What no course says.
const NONSENSE: &str = "qzxjvwkq";

impl OpenEdx {
    /// The listing that was asked for with `words`. A site whose course search is off takes `search_term` and gives all
    /// courses (reference openedx.md 3.1): asked once for nonsense it gives itself away, and the words are looked for
    /// here, each in the id, the title or the summary.
    pub(crate) fn searched(&self, listing: Paged<CourseSummary>, words: &str) -> Paged<CourseSummary> {
        let words: Arc<Vec<String>> = Arc::new(words.split_whitespace().map(str::to_lowercase).collect());
        let (site, heeded) = (self.clone(), Arc::new(OnceCell::new()));
        listing.try_map_pages(move |page| {
            let (site, words, heeded) = (site.clone(), Arc::clone(&words), Arc::clone(&heeded));
            async move {
                if page.items.is_empty() || *heeded.get_or_try_init(|| site.heeds_search()).await? {
                    return Ok(page);
                }
                let items = page.items.into_iter().filter(|course| says(course, &words)).collect();
                Ok(Page { items, next: page.next, total: None })
            }
        })
    }

    /// Calls `GET /api/courses/v1/courses/` with a `search_term` that fits nothing.
    async fn heeds_search(&self) -> Result<bool> {
        let site = self.clone();
        let first = move || {
            let site = site.clone();
            async move {
                let request = site.lms().get("/api/courses/v1/courses/").operation("courses.list");
                let request = request.query("username", site.username().await?);
                Ok(request.query("page_size", 1).query("search_term", NONSENSE))
            }
        };
        let mut pages = namespaced().list::<CourseBody, _, _>(None, first).pages();
        let found = pages.next().await.transpose()?;
        // Pages are empty in the middle, where the account may not see what stands on them.
        Ok(found.is_none_or(|page| page.items.is_empty() && page.next.is_none()))
    }
}

fn says(course: &CourseSummary, words: &[String]) -> bool {
    let text = format!("{} {} {}", course.id, course.title, course.summary.as_deref().unwrap_or_default());
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_looked_for_wherever_it_stands() {
        let course = CourseSummary {
            id: "course-v1:Org+Maße+1".into(),
            title: "Measuring the World".into(),
            summary: Some("Lengths and words".into()),
            language: None,
            url: None,
            enrolled: None,
        };
        let found = |words: &str| says(&course, &words.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(found("measuring") && found("world length") && found("org+maße"));
        assert!(!found("world algebra"));
    }
}
