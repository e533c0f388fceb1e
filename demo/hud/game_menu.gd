## The menu inside a space.
class_name GameMenu
extends ColorRect

## The menu was closed.
signal closed
## The player wants to see who is connected to whom.
signal network_pressed
## The player wants to go back to the lobby.
signal leave_pressed
## The player wants to end the game.
signal quit_pressed

## The peer that makes invites.
@export var peer: MetaversePeer

@onready var _title: Label = %Title
@onready var _resume: Button = %Resume
@onready var _copy: CopyInviteButton = %Copy
@onready var _activity: ActivityButton = %MenuActivity
@onready var _network: Button = %MenuNetwork
@onready var _leave: Button = %Leave
@onready var _quit: Button = %Quit


func _enter_tree() -> void:
	(%Copy as CopyInviteButton).peer = peer


func _ready() -> void:
	_resume.pressed.connect(close)
	_network.pressed.connect(_show_network)
	_leave.pressed.connect(leave_pressed.emit)
	_quit.pressed.connect(quit_pressed.emit)
	_keep_focus_inside()
	hide()


## Opens the menu under the title [param space_name].
func open(space_name: String) -> void:
	_title.text = space_name
	_activity.visible = peer.get_space().is_host()
	show()
	_resume.grab_focus()


## Closes the menu.
func close() -> void:
	hide()
	closed.emit()


func _input(event: InputEvent) -> void:
	if visible and (event.is_action_pressed(&"menu") or event.is_action_pressed(&"ui_cancel")):
		get_viewport().set_input_as_handled()
		close()


func _show_network() -> void:
	close()
	network_pressed.emit()


func _keep_focus_inside() -> void:
	var buttons: Array[Button] = [_resume, _copy, _activity, _network, _leave, _quit]
	for i: int in buttons.size():
		var next := buttons[(i + 1) % buttons.size()].get_path()
		var previous := buttons[i - 1].get_path()
		buttons[i].focus_next = next
		buttons[i].focus_neighbor_bottom = next
		buttons[i].focus_previous = previous
		buttons[i].focus_neighbor_top = previous
