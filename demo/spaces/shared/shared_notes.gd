## The sticky notes of a space: each is a key of its own, with its words, its color and its place.
class_name SharedNotes
extends Node3D

const PREFIX := "note/"
## Notes that a space holds.
const CAPACITY := 80
const FARTHEST := 200.0
## How fast a note glides to where another member moves it, per second.
const GLIDE := 10.0

## What all members share.
var state: MetaverseSharedState
## The player's own number, which keeps keys of different members apart.
var member_number := 0

var _notes: Dictionary[StringName, StickyNote] = {}
var _goals: Dictionary[StringName, Transform3D] = {}


func _ready() -> void:
	state.changed.connect(_on_changed)
	for key: String in state.keys():
		_show(key, state.get_value(key))


## Whether there is room for one more.
func has_room() -> bool:
	return _notes.size() < CAPACITY


## All notes with their keys.
func get_notes() -> Dictionary[StringName, StickyNote]:
	return _notes


## Puts up a new note.
func put_up(text: String, color: int, place: Transform3D) -> Error:
	var key := "%s%04x%08x" % [PREFIX, member_number, randi()]
	return _write(key, text, color, place)


## Moves the note [param key] to [param place].
func move(key: StringName, place: Transform3D) -> Error:
	var note := _notes[key]
	return _write(key, note.get_text(), note.get_color(), place)


## Takes the note [param key] off.
func take_off(key: StringName) -> void:
	state.erase(key)


func _write(key: StringName, text: String, color: int, place: Transform3D) -> Error:
	var turn := place.basis.get_euler().y
	return state.set_value(key, {"text": StickyNote.clean(text), "color": color, "at": place.origin, "turn": turn})


func _on_changed(key: StringName, value: Variant, _member: MetaverseMember) -> void:
	_show(key, value)


func _process(delta: float) -> void:
	for key: StringName in _goals.keys():
		var note := _notes[key]
		note.transform = note.transform.interpolate_with(_goals[key], 1.0 - exp(-GLIDE * delta))
		if note.transform.is_equal_approx(_goals[key]):
			note.transform = _goals[key]
			_goals.erase(key)


func _show(key: StringName, value: Variant) -> void:
	if not key.begins_with(PREFIX):
		return
	var place := _read_place(value)
	if not place.is_finite():
		_remove(key)
		return
	var fields: Dictionary = value
	var is_new := not _notes.has(key)
	if is_new:
		_notes[key] = StickyNote.new()
		add_child(_notes[key])
	var color: Variant = fields.get("color")
	var number: int = color if color is int else 0
	_notes[key].write(str(fields.get("text")), number)
	if is_new:
		_notes[key].transform = place
	else:
		_goals[key] = place


func _remove(key: StringName) -> void:
	if not _notes.has(key):
		return
	_notes[key].queue_free()
	_notes.erase(key)
	_goals.erase(key)


# Not finite when [param value] is no note.
func _read_place(value: Variant) -> Transform3D:
	var nowhere := Transform3D(Basis.IDENTITY, Vector3.INF)
	if value is not Dictionary:
		return nowhere
	var fields: Dictionary = value
	if fields.get("text") is not String or fields.get("at") is not Vector3 or fields.get("turn") is not float:
		return nowhere
	var at: Vector3 = fields["at"]
	var turn: float = fields["turn"]
	if not is_finite(turn) or not at.is_finite() or at.length() > FARTHEST:
		return nowhere
	return Transform3D(Basis(Vector3.UP, turn), at)
