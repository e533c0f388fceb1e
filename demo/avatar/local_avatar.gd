## The player's own avatar: walks where the [member driver] wants to go.
class_name LocalAvatar
extends CharacterBody3D

## The player walked away from where [method stay_at] had put the avatar.
signal walked_away

const WALK_SPEED := 2.0
const RUN_SPEED := 4.8
const JUMP_SPEED := 4.6
## Metres a second squared; the ground holds better than the air.
const ACCELERATION := 14.0
const AIR_ACCELERATION := 4.0
## How fast the figure turns to where it walks, per second.
const TURN := 11.0
## Metres a second to a seat or a board.
const APPROACH_SPEED := 3.2
## Below this height the player has fallen out of the scenery, in metres.
const ABYSS := -12.0

## Says where to go; replace it to have the avatar steered by something other than the player.
var driver: AvatarDriver

var _home := Transform3D.IDENTITY
var _gravity: float = ProjectSettings.get_setting("physics/3d/default_gravity")
# Gives the place to stay at, as a Transform3D on the ground; invalid while the avatar is free.
var _station := Callable()

@onready var _figure: MemberFigure = %MemberFigure
@onready var _camera: ThirdPersonCamera = %Camera
@onready var _sync: MetaverseAvatarSync = $Sync


func _ready() -> void:
	_sync.skeleton = _figure.get_figure().skeleton
	if driver == null:
		driver = PlayerDriver.new(_camera)


## Gives the figure the look of [param member].
func show_member(member: MetaverseMember) -> void:
	_figure.show_member(member)


## Puts the avatar at [param place], with the camera behind it. It returns there when it falls.
func arrive(place: Transform3D) -> void:
	_home = place
	global_transform = place
	velocity = Vector3.ZERO
	_camera.look_along(place.basis.get_euler().y)


## Turns the avatar and its camera to [param heading], around the vertical axis, in radians.
func face(heading: float) -> void:
	global_rotation.y = heading
	_camera.look_along(heading)


## Goes to where [param station] says and stays there, even if that moves, until the player walks.
## [param station] gives a [Transform3D] on the ground.
func stay_at(station: Callable) -> void:
	_station = station
	velocity = Vector3.ZERO


## Frees the avatar from where it stays.
func leave_station() -> void:
	_station = Callable()


## While [param paused], keys and mouse belong to something else: the chat or a menu.
func set_paused(paused: bool) -> void:
	_camera.paused = paused
	var player := driver as PlayerDriver
	if player != null:
		player.paused = paused


## The camera that follows this avatar.
func get_camera() -> ThirdPersonCamera:
	return _camera


## What the avatar looks like.
func get_figure() -> MemberFigure:
	return _figure


# Every frame and not every physics step, so that it moves as smoothly as the screen draws.
func _process(delta: float) -> void:
	var wish := driver.steer(self, delta)
	if _station.is_valid():
		_stay(wish, delta)
		return
	if wish.direction.length_squared() > 0.01 and _figure.get_motion().is_still():
		_figure.get_motion().stop()
	var flat := Vector3(velocity.x, 0.0, velocity.z)
	var target := wish.direction * (RUN_SPEED if wish.run else WALK_SPEED)
	flat = flat.move_toward(target, (ACCELERATION if is_on_floor() else AIR_ACCELERATION) * delta)
	velocity = Vector3(flat.x, velocity.y - _gravity * delta, flat.z)
	if wish.jump and is_on_floor():
		velocity.y = JUMP_SPEED
	move_and_slide()
	_turn(wish.direction, delta)
	if global_position.y < ABYSS:
		arrive(_home)


func _stay(wish: AvatarDriver.Wish, delta: float) -> void:
	if wish.jump or wish.direction.length_squared() > 0.04:
		leave_station()
		walked_away.emit()
		return
	var place: Transform3D = _station.call()
	global_position = global_position.move_toward(place.origin, APPROACH_SPEED * delta)
	global_rotation.y = lerp_angle(global_rotation.y, place.basis.get_euler().y, 1.0 - exp(-TURN * delta))


func _turn(direction: Vector3, delta: float) -> void:
	if direction.length_squared() < 0.01:
		return
	var aim := atan2(-direction.x, -direction.z)
	global_rotation.y = lerp_angle(global_rotation.y, aim, 1.0 - exp(-TURN * delta))
