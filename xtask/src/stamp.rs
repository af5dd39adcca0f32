//! Stamps: a digest of files, kept beside what was made of them, so that nothing is made twice. For speed only: a wrong
//! stamp costs a rebuild, and `cargo clean` or removing the folder always helps.

use anyhow::{Context, Result};
use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

/// Digest of names and contents of files and, below folders, of all their files; `node_modules` is left out.
pub fn of(paths: &[PathBuf]) -> Result<String> {
    let mut digest = DefaultHasher::new();
    for path in paths {
        add(path, &mut digest)?;
    }
    Ok(format!("{:016x}\n", digest.finish()))
}

fn add(path: &Path, digest: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut inside: Vec<_> = fs::read_dir(path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        inside.sort();
        for path in inside.iter().filter(|path| path.file_name().is_none_or(|name| name != "node_modules")) {
            add(path, digest)?;
        }
        return Ok(());
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    digest.write(path.as_os_str().as_encoded_bytes());
    digest.write_usize(bytes.len());
    digest.write(&bytes);
    Ok(())
}

/// Whether the stamp is there and says this.
pub fn is(mark: &Path, wanted: &str) -> bool {
    fs::read_to_string(mark).is_ok_and(|found| found == wanted)
}

/// Writes the stamp.
pub fn put(mark: &Path, text: &str) -> Result<()> {
    fs::write(mark, text).with_context(|| format!("cannot write {}", mark.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_changes_with_contents_and_not_with_time() {
        let folder = std::env::temp_dir().join(format!("dayclear-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        fs::write(folder.join("a.js"), "1").unwrap();
        let first = of(std::slice::from_ref(&folder)).unwrap();
        fs::write(folder.join("a.js"), "1").unwrap();
        fs::write(folder.join("node_modules/b.js"), "1").unwrap();
        let same = of(std::slice::from_ref(&folder)).unwrap();
        fs::write(folder.join("a.js"), "2").unwrap();
        let other = of(std::slice::from_ref(&folder)).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(first == same && first != other);
    }
}
