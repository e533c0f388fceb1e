## Another member's avatar. Invisible until its first position has come.
class_name RemoteAvatar
extends Node3D

## How far above the middle of the head the name is, in metres.
const TAG_HEIGHT := 0.32

@onready var _figure: MemberFigure = %MemberFigure
@onready var _tag: NameTag = %NameTag
@onready var _sync: MetaverseAvatarSync = %Sync


func _ready() -> void:
	visible = _sync.has_pose()
	_sync.first_pose_received.connect(show)
	_sync.skeleton = _figure.get_figure().skeleton
	_sync.body_changed.connect(_on_body_changed)
	_on_body_changed(_sync.has_body())


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


func _process(_delta: float) -> void:
	_tag.global_position = _figure.get_figure().get_head_position() + Vector3.UP * TAG_HEIGHT


# The one switch between the two that can move the bones of another member's figure: the walk that it knows by itself, and
# the poses that the member sends, which the sync node plays on the very same skeleton.
func _on_body_changed(has_body: bool) -> void:
	if has_body:
		_figure.get_motion().yield_bones()
	else:
		_figure.get_motion().take_bones()
