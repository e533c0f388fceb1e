## Says which keys do what, and fades when it has been seen.
extends PanelContainer

## Seconds until it fades.
const SHOW_TIME := 18.0
const KEYS: Dictionary[String, String] = {
	"W A S D": "walk",
	"Shift": "run",
	"Space": "jump",
	"Right mouse": "look",
	"1 – 5": "gestures",
	"E": "use",
	"N": "note",
	"Enter": "chat",
	"Tab": "members",
	"F3": "network",
	"Esc": "menu",
}

@onready var _row: HFlowContainer = %Keys


func _ready() -> void:
	for key: String in KEYS:
		_row.add_child(KeyCaps.create(key, KEYS[key]))
	var fade := create_tween()
	fade.tween_interval(SHOW_TIME)
	fade.tween_property(self, ^"modulate:a", 0.0, 1.0)
	fade.tween_callback(hide)
