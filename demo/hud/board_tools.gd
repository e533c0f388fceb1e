## The pens and what else one needs before a whiteboard.
class_name BoardTools
extends PanelContainer

const COLOR_NAMES: PackedStringArray = ["Black", "Red", "Blue", "Green", "Orange"]
const THIN := preload("res://icons/thin.svg")
const THICK := preload("res://icons/thick.svg")
## Seconds for which "clear" waits for the second press.
const SURE_TIME := 3.0

## The scene with the board.
@export var space_scene: SpaceScene

var _task: DrawTask
var _pens: Array[KeyButton] = []
var _eraser: KeyButton
var _width: KeyButton
var _clear: KeyButton
var _timer := Timer.new()

@onready var _row: HBoxContainer = %BoardRow
@onready var _words: Label = %BoardWords


func _ready() -> void:
	for color: int in COLOR_NAMES.size():
		var pen := KeyButton.create(_draw_dot(BoardInk.COLORS[color]), str(color + 1), COLOR_NAMES[color])
		pen.toggle_mode = true
		pen.pressed.connect(_choose.bind(color))
		_row.add_child(pen)
		_pens.append(pen)
	_eraser = _add("eraser", "E", "Eraser", _choose.bind(BoardInk.ERASER))
	_eraser.toggle_mode = true
	_width = _add("thin", "Q", "Thin or thick", _change_width)
	_row.add_child(VSeparator.new())
	_add("note", "N", "Sticky note", _want_note)
	_clear = _add("clear", "", "Wipe everything off, for everyone", _ask_clear)
	_row.add_child(VSeparator.new())
	_add("back", "Esc", "Step back", space_scene.get_interaction().stop)
	_timer.one_shot = true
	_timer.wait_time = SURE_TIME
	_timer.timeout.connect(_refresh)
	add_child(_timer)
	space_scene.get_interaction().task_changed.connect(_on_task_changed)
	_on_task_changed()


func _process(_delta: float) -> void:
	if _task != null:
		_words.text = _describe()


func _add(symbol: String, key: String, tip: String, action: Callable) -> KeyButton:
	var button := KeyButton.create(load("res://icons/%s.svg" % symbol) as Texture2D, key, tip)
	if key.is_empty():
		button.tooltip_text = tip
	button.pressed.connect(action)
	_row.add_child(button)
	return button


func _on_task_changed() -> void:
	_task = space_scene.get_interaction().get_task() as DrawTask
	visible = _task != null
	if _task == null:
		return
	_task.tool_changed.connect(_refresh)
	_refresh()


func _refresh() -> void:
	_clear.text = ""
	if _task == null:
		return
	for color: int in _pens.size():
		_pens[color].set_pressed_no_signal(_task.color == color)
	_eraser.set_pressed_no_signal(_task.color == BoardInk.ERASER)
	_width.icon = THICK if _task.width == 1 else THIN
	_width.disabled = _task.color == BoardInk.ERASER
	reset_size()


func _describe() -> String:
	if _task.is_holding_note():
		return "Click where the note belongs, or press Esc"
	var fullness := _task.get_fullness()
	if fullness >= 1.0:
		return "The board is full: the oldest lines vanish as you draw"
	if fullness > 0.6:
		return "The board is %d %% full; when it is full, the oldest lines vanish" % roundi(fullness * 100.0)
	return "Draw with the mouse. Drag notes, take one off with X"


func _choose(color: int) -> void:
	_task.choose_color(color)


func _change_width() -> void:
	_task.change_width()


func _want_note() -> void:
	space_scene.get_interaction().note_wanted.emit()


func _ask_clear() -> void:
	if _timer.is_stopped():
		_clear.text = "Wipe all?"
		_timer.start()
		return
	_timer.stop()
	_task.clear()
	_refresh()


func _draw_dot(color: Color) -> Texture2D:
	var image := Image.create_empty(48, 48, false, Image.FORMAT_RGBA8)
	for y: int in 48:
		for x: int in 48:
			var far := Vector2(x - 23.5, y - 23.5).length()
			var rim := Color.WHITE.lerp(color, clampf(20.5 - far, 0.0, 1.0))
			image.set_pixel(x, y, Color(rim, clampf(23.5 - far, 0.0, 1.0)))
	image.resize(24, 24, Image.INTERPOLATE_LANCZOS)
	return ImageTexture.create_from_image(image)
