//! What travels for the game, in messages and as shared values: Godot's values as bytes, plain data only.

use godot::{
    builtin::{AnyArray, AnyDictionary},
    classes::Engine,
    global::{bytes_to_var, var_to_bytes},
    meta::inspect::ElementType,
    prelude::*,
};
use thiserror::Error;

use crate::config::{MESSAGE_DEPTH, MESSAGE_VALUES};

/// Why a value does not travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(crate) enum MessageError {
    #[error("objects, callables, signals and RIDs mean nothing on another machine")]
    NotData,
    #[error("it is nested deeper than {MESSAGE_DEPTH} levels, or contains itself")]
    TooDeep,
    #[error("it has more than {MESSAGE_VALUES} values")]
    TooMany,
    #[error("the bytes are not a value")]
    Malformed,
}

/// The bytes of a value.
pub(crate) fn encode(data: &Variant) -> Result<Vec<u8>, MessageError> {
    check(data)?;
    Ok(var_to_bytes(data).to_vec())
}

/// The value that another peer has sent as `bytes`. Never makes objects.
pub(crate) fn decode(bytes: &[u8]) -> Result<Variant, MessageError> {
    let data = without_error_lines(|| bytes_to_var(&PackedByteArray::from(bytes)));
    if data.is_nil() && bytes != var_to_bytes(&Variant::nil()).as_slice() {
        return Err(MessageError::Malformed);
    }
    check(&data)?;
    Ok(data)
}

/// Godot prints an error for malformed bytes; a hostile member could fill the log with them. They are counted instead.
fn without_error_lines<T>(run: impl FnOnce() -> T) -> T {
    let mut engine = Engine::singleton();
    let printing = engine.is_printing_error_messages();
    engine.set_print_error_messages(false);
    let result = run();
    engine.set_print_error_messages(printing);
    result
}

fn check(data: &Variant) -> Result<(), MessageError> {
    let mut left = MESSAGE_VALUES;
    check_value(data, MESSAGE_DEPTH, &mut left)
}

fn check_value(data: &Variant, depth: usize, left: &mut usize) -> Result<(), MessageError> {
    *left = left.checked_sub(1).ok_or(MessageError::TooMany)?;
    match data.get_type() {
        VariantType::OBJECT | VariantType::CALLABLE | VariantType::SIGNAL | VariantType::RID => {
            Err(MessageError::NotData)
        }
        VariantType::ARRAY => check_array(&data.to::<AnyArray>(), depth, left),
        VariantType::DICTIONARY => check_dictionary(&data.to::<AnyDictionary>(), depth, left),
        _ => Ok(()),
    }
}

fn check_array(array: &AnyArray, depth: usize, left: &mut usize) -> Result<(), MessageError> {
    let depth = depth.checked_sub(1).ok_or(MessageError::TooDeep)?;
    check_element_type(array.element_type())?;
    array
        .iter_shared()
        .try_for_each(|value| check_value(&value, depth, left))
}

fn check_dictionary(
    dictionary: &AnyDictionary,
    depth: usize,
    left: &mut usize,
) -> Result<(), MessageError> {
    let depth = depth.checked_sub(1).ok_or(MessageError::TooDeep)?;
    check_element_type(dictionary.key_element_type())?;
    check_element_type(dictionary.value_element_type())?;
    dictionary.iter_shared().try_for_each(|(key, value)| {
        check_value(&key, depth, left)?;
        check_value(&value, depth, left)
    })
}

fn check_element_type(element: ElementType) -> Result<(), MessageError> {
    match element.variant_type() {
        VariantType::OBJECT | VariantType::CALLABLE | VariantType::SIGNAL | VariantType::RID => {
            Err(MessageError::NotData)
        }
        _ => Ok(()),
    }
}
