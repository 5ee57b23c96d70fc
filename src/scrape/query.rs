//! What a scrape asks for.

/// Which kinds a scrape shows, from `resources=` and `exclude_resources=`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// `None` for all.
    resources: Option<Vec<String>>,
    excluded: Vec<String>,
}

impl Query {
    /// Reads a URL's query. Both parameters may be repeated and hold lists with commas; unknown
    /// names and parameters are ignored. An empty `resources=` selects nothing.
    pub fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let names = value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
            match &*name {
                "resources" => parsed.resources.get_or_insert_default().extend(names),
                "exclude_resources" => parsed.excluded.extend(names),
                _ => {}
            }
        }
        parsed
    }

    /// Whether a kind is shown.
    pub fn selects(&self, resource: &str) -> bool {
        self.resources.as_ref().is_none_or(|names| names.iter().any(|name| name == resource))
            && !self.excluded.iter().any(|name| name == resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_and_excludes() {
        for (query, pods, nodes) in [
            ("", true, true),
            ("x=y", true, true),
            ("resources=pods", true, false),
            ("resources=pods&resources=nodes", true, true),
            ("resources=%20pods%20,nodes", true, true),
            ("resources=", false, false),
            ("resources=,,", false, false),
            ("resources=unknown", false, false),
            ("exclude_resources=pods", false, true),
            ("exclude_resources=", true, true),
            ("resources=pods,nodes&exclude_resources=pods", false, true),
        ] {
            let query = Query::parse(query);
            assert_eq!((query.selects("pods"), query.selects("nodes")), (pods, nodes), "{query:?}");
        }
    }
}
