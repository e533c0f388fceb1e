## Asks for the words and the color of a sticky note.
class_name NoteEditor
extends PanelContainer

## The note is written.
signal written(text: String, color: int)
## The editor was opened or closed.
signal opened_or_closed

const COLOR_NAMES: PackedStringArray = ["Yellow", "Pink", "Blue", "Green", "Orange"]

## The scene that holds the notes.
@export var space_scene: SpaceScene

var _color := 0
var _papers: Array[Button] = []

@onready var _words: LineEdit = %NoteInput
@onready var _colors: HBoxContainer = %NoteColors
@onready var _count: Label = %NoteCount
@onready var _put: Button = %NotePut
@onready var _cancel: Button = %NoteCancel


func _ready() -> void:
	_words.max_length = StickyNote.MAX_LETTERS
	_words.text_changed.connect(_refresh.unbind(1))
	_words.text_submitted.connect(_submit.unbind(1))
	_put.pressed.connect(_submit)
	_cancel.pressed.connect(close)
	for color: int in StickyNote.COLORS.size():
		_add_paper(color)
	hide()


## Opens the editor with an empty note.
func open() -> void:
	_words.clear()
	_choose(_color)
	show()
	_words.grab_focus()
	_refresh()
	opened_or_closed.emit()


## Writes [param text] on paper of the color with the number [param color], as if typed, and is done.
func submit(text: String, color: int) -> void:
	_words.text = text
	_choose(color)
	_submit()


## Closes the editor.
func close() -> void:
	_words.release_focus()
	hide()
	opened_or_closed.emit()


func _input(event: InputEvent) -> void:
	if visible and (event.is_action_pressed(&"ui_cancel") or event.is_action_pressed(&"menu")):
		get_viewport().set_input_as_handled()
		close()


func _add_paper(color: int) -> void:
	var paper := Button.new()
	paper.theme_type_variation = &"ChoiceButton"
	paper.toggle_mode = true
	paper.custom_minimum_size = Vector2(48.0, 40.0)
	paper.tooltip_text = COLOR_NAMES[color]
	var image := Image.create_empty(20, 20, false, Image.FORMAT_RGBA8)
	image.fill(StickyNote.COLORS[color])
	paper.icon = ImageTexture.create_from_image(image)
	paper.icon_alignment = HORIZONTAL_ALIGNMENT_CENTER
	paper.pressed.connect(_choose.bind(color))
	_colors.add_child(paper)
	_papers.append(paper)


func _choose(color: int) -> void:
	_color = color
	for i: int in _papers.size():
		_papers[i].set_pressed_no_signal(i == color)


func _refresh() -> void:
	var has_room := space_scene.get_things().get_notes().has_room()
	_put.disabled = not has_room or StickyNote.clean(_words.text).is_empty()
	_count.text = "%d of %d letters" % [_words.text.length(), StickyNote.MAX_LETTERS]
	if not has_room:
		_count.text = "%d notes hang here already: take one off first" % SharedNotes.CAPACITY


func _submit() -> void:
	_refresh()
	if _put.disabled:
		return
	var text := StickyNote.clean(_words.text)
	close()
	written.emit(text, _color)
