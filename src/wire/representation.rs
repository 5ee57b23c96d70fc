//! How objects travel.

/// What the API server sends of an object, and in which encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Representation {
    /// The whole object, in protobuf.
    #[default]
    Object,
    /// Its metadata, in protobuf: for kinds of which no family reads anything else.
    Metadata,
    /// Its metadata and a cell of its row in the table that kubectl would print, in JSON: for kinds
    /// whose other fields must not leave the server.
    Table(Cell),
}

/// A cell of a table that holds a field of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The name of the column, such as `Type`.
    pub column: &'static str,
    /// The field of the object in JSON, such as `type`.
    pub field: &'static str,
}
