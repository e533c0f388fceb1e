## Says which keys do what, and fades when it has been seen.
extends PanelContainer

## Seconds until it fades.
const SHOW_TIME := 14.0
const KEYS: Dictionary[String, String] = {
	"W A S D": "walk",
	"Shift": "run",
	"Space": "jump",
	"Right mouse": "look",
	"Enter": "chat",
	"Tab": "members",
	"Esc": "menu",
}

@onready var _row: HBoxContainer = %Keys


func _ready() -> void:
	for key: String in KEYS:
		_add(key, KEYS[key])
	var fade := create_tween()
	fade.tween_interval(SHOW_TIME)
	fade.tween_property(self, ^"modulate:a", 0.0, 1.0)
	fade.tween_callback(hide)


func _add(key: String, what: String) -> void:
	var pair := HBoxContainer.new()
	pair.add_theme_constant_override(&"separation", 6)
	var cap := PanelContainer.new()
	cap.theme_type_variation = &"KeyPanel"
	var name_label := Label.new()
	name_label.theme_type_variation = &"KeyLabel"
	name_label.text = key
	cap.add_child(name_label)
	var what_label := Label.new()
	what_label.theme_type_variation = &"CaptionLabel"
	what_label.text = what
	pair.add_child(cap)
	pair.add_child(what_label)
	_row.add_child(pair)
