## Who the player is to others: a name and a picture.
class_name ProfileCard
extends PanelContainer

## The player pressed Enter in the name field.
signal submitted

## Longest name in characters that the field takes.
const MAX_NAME := 64

@onready var _preview: RoundPicture = %Preview
@onready var _preview_name: Label = %PreviewName
@onready var _name_edit: LineEdit = %NameEdit
@onready var _choices: HBoxContainer = %Choices
@onready var _file_button: Button = %FileButton
@onready var _dialog: FileDialog = %FileDialog
@onready var _problem: Notice = %Problem

var _group := ButtonGroup.new()


func _ready() -> void:
	_name_edit.max_length = MAX_NAME
	_name_edit.text_changed.connect(_on_name_changed)
	_name_edit.text_submitted.connect(_on_name_submitted)
	_file_button.pressed.connect(_on_file_button_pressed)
	_dialog.filters = PictureFile.FILTERS
	_dialog.file_selected.connect(_on_file_selected)
	for motif: String in PictureGenerator.motifs():
		_add_choice(motif)


## The name typed in, without blanks around it; the placeholder when there is none.
func get_display_name() -> String:
	var typed := _name_edit.text.strip_edges()
	return typed if not typed.is_empty() else _name_edit.placeholder_text


## The picture chosen.
func get_picture() -> Texture2D:
	return _preview.picture


## Fills the card; an empty name becomes a suggested one, no picture the first drawing.
func set_profile(display_name: String, picture: Texture2D) -> void:
	_name_edit.placeholder_text = SuggestedName.pick()
	_name_edit.text = display_name if not display_name.is_empty() else _name_edit.placeholder_text
	_on_name_changed(_name_edit.text)
	var drawn := _find_choice(picture) if picture != null else _choices.get_child(0) as Button
	if drawn != null:
		drawn.button_pressed = true
	else:
		_preview.picture = picture


## Puts the cursor into the name field with the name selected, so that typing replaces it.
func focus_name() -> void:
	_name_edit.grab_focus()
	_name_edit.select_all()


## While [param busy], nothing can be changed.
func set_busy(busy: bool) -> void:
	_name_edit.editable = not busy
	_file_button.disabled = busy
	for child: Node in _choices.get_children():
		var choice := child as Button
		choice.disabled = busy


# The drawing that looks like the picture, if there is one.
func _find_choice(picture: Texture2D) -> Button:
	var motifs := PictureGenerator.motifs()
	for i: int in motifs.size():
		if PictureGenerator.draw(motifs[i]).get_image().get_data() == picture.get_image().get_data():
			return _choices.get_child(i) as Button
	return null


func _add_choice(motif: String) -> void:
	var picture := PictureGenerator.draw(motif)
	var choice := Button.new()
	choice.theme_type_variation = &"PictureButton"
	choice.toggle_mode = true
	choice.button_group = _group
	choice.custom_minimum_size = Vector2(50, 50)
	choice.tooltip_text = motif
	choice.accessibility_name = "Picture: %s" % motif
	choice.toggled.connect(_on_choice_toggled.bind(picture))
	var face := RoundPicture.new()
	face.diameter = 42
	face.picture = picture
	face.position = Vector2(4, 4)
	choice.add_child(face)
	_choices.add_child(choice)


func _on_choice_toggled(on: bool, picture: Texture2D) -> void:
	if not on:
		return
	_problem.clear()
	_preview.picture = picture


func _on_name_changed(_text: String) -> void:
	_preview.person_name = get_display_name()
	_preview_name.text = get_display_name()


func _on_name_submitted(_text: String) -> void:
	submitted.emit()


func _on_file_button_pressed() -> void:
	_dialog.popup_centered_ratio(0.7)


func _on_file_selected(path: String) -> void:
	var file := PictureFile.open(path)
	if file.texture == null:
		_problem.say(file.error)
		return
	_problem.clear()
	var pressed := _group.get_pressed_button()
	if pressed != null:
		pressed.set_pressed_no_signal(false)
	_preview.picture = file.texture
