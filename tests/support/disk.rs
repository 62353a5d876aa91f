//! Disks that are soon full.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// A disk in memory that is soon full; only root may make one.
pub(crate) struct SmallDisk {
    pub folder: PathBuf,
    _parent: tempfile::TempDir,
}

impl SmallDisk {
    /// `None`, with the reason printed, where the system does not allow it.
    #[expect(clippy::print_stderr, reason = "a skipped test says why")]
    pub(crate) fn mount(size: &str) -> Option<SmallDisk> {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().to_path_buf();
        let options = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&folder)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(SmallDisk {
                folder,
                _parent: parent,
            }),
            Ok(output) => {
                let reason = String::from_utf8_lossy(&output.stderr).into_owned();
                eprintln!("skipped, no disk can be mounted: {}", reason.trim());
                None
            }
            Err(e) => {
                eprintln!("skipped, no disk can be mounted: {e}");
                None
            }
        }
    }
}

impl SmallDisk {
    pub(crate) fn grow(&self, size: &str) {
        let options = format!("remount,size={size}");
        let mut mount = Command::new("mount");
        let grown = mount.args(["-o", &options]).arg(&self.folder).status();
        assert!(grown.expect("mount starts").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        unmount(&self.folder);
    }
}

fn unmount(folder: &Path) {
    // A disk that stays mounted is lost with the machine; a test can do no more about it.
    let _ = Command::new("umount").arg(folder).status();
}
