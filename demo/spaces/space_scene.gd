## A place that members meet in: scenery, points of arrival and the avatars.
class_name SpaceScene
extends Node3D

## How far apart people arrive, in metres, when more come than there are points of arrival.
const CROWD_DISTANCE := 0.9
## The number of the member that created the space.
const FIRST_NUMBER := 1

## The peer whose members are shown.
@export var peer: MetaversePeer

var _unveiling: Unveiling
var _interaction: Interaction

@onready var _spawner: MetaverseAvatarSpawner = %Spawner
@onready var _points: Node3D = %SpawnPoints
@onready var _things: SharedThings = %Things


func _enter_tree() -> void:
	var spawner: MetaverseAvatarSpawner = %Spawner
	spawner.peer = peer
	spawner.avatar_spawned.connect(_on_avatar_spawned)
	peer.member_updated.connect(_on_member_updated)
	var things: SharedThings = %Things
	things.peer = peer
	things.scenery = %Scenery


func _ready() -> void:
	_interaction = Interaction.new()
	_interaction.space = self
	add_child(_interaction)
	_unveiling = Unveiling.new(%Scenery as Node3D, $Avatars as Node3D)
	add_child(_unveiling)


## Builds what all instances of this scene share.
func prepare() -> void:
	for child: Node in %Scenery.get_children():
		if child is Prop:
			(child as Prop).prepare()
		elif child is Terrain:
			(child as Terrain).prepare()
	Figure.prepare()
	var spawner: MetaverseAvatarSpawner = %Spawner
	spawner.remote_avatar_scene.instantiate().free()


## Whether all of the scene is shown.
func is_unveiled() -> bool:
	return not is_instance_valid(_unveiling)


## The spawner of all members' avatars.
func get_spawner() -> MetaverseAvatarSpawner:
	return _spawner


## The player's own avatar, or null before it is there.
func get_local_avatar() -> LocalAvatar:
	var member := peer.get_local_member()
	return _spawner.get_avatar(member) as LocalAvatar if member != null else null


## What members change together: drawings, notes, furniture.
func get_things() -> SharedThings:
	return _things


## The part of the space where [param profile] holds, or null.
func find_area(profile: MetaverseActivityProfile) -> ActivityArea:
	for child: Node in %Scenery.get_children():
		var area := child as ActivityArea
		if area != null and area.profile == profile:
			return area
	return null


## What the player does with the things around it.
func get_interaction() -> Interaction:
	return _interaction


## Where the member with the number [param number] arrives.
func get_spawn_transform(number: int) -> Transform3D:
	var count := _points.get_child_count()
	var order := maxi(number - FIRST_NUMBER, 0)
	var point := _points.get_child(order % count) as Marker3D
	@warning_ignore("integer_division")
	var turn := order / count
	if turn == 0:
		return point.global_transform
	return point.global_transform.translated(Vector3.RIGHT.rotated(Vector3.UP, turn * 2.4) * CROWD_DISTANCE)


func _on_avatar_spawned(member: MetaverseMember, avatar: Node3D) -> void:
	_show_member(member, avatar)
	var own := avatar as LocalAvatar
	if own != null:
		own.arrive(get_spawn_transform(member.number))


func _on_member_updated(member: MetaverseMember) -> void:
	_show_member(member, _spawner.get_avatar(member))


func _show_member(member: MetaverseMember, avatar: Node3D) -> void:
	if avatar is LocalAvatar:
		(avatar as LocalAvatar).show_member(member)
	elif avatar is RemoteAvatar:
		(avatar as RemoteAvatar).show_member(member)
