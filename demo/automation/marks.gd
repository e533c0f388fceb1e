## What an automated player leaves in a space, so that the others can see that it is shared: a note, a line on the board and
## a chair that it moved; and what goes on, if it is the host.
class_name Marks
extends RefCounted

## Points of the line, one every other frame.
const POINTS := 40
## What the host chooses.
const ACTIVITY := &"party"
## How far the chair is moved, in metres.
const MOVED := 0.22


## Leaves the marks of the local member of [param peer], a line over some frames until [param is_over] says so. Returns what
## went wrong, or "".
static func leave(space: SpaceScene, peer: MetaversePeer, is_over: Callable) -> String:
	var number := peer.get_local_member().number
	var things := space.get_things()
	var board := things.get_boards()[0]
	var row := ((number - 1) % 8) / 8.0
	var place := Transform3D(board.global_basis.orthonormalized(), board.locate(Vector2(0.06 + 0.11 * ((number - 1) % 9), 0.12 + 0.02 * (number % 3))))
	var error := things.get_notes().put_up("%s was here" % peer.display_name, number % StickyNote.COLORS.size(), place)
	if error != OK:
		return "the note was not shared: %s" % error_string(error)
	if peer.get_space().is_host():
		error = things.get_activity().choose(ACTIVITY)
		if error != OK:
			return "what goes on was not shared: %s" % error_string(error)
	var piece := piece_of(space, number)
	things.get_furniture().put_down(piece, piece.get_place().translated_local(Vector3(0.0, 0.0, MOVED)))
	var ink := things.get_ink(board)
	ink.begin(Vector2(0.55, 0.34 + 0.58 * row), number % BoardInk.ERASER, 1)
	for i: int in POINTS:
		await space.get_tree().process_frame
		if is_over.call() or not is_instance_valid(ink) or not ink.is_inside_tree():
			return ""
		ink.extend(Vector2(0.55 + 0.4 * i / POINTS, 0.36 + 0.55 * row + 0.03 * sin(i * 0.5)))
	ink.end()
	return ""


## Whether all marks of the member with the number [param number] are in [param space].
static func are_there(space: SpaceScene, number: int) -> bool:
	var things := space.get_things()
	var has_note := false
	for key: StringName in things.get_notes().get_notes():
		has_note = has_note or key.begins_with("%s%04x" % [SharedNotes.PREFIX, number])
	var has_line := false
	for key: String in things.get_boards()[0].ink.get_keys():
		has_line = has_line or key.contains(".%04x." % number)
	if number == SpaceScene.FIRST_NUMBER and things.get_activity().get_activity() != ACTIVITY:
		return false
	var piece := piece_of(space, number)
	return has_note and has_line and not piece.get_place().is_equal_approx(piece.get_home())


## The seat that the member with the number [param number] moves.
static func piece_of(space: SpaceScene, number: int) -> Furniture:
	var seats: Array[Furniture] = []
	for node: Node in space.get_tree().get_nodes_in_group(Furniture.GROUP):
		var piece := node as Furniture
		if space.is_ancestor_of(piece) and not piece.seats().is_empty():
			seats.append(piece)
	return seats[number % seats.size()]
