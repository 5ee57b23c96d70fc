//! What flags say of custom resources and of Go's runtime: it is checked and kept, but there is
//! nothing yet that it has an effect on.

use crate::cli::{Bool, CustomResourceArgs, GoArgs, UsageError};
use serde_json::{Map, Value};
use std::{fs, io, path::PathBuf};

/// Metrics of custom resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomResources {
    /// What is exported of them.
    pub definition: Definition,
    /// Whether a file that is missing is waited for.
    pub optional: bool,
}

/// Where it is defined what is exported of custom resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// In a YAML text.
    Inline(String),
    /// In a YAML file.
    File(PathBuf),
}

/// What the flags say of custom resources; `None` where there are none.
pub(super) fn custom_resources(args: CustomResourceArgs) -> Result<Option<CustomResources>, UsageError> {
    let CustomResourceArgs {
        custom_resource_state_config: text,
        custom_resource_state_config_file: file,
        custom_resource_state_only: only,
        continue_without_custom_resource_state_config_file: Bool(optional),
    } = args;
    if only.0 {
        return Err(UsageError::new(
            "--custom-resource-state-only leaves nothing to export: custom resources are not exported yet",
        ));
    }
    let definition = if !text.is_empty() {
        check("--custom-resource-state-config", &text)?;
        Definition::Inline(text)
    } else if !file.is_empty() {
        Definition::File(file.into())
    } else {
        return Ok(None);
    };
    Ok(Some(CustomResources { definition, optional }))
}

impl CustomResources {
    /// Reads the file, where there is one, and says what is wrong with it.
    pub fn check(&self) -> Result<(), UsageError> {
        let Definition::File(path) = &self.definition else { return Ok(()) };
        let file = format!("--custom-resource-state-config-file: {}", path.display());
        match fs::read_to_string(path) {
            Ok(text) => check(&file, &text),
            Err(error) if self.optional && error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(UsageError::new(format!("{file} can't be read: {error}"))),
        }
    }
}

fn check(what: &str, text: &str) -> Result<(), UsageError> {
    match serde_saphyr::from_str::<Map<String, Value>>(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(UsageError::new(format!("{what} is no YAML with keys: {error}"))),
    }
}

/// What has no effect, a sentence each.
pub(super) fn remarks(custom: &CustomResourceArgs, go: &GoArgs) -> Vec<String> {
    let configured = !custom.custom_resource_state_config.is_empty()
        || !custom.custom_resource_state_config_file.is_empty();
    let mut remarks = Vec::new();
    if configured {
        remarks.push("Custom resources are not exported yet: --custom-resource-state-config and --custom-resource-state-config-file have no effect.".to_owned());
    }
    if go.auto_gomemlimit.0 {
        remarks.push(
            "--auto-gomemlimit has no effect: there is no Go runtime whose garbage would need a limit."
                .to_owned(),
        );
    }
    remarks
}
