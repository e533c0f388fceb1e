## Finds where a note can stick.
class_name StickyPlace
extends RefCounted

## Length of the eye's ray in metres; surfaces that lean more than this (as the height of their normal) hold no note.
const FARTHEST := 14.0
const STEEPEST := 0.25
const ABOVE_SURFACE := 0.004
const SCENERY_LAYER := 1


## Where a note sticks that is pointed at along a ray, looking away from the surface. Not finite when there is nothing to
## stick to, or it is farther than [param reach] metres from the player.
static func find(space: SpaceScene, from: Vector3, direction: Vector3, reach: float) -> Transform3D:
	var nowhere := Transform3D(Basis.IDENTITY, Vector3.INF)
	var ray := PhysicsRayQueryParameters3D.create(from, from + direction * FARTHEST, SCENERY_LAYER)
	var hit := space.get_world_3d().direct_space_state.intersect_ray(ray)
	if hit.is_empty() or hit["collider"] is Furniture:
		return nowhere
	var normal: Vector3 = hit["normal"]
	var at: Vector3 = hit["position"]
	if absf(normal.y) > STEEPEST or at.distance_to(space.get_local_avatar().global_position + Vector3.UP) > reach:
		return nowhere
	return Transform3D(Basis(Vector3.UP, atan2(normal.x, normal.z)), at + normal * ABOVE_SURFACE)
