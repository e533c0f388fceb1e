## Draws keys with what they do.
class_name KeyCaps
extends RefCounted


## A key called [param key] with the words [param what] behind it.
static func create(key: String, what: String) -> HBoxContainer:
	var pair := HBoxContainer.new()
	pair.mouse_filter = Control.MOUSE_FILTER_IGNORE
	pair.add_theme_constant_override(&"separation", 6)
	var cap := PanelContainer.new()
	cap.theme_type_variation = &"KeyPanel"
	cap.mouse_filter = Control.MOUSE_FILTER_IGNORE
	var name_label := Label.new()
	name_label.theme_type_variation = &"KeyLabel"
	name_label.text = key
	cap.add_child(name_label)
	var what_label := Label.new()
	what_label.theme_type_variation = &"CaptionLabel"
	what_label.text = what
	pair.add_child(cap)
	pair.add_child(what_label)
	return pair
