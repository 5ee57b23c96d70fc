//! Lean objects of the Kubernetes API: one declaration, two codecs.
//!
//! [`wire!`](crate::wire) declares a message in the notation of the API's `.proto` files and gives
//! it a protobuf decoder, which skips every other field without allocating, and
//! `serde::Deserialize` for JSON and YAML. Values that many objects share are held once.
//!
//! Nothing here does IO, and decoding fails only with a [`DecodeError`].

mod atom;
mod bytes;
mod bytes_length;
mod compact_text;
mod container_id;
mod decode;
mod derived;
mod few;
mod int_or_string;
mod ip;
mod json;
mod labels;
mod map;
mod message;
mod meta;
mod picked;
mod pool;
mod quantity;
mod rare;
mod representation;
mod shared;
mod shared_map;
mod sifted;
mod table;
mod timestamp;
mod uid;

pub use atom::Atom;
pub use bytes::{Field, Fields, ShortText};
pub use bytes_length::BytesLength;
pub use container_id::ContainerId;
pub use decode::{Context, Decode, DecodeError, decode, decode_json, envelope};
pub use derived::Derived;
pub use few::Few;
pub use int_or_string::IntOrString;
pub use ip::Ip;
pub use json::or_default;
pub use labels::{Annotations, Labels};
pub use map::Map;
pub use meta::{
    Condition, ListMeta, LocalObject, ObjectMeta, OwnerReference, Relations, ResourceVersion, ShardInfo,
    Workload,
};
pub use picked::{Pick, Picked};
pub use pool::{Pool, sweep};
pub use quantity::Quantity;
pub use rare::Rare;
pub use representation::{Cell, Representation};
pub use shared::{Pooled, Shared};
pub use shared_map::SharedMap;
pub use sifted::{Sift, Sifted};
pub use table::{Column, Columns};
pub use timestamp::Timestamp;
pub use uid::Uid;
