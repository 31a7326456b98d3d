//! Reading the target back after a run, so that the next one can tell what somebody changed there since.

use std::collections::HashMap;

use lms_core::{Content, LmsProvider, LmsProviderExt, Result, Support};

use super::Run;
use crate::journal::now;
use crate::journal::record::{Key, Kind, Node, Record};
use crate::journal::state::Known;
use crate::sync::fingerprint::{Hashes, of_header};
use crate::sync::tree::rows;

impl Run<'_> {
    /// Notes the fingerprint of every node that this run wrote, and that the run is over. Where the sign-in does not
    /// let the course be read, the next run that may takes what is there for this one's.
    pub(super) async fn look_back(&self, target: &dyn LmsProvider) -> Result<()> {
        let mut records: Vec<Record> =
            self.work.decided.forget.iter().map(|key| Record::Forgotten { key: key.clone() }).collect();
        let courses = target.require_courses()?;
        if courses.support().content != Support::No {
            let there = courses.content(&self.course).await?;
            self.note(&there, &mut records);
        }
        records.push(Record::End { at: now() });
        self.journal.write(records, true).await
    }

    fn note(&self, there: &Content, records: &mut Vec<Record>) {
        let state = self.journal.state().clone();
        if let Some(known) = state.nodes.get(&Key::course()) {
            let seen = of_header(&there.course, &Hashes::new());
            let written = match self.work.decided.header_settled {
                true => of_header(&self.work.plan.adapted.course, &self.files),
                false => known.written.clone(),
            };
            records.extend(self.settled(Key::course(), Key::course(), 0, known, &written, Some(&seen)));
        }
        let haves = rows(&there.course, &Hashes::new());
        let prints: HashMap<(Kind, &str), &str> =
            haves.iter().map(|row| ((row.kind(), row.key.id.as_str()), row.print.as_str())).collect();
        let known: HashMap<(Kind, &str), (&Key, &Known)> =
            state.nodes.iter().map(|(key, known)| ((key.kind, known.id.as_str()), (key, known))).collect();
        let wants = rows(&self.work.plan.adapted.course, &self.files);
        for (want, task) in wants.iter().zip(&self.work.decided.tasks) {
            let Some(id) = self.ids.get(&want.key) else { continue };
            let Some((old, known)) = known.get(&(want.kind(), id.as_str())) else { continue };
            let seen = prints.get(&(want.kind(), id.as_str())).copied();
            let written = if task.settled { &want.print } else { &known.written };
            let same_name = **old == want.key;
            // What the target won is not asked again, and stays a change of the target's when the source changes once more.
            let record =
                self.settled(want.key.clone(), want.under.clone(), want.position, known, written, seen);
            let unchanged =
                same_name && known.under == want.under && known.position == want.position && !task.settled;
            records.extend(record.filter(|_| known.seen.is_none() || !unchanged));
        }
    }

    /// What was seen stands until it is written anew: what somebody changed on the target stays a change.
    fn settled(
        &self,
        key: Key,
        under: Key,
        position: u32,
        known: &Known,
        written: &str,
        seen: Option<&str>,
    ) -> Option<Record> {
        let seen = known.seen.clone().or_else(|| seen.map(str::to_owned))?;
        let node = Node { key, under, position, written: written.to_owned() };
        Some(Record::Seen { node, id: known.id.clone(), seen })
    }
}
