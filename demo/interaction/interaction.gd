## What the player does with the things around it: finds what is near, and keeps the task that it is busy with.
class_name Interaction
extends Node

## The keys do something else now.
signal prompts_changed
## The player is busy with something else now, or with nothing.
signal task_changed
## The player wants to write a note.
signal note_wanted

## Seconds between two looks around.
const LOOK_INTERVAL := 0.12
## How far the hands reach to things, to boards and to notes, in metres.
const REACH := 1.5
const BOARD_REACH := 2.4
const CLICK_REACH := 7.0
const NOTE_REACH := 3.0
## What is farther from where the figure looks than this is not meant, as a cosine.
const IN_FRONT := 0.25
## What the eye looks at within this angle is meant, as a cosine.
const LOOKED_AT := 0.992
const SEAT_REACH := 1.4
## Nearer to a seat than this, in metres, someone sits on it.
const TAKEN := 0.45
const RAY := 20.0
const SCENERY_LAYER := 1

## Where it takes place.
var space: SpaceScene

var _task: InteractionTask
var _is_paused := false
var _focus: Node3D
var _since_look := 0.0
var _shown_prompts: Dictionary[String, String] = {}
var _stood_at := Vector3.INF


## What the player is busy with, or null.
func get_task() -> InteractionTask:
	return _task


## What the keys do now, by their names.
func get_prompts() -> Dictionary[String, String]:
	if _task != null:
		return _task.get_prompts()
	if _is_sitting():
		return {"3": "stand up"}
	if _focus is Furniture:
		var piece := _focus as Furniture
		if not space.get_things().get_furniture().is_free(piece):
			return {}
		var prompts: Dictionary[String, String] = {"E": "move %s" % piece.title()}
		if not piece.seats().is_empty():
			prompts["3"] = "sit down"
		return prompts
	if _focus is Whiteboard:
		return {"E": "draw on the board", "N": "write a note"}
	if _focus is StickyNote:
		return {"E": "move the note", "X": "take it off"}
	return {}


## While [param paused], keys and mouse belong to the chat or a menu.
func set_paused(paused: bool) -> void:
	_is_paused = paused
	var drawing := _task as DrawTask
	if drawing != null:
		drawing.is_paused = paused
	if _task != null and paused:
		_task.pause()


## Begins [param task]; what the player was busy with before ends.
func begin(task: InteractionTask) -> void:
	stop()
	_task = task
	task.space = space
	task.finished.connect(stop, CONNECT_ONE_SHOT)
	task.begin()
	task_changed.emit()
	prompts_changed.emit()


## Ends what the player is busy with.
func stop() -> void:
	if _task == null:
		return
	var task := _task
	_task = null
	if task.finished.is_connected(stop):
		task.finished.disconnect(stop)
	task.end()
	task_changed.emit()
	prompts_changed.emit()


## Takes [param piece] into the hands.
func carry(piece: Furniture) -> void:
	var task := CarryTask.new()
	task.piece = piece
	begin(task)


## Steps up to [param board] to draw.
func draw_on(board: Whiteboard) -> void:
	var task := DrawTask.new()
	task.board = board
	begin(task)


## Looks for a place for a new note that says [param text].
func hold_note(text: String, color: int) -> void:
	var drawing := _task as DrawTask
	if drawing != null:
		drawing.hold_note(text, color)
		return
	var task := NoteTask.new()
	task.text = text
	task.color = color
	begin(task)


## Begins the gesture [param kind], or ends it when it is the present one.
func toggle_gesture(kind: Gesture.Kind) -> void:
	var avatar := space.get_local_avatar()
	if avatar == null or _task is DrawTask:
		return
	var motion := avatar.get_figure().get_motion()
	var is_present := motion.get_gesture() == int(kind)
	stand_up()
	if is_present:
		motion.stop()
	elif kind == Gesture.Kind.SIT:
		_sit_down(avatar)
	else:
		motion.play(Gesture.create(kind))


## Gets up from a seat, to where the player stood before.
func stand_up() -> void:
	var avatar := space.get_local_avatar()
	if not _stood_at.is_finite():
		return
	avatar.leave_station()
	avatar.walked_away.disconnect(_on_walked_away)
	avatar.global_position = _stood_at
	_stood_at = Vector3.INF
	avatar.get_figure().get_motion().stop()


func _process(delta: float) -> void:
	if space.get_local_avatar() == null:
		return
	if _task != null:
		_task.process(delta)
	_since_look += delta
	if _since_look < LOOK_INTERVAL:
		return
	_since_look = 0.0
	_focus = _find_focus() if _task == null and not _is_sitting() else null
	var prompts := get_prompts()
	if prompts != _shown_prompts:
		_shown_prompts = prompts
		prompts_changed.emit()


func _unhandled_input(event: InputEvent) -> void:
	if _is_paused or space.get_local_avatar() == null:
		return
	if _use(event):
		get_viewport().set_input_as_handled()


func _exit_tree() -> void:
	stop()


func _use(event: InputEvent) -> bool:
	if _task != null and _task.handle(event):
		return true
	if event.is_action_pressed(&"write_note"):
		note_wanted.emit()
		return true
	if _task != null:
		return false
	if event.is_action_pressed(&"interact"):
		return _take(_focus)
	if event.is_action_pressed(&"take_off") and _focus is StickyNote:
		space.get_things().get_notes().take_off(_key_of(_focus as StickyNote))
		return true
	var click := event as InputEventMouseButton
	if click != null and click.button_index == MOUSE_BUTTON_LEFT and click.pressed:
		return _click()
	return false


