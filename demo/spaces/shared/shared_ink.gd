## Keeps one whiteboard the same for all members: each piece of a line is a key of its own.
##
## Keys are [code]ink/BOARD/ORDER.MEMBER.PIECE[/code] in hexadecimal; ORDER is one more than the highest that the writer has seen,
## so that their alphabetical order is that in which lines were begun.
class_name SharedInk
extends Node

## Pieces that a board holds. Whoever draws beyond it erases the oldest ones.
const CAPACITY := 500
## Seconds between two writes of a line that grows.
const INTERVAL := 0.1
## Points nearer than this to the one before, in metres, are left out.
const GRAIN := 0.006

## What all members share.
var state: MetaverseSharedState
## The board that is drawn on.
var board: Whiteboard
## The player's own number, which keeps keys of different members apart.
var member_number := 0

var _piece: BoardInk.Piece
var _line := ""
var _index := 0
var _is_written := true
var _since := 0.0


func _ready() -> void:
	state.changed.connect(_on_changed)
	for key: String in state.keys():
		_show(key, state.get_value(key))


## How full the board is, from 0 to 1.
func get_fullness() -> float:
	return float(board.ink.get_keys().size()) / CAPACITY


## Whether a line is being drawn.
func is_drawing() -> bool:
	return _piece != null


## Begins a line at [param place] on the board.
func begin(place: Vector2, color: int, width: int) -> void:
	end()
	_line = "%s%06x.%04x." % [_prefix(), _next_order(), member_number]
	_index = 0
	_begin_piece(place, color, width)


## Draws on to [param place].
func extend(place: Vector2) -> void:
	if _piece == null:
		return
	var step := (place - _piece.points[-1]) * Vector2(Whiteboard.WIDTH, Whiteboard.HEIGHT)
	if step.length() < GRAIN:
		return
	_piece.points.append(place)
	_is_written = false
	board.ink.put(_key(), _piece)
	if _piece.points.size() < InkFormat.MAX_POINTS:
		return
	_write()
	_index += 1
	_begin_piece(place, _piece.color, _piece.width)


## Ends the line.
func end() -> void:
	if _piece != null and not _is_written:
		_write()
	_piece = null


## Takes all lines off the board, for everyone.
func clear() -> void:
	end()
	for key: String in board.ink.get_keys().duplicate():
		_erase(key)


func _process(delta: float) -> void:
	_since += delta
	if _piece != null and not _is_written and _since >= INTERVAL:
		_write()


func _begin_piece(place: Vector2, color: int, width: int) -> void:
	_piece = BoardInk.Piece.new()
	_piece.color = color
	_piece.width = width
	_piece.points.append(place)
	_is_written = false
	board.ink.put(_key(), _piece)
	_make_room()


func _write() -> void:
	_since = 0.0
	_is_written = true
	var error := state.set_value(_key(), InkFormat.write(_piece))
	if error != OK:
		push_warning("A line was not shared: %s" % error_string(error))


func _make_room() -> void:
	var keys := board.ink.get_keys().duplicate()
	for i: int in maxi(keys.size() - CAPACITY, 0):
		_erase(keys[i])


func _erase(key: StringName) -> void:
	board.ink.remove(key)
	state.erase(key)


func _on_changed(key: StringName, value: Variant, _member: MetaverseMember) -> void:
	_show(key, value)


# The piece that is being drawn is already there, and further than what comes back.
func _show(key: StringName, value: Variant) -> void:
	if not key.begins_with(_prefix()) or (_piece != null and key == _key()):
		return
	var piece := InkFormat.read(value)
	if piece == null:
		board.ink.remove(key)
	else:
		board.ink.put(key, piece)


func _next_order() -> int:
	var keys := board.ink.get_keys()
	if keys.is_empty():
		return 1
	return keys[-1].trim_prefix(_prefix()).get_slice(".", 0).hex_to_int() + 1


func _key() -> StringName:
	return "%s%02x" % [_line, _index]


func _prefix() -> String:
	return "ink/%s/" % board.name
