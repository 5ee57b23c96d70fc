//! Content negotiation: the encoding and the form that a client asks for.

use super::status::ApiError;

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// JSON.
    Json,
    /// Protocol Buffers within the API's envelope.
    Protobuf,
}

/// What is written of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The object.
    Whole,
    /// Its metadata alone.
    Metadata,
    /// A row of a table, for `kubectl get`.
    Table,
}

/// What a client accepts first among what can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Media {
    /// How bytes are written.
    pub(super) encoding: Encoding,
    /// What is written of an object.
    pub(super) form: Form,
    /// Whether the client named the form of a list, which the server tells from that of an object.
    names_list: bool,
}

impl Media {
    /// Whole objects in JSON.
    pub(super) const JSON: Self = Self { encoding: Encoding::Json, form: Form::Whole, names_list: false };

    /// Chooses from an `Accept` header; `None` means that nothing acceptable can be served.
    pub(super) fn negotiate(accept: &str) -> Option<Self> {
        if accept.trim().is_empty() { Some(Self::JSON) } else { accept.split(',').find_map(Self::offer) }
    }

    fn offer(range: &str) -> Option<Self> {
        let mut parts = range.split(';').map(str::trim);
        let encoding = match parts.next()? {
            "application/json" | "application/*" | "*/*" => Encoding::Json,
            "application/vnd.kubernetes.protobuf" => Encoding::Protobuf,
            _ => return None,
        };
        let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
        let named =
            |name| parameters.iter().find(|parameter| parameter.0 == name).map(|parameter| parameter.1);
        let form = match named("as") {
            None => Form::Whole,
            // Discovery in one document is not offered, nor are versions other than v1.
            Some(_) if named("g") != Some("meta.k8s.io") || named("v") != Some("v1") => return None,
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") => Form::Metadata,
            // As with the real server, there are no tables in protobuf.
            Some("Table") if encoding == Encoding::Json => Form::Table,
            Some(_) => return None,
        };
        Some(Self { encoding, form, names_list: named("as") == Some("PartialObjectMetadataList") })
    }

    /// Refuses the metadata of an object for a list, and that of a list for objects and watches.
    pub(super) fn refuse_other_than(self, list: bool) -> Result<(), ApiError> {
        if self.form != Form::Metadata || self.names_list == list {
            return Ok(());
        }
        Err(ApiError::new(
            406,
            if list {
                "you requested PartialObjectMetadata, but the requested object is a list"
            } else {
                "you requested PartialObjectMetadataList, but the requested object is not a list"
            },
        ))
    }

    /// The `Content-Type` of a whole answer.
    pub(super) fn content_type(self) -> &'static str {
        match self.encoding {
            Encoding::Json => "application/json",
            Encoding::Protobuf => "application/vnd.kubernetes.protobuf",
        }
    }

    /// The `Content-Type` of a watch.
    pub(super) fn stream_content_type(self) -> &'static str {
        match self.encoding {
            Encoding::Json => "application/json",
            Encoding::Protobuf => "application/vnd.kubernetes.protobuf;stream=watch",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(accept: &str) -> Option<(Encoding, Form)> {
        Media::negotiate(accept).map(|media| (media.encoding, media.form))
    }

    #[test]
    fn clients_get_what_they_name_first() {
        assert_eq!(negotiate(""), Some((Encoding::Json, Form::Whole)));
        assert_eq!(negotiate("*/*"), Some((Encoding::Json, Form::Whole)));
        assert_eq!(
            negotiate("application/vnd.kubernetes.protobuf,application/json"),
            Some((Encoding::Protobuf, Form::Whole))
        );
        assert_eq!(
            negotiate("application/vnd.kubernetes.protobuf;stream=watch"),
            Some((Encoding::Protobuf, Form::Whole))
        );
        assert_eq!(
            negotiate("application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
            Some((Encoding::Json, Form::Table))
        );
        assert_eq!(
            negotiate("application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
            Some((Encoding::Protobuf, Form::Metadata))
        );
        assert_eq!(
            negotiate(
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
            ),
            Some((Encoding::Json, Form::Whole))
        );
    }

    #[test]
    fn what_cannot_be_served_is_not_acceptable() {
        assert_eq!(negotiate("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io"), None);
        assert_eq!(negotiate("text/html"), None);
        assert_eq!(negotiate("application/json;as=Table;g=meta.k8s.io;v=v1beta1"), None);
        assert_eq!(negotiate("application/json;as=PartialObjectMetadata"), None);
    }
}
