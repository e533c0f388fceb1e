## Says what the keys do with what is near.
class_name Prompts
extends PanelContainer

## The scene with the things.
@export var space_scene: SpaceScene

@onready var _row: HBoxContainer = %PromptRow


func _ready() -> void:
	space_scene.get_interaction().prompts_changed.connect(_refresh)
	_refresh()


func _refresh() -> void:
	for child: Node in _row.get_children():
		child.free()
	var prompts := space_scene.get_interaction().get_prompts()
	for key: String in prompts:
		_row.add_child(KeyCaps.create(key, prompts[key]))
	visible = not prompts.is_empty()
	reset_size()
