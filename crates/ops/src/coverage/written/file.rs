//! A file that is there as a whole or as it was before: written beside its place under another name, brought to the disk, and then put in
//! the place. It may use the disk alone; it guarantees that nobody but its owner reads it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Writes a file by `fill` and puts it in its place; what `fill` returned.
pub(super) fn put<T>(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    // of one that a death left behind nothing is of use
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside)?;
    let done = fill(&mut file).and_then(|filled| file.sync_all().map(|()| filled));
    drop(file);
    let placed = done.and_then(|filled| fs::rename(beside, path).map(|()| filled));
    if placed.is_err() {
        // what could not be finished takes no room; that it cannot be removed either is no second trouble
        let _ = fs::remove_file(beside);
    } else if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    placed
}
