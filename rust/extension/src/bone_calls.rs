//! The engine's calls for the bones of a skeleton, without the checks around each that cost several times as much as the call:
//! once for each of 56 bones of every body in every frame, they would be most of what this addon takes of the main thread.

// The engine is called by pointers; nothing else is in this file.
#![allow(unsafe_code)]

use std::{marker::PhantomData, ptr};

use godot::{
    builtin::{Quaternion, StringName},
    classes::Skeleton3D,
    obj::Gd,
    sys::{self, GodotFfi},
};

/// Where the engine has its calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoneCalls {
    get_rotation: sys::GDExtensionMethodBindPtr,
    set_rotation: sys::GDExtensionMethodBindPtr,
    call: sys::GDExtensionInterfaceObjectMethodBindPtrcall,
}

/// The bones of a skeleton that is there.
pub(crate) struct Bones<'a> {
    calls: BoneCalls,
    skeleton: sys::GDExtensionObjectPtr,
    lifetime: PhantomData<&'a Gd<Skeleton3D>>,
}

impl BoneCalls {
    /// Looks the calls up.
    ///
    /// # Panics
    /// When the engine does not have them as this library's API version promises.
    pub(crate) fn find() -> Self {
        Self {
            get_rotation: find("get_bone_pose_rotation", 476_865_136),
            set_rotation: find("set_bone_pose_rotation", 2_823_819_782),
            call: sys::interface_fn!(object_method_bind_ptrcall),
        }
    }

    /// The bones of `skeleton`.
    ///
    /// # Panics
    /// When it was freed.
    pub(crate) fn of(self, skeleton: &Gd<Skeleton3D>) -> Bones<'_> {
        assert!(skeleton.is_instance_valid(), "the skeleton was freed");
        Bones {
            calls: self,
            skeleton: skeleton.obj_sys(),
            lifetime: PhantomData,
        }
    }
}

impl Bones<'_> {
    /// How a bone is turned. The engine reports an error if there is no such bone.
    pub(crate) fn rotation(&self, bone: i32) -> Quaternion {
        let mut rotation = Quaternion::default();
        self.call(
            self.calls.get_rotation,
            &[ptr::from_ref(&i64::from(bone)).cast()],
            ptr::from_mut(&mut rotation).cast(),
        );
        rotation
    }

    /// Turns a bone. The engine reports an error if there is no such bone.
    pub(crate) fn turn(&mut self, bone: i32, rotation: Quaternion) {
        self.call(
            self.calls.set_rotation,
            &[
                ptr::from_ref(&i64::from(bone)).cast(),
                ptr::from_ref(&rotation).cast(),
            ],
            ptr::null_mut(),
        );
    }

    fn call(
        &self,
        method: sys::GDExtensionMethodBindPtr,
        arguments: &[sys::GDExtensionConstTypePtr],
        result: sys::GDExtensionTypePtr,
    ) {
        // SAFETY: The skeleton is alive: it was when this was made, and the two calls run no code that could free it. Their
        // arguments and results have the types that the hashes of the methods stand for: an `int` of 64 bits and a
        // `Quaternion`, which has the engine's layout.
        unsafe {
            (self.calls.call)(method, self.skeleton, arguments.as_ptr(), result);
        }
    }
}

fn find(method: &str, hash: sys::GDExtensionInt) -> sys::GDExtensionMethodBindPtr {
    let (class, name) = (StringName::from("Skeleton3D"), StringName::from(method));
    // SAFETY: Both names live until the call is over.
    let found = unsafe {
        sys::interface_fn!(classdb_get_method_bind)(class.sys().cast(), name.sys().cast(), hash)
    };
    assert!(
        !found.is_null(),
        "this Godot has no Skeleton3D.{method} as in 4.6"
    );
    found
}
