//! Every kind of operation against every fault: what comes of it is said in a table, and is what the
//! documentation says.

mod call;
mod document;
mod expected;
mod fault;
pub(crate) mod secret;
mod server;

use std::time::Duration;

use futures::stream::{self, StreamExt};
use lms_core::ErrorKind;

pub(crate) use self::call::{Kind, Lasts, Observed};
pub(crate) use self::fault::Fault;
use self::fault::{ASKED, Hint};

/// One row for each fault, one cell for each kind.
pub(crate) type Table = Vec<(Fault, Vec<Option<Observed>>)>;

/// All cells, some at a time; those that race against a real clock after the others, in quiet.
pub(crate) async fn observe(lasts: Lasts) -> Table {
    let row = |fault: Fault| async move {
        // A task for each: making a client takes its time, which is not to be that of its neighbours.
        let cells = Kind::ALL.map(|kind| tokio::spawn(call::observe(kind, fault, lasts)));
        let cells = futures::future::join_all(cells).await;
        (fault, cells.into_iter().map(|cell| cell.expect("a cell")).collect())
    };
    let (timed, others): (Vec<Fault>, Vec<Fault>) = Fault::ALL.iter().partition(|fault| fault.is_timed());
    let mut table: Table = stream::iter(others).map(row).buffered(4).collect().await;
    for fault in timed {
        table.push(row(fault).await);
    }
    table.sort_by_key(|(fault, _)| Fault::ALL.iter().position(|one| one == fault));
    table
}

pub(crate) fn cells(table: &Table) -> impl Iterator<Item = (Fault, Kind, &Observed)> {
    table.iter().flat_map(|(fault, row)| {
        Kind::ALL.into_iter().zip(row).filter_map(|(kind, cell)| Some((*fault, kind, cell.as_ref()?)))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_is_as_expected_and_as_documented() {
    let passing = observe(Lasts::Once).await;
    let lasting = observe(Lasts::ForEver).await;
    for (table, expected) in [(&passing, expected::PASSING), (&lasting, expected::LASTING)] {
        let rows = document::rows(table);
        let rows: Vec<_> = rows.iter().map(|(fault, cells)| (*fault, cells.join(" | "))).collect();
        let expected: Vec<_> = expected.iter().map(|(fault, cells)| (*fault, cells.join(" | "))).collect();
        let differ: Vec<_> = rows.iter().filter(|row| !expected.contains(row)).collect();
        assert!(rows == expected, "observed otherwise than expected:\n{differ:#?}\n{rows:?}");
        cells(table).for_each(|(fault, kind, observed)| hold(fault, kind, observed));
    }
    document::compare(&passing, &lasting);
}

/// What must hold in every cell, whatever the table says.
fn hold(fault: Fault, kind: Kind, observed: &Observed) {
    let cell = format!("{kind:?}, {fault}: {}", observed.cell(kind));
    let arrived = |seen: &&server::Seen| !matches!(seen.status, Some(401 | 429));
    if kind == Kind::Once {
        let writes = observed.seen.iter().filter(arrived).count();
        assert!(writes <= 1, "a write that may have arrived was sent again: {cell}");
        assert!(
            writes == 0 || observed.error.is_none() || observed.kind() == Some(ErrorKind::OutcomeUnknown),
            "a write that may have been carried out is called a failure: {cell}"
        );
    }
    // The first page of a listing was answered as it should be.
    let good = if kind == Kind::Listing { 1 } else { 0 };
    let last = observed.foreign.last().or_else(|| observed.seen.iter().skip(good).last());
    let last = last.and_then(|seen| seen.status);
    if let Some(error) = &observed.error
        && let Some(last) = last
        && !fault.is_of_listings()
    {
        assert_eq!(error.status(), Some(last), "the status is lost: {cell}");
    }
    if let Fault::Throttled(Hint::Seconds | Hint::Date) = fault {
        let asked = observed.seen.iter().rev().skip(1).filter(|seen| seen.status == Some(429)).count();
        let obeyed = observed.pauses.iter().filter(|pause| **pause + SECOND > ASKED).count();
        assert!(obeyed >= asked, "asked {asked} times for {ASKED:?}: {cell}: {:?}", observed.pauses);
    }
    for seen in &observed.foreign {
        let sent = format!("{} {} {}", seen.line, seen.head, seen.body);
        assert!(!sent.contains(secret::CANARY), "a secret went to another origin: {cell}: {sent}");
        assert!(!sent.to_lowercase().contains("authorization"), "{cell}: {sent}");
    }
}

/// HTTP dates have no fractions.
const SECOND: Duration = Duration::from_secs(1);
