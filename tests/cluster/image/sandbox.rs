//! An image's file system, unpacked and run as a container runtime runs it, but for limits and networks:
//! as the image's user, who can write nothing, with nothing of this machine but its network, `/proc` and
//! devices without hardware.

use super::layout::Image;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

/// The devices are those that every runtime provides, and the program needs one of them: linked
/// statically, it reads random numbers from `/dev/urandom`. What runs inside sees no file that isn't below `$1`, and can write none. `$2` and `$3` are user and
/// group, and `$4` variables as words.
const RUN: &str = r#"
set -e
root=$1 user=$2 group=$3 variables=$4
shift 4
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
for device in full null random urandom zero; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,bind,ro "$root"
exec env -i $variables "$(command -v setpriv)" --no-new-privs \
    "$(command -v chroot)" --userspec="$user:$group" --groups= "$root" "$@"
"#;

/// The unpacked files.
pub(super) struct Sandbox {
    root: PathBuf,
    config: serde_json::Value,
    _folder: TempDir,
}

impl Sandbox {
    /// Unpacks an image, and makes sure that it can be run.
    pub(super) fn unpack(image: &Image) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        for layer in &image.layers {
            let archive = folder.path().join("layer.tar");
            fs::write(&archive, layer).unwrap();
            let mut tar = Command::new("tar");
            tar.args(["--extract", "--preserve-permissions", "--numeric-owner", "--directory"]);
            assert!(tar.arg(&root).arg("--file").arg(&archive).status().unwrap().success());
        }
        // Runtimes make them where they are missing.
        for folder in ["dev", "proc"] {
            fs::create_dir(root.join(folder)).unwrap();
        }
        let this = Self { root, config: image.config["config"].clone(), _folder: folder };
        let tried = this.run(&["/kstate", "--version"]);
        assert!(
            tried.status.success(),
            "the image can't be run; that takes root, for mount and chroot, which sandboxes may forbid: {}",
            String::from_utf8_lossy(&tried.stderr)
        );
        this
    }

    /// Puts a file at a path inside, as a runtime mounts it.
    pub(super) fn mount(&self, path: &str, content: &[u8]) {
        let file = self.place(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }

    /// A file that the image has.
    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.place(path)).unwrap()
    }

    /// Where a path inside lies outside.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// What a path outside is called inside.
    pub(super) fn inside(&self, argument: &str) -> String {
        argument.replace(self.root.to_str().unwrap(), "")
    }

    /// Runs a command to its end.
    pub(super) fn run(&self, command: &[&str]) -> Output {
        self.command(&[]).args(command).output().unwrap()
    }

    /// The image's entry point, to which arguments can be added, with further variables. It has the
    /// process id of what is started here.
    pub(super) fn entry_point(&self, variables: &[(&str, &str)]) -> Command {
        let mut command = self.command(variables);
        command.args(self.config["Entrypoint"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()));
        command
    }

    fn command(&self, variables: &[(&str, &str)]) -> Command {
        let (user, group) = self.config["User"].as_str().unwrap().split_once(':').unwrap();
        let own = self.config["Env"].as_array().unwrap().iter().map(|pair| pair.as_str().unwrap().to_owned());
        let further = variables.iter().map(|(name, value)| format!("{name}={value}"));
        let variables: Vec<String> = own.chain(further).collect();
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation=private", "sh", "-c", RUN, "sh"]);
        command.arg(&self.root).args([user, group, &variables.join(" ")]).current_dir(Path::new("/"));
        command
    }
}
