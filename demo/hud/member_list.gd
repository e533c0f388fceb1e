## Everyone in the space, with how they are connected to the player.
class_name MemberList
extends PanelContainer

const ROW := preload("res://hud/member_row.tscn")
## Seconds between two looks at the round trips.
const REFRESH_INTERVAL := 1.0
## Height in pixels that the bars above and below the list, the hints and its heading take.
const ROOM_AROUND := 320.0

## The peer whose members are shown.
@export var peer: MetaversePeer

var _rows: Dictionary[int, MemberRow] = {}
var _since_refresh := 0.0

@onready var _list: VBoxContainer = %List
@onready var _heading: Label = %Heading
@onready var _scroll: ScrollContainer = %MemberScroll


func _ready() -> void:
	peer.member_joined.connect(_refresh.unbind(1))
	peer.member_left.connect(_refresh.unbind(2))
	peer.member_updated.connect(_refresh.unbind(1))
	peer.host_changed.connect(_refresh.unbind(1))
	peer.path_changed.connect(_refresh.unbind(2))
	visibility_changed.connect(_refresh)
	_list.minimum_size_changed.connect(_fit)
	get_viewport().size_changed.connect(_fit)
	_refresh()


func _process(delta: float) -> void:
	_since_refresh += delta
	if visible and _since_refresh >= REFRESH_INTERVAL:
		_refresh()


func _refresh() -> void:
	_since_refresh = 0.0
	if not visible:
		return
	var members := peer.get_members()
	members.sort_custom(_comes_before)
	var present: Dictionary[int, bool] = {}
	for i: int in members.size():
		present[members[i].number] = true
		_show(members[i], i)
	for number: int in _rows.keys():
		if not present.has(number):
			_rows[number].queue_free()
			_rows.erase(number)
	_heading.text = "Members (%d)" % members.size()


func _show(member: MetaverseMember, place: int) -> void:
	if not _rows.has(member.number):
		var row: MemberRow = ROW.instantiate()
		_list.add_child(row)
		_rows[member.number] = row
	_rows[member.number].show_member(member)
	_list.move_child(_rows[member.number], place)


# As tall as the list, until it would leave the screen.
func _fit() -> void:
	var room := get_viewport_rect().size.y - ROOM_AROUND
	_scroll.custom_minimum_size.y = minf(_list.get_combined_minimum_size().y, room)


# The player first, then in the order of arrival.
func _comes_before(a: MetaverseMember, b: MetaverseMember) -> bool:
	if a.is_local != b.is_local:
		return a.is_local
	return a.number < b.number
