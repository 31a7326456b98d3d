//! What a learner gets of a randomized block: `max_count` of its children, each learner others, the same ones every time
//! (reference openedx.md 3.2, 5.6; `library_content_module.py` of edx-platform).
//!
//! Choices where no source speaks: the draw is made of the learner's name and the blocks' names, so that every run gives
//! the same; a block that joins the library later may take the place of one that was drawn.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::Course;
use crate::openedx::keys::BlockId;

impl Course {
    /// The children of a block that a learner gets: of a randomized one those that were drawn, in the order of the draw.
    pub(crate) fn drawn(&self, username: &str, id: &BlockId) -> Vec<BlockId> {
        let mut children = self.blocks.get(id).map(|block| block.children.clone()).unwrap_or_default();
        if !matches!(id.kind.as_str(), "library_content" | "itembank") {
            return children;
        }
        let count = self.own(id, "max_count").and_then(|count| count.parse::<i64>().ok()).unwrap_or(1);
        children.sort_by_cached_key(|child| {
            Sha256::digest(format!("{username}\n{}\n{}\n{}", self.key, id.id, child.id)).to_vec()
        });
        // -1 is all of them.
        children.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        children
    }

    /// A block and everything below it that a learner gets, parents first, each once.
    pub(crate) fn walk_as(&self, username: &str, from: &BlockId) -> Vec<BlockId> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        let mut stack = vec![from.clone()];
        while let Some(id) = stack.pop() {
            if self.blocks.contains_key(&id) && seen.insert(id.clone()) {
                stack.extend(self.drawn(username, &id).into_iter().rev());
                found.push(id);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::openedx::archive::Files;
    use crate::openedx::keys::CourseKey;
    use crate::openedx::olx::load;

    #[test]
    fn each_learner_gets_the_same_few_every_time_and_others_get_others() {
        let problems: String = (0..8).map(|n| format!("<problem url_name='p{n}'><p/></problem>")).collect();
        let of = |count: &str| {
            let text = format!(
                "<course url_name='r' org='O' course='C'><chapter><sequential url_name='s'><vertical>\
                 <library_content url_name='lc' {count}>{problems}</library_content>\
                 </vertical></sequential></chapter></course>"
            );
            let files: Files = BTreeMap::from([("course.xml".to_owned(), text.into_bytes())]);
            load(&files, &CourseKey::parse("course-v1:O+C+r").expect("a key")).expect("a course")
        };
        let library = BlockId::new("library_content", "lc");
        let course = of("max_count='3'");
        let draws: BTreeSet<Vec<BlockId>> =
            (0..10).map(|n| course.drawn(&format!("learner{n}"), &library)).collect();
        assert!(draws.len() > 5 && draws.iter().all(|draw| draw.len() == 3), "{draws:?}");
        assert_eq!(course.drawn("ada", &library), course.drawn("ada", &library));
        let below = course.walk_as("ada", &BlockId::root());
        assert_eq!(below.iter().filter(|id| id.kind == "problem").count(), 3);
        assert_eq!(of("max_count='-1'").drawn("ada", &library).len(), 8);
        assert_eq!(of("").drawn("ada", &library).len(), 1);
    }
}
