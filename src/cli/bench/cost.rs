//! What processes cost, as Linux counts it.

use std::fs;

/// Linux counts processor time in hundredths of a second, whatever the processor.
const TICK_US: u64 = 10_000;
const PAGE_BYTES: u64 = 4_096;

/// Microseconds of processor time of some processes and, where they have any, their children that ended.
pub fn processor_us(pids: &[u32]) -> u64 {
    pids.iter().map(|pid| ticks(*pid).saturating_mul(TICK_US)).sum()
}

/// A server with all its living children.
pub fn with_children(parent: u32) -> Vec<u32> {
    let mut pids = vec![parent];
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let all = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.extend(all.filter(|pid| field(*pid, 1) == Some(u64::from(parent))));
    pids
}

/// Megabytes of a million bytes that a process has in memory.
pub fn resident_mb(pid: u32) -> u64 {
    let pages = fs::read_to_string(format!("/proc/{pid}/statm")).ok();
    let pages = pages.and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0).saturating_mul(PAGE_BYTES) / 1_000_000
}

fn ticks(pid: u32) -> u64 {
    (11..15).filter_map(|place| field(pid, place)).sum()
}

/// A number of `/proc/PID/stat`, counted from behind the name, which may hold anything: 0 is the state, 1 the parent,
/// 11 to 14 are user and system time, own and of children that ended.
fn field(pid: u32, place: usize) -> Option<u64> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    line.rsplit_once(')')?.1.split_whitespace().nth(place)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_worked_has_cost_something() {
        let me = std::process::id();
        let before = processor_us(&[me]);
        let mut sum: u64 = 0;
        while processor_us(&[me]) < before + 2 * TICK_US {
            sum = sum.wrapping_add(1);
        }
        assert!(resident_mb(me) > 0 && with_children(me).contains(&me) && sum > 0);
    }
}
