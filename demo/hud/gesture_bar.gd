## The gestures, each a button with its key.
class_name GestureBar
extends PanelContainer

const NAMES: PackedStringArray = ["Wave", "Raise your hand", "Sit down", "Clap", "Dance"]
const ICONS: Array[Texture2D] = [
	preload("res://icons/wave.svg"), preload("res://icons/raise_hand.svg"), preload("res://icons/sit.svg"), preload("res://icons/clap.svg"), preload("res://icons/dance.svg"),
]
const ACTIONS: Array[StringName] = [&"gesture_wave", &"gesture_raise_hand", &"gesture_sit", &"gesture_clap", &"gesture_dance"]

## The scene whose avatar makes the gestures.
@export var space_scene: SpaceScene

var _buttons: Array[KeyButton] = []

@onready var _row: HBoxContainer = %Gestures


func _ready() -> void:
	for kind: int in NAMES.size():
		var button := KeyButton.create(ICONS[kind], str(kind + 1), NAMES[kind])
		button.toggle_mode = true
		button.pressed.connect(_choose.bind(kind))
		_row.add_child(button)
		_buttons.append(button)


## Begins or ends the gesture that [param event] asks for; false when it asks for none.
func handle(event: InputEvent) -> bool:
	for kind: int in ACTIONS.size():
		if event.is_action_pressed(ACTIONS[kind]):
			_choose(kind)
			return true
	return false


func _choose(kind: int) -> void:
	space_scene.get_interaction().toggle_gesture(kind as Gesture.Kind)


func _process(_delta: float) -> void:
	var avatar := space_scene.get_local_avatar()
	var present := avatar.get_figure().get_motion().get_gesture() if avatar != null else BodyMotion.NOTHING
	for kind: int in _buttons.size():
		_buttons[kind].set_pressed_no_signal(kind == present)
