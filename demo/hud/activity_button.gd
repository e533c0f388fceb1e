## Lets the host choose what goes on in the space; shows it to everyone else.
class_name ActivityButton
extends OptionButton

const WORDS: Dictionary[StringName, String] = {
	&"lecture": "One speaks, many listen",
	&"discussion": "A circle that talks",
	&"party": "A crowd in motion",
	&"exhibition": "People stroll among things",
}

## The peer whose space it is.
@export var peer: MetaversePeer
## The scene that the space takes place in.
@export var space_scene: SpaceScene

@onready var _shared: SharedActivity = space_scene.get_things().get_activity()


func _ready() -> void:
	for activity: StringName in WORDS:
		add_item(String(activity).capitalize())
		set_item_metadata(item_count - 1, activity)
		get_popup().set_item_tooltip(item_count - 1, WORDS[activity])
		get_popup().set_item_as_radio_checkable(item_count - 1, false)
	# Who cannot choose reads it as well.
	add_theme_color_override(&"font_disabled_color", get_theme_color(&"font_color"))
	item_selected.connect(_on_item_selected)
	_shared.activity_changed.connect(_refresh.unbind(2))
	peer.host_changed.connect(_refresh.unbind(1))
	_refresh()


func _refresh() -> void:
	# Others may become host while the player leaves.
	if peer.get_space() == null:
		return
	var is_host := peer.get_space().is_host()
	var activity := _shared.get_activity()
	disabled = not is_host
	if is_host:
		remove_theme_icon_override(&"arrow")
	else:
		add_theme_icon_override(&"arrow", PlaceholderTexture2D.new())
	tooltip_text = "%s%s" % [WORDS.get(activity, "What goes on here"), ". Choose what goes on here" if is_host else ""]
	# An activity of another game's own is shown as it is called.
	select(WORDS.keys().find(activity))
	if selected < 0:
		text = String(activity).capitalize()


func _on_item_selected(item: int) -> void:
	var activity: StringName = get_item_metadata(item)
	var error := _shared.choose(activity)
	if error != OK:
		push_warning("What goes on was not shared: %s" % error_string(error))
		_refresh()
