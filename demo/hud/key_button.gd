## A square button with a picture, and the key that does the same in its corner.
class_name KeyButton
extends Button

const SIZE := Vector2(52.0, 48.0)
const KEY_SIZE := 12
const KEY_COLOR := Color("b4bde0")

## The key, as it stands on the keyboard.
@export var key := "":
	set(value):
		key = value
		queue_redraw()


## A button with the picture [param symbol] that says [param tip].
static func create(symbol: Texture2D, key_name: String, tip: String) -> KeyButton:
	var button := KeyButton.new()
	button.icon = symbol
	button.key = key_name
	button.tooltip_text = "%s (%s)" % [tip, key_name]
	return button


func _init() -> void:
	custom_minimum_size = SIZE
	focus_mode = Control.FOCUS_NONE
	theme_type_variation = &"QuietButton"
	icon_alignment = HORIZONTAL_ALIGNMENT_CENTER


func _draw() -> void:
	var font := get_theme_font(&"font", &"Label")
	var width := font.get_string_size(key, HORIZONTAL_ALIGNMENT_LEFT, -1, KEY_SIZE).x
	draw_string(font, Vector2(size.x - width - 5.0, size.y - 5.0), key, HORIZONTAL_ALIGNMENT_LEFT, -1, KEY_SIZE, KEY_COLOR)
