//! The blend shapes of a face and the expressions of a [`Rig`].

use godot::{
    classes::{ArrayMesh, MeshInstance3D},
    prelude::*,
};
use metaverse_avatar::{Pose, Rig, limits::EXPRESSIONS_MOST};

/// Weights nearer to each other than this look the same; they travel in 63 steps.
const SAME_WEIGHT: f32 = 0.002;

/// The blend shapes that travel: the first ones of a mesh.
#[derive(Debug, Default)]
pub(crate) struct Face {
    names: Vec<String>,
    /// How much of each was shown last, if nothing else has moved the face since.
    shown: Vec<Option<f32>>,
}

impl Face {
    pub(crate) fn of(mesh: &Gd<MeshInstance3D>) -> Self {
        let shapes = mesh
            .get_mesh()
            .and_then(|mesh| mesh.try_cast::<ArrayMesh>().ok());
        let names: Vec<String> = shapes.map_or_else(Vec::new, |shapes| {
            (0..shapes.get_blend_shape_count())
                .take(EXPRESSIONS_MOST)
                .map(|shape| shapes.get_blend_shape_name(shape).to_string())
                .collect()
        });
        Self {
            shown: vec![None; names.len()],
            names,
        }
    }

    /// What the blend shapes are called.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the mesh still has these blend shapes, as far as their number tells.
    pub(crate) fn fits(&self, mesh: &Gd<MeshInstance3D>) -> bool {
        let count = usize::try_from(mesh.get_blend_shape_count()).unwrap_or(0);
        self.names.len() == count.min(EXPRESSIONS_MOST)
    }

    /// Reads how much of each is shown.
    pub(crate) fn read(&self, mesh: &Gd<MeshInstance3D>, pose: &mut Pose) {
        for (shape, weight) in (0..).zip(&mut pose.expressions[..self.names.len()]) {
            *weight = mesh.get_blend_shape_value(shape).clamp(0.0, 1.0);
        }
    }

    /// Where in `rig` each of the blend shapes is found.
    pub(crate) fn places_in(&self, rig: &Rig) -> Vec<Option<usize>> {
        self.names
            .iter()
            .map(|name| rig.find_expression(name))
            .collect()
    }

    /// Shows as much of each as `pose` says, whose expressions are at `places`; with a `weight` below 1 so much of it over what
    /// is shown already.
    pub(crate) fn write(
        &mut self,
        mesh: &mut Gd<MeshInstance3D>,
        pose: &Pose,
        places: &[Option<usize>],
        weight: f32,
    ) {
        for ((shape, shown), place) in (0..).zip(&mut self.shown).zip(places) {
            let Some(place) = place else { continue };
            let wanted = pose.expressions[*place];
            if weight < 1.0 {
                let before = mesh.get_blend_shape_value(shape);
                mesh.set_blend_shape_value(shape, before + (wanted - before) * weight);
                *shown = None;
            } else if shown.is_none_or(|shown| (shown - wanted).abs() > SAME_WEIGHT) {
                mesh.set_blend_shape_value(shape, wanted);
                *shown = Some(wanted);
            }
        }
    }

    /// Something else may move the face from now on.
    pub(crate) fn release(&mut self) {
        self.shown.fill(None);
    }
}
