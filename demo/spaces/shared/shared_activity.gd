## What goes on in a space, as its host says: a key of what all members share. Each member watches the others accordingly.
class_name SharedActivity
extends Node

## Another activity goes on. [param member] has chosen it, or is null when that is not known.
signal activity_changed(activity: StringName, member: MetaverseMember)

const KEY := &"activity"

## What all members share.
var state: MetaverseSharedState
## The peer that watches the others.
var peer: MetaversePeer


func _ready() -> void:
	state.changed.connect(_on_changed)
	_watch()


# The next space begins with its own.
func _exit_tree() -> void:
	peer.activity_profile = null


## The present activity: what the host has chosen, or else what the space was created for.
func get_activity() -> StringName:
	var chosen: Variant = state.get_value(KEY)
	if chosen is String:
		var activity: String = chosen
		if MetaverseActivityProfile.get_preset_names().has(activity):
			return activity
	var space := peer.get_space()
	return space.activity if space != null else &""


## Begins [param activity] for everyone.
func choose(activity: StringName) -> Error:
	return state.set_value(KEY, String(activity))


func _on_changed(key: StringName, _value: Variant, member: MetaverseMember) -> void:
	if key != KEY:
		return
	_watch()
	activity_changed.emit(get_activity(), member)


# An activity without a profile of its own is watched as the space asks for.
func _watch() -> void:
	peer.activity_profile = MetaverseActivityProfile.preset(get_activity())
