//! Content negotiation: the encoding and the form that a client asks for.

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
}

impl Media {
    /// Whole objects in JSON.
    pub(super) const JSON: Self = Self { encoding: Encoding::Json, form: Form::Whole };

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
        let mut form = Form::Whole;
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match (name, value) {
                ("as", "PartialObjectMetadata" | "PartialObjectMetadataList") => form = Form::Metadata,
                // As with the real server, there are no tables in protobuf.
                ("as", "Table") if encoding == Encoding::Json => form = Form::Table,
                // Discovery in one document is not offered, nor are versions other than v1.
                ("as", _) => return None,
                ("v", version) if version != "v1" => return None,
                _ => {}
            }
        }
        Some(Self { encoding, form })
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
    }
}
