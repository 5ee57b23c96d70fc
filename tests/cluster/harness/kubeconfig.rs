//! Files that say where an API server is and who asks.

use serde_json::json;
use std::{fs, path::Path};

/// Somebody whom the API server knows by a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    /// The user's name.
    pub(crate) user: &'static str,
    /// The token, which is worth nothing outside the test.
    pub(crate) token: &'static str,
    /// The user's only group; empty for none.
    pub(crate) group: &'static str,
}

/// Writes a kubeconfig for an account at a server, whose certificate `authority` vouches for. JSON
/// is YAML.
pub(crate) fn write_kubeconfig(file: &Path, server: &str, authority: Option<&Path>, account: Account) {
    let mut cluster = json!({ "server": server });
    if let Some(authority) = authority {
        cluster["certificate-authority"] = json!(authority);
    }
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "test", "cluster": cluster }],
        "users": [{ "name": account.user, "user": { "token": account.token } }],
        "contexts": [{ "name": "test", "context": { "cluster": "test", "user": account.user } }],
        "current-context": "test",
    });
    fs::write(file, config.to_string()).unwrap();
}
