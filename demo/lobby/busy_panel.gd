## Covers the lobby while the peer is entering a space, with a way out.
class_name BusyPanel
extends Control

## The player does not want to wait any longer.
signal cancel_pressed

@onready var _label: Label = %What
@onready var _cancel: Button = %Cancel
@onready var _spinner: Control = %Spinner


func _ready() -> void:
	_cancel.pressed.connect(cancel_pressed.emit)
	close()


func _process(delta: float) -> void:
	_spinner.rotation += delta * TAU * 0.8


## Covers the screen and says [param what] is going on.
func open(what: String) -> void:
	_label.text = what
	show()
	set_process(true)
	_cancel.grab_focus()


## Uncovers the screen.
func close() -> void:
	hide()
	set_process(false)


func _input(event: InputEvent) -> void:
	if visible and event.is_action_pressed(&"ui_cancel"):
		get_viewport().set_input_as_handled()
		cancel_pressed.emit()
