## Another member's avatar. Invisible until its first position has come.
class_name RemoteAvatar
extends Node3D

@onready var _figure: MemberFigure = %MemberFigure
@onready var _tag: NameTag = %NameTag
@onready var _sync: MetaverseAvatarSync = %Sync


func _ready() -> void:
	visible = _sync.has_pose()
	_sync.first_pose_received.connect(show)


## Shows the name, the picture and the look of [param member].
func show_member(member: MetaverseMember) -> void:
	_figure.show_member(member)
	_tag.show_member(member)


## The tag above the head.
func get_name_tag() -> NameTag:
	return _tag


## Whether a position of this avatar has been received.
func has_pose() -> bool:
	return _sync.has_pose()
