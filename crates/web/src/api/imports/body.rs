//! The body of a file on its way to disk: its digest and its length, once it is safe. Only the server's own user can look into the
//! folder.

use crate::{
    api::{asking, evidence::hex},
    app::App,
    problem::Problem,
};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

/// Bytes that are written to disk at a time.
const PIECE: usize = 1 << 20;

pub(super) fn file_of(app: &App, id: &str) -> PathBuf {
    app.bulk.folder.join(id)
}

/// Takes the body to disk: its digest and its length, once it is safe.
pub(super) async fn receive<E: std::error::Error>(
    app: &App,
    id: &str,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<(String, u64), Problem> {
    let bytes_max = app.config.limits.import_bytes_max;
    let path = file_of(app, id);
    let folder = app.bulk.folder.clone();
    let at = path.clone();
    let mut file = on_disk(move || {
        private_folder(&folder)?;
        File::create_new(&at)
    })
    .await?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut body = std::pin::pin!(body);
    let mut piece = BytesMut::new();
    let outcome = loop {
        let next = match body.next().await {
            Some(Ok(next)) => Some(next),
            Some(Err(error)) if asking::is_too_long(&error) => break Err(asking::too_long(bytes_max)),
            Some(Err(_)) => break Err(asking::cut_off()),
            None => None,
        };
        let end = next.is_none();
        if let Some(next) = next {
            bytes += next.len() as u64;
            if bytes > bytes_max as u64 {
                break Err(asking::too_long(bytes_max));
            }
            hash.update(&next);
            piece.extend_from_slice(&next);
        }
        if end || piece.len() >= PIECE {
            let full: Bytes = piece.split().freeze();
            file = on_disk(move || {
                file.write_all(&full)?;
                // acknowledged means safe
                if end {
                    file.sync_all()?
                }
                Ok(file)
            })
            .await?;
        }
        if end {
            break Ok(());
        }
    };
    if let Err(problem) = outcome {
        let _ = on_disk(move || std::fs::remove_file(path)).await;
        return Err(problem);
    }
    Ok((hex(hash.finalize()), bytes))
}

pub(super) async fn on_disk<T: Send + 'static>(
    act: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(act).await.map_err(Problem::inside)?.map_err(Problem::inside)
}

/// A folder that only the server's own user can look into: files of imports hold names and telephone numbers.
fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if !path.is_dir() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}
