## Short news about members that come, go, take over as host or begin another activity.
class_name Toasts
extends VBoxContainer

## Seconds for which one is shown.
const SHOW_TIME := 4.0
## Shown at once; older ones give way.
const LIMIT := 3
## Longest name in letters.
const NAME_LETTERS := 28

## The peer whose members are watched.
@export var peer: MetaversePeer
## The scene that the space takes place in.
@export var space_scene: SpaceScene


func _ready() -> void:
	peer.member_joined.connect(_on_member_joined)
	peer.member_left.connect(_on_member_left)
	peer.host_changed.connect(_on_host_changed)
	space_scene.get_things().get_activity().activity_changed.connect(_on_activity_changed)


func _on_member_joined(member: MetaverseMember) -> void:
	if not member.is_local:
		_say(member, "%s came in" % ShortText.cut(member.display_name, NAME_LETTERS))


func _on_member_left(member: MetaverseMember, _reason: String) -> void:
	if not member.is_local:
		_say(member, "%s left" % ShortText.cut(member.display_name, NAME_LETTERS))


func _on_host_changed(member: MetaverseMember) -> void:
	_say(member, "You are the host now" if member.is_local else "%s is the host now" % ShortText.cut(member.display_name, NAME_LETTERS))


func _on_activity_changed(activity: StringName, member: MetaverseMember) -> void:
	if member != null and not member.is_local:
		_say(member, "%s has begun: %s" % [ShortText.cut(member.display_name, NAME_LETTERS), activity])


func _say(member: MetaverseMember, what: String) -> void:
	var toast := PanelContainer.new()
	toast.theme_type_variation = &"ToastPanel"
	toast.size_flags_horizontal = Control.SIZE_SHRINK_CENTER
	var row := HBoxContainer.new()
	var picture := RoundPicture.new()
	picture.diameter = 26
	picture.person_name = member.display_name
	picture.picture = member.avatar_image
	var label := Label.new()
	label.text = what
	row.add_child(picture)
	row.add_child(label)
	toast.add_child(row)
	add_child(toast)
	if get_child_count() > LIMIT:
		get_child(0).free()
	var fade := toast.create_tween()
	fade.tween_property(toast, ^"modulate:a", 1.0, 0.2).from(0.0)
	fade.tween_interval(SHOW_TIME)
	fade.tween_property(toast, ^"modulate:a", 0.0, 0.5)
	fade.tween_callback(toast.queue_free)
