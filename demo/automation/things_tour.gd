## The part of the tour about what members do with their bodies and with things: gestures, board, notes, furniture.
class_name ThingsTour
extends RefCounted

## Seconds into a gesture at which it is seen best.
const GESTURE_TIME := 1.25
## The corners of a house, drawn in one line.
const HOUSE: PackedVector2Array = [
	Vector2(0.14, 0.86), Vector2(0.14, 0.58), Vector2(0.22, 0.38), Vector2(0.30, 0.58), Vector2(0.14, 0.58), Vector2(0.30, 0.86), Vector2(0.30, 0.58), Vector2(0.14, 0.86), Vector2(0.30, 0.86),
]
const SUN := Vector2(0.44, 0.22)
const WAVE: Vector4 = Vector4(0.40, 0.95, 0.62, 0.06)
const NOTES: PackedStringArray = ["Bring cake on Friday!", "Who feeds the fish?", "Idea: lessons in the garden, under the big tree"]
const NOTE_PLACES: PackedVector2Array = [Vector2(0.62, 0.26), Vector2(0.76, 0.28), Vector2(0.90, 0.25)]

var tour: ScreenshotTour

var _mouse := Vector2.ZERO


## Shows gestures, from before the figure.
func show_gestures() -> void:
	var space := tour.game.get_space_scene()
	var avatar := space.get_local_avatar()
	var heading := avatar.global_rotation.y
	avatar.get_camera().look_along(heading + PI)
	for kind: Gesture.Kind in [Gesture.Kind.WAVE, Gesture.Kind.DANCE]:
		space.get_interaction().toggle_gesture(kind)
		await tour.wait_seconds(GESTURE_TIME)
		await tour.shoot("gesture_%s.png" % str(Gesture.Kind.keys()[kind]).to_lower())
		avatar.get_figure().get_motion().stop()
	await _sit(space, avatar)
	avatar.face(heading)


## Draws and puts notes on the board, with the mouse as a person does.
func show_board() -> void:
	var space := tour.game.get_space_scene()
	var board := space.get_things().get_boards()[0]
	space.get_interaction().draw_on(board)
	if not await tour.wait_until(_is_before.bind(board), tour.PATIENCE):
		tour.note_error("the eye did not come before the board")
	_press_key(KEY_3)
	_press_key(KEY_Q)
	await _draw(board, HOUSE)
	_press_key(KEY_5)
	await _draw(board, _circle(SUN, 0.045))
	_press_key(KEY_4)
	await _draw(board, _wavy_line())
	for i: int in NOTES.size():
		await _write_note(board, i)
	await tour.shoot("whiteboard.png")
	space.get_interaction().stop()
	await tour.wait_seconds(0.4)


## Carries a chair, and puts others into a half circle.
func show_furniture() -> void:
	var space := tour.game.get_space_scene()
	var avatar := space.get_local_avatar()
	var chairs := _chairs(space)
	avatar.arrive(Transform3D(Basis(Vector3.UP, PI * 0.75), Vector3(1.6, 0.0, -1.2)))
	space.get_interaction().carry(chairs[0])
	avatar.get_camera().look_along(avatar.global_rotation.y + 2.2)
	await tour.shoot("carry.png")
	space.get_interaction().stop()
	for i: int in 6:
		var angle := PI * (i - 2.5) / 6.0
		var place := Transform3D(Basis(Vector3.UP, angle), Vector3(sin(angle) * 2.3, 0.0, cos(angle) * 2.3 - 4.6))
		space.get_things().get_furniture().put_down(chairs[i], place)
	avatar.arrive(Transform3D(Basis.IDENTITY, Vector3(0.0, 0.0, 1.7)))
	await tour.wait_seconds(1.0)
	await tour.shoot("furniture.png")


## Goes near the others, before the board that was drawn on.
func show_company() -> void:
	tour.game.get_space_scene().get_local_avatar().arrive(Transform3D(Basis.IDENTITY, Vector3(-0.4, 0.0, -0.3)))
	await tour.wait_seconds(1.0)
	await tour.shoot("company.png")


