#!/usr/bin/env python3
"""Writes the image as an OCI layout, without a container engine.

    layout.py FOLDER PLATFORM=BINARY...     such as: layout.py image amd64=kstate-x86_64

FOLDER then holds an index with one image for each platform. A binary has to be linked statically.
The same input gives the same digests. `--name` is what the image is called when it is loaded,
`--revision` and `--source` are kept as labels, and so is the time SOURCE_DATE_EPOCH.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
OCI = "application/vnd.oci.image"
# Nobody's, as in kube-state-metrics' image and all manifests here.
USER = 65534
# PT_INTERP of ELF: a header of this type names the dynamic linker.
INTERPRETER = 3

FILES = {
    "etc/group": f"root:x:0:\nnobody:x:{USER}:\n".encode(),
    # Names in /etc/hosts, which Kubernetes writes, come before those of DNS.
    "etc/nsswitch.conf": b"hosts: files dns\n",
    "etc/passwd": (
        f"root:x:0:0:root:/:/nonexistent\nnobody:x:{USER}:{USER}:nobody:/:/nonexistent\n".encode()
    ),
    "etc/ssl/certs/ca-certificates.crt": (HERE / "ca-certificates.crt").read_bytes(),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("binaries", metavar="PLATFORM=BINARY", nargs="+", type=binary)
    parser.add_argument("--name", default="docker.io/library/kstate")
    parser.add_argument("--revision")
    parser.add_argument("--source")
    arguments = parser.parse_args()

    tag = "v" + version()
    layout = Layout(arguments.folder)
    labels = {
        "org.opencontainers.image.title": "kstate",
        "org.opencontainers.image.description": "The state of a Kubernetes cluster as Prometheus metrics",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.version": tag,
        "org.opencontainers.image.revision": arguments.revision,
        "org.opencontainers.image.source": arguments.source,
    }
    labels = {name: value for name, value in labels.items() if value}
    images = [layout.image(architecture, path, labels) for architecture, path in sorted(arguments.binaries)]
    layout.finish(images, arguments.name, tag, labels)
    size = sum(file.stat().st_size for file in layout.blobs.iterdir())
    print(f"{arguments.name}:{tag} for {', '.join(a for a, _ in sorted(arguments.binaries))}: {size} bytes")


def binary(text):
    architecture, _, path = text.partition("=")
    if architecture not in ("amd64", "arm64") or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is neither amd64=BINARY nor arm64=BINARY")
    program = Path(path).read_bytes()
    machine = {"amd64": 62, "arm64": 183}[architecture]
    if program[:6] != b"\x7fELF\x02\x01" or number(program, 18, 2) != machine:
        raise argparse.ArgumentTypeError(f"{path} is no program for {architecture}")
    headers, size, count = number(program, 32, 8), number(program, 54, 2), number(program, 56, 2)
    if any(number(program, headers + size * header, 4) == INTERPRETER for header in range(count)):
        raise argparse.ArgumentTypeError(f"{path} needs a dynamic linker, which the image doesn't have")
    return architecture, Path(path)


def number(program, offset, length):
    return int.from_bytes(program[offset : offset + length], "little")


def version():
    return re.search(r'^version = "(.+)"$', (PROJECT / "Cargo.toml").read_text(), re.MULTILINE).group(1)


def created():
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", 0))
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Layout:
    """A folder that is filled."""

    def __init__(self, folder):
        if folder.exists() and not (folder / "oci-layout").exists() and any(folder.iterdir()):
            raise SystemExit(f"{folder} holds something else")
        shutil.rmtree(folder, ignore_errors=True)
        self.folder = folder
        self.blobs = folder / "blobs/sha256"
        self.blobs.mkdir(parents=True)
        (folder / "oci-layout").write_bytes(as_json({"imageLayoutVersion": "1.0.0"}))

    def blob(self, kind, content, **further):
        """Keeps a blob; how others refer to it."""
        digest = hashlib.sha256(content).hexdigest()
        (self.blobs / digest).write_bytes(content)
        return {"mediaType": f"{OCI}.{kind}", "digest": f"sha256:{digest}", "size": len(content), **further}

    def image(self, architecture, path, labels):
        files = tar(path.read_bytes())
        layer = self.blob("layer.v1.tar+gzip", gzip.compress(files, 9, mtime=0))
        config = {
            "created": created(),
            "architecture": architecture,
            "os": "linux",
            "config": {
                "User": f"{USER}:{USER}",
                "ExposedPorts": {"8080/tcp": {}, "8081/tcp": {}},
                # `kubectl exec` finds the commands by their names.
                "Env": ["PATH=/"],
                # The ports that kube-state-metrics' entry point names are those without any flag.
                "Entrypoint": ["/kstate"],
                "WorkingDir": "/",
                "Labels": labels,
            },
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(files).hexdigest()]},
            "history": [{"created": created(), "created_by": "deploy/image/layout.py"}],
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.manifest.v1+json",
            "config": self.blob("config.v1+json", as_json(config)),
            "layers": [layer],
            "annotations": labels,
        }
        platform = {"architecture": architecture, "os": "linux"}
        return self.blob("manifest.v1+json", as_json(manifest), platform=platform), manifest

    def finish(self, images, name, tag, labels):
        index = {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.index.v1+json",
            "manifests": [descriptor for descriptor, _ in images],
            "annotations": labels,
        }
        names = {"io.containerd.image.name": f"{name}:{tag}", "org.opencontainers.image.ref.name": tag}
        top = {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.index.v1+json",
            "manifests": [self.blob("index.v1+json", as_json(index), annotations=names)],
        }
        (self.folder / "index.json").write_bytes(as_json(top))
        if len(images) == 1:
            # Docker without containerd's image store reads this file only, and knows no platforms.
            _, manifest = images[0]
            place = lambda descriptor: "blobs/" + descriptor["digest"].replace(":", "/")
            docker = {
                "Config": place(manifest["config"]),
                "RepoTags": [f"{name.removeprefix('docker.io/library/')}:{tag}"],
                "Layers": [place(layer) for layer in manifest["layers"]],
            }
            (self.folder / "manifest.json").write_bytes(as_json([docker]))


def as_json(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def tar(program):
    """The file system: all files root's, of no time, in the order of their names."""
    entries = {"kstate": (program, 0o755), **{name: (content, 0o644) for name, content in FILES.items()}}
    folders = {str(folder) for name in entries for folder in Path(name).parents} - {"."}
    everything = io.BytesIO()
    with tarfile.open(fileobj=everything, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted([*entries, *folders, "kube-state-metrics"]):
            entry = tarfile.TarInfo(name)
            if name in folders:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
            elif name in entries:
                content, entry.mode = entries[name]
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            else:
                # By this name manifests start it that bring a command of their own.
                entry.type, entry.mode, entry.linkname = tarfile.SYMTYPE, 0o777, "kstate"
                archive.addfile(entry)
    return everything.getvalue()


main()
