#!/usr/bin/env python3
"""Captures the fixtures of tests/it/codec.rs: the same objects of each kind, as a real API server
gives them in JSON and as the exporter reads them: in protobuf as a rule.

    capture-codec-fixtures.py [KIND…]     plural names; all that have a golden pair by default

The objects are those of the golden pairs, completed by what the server demands and as far as it
admits them then, and of the recorded reference objects those few that have the most different
fields. Statuses go through the `status` subresource, decisions on certificates through `approval`
before that; what has a deletion timestamp in its source is deleted and held by a finalizer. Roles
and bindings that the server makes for itself are left out. Names, fields and values are the same in every capture; UIDs,
versions and times are not.
"""

import gzip
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOLDENS = ROOT / "src/resources/testdata"
REFERENCE = ROOT / "tests/it/reference/objects.json.gz"
FIXTURES = ROOT / "tests/it/codec"
PROTOBUF = "application/vnd.kubernetes.protobuf"
# Kinds that are not read whole: what they are asked for as, and the extension of the file.
READ = {
    "configmaps": (f"{PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "pb"),
    "secrets": ("application/json;as=Table;g=meta.k8s.io;v=v1", "table.json"),
}
# Of the recorded objects at most so many of a kind, none of which is longer than so many bytes.
RECORDED, LONGEST = 5, 12_000
# These would complete, refuse or delete what a test needs as it is.
WITHOUT = (
    "ServiceAccount,Priority,RuntimeClass,NamespaceLifecycle,LimitRanger,ResourceQuota,"
    "PodSecurity,TaintNodesByCondition,DefaultStorageClass,StorageObjectInUseProtection,DefaultTolerationSeconds"
)
# All but what the server makes for itself.
OURS = urllib.parse.urlencode({"labelSelector": "kubernetes.io/bootstrapping!=rbac-defaults"})
# What an owner has at least.
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "0b7c8a0e-9a56-4d1c-8f57-1f2f9e0f4d11"}


