//! A member parameter that may be left out.

// The trait for default values is unsafe to implement; nothing else is in this file.
#![allow(unsafe_code)]

use godot::{
    meta::{GodotImmutable, conv::ByValue, error::ConvertError, shape::GodotShape},
    prelude::*,
};

use crate::member::MetaverseMember;

/// A member or null, where null is the default. (`Option<Gd<T>>` itself cannot have a default in gdext.)
#[derive(Clone, Debug)]
pub struct OptionalMember(pub(crate) Option<Gd<MetaverseMember>>);

impl GodotConvert for OptionalMember {
    type Via = Option<Gd<MetaverseMember>>;

    fn godot_shape() -> GodotShape {
        Self::Via::godot_shape()
    }
}

impl ToGodot for OptionalMember {
    type Pass = ByValue;

    fn to_godot(&self) -> Self::Via {
        self.0.clone()
    }
}

impl FromGodot for OptionalMember {
    fn try_from_godot(via: Self::Via) -> Result<Self, ConvertError> {
        Ok(Self(via))
    }
}

// SAFETY: the only value ever used as a default is null, which nobody can change.
unsafe impl GodotImmutable for OptionalMember {}
