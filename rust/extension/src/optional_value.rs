//! A parameter of any type that may be left out.

// The trait for default values is unsafe to implement; nothing else is in this file.
#![allow(unsafe_code)]

use godot::{
    meta::{GodotImmutable, conv::ByValue, error::ConvertError, shape::GodotShape},
    prelude::*,
};

/// Any value, where null is the default. (A `Variant` itself cannot have a default in gdext.)
#[derive(Clone, Debug)]
pub struct OptionalValue(pub(crate) Variant);

impl GodotConvert for OptionalValue {
    type Via = Variant;

    fn godot_shape() -> GodotShape {
        Self::Via::godot_shape()
    }
}

impl ToGodot for OptionalValue {
    type Pass = ByValue;

    fn to_godot(&self) -> Self::Via {
        self.0.clone()
    }
}

impl FromGodot for OptionalValue {
    fn try_from_godot(via: Self::Via) -> Result<Self, ConvertError> {
        Ok(Self(via))
    }
}

// SAFETY: the only value ever used as a default is null, which nobody can change.
unsafe impl GodotImmutable for OptionalValue {}
