//! The secrets file of a store, and the machine's own chance. The keys stand in a file of their own that only its owner may
//! read, never in the database and never among the arguments.

use crate::setting::store_file;
use anyhow::{Context, Result, bail};
use dayclear_ops::access::{Entropy, Keys};
use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Longest secrets file that is read.
const BYTES_MAX: u64 = 1 << 20;

/// Where the secrets file is.
#[derive(clap::Args, Debug, Clone)]
pub struct Secrets {
    /// Secrets file; otherwise `dayclear.keys` beside the store
    #[arg(long, value_name = "FILE", env = "DAYCLEAR_SECRETS")]
    pub secrets: Option<PathBuf>,
}

impl Secrets {
    /// Its path: as named, or beside the store.
    pub fn path(&self, store: &str) -> PathBuf {
        const NAME: &str = "dayclear.keys";
        match &self.secrets {
            Some(path) => path.clone(),
            None => store_file(store).map_or_else(|| PathBuf::from(NAME), |file| file.with_file_name(NAME)),
        }
    }

    /// Reads the keys of a store. A file that others may read is refused: whoever read it may have copied it.
    pub fn read(&self, store: &str) -> Result<Keys> {
        let path = self.path(store);
        let shown = path.display();
        let file = File::open(&path).with_context(|| {
            format!("the secrets file {shown} cannot be opened; make one with `dayclear admin keys init`, or name yours with --secrets")
        })?;
        let found = file.metadata()?;
        if found.mode() & 0o077 != 0 {
            bail!(
                "the secrets file {shown} may be read by others (mode {:o}); if nobody has, `chmod 600 {shown}`",
                found.mode() & 0o777
            );
        }
        let mut text = String::new();
        file.take(BYTES_MAX).read_to_string(&mut text).with_context(|| format!("{shown} cannot be read"))?;
        Keys::parse(&text).with_context(|| format!("{shown}"))
    }

    /// Makes the file, for its owner's eyes. One that is there is left as it is.
    pub fn make(&self, store: &str) -> Result<PathBuf> {
        let path = self.path(store);
        write(&path, &Keys::new(&Machine)?).with_context(|| {
            format!(
                "{} cannot be made; if there is one already it holds the keys of a store, so move it away yourself",
                path.display()
            )
        })?;
        Ok(path)
    }

    /// Puts other keys in the place of the file, at once or not at all: it is never there half written.
    pub fn replace(&self, store: &str, keys: &Keys) -> Result<PathBuf> {
        let path = self.path(store);
        let new = path.with_extension("keys.new");
        write(&new, keys).with_context(|| format!("{} cannot be written; nothing was changed", new.display()))?;
        std::fs::rename(&new, &path)
            .with_context(|| format!("{} cannot be put in the place of {}", new.display(), path.display()))?;
        Ok(path)
    }
}

/// Writes a file that only its owner may read and that was not there before.
fn write(path: &Path, keys: &Keys) -> Result<()> {
    let text = keys.text()?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    Ok(file.sync_all()?)
}

/// The chance of the machine.
pub struct Machine;

impl Entropy for Machine {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        getrandom::fill(bytes).map_err(|error| std::io::Error::other(error.to_string()))
    }
}
