//! Wall time and peak memory of one child process, read from /proc while it runs. What a child prints goes to files, so
//! that a terminal does not slow it down; when it fails, the end of what it said is in the error.

use crate::programs;
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How often the memory is read. The kernel keeps the highest value itself, so only growth in the last such span is missed.
const POLL: Duration = Duration::from_millis(20);

/// What one run cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Wall time in seconds.
    pub wall_s: f64,
    /// Peak resident memory of the process itself, in megabytes (10^6 bytes).
    pub peak_mb: f64,
}

/// Runs a command to its end; gives its cost and its standard output.
pub fn run(command: &mut Command, folder: &Path) -> Result<(Cost, String)> {
    let shown = programs::shown(command);
    eprintln!("$ {shown}");
    let (printed, said) = (folder.join("printed.txt"), folder.join("said.txt"));
    // What earlier runs left to write is not to be charged to this one.
    let _ = Command::new("sync").status();
    let since = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(fs::File::create(&printed)?)
        .stderr(fs::File::create(&said)?)
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let text = fs::read_to_string(&status_file).unwrap_or_default();
        peak_kib = peak_kib.max(high_water_kib(&text).unwrap_or(0));
        sleep(POLL);
    };
    let cost = Cost { wall_s: since.elapsed().as_secs_f64(), peak_mb: peak_kib as f64 * 1024.0 / 1e6 };
    if !status.success() {
        let said = fs::read_to_string(&said).unwrap_or_default();
        let tail: Vec<&str> = said.lines().rev().take(20).collect();
        bail!("`{shown}` failed ({status}):\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Ok((cost, fs::read_to_string(&printed)?))
}

/// Where processor time stands behind the name of a program in `/proc/PID/stat`: its own, and that of its children that have ended.
pub const OWN_TICKS: usize = 11;
/// See above.
pub const CHILDREN_TICKS: usize = 13;

/// Processor time in the text of `/proc/PID/stat`, in user and in system mode together, in hundredths of a second.
pub fn cpu_ticks(stat: &str, place: usize) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(place);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

/// `VmHWM` of a process: the most resident memory it ever had, in KiB.
pub fn high_water_kib(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

/// The middle one of a few values; the lower of the two middle ones of an even number.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.0);
        assert!(median([]).is_nan());
    }

    #[test]
    fn the_high_water_mark_is_read_in_kib() {
        assert_eq!(high_water_kib("VmPeak:\t  9 kB\nVmHWM:\t    1234 kB\n"), Some(1234));
        assert_eq!(high_water_kib("VmPeak:\t  9 kB\n"), None);
    }

    #[test]
    fn a_run_gives_output_and_memory_and_a_failure_gives_what_was_said() {
        let folder = crate::postgres::fresh_folder(&std::env::temp_dir()).unwrap();
        let (cost, printed) = run(Command::new("sh").args(["-c", "echo yes; sleep 0.2"]), &folder).unwrap();
        assert_eq!(printed, "yes\n");
        assert!(cost.peak_mb > 0.0 && cost.wall_s > 0.0);
        let failed = run(Command::new("sh").args(["-c", "echo broken >&2; exit 3"]), &folder).unwrap_err();
        assert!(failed.to_string().contains("broken"), "{failed}");
        fs::remove_dir_all(folder).unwrap();
    }
}
