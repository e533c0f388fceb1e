## Draws on a whiteboard: the eye goes before the board, the mouse is the pen, notes can be dragged about.
class_name DrawTask
extends InteractionTask

## The color, the width or what is held has changed.
signal tool_changed

## Seconds in which the eye moves.
const EYE_TIME := 0.35
const FIELD_OF_VIEW := 46.0
## Seconds between two writes of a note that is dragged.
const DRAG_INTERVAL := 0.1
const COLOR_ACTIONS: Array[StringName] = [&"gesture_wave", &"gesture_raise_hand", &"gesture_sit", &"gesture_clap", &"gesture_dance"]
const ERASER_WIDTH := 2

var board: Whiteboard
var color := 0
var width := 0
## Whether the chat or a menu has the keys.
var is_paused := false

var _ink: SharedInk
var _eye := Camera3D.new()
var _pen := MeshInstance3D.new()
var _place := Vector2.INF
var _mouse := Vector2.ZERO
var _across := 0.5
var _dragged: StringName
var _since_drag := 0.0
var _held: StickyNote


func begin() -> void:
	_ink = space.get_things().get_ink(board)
	var avatar := space.get_local_avatar()
	var here := board.global_transform.affine_inverse() * avatar.global_position
	_across = clampf(here.x / Whiteboard.WIDTH + 0.5, 0.0, 1.0)
	avatar.stay_at(_stand)
	avatar.walked_away.connect(finished.emit)
	avatar.get_figure().is_out_of_sight = true
	avatar.get_figure().get_motion().stop()
	_mouse = space.get_viewport().get_mouse_position()
	_place_eye()
	_make_pen()


func end() -> void:
	_ink.end()
	if _held != null:
		_held.queue_free()
	_pen.queue_free()
	_eye.queue_free()
	var avatar := space.get_local_avatar()
	if avatar == null:
		return
	avatar.leave_station()
	avatar.walked_away.disconnect(finished.emit)
	avatar.get_figure().is_out_of_sight = false
	avatar.get_figure().get_motion().pen = Vector3.INF
	avatar.get_camera().look_along(board.global_rotation.y)
	avatar.get_camera().make_current()


func get_prompts() -> Dictionary[String, String]:
	return {}


## How full the board is, from 0 to 1.
func get_fullness() -> float:
	return _ink.get_fullness()


## Takes the color with the number [param number]; see [constant BoardInk.COLORS].
func choose_color(number: int) -> void:
	color = number
	if width == ERASER_WIDTH:
		width = 0
	if number == BoardInk.ERASER:
		width = ERASER_WIDTH
	_update_pen()
	tool_changed.emit()


## Goes from thin to thick and back.
func change_width() -> void:
	if color != BoardInk.ERASER:
		width = 1 - width
	_update_pen()
	tool_changed.emit()


## Takes all lines off the board.
func clear() -> void:
	_ink.clear()


## Holds a new note at the pen, until a click puts it up.
func hold_note(text: String, note_color: int) -> void:
	_held = StickyNote.new()
	_held.write(text, note_color)
	_held.set_ghost(true)
	space.add_child(_held)
	tool_changed.emit()


## Whether a note is held that wants a place.
func is_holding_note() -> bool:
	return _held != null


func pause() -> void:
	_release()


func process(delta: float) -> void:
	_since_drag += delta
	if not is_paused:
		_point()


func handle(event: InputEvent) -> bool:
	var mouse := event as InputEventMouse
	if mouse != null:
		_mouse = mouse.position
		_point()
	var button := event as InputEventMouseButton
	if button != null and button.button_index == MOUSE_BUTTON_LEFT:
		if button.pressed:
			_press()
		else:
			_release()
		return true
	for number: int in COLOR_ACTIONS.size():
		if event.is_action_pressed(COLOR_ACTIONS[number]):
			choose_color(number)
			return true
	if event.is_action_pressed(&"interact"):
		choose_color(BoardInk.ERASER if color != BoardInk.ERASER else 0)
	elif event.is_action_pressed(&"turn_left"):
		change_width()
	elif event.is_action_pressed(&"take_off") and not _note_at(_place).is_empty():
		space.get_things().get_notes().take_off(_note_at(_place))
	elif event.is_action_pressed(&"menu"):
		_step_back()
	else:
		return button != null
	return true