class Cluster:
    """An etcd and a kube-apiserver on loopback, gone at the end of the block."""

    def __enter__(self):
        built = subprocess.run(
            [HERE / "components/build.sh", "etcd", "kube-apiserver", "kubectl"],
            check=True, stdout=subprocess.PIPE, text=True,
        )
        self.components = pathlib.Path(built.stdout.strip())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kstate-capture-"))
        self.processes = []
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        clients, peers, secure = free_ports(3)
        etcd, peer = f"http://127.0.0.1:{clients}", f"http://127.0.0.1:{peers}"
        self.url = f"https://127.0.0.1:{secure}"
        key, tokens = self.folder / "sa.key", self.folder / "tokens.csv"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, stderr=subprocess.DEVNULL)
        tokens.write_text('admintoken,admin,admin,"system:masters"\n')
        self.run(
            "etcd", "--unsafe-no-fsync", f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        )
        self.run(
            "kube-apiserver", f"--etcd-servers={etcd}", f"--secure-port={secure}",
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
            f"--cert-dir={self.folder / 'certs'}", f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-account-issuer=https://kubernetes.default.svc", "--authorization-mode=RBAC",
            f"--token-auth-file={tokens}", f"--disable-admission-plugins={WITHOUT}",
            "--service-cluster-ip-range=10.0.0.0/16,fd00::/108", "--allow-privileged", "--runtime-config=api/all=true",
        )
        for _ in range(120):
            try:
                self.request("GET", "/readyz")
                return
            except (OSError, urllib.error.HTTPError):
                time.sleep(0.5)
        sys.exit(f"The API server is not ready after a minute; see {self.folder}.")

    def run(self, name, *arguments):
        log = open(self.folder / f"{name}.log", "w")
        process = subprocess.Popen([self.components / name, *arguments], stdout=log, stderr=log)
        self.processes.append(process)

    def __exit__(self, *failure):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if failure == (None, None, None):
            shutil.rmtree(self.folder)

    def request(self, method, path, body=None, accept="application/json"):
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", "Bearer admintoken")
        request.add_header("Accept", accept)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, context=ssl._create_unverified_context(), timeout=30) as answer:
            return answer.read()

    def documents(self, file):
        """The objects of a YAML file. kubectl reads it, so that no YAML parser is needed here."""
        arguments = [
            f"--server={self.url}", "--token=admintoken", "--insecure-skip-tls-verify",
            "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", file,
        ]
        printed = subprocess.run(
            [self.components / "kubectl", *arguments], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        decoder, at, documents = json.JSONDecoder(), 0, []
        while printed[at:].strip():
            document, at = decoder.raw_decode(printed, at + len(printed[at:]) - len(printed[at:].lstrip()))
            documents += document["items"] if document["kind"] == "List" else [document]
        return documents


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def fields(value, path=""):
    """The paths of all fields of an object. Keys of free maps are not told apart by value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from fields(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, path + "[]")
    else:
        yield path


def most_different(objects):
    """A few objects that have as many different fields as possible."""
    chosen, seen = [], set()
    candidates = [(o, set(fields(o))) for o in objects if len(json.dumps(o)) <= LONGEST]
    while candidates and len(chosen) < RECORDED:
        best = max(candidates, key=lambda candidate: len(candidate[1] - seen))
        chosen.append(best[0])
        seen |= best[1]
        candidates.remove(best)
    return chosen


def complete(plural, source):
    """Adds what the server demands of an object and takes away what it never admits."""
    metadata, spec = source["metadata"], source.setdefault("spec", {})
    for assigned in ("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "managedFields",
                     "generation", "deletionGracePeriodSeconds", "selfLink"):
        metadata.pop(assigned, None)
    valid = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
    labels = metadata.get("labels") or {}
    metadata["labels"] = {k: v for k, v in labels.items() if k[-1] != "/" and valid.fullmatch(v)}
    for owner in metadata.get("ownerReferences") or []:
        for name, value in OWNER.items():
            owner.setdefault(name, value)
    if plural in ("daemonsets", "deployments", "replicasets", "statefulsets", "jobs"):
        if plural == "jobs":
            # Both are made by the server and name the Job's UID.
            spec.pop("selector", None)
            (spec.get("template", {}).get("metadata") or {}).pop("labels", None)
        elif not spec.get("template", {}).get("spec", {}).get("containers"):
            spec["selector"] = {"matchLabels": {"app": "x"}}
        template = spec.setdefault("template", {})
        if not template.get("spec", {}).get("containers"):
            never = {"restartPolicy": "Never"} if plural == "jobs" else {}
            template["metadata"] = {"labels": {"app": "x"}}
            template["spec"] = {"containers": [{"name": "x", "image": "x"}], **never}
        if (spec.get("replicas") or 0) < 0:
            del spec["replicas"]
        if ((spec.get("ordinals") or {}).get("start") or 0) < 0:
            del spec["ordinals"]
    elif plural == "replicationcontrollers" and not spec.get("template"):
        spec["template"] = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "x", "image": "x"}]}}
    elif plural == "cronjobs" and not spec.get("jobTemplate"):
        pod = {"containers": [{"name": "x", "image": "x"}], "restartPolicy": "Never"}
        spec["jobTemplate"] = {"spec": {"template": {"spec": pod}}}
    elif plural == "horizontalpodautoscalers":
        spec["minReplicas"] = spec.get("minReplicas") or 1
        spec["metrics"] = [m for m in spec.get("metrics") or [] if one_target(m)]
    elif plural == "persistentvolumes":
        spec["accessModes"] = sorted(set(spec.get("accessModes") or ["ReadWriteOnce"]))
        storage = str((spec.get("capacity") or {}).get("storage", "0"))
        spec["capacity"] = {"storage": "1Gi" if storage == "0" else storage}
        sources = [s for s in spec if isinstance(spec[s], dict) and s not in ("capacity", "claimRef", "nodeAffinity")]
        for source in sources[1:]:
            del spec[source]
        if not sources:
            spec["hostPath"] = {"path": "/x"}
        if "csi" in spec:
            spec["csi"]["volumeHandle"] = spec["csi"].get("volumeHandle") or "x"
        if "local" in spec:
            term = {"matchExpressions": [{"key": "a", "operator": "Exists"}]}
            spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
    elif plural == "persistentvolumeclaims":
        spec["accessModes"] = spec.get("accessModes") or ["ReadWriteOnce"]
        spec["resources"]["requests"].setdefault("storage", "1Gi")
    elif plural == "nodes":
        effects = ("NoSchedule", "PreferNoSchedule", "NoExecute")
        for taint in spec.get("taints") or []:
            taint["value"] = re.sub("[^A-Za-z0-9]", "", taint.get("value", ""))
        for name in ("capacity", "allocatable"):
            reduce(source.get("status", {}).get(name))
        spec["taints"] = [t for t in spec.get("taints") or [] if t["effect"] in effects]
    elif plural == "services":
        if spec.get("type") != "ExternalName":
            spec.setdefault("ports", [{"port": 80}])
        if spec.get("clusterIP") not in (None, "", "None"):
            spec.update(clusterIP="", clusterIPs=[], ipFamilyPolicy="PreferDualStack")
    elif plural == "pods" and not spec.get("containers"):
        spec["containers"] = [{"name": "x", "image": "x"}]
    elif plural in ("rolebindings", "clusterrolebindings"):
        if (source.get("roleRef") or {}).get("kind") not in ("Role", "ClusterRole"):
            source["roleRef"] = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    elif source["apiVersion"].startswith("admissionregistration.k8s.io/"):
        metadata.pop("namespace", None)
        if plural.endswith("policies"):
            spec["failurePolicy"] = spec.get("failurePolicy") or "Fail"
            resources = {"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "resources": ["x"]}
            spec.setdefault("matchConstraints", {"resourceRules": [{**resources, "operations": ["CREATE"]}]})
        elif plural.endswith("bindings"):
            spec.setdefault("policyName", "x")
        if plural == "validatingadmissionpolicies":
            spec.setdefault("validations", [{"expression": "true"}])
        elif plural == "mutatingadmissionpolicies":
            change = {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": "Object{}"}}
            spec.setdefault("mutations", [change])
            spec["reinvocationPolicy"] = spec.get("reinvocationPolicy") or "Never"
        elif plural == "validatingadmissionpolicybindings":
            spec["validationActions"] = spec.get("validationActions") or ["Audit"]
    elif plural == "endpointslices":
        source.setdefault("addressType", "IPv4")
        for port in source.get("ports") or []:
            port["port"] = port.get("port") or None
        for endpoint in source.get("endpoints") or []:
            zones = {}
            for zone in endpoint.get("hints", {}).get("forZones", []):
                zone["name"] = re.sub("[^A-Za-z0-9]", "", zone.get("name", ""))
                zones[zone["name"]] = zone
            if zones:
                endpoint["hints"]["forZones"] = list(zones.values())
    elif plural == "ingresses":
        if not spec.get("rules"):
            spec.setdefault("defaultBackend", {"service": {"name": "x", "port": {"number": 1}}})
        if "kubernetes.io/ingress.class" in (metadata.get("annotations") or {}):
            spec.pop("ingressClassName", None)
    elif plural == "ingressclasses":
        spec.setdefault("controller", "example.com/x")
    elif plural == "leases" and not spec.get("holderIdentity"):
        spec.pop("holderIdentity", None)
    elif plural == "resourcequotas":
        for name in ("hard", "used"):
            reduce(source.get("status", {}).get(name))
    elif plural == "limitranges":
        limits = {limit["type"]: limit for limit in spec.get("limits") or [] if "type" in limit}
        spec["limits"] = list(limits.values())
        for limit in spec["limits"]:
            for resources in limit.values():
                reduce(resources)


def reduce(resources):
    """Takes the resources out of a map that the server refuses for their names or amounts."""
    if isinstance(resources, dict):
        for resource, amount in list(resources.items()):
            whole = resource == "pods" or "/" in resource
            odd = not re.fullmatch("[A-Za-z0-9_./-]+", resource)
            if odd or str(amount).startswith("-") or whole and str(amount).endswith("m"):
                del resources[resource]


def one_target(metric):
    """Whether an autoscaler's metric has its source with one target, as the server demands."""
    name = metric["type"][:1].lower() + metric["type"][1:]
    return len((metric.get(name) or {}).get("target", {})) == 2


def load(cluster, plural, source):
    """Creates one object as its source says; false where the server refuses it."""
    metadata, status = source["metadata"], source.get("status")
    # The server keeps Go's zero time, but shows it in protobuf only.
    for field in [f for f, value in (status or {}).items() if value == "0001-01-01T00:00:00Z"]:
        del status[field]
    deleted = metadata.get("deletionTimestamp")
    complete(plural, source)
    if deleted:
        metadata.setdefault("finalizers", ["example.com/held"])
    path = collection(source["apiVersion"], plural, metadata.get("namespace"))
    what, one = f"{plural}/{metadata['name']}", f"{path}/{urllib.parse.quote(metadata['name'])}"
    try:
        cluster.request("POST", path, source)
    except urllib.error.HTTPError as error:
        if error.code != 409:
            print(f"{what} is refused: {message(error)}", file=sys.stderr)
            return False
    if deleted:
        cluster.request("DELETE", one)
    decided = ["approval"] if plural == "certificatesigningrequests" else []
    for subresource in [*decided, "status"] if status else []:
        current = json.loads(cluster.request("GET", one))
        try:
            cluster.request("PUT", f"{one}/{subresource}", {**current, "status": status})
        except urllib.error.HTTPError as error:
            print(f"The {subresource} of {what} is refused: {message(error)}", file=sys.stderr)
    return True


def message(error):
    return json.loads(error.read()).get("message", "")[:300]


def collection(api_version, plural, namespace=None):
    prefix = "/apis" if "/" in api_version else "/api"
    inner = f"/namespaces/{namespace}" if namespace else ""
    return f"{prefix}/{api_version}{inner}/{plural}"


def main():
    kinds = sys.argv[1:] or sorted(file.stem for file in GOLDENS.glob("*.yaml"))
    with gzip.open(os.environ.get("KSTATE_REFERENCE", REFERENCE)) as file:
        recorded = json.load(file)["items"]
    FIXTURES.mkdir(exist_ok=True)
    with Cluster() as cluster:
        for plural in kinds:
            goldens = cluster.documents(GOLDENS / f"{plural}.yaml")
            api_version, kind = goldens[0]["apiVersion"], goldens[0]["kind"]
            sources = goldens + most_different([o for o in recorded if o["kind"] == kind])
            admitted = sum([load(cluster, plural, source) for source in sources])
            path = f"{collection(api_version, plural)}?{OURS}"
            (FIXTURES / f"{plural}.json").write_bytes(cluster.request("GET", path))
            accept, extension = READ.get(plural, (PROTOBUF, "pb"))
            read = cluster.request("GET", f"{path}&includeObject=Metadata", accept=accept)
            (FIXTURES / f"{plural}.{extension}").write_bytes(read)
            print(f"{plural}: {admitted} of {len(sources)} objects, {len(read)} bytes in {plural}.{extension}")


if __name__ == "__main__":
    main()
