//! Where pages are fetched ahead: on the runtime that carries the requests.

use futures::task::{FutureObj, Spawn, SpawnError};
use tokio::runtime::Handle;
use tracing::Instrument;

/// The runtime of whoever polls.
#[derive(Debug)]
pub(super) struct Runtime;

impl Spawn for Runtime {
    fn spawn_obj(&self, task: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        let runtime = Handle::try_current().map_err(|_| SpawnError::shutdown())?;
        drop(runtime.spawn(task.in_current_span()));
        Ok(())
    }
}
