## Puts a sticky note, a new one or one that is moved, where the player points: on a board or a wall.
class_name NoteTask
extends InteractionTask

## How far from the player a note can be put, in metres.
const REACH := 4.5
## Where the eye aims while the mouse does not point, as a part of the window: beside the figure.
const AIM := Vector2(0.60, 0.36)

## What a new note says, and the number of its color.
var text := ""
var color := 0
## The key of the note that is moved; empty for a new one.
var key: StringName

var _ghost: StickyNote
var _is_placed := false
var _has_mouse := false
var _mouse := Vector2.ZERO


func begin() -> void:
	var notes := space.get_things().get_notes()
	if not key.is_empty():
		text = notes.get_notes()[key].get_text()
		color = notes.get_notes()[key].get_color()
		notes.get_notes()[key].hide()
	_ghost = StickyNote.new()
	_ghost.write(text, color)
	_ghost.set_ghost(true)
	_ghost.hide()
	space.add_child(_ghost)


func end() -> void:
	_ghost.queue_free()
	var notes := space.get_things().get_notes().get_notes()
	if notes.has(key):
		notes[key].show()


func get_prompts() -> Dictionary[String, String]:
	return {"E": "put it here" if _is_placed else "point at a board or a wall nearby", "Esc": "never mind"}


func process(_delta: float) -> void:
	var place := _find_place()
	_is_placed = place.is_finite()
	_ghost.visible = _is_placed
	if _is_placed:
		_ghost.global_transform = place


func handle(event: InputEvent) -> bool:
	var motion := event as InputEventMouseMotion
	if motion != null:
		_mouse = motion.position
		_has_mouse = not space.get_local_avatar().get_camera().is_captured()
		return false
	if event.is_action_pressed(&"menu"):
		finished.emit()
		return true
	var click := event as InputEventMouseButton
	var is_click := click != null and click.button_index == MOUSE_BUTTON_LEFT and click.pressed
	if not is_click and not event.is_action_pressed(&"interact"):
		return false
	if _is_placed:
		_put()
	return true


func _put() -> void:
	var notes := space.get_things().get_notes()
	var is_moved := notes.get_notes().has(key)
	var error := notes.move(key, _ghost.global_transform) if is_moved else notes.put_up(text, color, _ghost.global_transform)
	if error != OK:
		push_warning("The note was not shared: %s" % error_string(error))
	finished.emit()


func _find_place() -> Transform3D:
	var viewport := space.get_viewport()
	var camera := viewport.get_camera_3d()
	var aim := _mouse if _has_mouse else viewport.get_visible_rect().size * AIM
	return StickyPlace.find(space, camera.project_ray_origin(aim), camera.project_ray_normal(aim), REACH)
