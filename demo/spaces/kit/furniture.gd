## A piece of scenery that can be carried about. Where it stands is the same for all members, see [SharedFurniture].
@tool
@abstract
class_name Furniture
extends Prop

## All pieces of the space.
const GROUP := &"furniture"
## How high a piece is lifted while it is carried, in metres.
const LIFT := 0.10
## How fast a piece glides to where another member moves it, per second.
const GLIDE := 11.0
const SCENERY_LAYER := 1
## What the player carries stops only the player, who cannot walk into it when it is held up by a wall.
const IN_HANDS_LAYER := 4

## The number of the member that carries it; 0 while it stands.
var carrier := 0

var _goal := Transform3D.IDENTITY
var _home := Transform3D.IDENTITY


func _ready() -> void:
	add_to_group(GROUP)
	_home = transform
	_goal = transform
	set_process(false)


## What the piece is called in a sentence, as in "Move the chair".
@abstract
func title() -> String


## Width, height and depth in metres, around the piece's middle line.
@abstract
func size() -> Vector3


## Where people sit on it, in its own axes: on the ground below the hips, looking along -Z.
func seats() -> Array[Transform3D]:
	return []


## Height of its seats above the ground, in metres.
func seat_height() -> float:
	return 0.0


## Lets the piece glide to [param place] on the ground, carried by the member with the number [param number] or by nobody.
func glide_to(place: Transform3D, number: int) -> void:
	_set_carrier(number)
	_goal = place.translated(Vector3.UP * (LIFT if number != 0 else 0.0))
	set_process(true)


## Puts the piece to [param place] at once.
func put(place: Transform3D, number: int) -> void:
	glide_to(place, number)
	transform = _goal
	set_process(false)


## Where it stood in the beginning.
func get_home() -> Transform3D:
	return _home


## Where on the ground it stands or is on its way to.
func get_place() -> Transform3D:
	return _goal.translated(Vector3.DOWN * (LIFT if carrier != 0 else 0.0))


func _process(delta: float) -> void:
	transform = transform.interpolate_with(_goal, 1.0 - exp(-GLIDE * delta))
	if transform.origin.distance_to(_goal.origin) < 0.002 and transform.basis.z.dot(_goal.basis.z) > 0.9999:
		transform = _goal
		set_process(false)


# What others carry stops nobody.
func _set_carrier(number: int) -> void:
	carrier = number
	collision_layer = 0 if number != 0 else SCENERY_LAYER
