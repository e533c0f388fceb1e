## Sees who is in the space, and how soon.
class_name MeetingWatch
extends Node

var game: Main
var peer: MetaversePeer

## Others that were there at the same time, at most.
var members_seen := 0
## Others that were there at the same time with a name, a picture and a position, at most.
var avatars_seen := 0
## Others of whom a note, a line and a moved chair were there at the same time, at most.
var marks_seen := 0
## Milliseconds from joining to being inside; negative while unknown.
var join_ms := -1.0
## Milliseconds from joining to the first complete avatar; negative while unknown.
var first_avatar_ms := -1.0

var _join_started := -1


func _ready() -> void:
	process_priority = 1000
	peer.space_joined.connect(_on_space_joined.unbind(1))
	peer.state_changed.connect(_on_state_changed)
	peer.member_joined.connect(_tell_members.unbind(1))
	peer.member_left.connect(_tell_members.unbind(2))


## Starts the clock. Only the first time counts.
func on_join_called() -> void:
	if _join_started < 0:
		_join_started = Time.get_ticks_usec()


## Others that are there now.
func count_members() -> int:
	return maxi(peer.get_members().size() - 1, 0)


## Others that are there now with a name, a picture and a position.
func count_avatars() -> int:
	return count_members() - describe_incomplete().size() if game.get_space_scene() != null else 0


## Others that are there now whose note, line and moved chair are there, too.
func count_marks() -> int:
	var space := game.get_space_scene()
	var count := 0
	for member: MetaverseMember in peer.get_members():
		if space != null and not member.is_local and Marks.are_there(space, member.number):
			count += 1
	return count


## What the others that are there now still lack, one sentence each.
func describe_incomplete() -> PackedStringArray:
	var lacking := PackedStringArray()
	for member: MetaverseMember in peer.get_members():
		var lack := _describe_lack(member)
		if not lack.is_empty():
			lacking.append("member %d has no %s" % [member.number, lack])
	return lacking


func _process(_delta: float) -> void:
	members_seen = maxi(members_seen, count_members())
	avatars_seen = maxi(avatars_seen, count_avatars())
	if marks_seen < members_seen:
		marks_seen = maxi(marks_seen, count_marks())
	if avatars_seen > 0 and first_avatar_ms < 0.0:
		first_avatar_ms = _elapsed()


func _describe_lack(member: MetaverseMember) -> String:
	if member.is_local:
		return ""
	var place := game.get_space_scene()
	var avatar := place.get_spawner().get_avatar(member) as RemoteAvatar if place != null else null
	if avatar == null:
		return "avatar"
	if not avatar.has_pose():
		return "position"
	if member.display_name.is_empty():
		return "name"
	return "picture" if member.avatar_image == null else ""


func _on_space_joined() -> void:
	if join_ms < 0.0 and _join_started >= 0:
		join_ms = _elapsed()
		print("join_ms: %.1f" % join_ms)
	_tell_members()


func _on_state_changed(state: MetaversePeer.State) -> void:
	print("state: %s" % PlayerReport.STATES[state])


# For whoever reads the log from outside.
func _tell_members() -> void:
	var names := PackedStringArray()
	for member: MetaverseMember in peer.get_members():
		if not member.is_local:
			names.append(member.display_name)
	names.sort()
	print("members: %s" % ", ".join(names))


func _elapsed() -> float:
	return (Time.get_ticks_usec() - _join_started) / 1000.0 if _join_started >= 0 else -1.0
