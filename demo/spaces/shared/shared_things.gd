## Everything in a space that its members change together: drawings, notes, furniture, what goes on.
class_name SharedThings
extends Node3D

## The peer whose members share them.
var peer: MetaversePeer
## The parent of the boards and the furniture.
var scenery: Node3D

var _inks: Dictionary[Whiteboard, SharedInk] = {}

@onready var _state: MetaverseSharedState = %State
@onready var _furniture: SharedFurniture = %Furniture
@onready var _notes: SharedNotes = %Notes
@onready var _activity: SharedActivity = %Activity


func _enter_tree() -> void:
	var state: MetaverseSharedState = %State
	state.peer = peer
	var furniture: SharedFurniture = %Furniture
	furniture.state = state
	furniture.peer = peer
	furniture.scenery = scenery
	var notes: SharedNotes = %Notes
	notes.state = state
	notes.member_number = peer.get_local_member().number
	var activity: SharedActivity = %Activity
	activity.state = state
	activity.peer = peer


func _ready() -> void:
	for child: Node in scenery.get_children():
		if child is Whiteboard:
			_add_ink(child as Whiteboard)


## The furniture of the space.
func get_furniture() -> SharedFurniture:
	return _furniture


## The sticky notes of the space.
func get_notes() -> SharedNotes:
	return _notes


## What goes on in the space.
func get_activity() -> SharedActivity:
	return _activity


## The lines on [param board].
func get_ink(board: Whiteboard) -> SharedInk:
	return _inks[board]


## All whiteboards of the space.
func get_boards() -> Array[Whiteboard]:
	return _inks.keys()


func _add_ink(board: Whiteboard) -> void:
	var ink := SharedInk.new()
	ink.state = _state
	ink.board = board
	ink.member_number = peer.get_local_member().number
	_inks[board] = ink
	add_child(ink)
