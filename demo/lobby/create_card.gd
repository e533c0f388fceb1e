## The form for a new space.
class_name CreateCard
extends PanelContainer

## The player wants to create the space that [method get_options] describes.
signal create_pressed

## Longest name of a space in characters that the field takes.
const MAX_NAME := 64

@onready var _name_edit: LineEdit = %NameEdit
@onready var _classroom: Button = %Classroom
@onready var _garden: Button = %Garden
@onready var _private: Button = %Private
@onready var _public: Button = %Public
@onready var _capacity: HSlider = %Capacity
@onready var _capacity_label: Label = %CapacityLabel
@onready var _create: Button = %Create
@onready var _problem: Notice = %Problem


func _ready() -> void:
	_name_edit.max_length = MAX_NAME
	_name_edit.text_submitted.connect(_on_name_submitted)
	_create.pressed.connect(create_pressed.emit)
	_capacity.value_changed.connect(_on_capacity_changed)
	_classroom.toggled.connect(_on_scene_toggled)
	_on_capacity_changed(_capacity.value)
	_on_scene_toggled(true)


## What the player asked for.
func get_options() -> MetaverseSpaceOptions:
	var options := MetaverseSpaceOptions.new()
	var typed := _name_edit.text.strip_edges()
	options.space_name = typed if not typed.is_empty() else _name_edit.placeholder_text
	options.scene = SpaceCatalog.GARDEN if _garden.button_pressed else SpaceCatalog.CLASSROOM
	options.visibility = MetaverseSpaceOptions.Visibility.PRIVATE if _private.button_pressed else MetaverseSpaceOptions.Visibility.PUBLIC
	options.capacity = int(_capacity.value)
	return options


## Shows why the space could not be created.
func show_problem(headline: String, text: String) -> void:
	_problem.say(headline, text)


## Hides the last problem.
func clear_problem() -> void:
	_problem.clear()


## While [param busy], nothing can be changed.
func set_busy(busy: bool) -> void:
	_name_edit.editable = not busy
	_capacity.editable = not busy
	for button: Button in [_classroom, _garden, _private, _public, _create]:
		button.disabled = busy


func _on_capacity_changed(value: float) -> void:
	_capacity_label.text = "Up to %d people" % int(value)


func _on_scene_toggled(classroom: bool) -> void:
	_name_edit.placeholder_text = "Our classroom" if classroom else "Our garden"


func _on_name_submitted(_text: String) -> void:
	create_pressed.emit()
