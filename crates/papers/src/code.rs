//! Printed codes that a scanner reads, as a path in a picture. It may use a maker of codes and nothing else; it guarantees a margin of
//! white around each.

use crate::PaperError;
use qrcodegen::{QrCode, QrCodeEcc};

/// A code as the path of its dark modules, with the side of the picture in modules.
pub(crate) struct Code {
    /// Side of the picture, in modules.
    pub side: i32,
    /// Path of the dark modules.
    pub path: String,
}

/// Modules of white around a code (ISO/IEC 18004 asks for four).
const QUIET: i32 = 4;

/// The code of a text.
pub(crate) fn code(text: &str) -> Result<Code, PaperError> {
    let made = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| PaperError::Code(text.to_owned()))?;
    let mut path = String::new();
    for y in 0..made.size() {
        let mut x = 0;
        while x < made.size() {
            let begun = x;
            while x < made.size() && made.get_module(x, y) {
                x += 1;
            }
            if x > begun {
                path.push_str(&format!("M{} {}h{}v1h-{}z", begun + QUIET, y + QUIET, x - begun, x - begun));
            }
            x += 1;
        }
    }
    Ok(Code { side: made.size() + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_its_text_again() {
        // the finder patterns of a code stand in three of its corners: seven dark modules in a row
        let made = code("P001").unwrap();
        assert_eq!(made.side, 21 + 2 * QUIET);
        for corner in ["M4 4h7v1h-7z", "M18 4h7v1h-7z", "M4 18h7v1h-7z"] {
            assert!(made.path.contains(corner), "{corner}: {}", made.path);
        }
        assert!(code(&"x".repeat(5_000)).is_err());
    }
}