## Begins another activity, and goes to where there is one of its own.
func show_activity() -> void:
	var space := tour.game.get_space_scene()
	var hud := tour.game.get_hud()
	var error := space.get_things().get_activity().choose(&"party")
	if error != OK:
		tour.note_error("the activity was not shared: %s" % error_string(error))
	space.get_local_avatar().arrive(Transform3D(Basis(Vector3.UP, -PI / 4.0), Vector3(3.2, 0.0, -3.0)))
	if not await tour.wait_until(hud.is_in_area, tour.PATIENCE):
		tour.note_error("the area's activity did not begin")
	hud.get_activity_button().show_popup()
	await tour.shoot("activity.png")
	hud.get_activity_button().get_popup().hide()


func _is_before(board: Whiteboard) -> bool:
	return _eye().global_transform.is_equal_approx(board.get_eye())


func _sit(space: SpaceScene, avatar: LocalAvatar) -> void:
	var chair := _chairs(space)[1]
	avatar.arrive(chair.get_place().translated(chair.get_place().basis.x * 0.7))
	space.get_interaction().toggle_gesture(Gesture.Kind.SIT)
	avatar.get_camera().look_along(chair.get_place().basis.get_euler().y + PI * 0.78)
	await tour.wait_seconds(GESTURE_TIME)
	await tour.shoot("gesture_sit.png")
	space.get_interaction().stand_up()
	avatar.arrive(space.get_spawn_transform(tour.peer.get_local_member().number))


func _chairs(space: SpaceScene) -> Array[Furniture]:
	var chairs: Array[Furniture] = []
	for node: Node in tour.get_tree().get_nodes_in_group(Furniture.GROUP):
		var piece := node as Furniture
		if not piece.seats().is_empty() and space.is_ancestor_of(piece):
			chairs.append(piece)
	return chairs


func _draw(board: Whiteboard, line: PackedVector2Array) -> void:
	await _point(board, line[0])
	_press_button(true)
	for place: Vector2 in line.slice(1):
		await _point(board, place)
	_press_button(false)
	await tour.get_tree().process_frame


func _write_note(board: Whiteboard, number: int) -> void:
	_press_key(KEY_N)
	await tour.get_tree().process_frame
	tour.game.get_hud().get_note_editor().submit(NOTES[number], number)
	await _point(board, NOTE_PLACES[number])
	_press_button(true)
	_press_button(false)
	await tour.get_tree().process_frame


func _point(board: Whiteboard, place: Vector2) -> void:
	_mouse = _eye().unproject_position(board.locate(place))
	var motion := InputEventMouseMotion.new()
	motion.position = tour.get_viewport().get_final_transform() * _mouse
	motion.global_position = motion.position
	Input.parse_input_event(motion)
	await tour.get_tree().process_frame


func _press_button(pressed: bool) -> void:
	var button := InputEventMouseButton.new()
	button.button_index = MOUSE_BUTTON_LEFT
	button.pressed = pressed
	button.position = tour.get_viewport().get_final_transform() * _mouse
	button.global_position = button.position
	Input.parse_input_event(button)


func _press_key(code: Key) -> void:
	for pressed: bool in [true, false]:
		var key := InputEventKey.new()
		key.physical_keycode = code
		key.keycode = code
		key.pressed = pressed
		Input.parse_input_event(key)


func _eye() -> Camera3D:
	return tour.get_viewport().get_camera_3d()


func _circle(middle: Vector2, radius: float) -> PackedVector2Array:
	var line := PackedVector2Array()
	for i: int in 13:
		line.append(middle + Vector2.from_angle(TAU * i / 12.0) * Vector2(radius, radius * Whiteboard.WIDTH / Whiteboard.HEIGHT))
	return line


func _wavy_line() -> PackedVector2Array:
	var line := PackedVector2Array()
	for i: int in 24:
		var way := i / 23.0
		line.append(Vector2(lerpf(WAVE.x, WAVE.y, way), WAVE.z + WAVE.w * sin(way * 14.0) + 0.08))
	return line
