//! What somebody may do.

use super::{
    path::{self, Place},
    refusal::Refusal,
};
use crate::access::{Access, Action, Denial, User};
use axum::http::Method;

/// Those who may do everything, so that nobody has to be asked.
const MASTERS: &str = "system:masters";

/// Refuses what a user may not do.
pub(super) async fn permit(
    access: &Access,
    user: &User,
    method: &Method,
    place: &Place<'_>,
    path: &str,
    query: &str,
) -> Result<(), Refusal> {
    if user.is_in(MASTERS) {
        return Ok(());
    }
    let verb = path::verb(method, place, query);
    let attributes = place.resource().map(|resource| resource.attributes(verb, query));
    let action = match &attributes {
        Some(attributes) => Action::resource(attributes.clone()),
        None => Action::path(verb, path),
    };
    match access.permit(user, &action).await {
        Ok(()) => Ok(()),
        Err(Denial::Forbidden(_)) => Err(Refusal::forbidden(user.name(), verb, path, attributes.as_ref())),
        Err(_) => Err(Refusal::Internal),
    }
}
