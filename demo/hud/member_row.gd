## One member in the list.
class_name MemberRow
extends PanelContainer

const PATHS: Dictionary[int, String] = {
	MetaversePeer.PathKind.UNKNOWN: "Connecting",
	MetaversePeer.PathKind.DIRECT: "Direct",
	MetaversePeer.PathKind.RELAY: "Relay",
	MetaversePeer.PathKind.FORWARDED: "Forwarded",
}
const PATH_COLORS: Dictionary[int, Color] = {
	MetaversePeer.PathKind.UNKNOWN: Color("b4bde0"),
	MetaversePeer.PathKind.DIRECT: Color("7de8c2"),
	MetaversePeer.PathKind.RELAY: Color("ffd78a"),
	MetaversePeer.PathKind.FORWARDED: Color("a9c8ff"),
}

@onready var _picture: RoundPicture = %Picture
@onready var _name: Label = %Name
@onready var _crown: TextureRect = %Crown
@onready var _path: Label = %Path
@onready var _round_trip: Label = %RoundTrip


## Shows the present state of [param member].
func show_member(member: MetaverseMember) -> void:
	_picture.person_name = member.display_name
	_picture.picture = member.avatar_image
	_name.text = member.display_name
	_name.tooltip_text = member.display_name
	_crown.visible = member.is_host
	if member.is_local:
		_path.text = "You"
		_path.add_theme_color_override(&"font_color", PATH_COLORS[MetaversePeer.PathKind.UNKNOWN])
		_round_trip.hide()
		return
	_path.text = PATHS[member.path]
	_path.add_theme_color_override(&"font_color", PATH_COLORS[member.path])
	_round_trip.text = _milliseconds(member.round_trip_ms)


func _milliseconds(value: float) -> String:
	if value <= 0.0:
		return "–"
	return "%.1f ms" % value if value < 10.0 else "%d ms" % roundi(value)
