## Keeps the furniture of a space where its members put it: each piece is a key of its own.
##
## A value is four numbers: where it stands on the ground (X and Z in metres), how it is turned (radians), and the number
## of the member that carries it, or 0.
class_name SharedFurniture
extends Node

const PREFIX := "furniture/"
## Seconds between two writes while a piece is carried.
const INTERVAL := 0.1
## Nothing stands farther from the middle than this, in metres.
const FARTHEST := 200.0

## What all members share.
var state: MetaverseSharedState
## The peer whose members carry things.
var peer: MetaversePeer
## The parent of all pieces.
var scenery: Node3D

var _since := 0.0


func _ready() -> void:
	state.changed.connect(_on_changed)
	peer.member_left.connect(_on_member_left)
	for key: String in state.keys():
		var piece := _find(key)
		if piece != null and _is_place(state.get_value(key)):
			piece.put(_read_place(state.get_value(key)), _read_carrier(state.get_value(key)))


## Whether the player may take [param piece]: nobody else carries it.
func is_free(piece: Furniture) -> bool:
	return piece.carrier == 0 or piece.carrier == _own_number()


## Shows [param piece] at [param place] at once, and tells the others ten times a second.
func carry(piece: Furniture, place: Transform3D) -> void:
	piece.put(place, _own_number())
	piece.collision_layer = Furniture.IN_HANDS_LAYER
	if _since >= INTERVAL:
		_write(piece, place, _own_number())


## Puts [param piece] down at [param place].
func put_down(piece: Furniture, place: Transform3D) -> void:
	piece.glide_to(place, 0)
	_write(piece, place, 0)


func _process(delta: float) -> void:
	_since += delta


func _write(piece: Furniture, place: Transform3D, carrier: int) -> void:
	_since = 0.0
	# Outside, where it is does not matter any more: the player has left with the piece in the hands.
	var value: PackedFloat32Array = [place.origin.x, place.origin.z, place.basis.get_euler().y, carrier]
	var error := state.set_value(PREFIX + piece.name, value)
	if error != OK and error != ERR_UNAVAILABLE:
		push_warning("Where %s is was not shared: %s" % [piece.title(), error_string(error)])


# While the player carries a piece, its own hands know better where it is.
func _on_changed(key: StringName, value: Variant, member: MetaverseMember) -> void:
	var piece := _find(key)
	if piece == null or (member != null and member.is_local):
		return
	if _is_place(value):
		piece.glide_to(_read_place(value), _read_carrier(value))
	elif value == null:
		piece.glide_to(piece.get_home(), 0)


func _on_member_left(member: MetaverseMember, _reason: String) -> void:
	for child: Node in scenery.get_children():
		var piece := child as Furniture
		if piece != null and piece.carrier == member.number:
			piece.glide_to(piece.get_place(), 0)


func _find(key: String) -> Furniture:
	if not key.begins_with(PREFIX):
		return null
	var piece_name := key.trim_prefix(PREFIX)
	for child: Node in scenery.get_children():
		if child is Furniture and child.name == piece_name:
			return child as Furniture
	return null


func _is_place(value: Variant) -> bool:
	if value is not PackedFloat32Array:
		return false
	var numbers: PackedFloat32Array = value
	if numbers.size() != 4:
		return false
	for number: float in numbers:
		if not is_finite(number):
			return false
	return maxf(absf(numbers[0]), absf(numbers[1])) < FARTHEST


func _read_place(value: Variant) -> Transform3D:
	var numbers: PackedFloat32Array = value
	return Transform3D(Basis(Vector3.UP, numbers[2]), Vector3(numbers[0], 0.0, numbers[1]))


func _read_carrier(value: Variant) -> int:
	var numbers: PackedFloat32Array = value
	return clampi(int(numbers[3]), 0, 65535)


func _own_number() -> int:
	var member := peer.get_local_member()
	return member.number if member != null else 0
