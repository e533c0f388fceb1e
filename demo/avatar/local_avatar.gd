## The player's own avatar: walks where the [member driver] wants to go.
class_name LocalAvatar
extends CharacterBody3D

const WALK_SPEED := 2.2
const RUN_SPEED := 4.8
const JUMP_SPEED := 4.6
## Metres a second squared; the ground holds better than the air.
const ACCELERATION := 14.0
const AIR_ACCELERATION := 4.0
## How fast the figure turns to where it walks, per second.
const TURN := 11.0
## Below this height the player has fallen out of the scenery, in metres.
const ABYSS := -12.0

## Says where to go; replace it to have the avatar steered by something other than the player.
var driver: AvatarDriver

var _home := Transform3D.IDENTITY
var _gravity: float = ProjectSettings.get_setting("physics/3d/default_gravity")

@onready var _figure: MemberFigure = %MemberFigure
@onready var _camera: ThirdPersonCamera = %Camera


func _ready() -> void:
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


## While [param paused], keys and mouse belong to something else: the chat or a menu.
func set_paused(paused: bool) -> void:
	_camera.paused = paused
	var player := driver as PlayerDriver
	if player != null:
		player.paused = paused


## The camera that follows this avatar.
func get_camera() -> ThirdPersonCamera:
	return _camera


# Every frame and not every physics step, so that it moves as smoothly as the screen draws.
func _process(delta: float) -> void:
	var wish := driver.steer(self, delta)
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


func _turn(direction: Vector3, delta: float) -> void:
	if direction.length_squared() < 0.01:
		return
	var aim := atan2(-direction.x, -direction.z)
	global_rotation.y = lerp_angle(global_rotation.y, aim, 1.0 - exp(-TURN * delta))
