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

/// All cells, some at a time.
pub(crate) async fn observe(lasts: Lasts) -> Table {
    let rows = Fault::ALL.map(|fault| async move {
        let cells = Kind::ALL.map(|kind| call::observe(kind, fault, lasts));
        (fault, futures::future::join_all(cells).await)
    });
    stream::iter(rows).buffered(4).collect().await
}

fn cells(table: &Table) -> impl Iterator<Item = (Fault, Kind, &Observed)> {
    table.iter().flat_map(|(fault, row)| {
        Kind::ALL.into_iter().zip(row).filter_map(|(kind, cell)| Some((*fault, kind, cell.as_ref()?)))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_is_as_expected_and_as_documented() {
    let passing = observe(Lasts::Once).await;
    let lasting = observe(Lasts::ForEver).await;
    for (table, expected) in [(&passing, expected::PASSING), (&lasting, expected::LASTING)] {
        let rows: Vec<(String, Vec<String>)> =
            table.iter().map(|(fault, row)| (fault.to_string(), document::row(row))).collect();
        let expected: Vec<(String, Vec<String>)> = expected
            .iter()
            .map(|(fault, row)| (fault.to_string(), row.iter().map(|cell| (*cell).to_owned()).collect()))
            .collect();
        let differ: Vec<_> = rows.iter().filter(|row| !expected.contains(row)).collect();
        let differ: Vec<_> = differ.iter().map(|(fault, row)| format!("{fault}: {}", row.join(" | "))).collect();
        eprintln!("XX\n{}", differ.join("\n"));
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
    let last = observed.seen.last().and_then(|seen| seen.status);
    if let Some(error) = &observed.error
        && let Some(last) = last
        && !fault.is_of_listings()
    {
        assert_eq!(error.status(), Some(last), "the status is lost: {cell}");
    }
    if let Fault::Throttled(Hint::Seconds | Hint::Date) = fault {
        assert!(
            !observed.pauses.is_empty() && observed.pauses.iter().all(|pause| *pause + SECOND > ASKED),
            "{cell}"
        );
    }
    for seen in &observed.foreign {
        let sent = format!("{} {} {}", seen.line, seen.head, seen.body);
        assert!(!sent.contains(secret::CANARY), "a secret went to another origin: {cell}: {sent}");
        assert!(!sent.to_lowercase().contains("authorization"), "{cell}: {sent}");
    }
}

/// HTTP dates have no fractions.
const SECOND: Duration = Duration::from_secs(1);