# A note that is held is let go first.
func _step_back() -> void:
	if _held == null:
		finished.emit()
		return
	_held.queue_free()
	_held = null
	tool_changed.emit()


# Moves the pen to where the mouse is.
func _point() -> void:
	_place = board.find_place(_eye.project_ray_origin(_mouse), _eye.project_ray_normal(_mouse))
	var is_on_board := _place.is_finite()
	var motion := space.get_local_avatar().get_figure().get_motion()
	motion.pen = board.locate(_place) if is_on_board else Vector3.INF
	_pen.visible = is_on_board and _held == null and _note_at(_place).is_empty()
	if not is_on_board:
		_ink.end()
		return
	_across = _place.x
	_pen.global_position = board.locate(_place) + board.global_basis.z * 0.006
	if _ink.is_drawing():
		_ink.extend(_place)
	elif _held != null:
		_held.global_transform = _note_place()
	elif not _dragged.is_empty():
		_drag()


func _press() -> void:
	if not _place.is_finite():
		return
	if _held != null:
		_put_held()
		return
	_dragged = _note_at(_place)
	if _dragged.is_empty():
		_ink.begin(_place, color, width)


func _release() -> void:
	_ink.end()
	if not _dragged.is_empty():
		_since_drag = DRAG_INTERVAL
		_drag()
	_dragged = &""


func _drag() -> void:
	var notes := space.get_things().get_notes()
	if not notes.get_notes().has(_dragged) or not _place.is_finite():
		_dragged = &""
		return
	if _since_drag >= DRAG_INTERVAL:
		_since_drag = 0.0
		notes.move(_dragged, _note_place())


func _put_held() -> void:
	var error := space.get_things().get_notes().put_up(_held.get_text(), _held.get_color(), _note_place())
	if error != OK:
		push_warning("The note was not shared: %s" % error_string(error))
	_held.queue_free()
	_held = null
	tool_changed.emit()


func _note_at(place: Vector2) -> StringName:
	if not place.is_finite():
		return &""
	var notes := space.get_things().get_notes().get_notes()
	for key: StringName in notes:
		var there := notes[key].global_transform.affine_inverse() * board.locate(place)
		if absf(there.x) < StickyNote.SIZE / 2.0 and absf(there.y) < StickyNote.SIZE / 2.0 and absf(there.z) < 0.1:
			return key
	return &""


func _note_place() -> Transform3D:
	return Transform3D(board.global_basis.orthonormalized(), board.locate(_place) + board.global_basis.z * StickyPlace.ABOVE_SURFACE)


func _stand() -> Transform3D:
	return board.get_stand(_across)


func _place_eye() -> void:
	var lens := space.get_viewport().get_camera_3d()
	space.add_child(_eye)
	_eye.far = lens.far
	_eye.fov = FIELD_OF_VIEW
	_eye.global_transform = lens.global_transform
	_eye.make_current()
	var way := _eye.create_tween().set_trans(Tween.TRANS_SINE)
	way.tween_property(_eye, ^"global_transform", board.get_eye(), EYE_TIME)


# A ring around where the pen would draw.
func _make_pen() -> void:
	var ink := StandardMaterial3D.new()
	ink.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	_pen.material_override = ink
	_pen.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	space.add_child(_pen)
	_pen.global_basis = board.global_basis.orthonormalized() * Basis(Vector3.RIGHT, PI / 2.0)
	_update_pen()


func _update_pen() -> void:
	var ring := TorusMesh.new()
	var radius := BoardInk.WIDTHS[width] / 2.0
	ring.inner_radius = radius
	ring.outer_radius = radius + 0.006
	ring.rings = 28
	ring.ring_segments = 5
	_pen.mesh = ring
	var ink := _pen.material_override as StandardMaterial3D
	ink.albedo_color = BoardInk.COLORS[color] if color != BoardInk.ERASER else Color("7d8794")
