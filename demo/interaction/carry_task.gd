## Carries a piece of furniture in front of the player, never into walls or other things.
class_name CarryTask
extends InteractionTask

## Metres between the player and the nearest side of the piece.
const DISTANCE := 0.40
## Radians a second.
const TURN := 2.4
## Nearer places are tried, in steps of so many metres, when the best one is taken.
const STEP := 0.05
const STEPS := 3
## What is left behind farther than this, in metres, is let go.
const LETTING_GO := 2.2
## How much smaller than the piece the room for it may be, and how far above the ground it begins, in metres.
const SLACK := 0.06
const ABOVE_GROUND := 0.08
const CHEST := 1.0
const SCENERY_LAYER := 1

var piece: Furniture

var _turn := 0.0
var _place := Transform3D.IDENTITY
var _query := PhysicsShapeQueryParameters3D.new()


func begin() -> void:
	var avatar := space.get_local_avatar()
	_place = piece.get_place()
	_turn = wrapf(_place.basis.get_euler().y - avatar.global_rotation.y, -PI, PI)
	var room := BoxShape3D.new()
	room.size = piece.size() - Vector3(SLACK, ABOVE_GROUND, SLACK)
	_query.shape = room
	_query.collision_mask = SCENERY_LAYER
	_query.exclude = [piece.get_rid()]
	avatar.get_figure().get_motion().is_carrying = true


func end() -> void:
	var avatar := space.get_local_avatar()
	if avatar != null:
		avatar.get_figure().get_motion().is_carrying = false
	if space.get_things().get_furniture().is_free(piece):
		space.get_things().get_furniture().put_down(piece, _place)


func get_prompts() -> Dictionary[String, String]:
	return {"E": "put down %s" % piece.title(), "Q": "turn left", "R": "turn right"}


func process(delta: float) -> void:
	var furniture := space.get_things().get_furniture()
	if not furniture.is_free(piece):
		finished.emit()
		return
	_turn += Input.get_axis(&"turn_right", &"turn_left") * TURN * delta
	_place = _find_place(_place)
	furniture.carry(piece, _place)
	if _place.origin.distance_to(space.get_local_avatar().global_position) > LETTING_GO:
		finished.emit()


func handle(event: InputEvent) -> bool:
	if event.is_action_pressed(&"interact") or event.is_action_pressed(&"menu"):
		finished.emit()
		return true
	return event.is_action(&"turn_left") or event.is_action(&"turn_right")


# In front of the player, or as near to it as nothing is in the way; else where it was.
func _find_place(last: Transform3D) -> Transform3D:
	var avatar := space.get_local_avatar()
	var turn := Basis(Vector3.UP, avatar.global_rotation.y + _turn)
	var forward := -avatar.global_basis.z
	var far := DISTANCE + _reach(forward, turn)
	for i: int in STEPS:
		var at := avatar.global_position + forward * (far - i * STEP)
		var place := Transform3D(turn, Vector3(at.x, 0.0, at.z))
		if _is_room(place):
			return place
	return last


# How far the piece reaches from its middle towards the player.
func _reach(forward: Vector3, turn: Basis) -> float:
	var half := piece.size() / 2.0
	return absf(forward.dot(turn.x)) * half.x + absf(forward.dot(turn.z)) * half.z


func _is_room(place: Transform3D) -> bool:
	var world := space.get_world_3d().direct_space_state
	_query.transform = place.translated(Vector3.UP * (piece.size().y + ABOVE_GROUND) / 2.0)
	if not world.intersect_shape(_query, 1).is_empty():
		return false
	var chest := space.get_local_avatar().global_position + Vector3.UP * CHEST
	var ray := PhysicsRayQueryParameters3D.create(chest, place.origin + Vector3.UP * minf(CHEST, piece.size().y), SCENERY_LAYER, [piece.get_rid()])
	return world.intersect_ray(ray).is_empty()
