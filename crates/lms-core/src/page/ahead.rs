//! Fetching pages while the consumer works.

use futures::channel::mpsc;
use futures::future::{self, FutureExt, RemoteHandle};
use futures::stream::{self, BoxStream, StreamExt};
use futures::task::Spawn;

use super::{Page, Spawner};
use crate::{Error, ErrorKind, Result};

/// What the task that fetches hands over. The end is said: a channel that merely closes means that the
/// task is gone, and that must not pass for the end of the listing.
enum Handed<T> {
    Page(Result<Page<T>>),
    End,
}

enum State<T> {
    Start(BoxStream<'static, Result<Page<T>>>, usize, Spawner),
    /// The handle stops the task when it is dropped with the stream.
    Under(mpsc::Receiver<Handed<T>>, RemoteHandle<()>),
    End,
}

/// The same pages, of which a task fetches up to `ahead` (at least 1) before they are asked for.
pub(super) fn fetched_ahead<T: Send + 'static>(
    pages: BoxStream<'static, Result<Page<T>>>,
    ahead: usize,
    spawner: Spawner,
) -> BoxStream<'static, Result<Page<T>>> {
    stream::unfold(State::Start(pages, ahead, spawner), |state| async move {
        let (mut from, task) = match state {
            State::Start(pages, ahead, spawner) => match start(pages, ahead, spawner.as_ref()) {
                Ok(under) => under,
                Err(error) => return Some((Err(error), State::End)),
            },
            State::Under(from, task) => (from, task),
            State::End => return None,
        };
        match from.next().await {
            Some(Handed::Page(Ok(page))) => Some((Ok(page), State::Under(from, task))),
            Some(Handed::Page(Err(error))) => Some((Err(error), State::End)),
            Some(Handed::End) => None,
            None => Some((Err(gone()), State::End)),
        }
    })
    .boxed()
}

type Under<T> = (mpsc::Receiver<Handed<T>>, RemoteHandle<()>);

fn start<T: Send + 'static>(
    mut pages: BoxStream<'static, Result<Page<T>>>,
    ahead: usize,
    spawner: &(dyn Spawn + Send + Sync),
) -> Result<Under<T>> {
    // A channel holds one more for its one sender.
    let (mut to, from) = mpsc::channel(ahead.saturating_sub(1));
    let (task, handle) = async move {
        // Room first: a page counts as ahead from the moment on when it is asked for.
        while future::poll_fn(|cx| to.poll_ready(cx)).await.is_ok() {
            let page = pages.next().await;
            let end = page.is_none();
            if to.start_send(page.map_or(Handed::End, Handed::Page)).is_err() || end {
                break;
            }
        }
    }
    .remote_handle();
    spawner.spawn_obj(Box::new(task).into()).map_err(|_| gone())?;
    Ok((from, handle))
}

fn gone() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the task that fetches pages ahead was stopped; the listing is not complete",
    )
}
