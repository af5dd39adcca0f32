//! Where the fonts of papers are found: those that a setting names, or those that systems keep. A font with Chinese characters is twenty
//! megabytes and is not part of the program; without one, papers are pages and files of a word processor only, and this says so.

use dayclear_papers::FontFiles;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where systems keep fonts.
const FOLDERS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/truetype"];
/// Folders within folders, and files, that are looked at.
const DEPTH_MAX: usize = 5;
const FILES_MAX: usize = 20_000;
/// Fonts with simplified and traditional characters, the best first: for the text, for headings.
const KNOWN: [(&str, &str); 7] = [
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"),
    ("wqy-microhei.ttc", ""),
    ("DroidSansFallbackFull.ttf", ""),
];
const REMEDY: &str = "install a font with Chinese characters (Debian: fonts-noto-cjk), or name its file or folder (setting `fonts`, argument --fonts)";

/// No font for papers.
#[derive(Debug, thiserror::Error)]
pub enum FontMissing {
    /// Nothing is known where one was looked for.
    #[error("no font of papers was found in {folders}; {REMEDY}")]
    Nowhere {
        /// Where it was looked for.
        folders: String,
    },
    /// What was named cannot be read.
    #[error("{} cannot be read ({source}); {REMEDY}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The fonts of papers: of the file or folder that is named, or of the system.
pub fn find(named: Option<&Path>) -> Result<FontFiles, FontMissing> {
    match named {
        Some(path) if !path.is_dir() => read(path, &sibling(path)),
        Some(folder) => among(&[folder.to_path_buf()]),
        None => among(&FOLDERS.map(PathBuf::from)),
    }
}

/// The bold one beside a regular one.
fn sibling(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().replace("Regular", "Bold");
    let bold = path.with_file_name(name);
    if bold == path { PathBuf::new() } else { bold }
}

fn among(folders: &[PathBuf]) -> Result<FontFiles, FontMissing> {
    let mut files = Vec::new();
    for folder in folders {
        walk(folder, DEPTH_MAX, &mut files);
    }
    files.sort();
    let find = |name: &str| files.iter().find(|file| file.file_name().is_some_and(|own| own == name));
    let known = KNOWN.iter().find_map(|(regular, bold)| Some((find(regular)?, find(bold))));
    let Some((regular, bold)) = known else {
        let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        return Err(FontMissing::Nowhere { folders: folders.join(", ") });
    };
    read(regular, &bold.cloned().unwrap_or_default())
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => walk(&path, depth - 1, files),
            Ok(_) if files.len() < FILES_MAX => files.push(path),
            _ => {}
        }
    }
}

fn read(regular: &Path, bold: &Path) -> Result<FontFiles, FontMissing> {
    let unreadable = |source| FontMissing::Unreadable { path: regular.to_path_buf(), source };
    Ok(FontFiles { regular: fs::read(regular).map_err(unreadable)?, bold: fs::read(bold).ok() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_taken_and_what_is_not_there_is_said_with_its_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let said = |named: &Path| find(Some(named)).map(|_| ()).unwrap_err().to_string();
        let nothing = said(folder.path());
        assert!(
            nothing.contains(&folder.path().display().to_string()) && nothing.contains("fonts-noto-cjk"),
            "{nothing}"
        );
        assert!(said(&folder.path().join("none.ttf")).contains("none.ttf cannot be read"));
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("NotoSansCJK-Regular.ttc"), b"regular").unwrap();
        fs::write(folder.path().join("wqy-microhei.ttc"), b"other").unwrap();
        let found = find(Some(folder.path())).unwrap();
        assert_eq!((found.regular.as_slice(), found.bold), (&b"regular"[..], None));
        fs::write(deep.join("NotoSansCJK-Bold.ttc"), b"bold").unwrap();
        for named in [folder.path().to_path_buf(), deep.join("NotoSansCJK-Regular.ttc")] {
            assert_eq!(find(Some(&named)).unwrap().bold.as_deref(), Some(&b"bold"[..]), "{named:?}");
        }
    }
}
