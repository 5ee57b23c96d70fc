//! Random changes to an odd cluster, of which the API server admits all.

use super::{
    batch,
    dice::Dice,
    pod_status, pods,
    population::{BREEDS, Breed},
};
use crate::harness::{Refusal, api_of, assert_none_refused, name_in_path, write};
use futures::{StreamExt as _, stream};
use kube::{
    Api, Client, Error,
    api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

/// As many objects are changed at the same time.
const WRITERS: usize = 16;
/// Of a hundred objects so many change.
const CHANGING: usize = 40;
/// Of each kind so many are new.
const NEW: usize = 3;
/// What no object ever changes and another one under its name has in common with it, too.
const FINAL: [&str; 5] = ["/metadata/name", "/addressType", "/spec/scopes", "/spec/scopeSelector", "/type"];

/// Changes, deletes and creates anew a good part of the objects, and adds some. Returns the number
/// of changes.
pub(super) async fn change(client: &Client, seed: u64, objects: Vec<Value>) -> usize {
    let breeds = BREEDS.iter().flat_map(|breed| (0..breed.count).map(move |index| (breed, index)));
    let changing = breeds.zip(objects).map(|((breed, index), object)| {
        let dice = Dice::new(seed, &format!("changes of {}", breed.plural), index);
        let client = client.clone();
        tokio::spawn(async move { Changing { client, breed, index, object, dice, made: 0 }.change().await })
    });
    let mut changes = 0;
    let mut refused = Vec::new();
    let results: Vec<_> = stream::iter(changing).buffer_unordered(WRITERS).collect().await;
    for result in results {
        match result.unwrap() {
            Ok(made) => changes += made,
            Err(refusal) => refused.push(refusal),
        }
    }
    assert_none_refused(&refused);
    changes
}

/// One object on its way through its changes.
struct Changing {
    client: Client,
    breed: &'static Breed,
    index: usize,
    object: Value,
    dice: Dice,
    /// The changes that the server has made.
    made: usize,
}

impl Changing {
    async fn change(mut self) -> Result<usize, Refusal> {
        if self.index < NEW {
            let index = self.breed.count + self.index;
            write(&self.client, (self.breed.draw)(index, &mut self.dice)).await?;
            self.made += 1;
        }
        let steps = if self.dice.percent(CHANGING) { 1 + self.dice.below(3) } else { 0 };
        for _ in 0..steps {
            let api = api_of(&self.client, &self.object);
            let name = name_in_path(&self.object);
            let current = api.get(&name).await.map_err(self.refused("change: reading"))?;
            match self.dice.below(10) {
                0..4 => self.change_metadata(&api, current).await?,
                4..7 => self.change_status(&api, current).await?,
                7 => self.change_body(&api, current).await?,
                8 => self.create_again(&api, current).await?,
                _ => {
                    self.delete(&api).await?;
                    break;
                }
            }
        }
        Ok(self.made)
    }

    fn refused(&self, what: &'static str) -> impl Fn(Error) -> Refusal {
        move |error| Refusal::new(what, &error, &self.object)
    }

    /// Another object that could have been drawn in the place of this one.
    fn another(&mut self) -> Value {
        loop {
            let mut another = (self.breed.draw)(self.index, &mut self.dice);
            if FINAL.iter().all(|path| another.pointer(path) == self.object.pointer(path)) {
                if let Some(namespace) = self.object["metadata"].get("namespace") {
                    another["metadata"]["namespace"] = namespace.clone();
                }
                return another;
            }
        }
    }

    async fn change_metadata(
        &mut self,
        api: &Api<DynamicObject>,
        mut current: DynamicObject,
    ) -> Result<(), Refusal> {
        let mut metadata = self.another()["metadata"].take();
        if current.data["type"] == "kubernetes.io/service-account-token" {
            metadata["annotations"]["kubernetes.io/service-account.name"] = json!("default");
        }
        current.metadata.labels = serde_json::from_value(metadata["labels"].clone()).unwrap();
        current.metadata.annotations = serde_json::from_value(metadata["annotations"].clone()).unwrap();
        current.metadata.owner_references =
            serde_json::from_value(metadata["ownerReferences"].clone()).unwrap();
        // What is being deleted takes no new finalizers, and would be gone without its old ones.
        if current.metadata.deletion_timestamp.is_none() {
            current.metadata.finalizers = serde_json::from_value(metadata["finalizers"].clone()).unwrap();
        }
        self.replace(api, None, "change of metadata", &current).await
    }

    async fn change_status(
        &mut self,
        api: &Api<DynamicObject>,
        mut current: DynamicObject,
    ) -> Result<(), Refusal> {
        let old = current.data["status"].clone();
        let mut status = self.another()["status"].take();
        match self.breed.plural {
            "pods" => {
                status = pod_status::status(&current.data["spec"], &mut self.dice);
                // Containers that have ended and aren't started again stay as they are.
                let restarting = current.data["spec"]["restartPolicy"] == "Always";
                let all = ["ephemeralContainerStatuses", "initContainerStatuses", "containerStatuses"];
                for field in &all[..if restarting { 1 } else { 3 }] {
                    status[field] = old[field].clone();
                }
            }
            "namespaces" => {
                let phase =
                    if current.metadata.deletion_timestamp.is_some() { "Terminating" } else { "Active" };
                status["phase"] = json!(phase);
            }
            // How a job or a request has ended is final.
            "jobs" | "certificatesigningrequests" if old != json!({}) => return Ok(()),
            "jobs" => status = batch::job_status(&current.data["spec"], &mut self.dice),
            "certificatesigningrequests" => {
                let failed = json!({ "type": "Failed", "status": "True", "reason": self.dice.text() });
                status = json!({ "conditions": [failed] });
            }
            "services" if current.data["spec"]["type"] != "LoadBalancer" => {
                status = json!({ "conditions": status["conditions"] });
            }
            "daemonsets" | "deployments" | "statefulsets" => {
                status["collisionCount"] = old["collisionCount"].clone();
            }
            _ => {}
        }
        if status.is_null() {
            return Ok(());
        }
        current.data["status"] = status;
        self.replace(api, Some("status"), "change of status", &current).await
    }

    /// Changes what is neither metadata nor status, where that may be changed.
    async fn change_body(
        &mut self,
        api: &Api<DynamicObject>,
        mut current: DynamicObject,
    ) -> Result<(), Refusal> {
        let mut another = self.another();
        let Some(kept) = immutable(self.breed.plural) else {
            return self.change_part(api).await;
        };
        if current.data["immutable"] == true {
            return Ok(());
        }
        for path in kept {
            let old = current.data.pointer(path).cloned().unwrap_or_default();
            let (parent, field) = path.rsplit_once('/').unwrap();
            another.pointer_mut(parent).unwrap()[field] = old;
        }
        let fields = another.as_object_mut().unwrap();
        fields.retain(|field, _| !["apiVersion", "kind", "metadata", "status"].contains(&field.as_str()));
        let status = current.data["status"].take();
        current.data = another;
        if !status.is_null() {
            current.data["status"] = status;
        }
        self.replace(api, None, "change of the body", &current).await
    }

    /// Changes the little that may be changed of a kind whose specification is nearly final.
    async fn change_part(&mut self, api: &Api<DynamicObject>) -> Result<(), Refusal> {
        let dice = &mut self.dice;
        let patch = match self.breed.plural {
            "jobs" => {
                json!({ "spec": { "parallelism": dice.pick(&[0, 1, 5]), "ttlSecondsAfterFinished": dice.count() } })
            }
            "nodes" => {
                let taints = json!([{ "key": "odd", "value": "new", "effect": "NoExecute" }]);
                json!({ "spec": { "unschedulable": dice.coin(), "taints": taints } })
            }
            "pods" => json!({ "spec": { "containers": [{ "name": "main-0", "image": pods::image(dice) }] } }),
            "persistentvolumes" => json!({ "spec": { "mountOptions": [dice.text()] } }),
            "services" => {
                json!({ "spec": { "publishNotReadyAddresses": dice.coin(), "selector": { "odd": "new" } } })
            }
            "storageclasses" => json!({ "allowVolumeExpansion": dice.coin() }),
            _ => return Ok(()),
        };
        let name = name_in_path(&self.object);
        let result = api.patch(&name, &PatchParams::default(), &Patch::Strategic(&patch)).await;
        result.map_err(self.refused("change of a part"))?;
        self.made += 1;
        Ok(())
    }

    /// Deletes the object, whatever holds it, and creates another one under its name.
    async fn create_again(
        &mut self,
        api: &Api<DynamicObject>,
        mut current: DynamicObject,
    ) -> Result<(), Refusal> {
        let name = name_in_path(&self.object);
        if current.metadata.finalizers.take().is_some() {
            self.replace(api, None, "change of finalizers", &current).await?;
        }
        let gone = async || api.get_opt(&name).await.map(|object| object.is_none());
        if !gone().await.map_err(self.refused("change: reading"))? {
            self.delete(api).await?;
        }
        if self.breed.plural == "namespaces" {
            let current = api.get_opt(&name).await.map_err(self.refused("change: reading"))?;
            if let Some(mut current) = current {
                current.data["spec"]["finalizers"] = json!([]);
                self.replace(api, Some("finalize"), "change of a namespace's finalizers", &current).await?;
            }
        }
        let another = self.another();
        write(&self.client, another).await?;
        self.made += 1;
        Ok(())
    }

    /// At once and for good, unless finalizers hold it: there are no kubelets that would confirm the
    /// end of a pod, and nobody who would let go of what the object owned.
    async fn delete(&mut self, api: &Api<DynamicObject>) -> Result<(), Refusal> {
        let deletion = DeleteParams { grace_period_seconds: Some(0), ..DeleteParams::background() };
        let result = api.delete(&name_in_path(&self.object), &deletion).await;
        result.map_err(self.refused("change: deletion"))?;
        self.made += 1;
        Ok(())
    }

    async fn replace(
        &mut self,
        api: &Api<DynamicObject>,
        part: Option<&str>,
        what: &'static str,
        object: &DynamicObject,
    ) -> Result<(), Refusal> {
        let name = name_in_path(&self.object);
        let result = match part {
            Some(part) => api.replace_subresource(part, &name, &PostParams::default(), object).await,
            None => api.replace(&name, &PostParams::default(), object).await,
        };
        result.map_err(|error| Refusal::new(what, &error, &serde_json::to_value(object).unwrap()))?;
        self.made += 1;
        Ok(())
    }
}

/// The parts of a kind that stay as they are when all the rest is replaced; `None` for a kind of
/// which hardly anything may be replaced.
fn immutable(plural: &str) -> Option<&'static [&'static str]> {
    Some(match plural {
        "certificatesigningrequests" | "persistentvolumeclaims" | "volumeattachments" => return None,
        "jobs" | "namespaces" | "nodes" | "persistentvolumes" | "pods" | "services" | "storageclasses" => {
            return None;
        }
        "daemonsets" | "deployments" | "replicasets" => &["/spec/selector", "/spec/template/metadata"],
        "statefulsets" => {
            &["/spec/podManagementPolicy", "/spec/selector", "/spec/serviceName", "/spec/template/metadata"]
        }
        "clusterrolebindings" | "rolebindings" => &["/roleRef"],
        "ingressclasses" => &["/spec/controller"],
        _ => &[],
    })
}