func _is_sitting() -> bool:
	var avatar := space.get_local_avatar()
	return avatar != null and avatar.get_figure().get_motion().get_gesture() == int(Gesture.Kind.SIT)


func _take(what: Node3D) -> bool:
	if what is Furniture and space.get_things().get_furniture().is_free(what as Furniture):
		stand_up()
		carry(what as Furniture)
	elif what is Whiteboard:
		stand_up()
		draw_on(what as Whiteboard)
	elif what is StickyNote:
		var task := NoteTask.new()
		task.key = _key_of(what as StickyNote)
		begin(task)
	return what != null


# A click on a board steps up to it; with a captured mouse, what is in the middle is clicked.
func _click() -> bool:
	var camera := get_viewport().get_camera_3d()
	var is_captured := Input.mouse_mode == Input.MOUSE_MODE_CAPTURED
	var at := get_viewport().get_visible_rect().size / 2.0 if is_captured else get_viewport().get_mouse_position()
	var from := camera.project_ray_origin(at)
	var ray := PhysicsRayQueryParameters3D.create(from, from + camera.project_ray_normal(at) * RAY, SCENERY_LAYER)
	var hit := space.get_world_3d().direct_space_state.intersect_ray(ray)
	if hit.is_empty() or hit["collider"] is not Whiteboard:
		return false
	var board: Whiteboard = hit["collider"]
	var point: Vector3 = hit["position"]
	if point.distance_to(space.get_local_avatar().global_position) > CLICK_REACH:
		return false
	Input.mouse_mode = Input.MOUSE_MODE_VISIBLE
	return _take(board)


func _find_focus() -> Node3D:
	var note := _find_note()
	if note != null:
		return note
	var avatar := space.get_local_avatar()
	var best: Node3D = null
	var nearest := INF
	for node: Node in get_tree().get_nodes_in_group(Furniture.GROUP):
		var piece := node as Furniture
		var far := _distance(avatar, piece.global_position, piece.size().z / 2.0)
		if far < minf(nearest, REACH):
			nearest = far
			best = piece
	for board: Whiteboard in space.get_things().get_boards():
		var here := board.global_transform.affine_inverse() * avatar.global_position
		if here.z < 0.0:
			continue
		var foot := Vector3(clampf(here.x, -Whiteboard.WIDTH / 2.0, Whiteboard.WIDTH / 2.0), 0.0, 0.0)
		var far := _distance(avatar, board.global_transform * foot, 0.0)
		if far < minf(nearest, BOARD_REACH):
			nearest = far
			best = board
	return best


# Metres over the ground to what is in front of the figure; infinite when it is not.
func _distance(avatar: LocalAvatar, at: Vector3, size: float) -> float:
	var way := (at - avatar.global_position) * Vector3(1.0, 0.0, 1.0)
	var far := maxf(way.length() - size, 0.0)
	if way.normalized().dot(-avatar.global_basis.z) < IN_FRONT and far > 0.2:
		return INF
	return far


func _find_note() -> StickyNote:
	var camera := get_viewport().get_camera_3d()
	if camera == null:
		return null
	var aim := get_viewport().get_visible_rect().size * NoteTask.AIM
	if Input.mouse_mode == Input.MOUSE_MODE_VISIBLE:
		aim = get_viewport().get_mouse_position()
	var ray := camera.project_ray_normal(aim)
	var chest := space.get_local_avatar().global_position + Vector3.UP
	var best: StickyNote = null
	var straightest := LOOKED_AT
	for note: StickyNote in space.get_things().get_notes().get_notes().values():
		var straight := ray.dot((note.global_position - camera.global_position).normalized())
		if straight > straightest and note.global_position.distance_to(chest) < NOTE_REACH:
			straightest = straight
			best = note
	return best


func _key_of(note: StickyNote) -> StringName:
	return space.get_things().get_notes().get_notes().find_key(note)


func _sit_down(avatar: LocalAvatar) -> void:
	var gesture := SitGesture.new()
	var seat := _find_seat(avatar)
	if seat.is_valid():
		var piece: Furniture = seat.get_bound_arguments()[0]
		gesture.seat_height = piece.seat_height()
		_stood_at = avatar.global_position
		avatar.stay_at(seat)
		avatar.walked_away.connect(_on_walked_away)
	avatar.get_figure().get_motion().play(gesture)


# Gives the place of the nearest free seat, wherever it is moved; invalid when none is near.
func _find_seat(avatar: LocalAvatar) -> Callable:
	var found := Callable()
	var nearest := SEAT_REACH
	for node: Node in get_tree().get_nodes_in_group(Furniture.GROUP):
		var piece := node as Furniture
		for number: int in piece.seats().size():
			var at := _seat_place(piece, number).origin
			var far := at.distance_to(avatar.global_position)
			if far < nearest and piece.carrier == 0 and not _is_taken(at):
				nearest = far
				found = _seat_place.bind(piece, number)
	return found


func _seat_place(piece: Furniture, number: int) -> Transform3D:
	var place := piece.global_transform.orthonormalized() * piece.seats()[number]
	return Transform3D(place.basis, Vector3(place.origin.x, piece.get_place().origin.y, place.origin.z))


func _is_taken(seat: Vector3) -> bool:
	for member: MetaverseMember in space.peer.get_members():
		var avatar := space.get_spawner().get_avatar(member)
		if avatar != null and not member.is_local and avatar.global_position.distance_to(seat) < TAKEN:
			return true
	return false


func _on_walked_away() -> void:
	stand_up()
