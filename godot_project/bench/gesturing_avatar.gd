class_name GesturingAvatar
extends Node3D
## A figure with all bones of the humanoid profile, which moves them as a person does who talks with their hands.

## How parts of a body swing: degrees to each side, and swings a second. The first word that a bone's name contains counts.
const SWINGS: Dictionary[String, Vector2] = {
	"Shoulder": Vector2(4.0, 0.4),
	"UpperArm": Vector2(25.0, 0.4),
	"LowerArm": Vector2(30.0, 0.5),
	"Hand": Vector2(18.0, 0.6),
	"Leg": Vector2(4.0, 0.25),
	"Foot": Vector2(4.0, 0.25),
	"Toes": Vector2(4.0, 0.25),
	"Head": Vector2(8.0, 0.3),
	"Neck": Vector2(6.0, 0.3),
	"Eye": Vector2(6.0, 0.4),
	"Jaw": Vector2(4.0, 1.0),
	"Root": Vector2(2.0, 0.1),
	"Hips": Vector2(3.0, 0.25),
	"Chest": Vector2(3.0, 0.25),
	"Spine": Vector2(3.0, 0.25),
}
## Fingers, which have names of many kinds.
const FINGER_SWING := Vector2(12.0, 0.5)
## Metres that the hips and the whole figure sway.
const SWAY := 0.03
const DRIFT := 0.15
## So that no two bones, and no two avatars, swing in step.
const GOLDEN_ANGLE := 2.399963

var skeleton := Skeleton3D.new()
## When it was last moved, in seconds since 1970.
var clock := 0.0

var _home := Vector3.ZERO
var _start := 0.0
var _hips := 0
var _hips_rest := Vector3.ZERO
var _rests: Array[Quaternion] = []
var _axes := PackedVector3Array()
var _angles := PackedFloat32Array()
var _speeds := PackedFloat32Array()


func _init(number: int) -> void:
	_home = Vector3(number % 6, 0.0, floorf(number / 6.0))
	_start = GOLDEN_ANGLE * number
	position = _home
	skeleton.name = "Skeleton3D"
	add_child(skeleton)
	_add_bones(SkeletonProfileHumanoid.new())


## Moves everything to where it is at [param seconds].
func gesture(seconds: float) -> void:
	clock = seconds
	var time := fmod(seconds, 10_000.0) + _start
	position = _home + DRIFT * Vector3(sin(0.5 * time), 0.0, cos(0.4 * time))
	rotation.y = 0.3 * sin(0.6 * time)
	var sway := SWAY * Vector3(sin(1.5 * time), 0.5 * sin(3.0 * time), 0.0)
	skeleton.set_bone_pose_position(_hips, _hips_rest + sway)
	for bone: int in _rests.size():
		# A slow swing with a quicker one upon it, as no gesture is a clock's.
		var phase := _speeds[bone] * time + GOLDEN_ANGLE * bone
		var angle := _angles[bone] * (0.8 * sin(phase) + 0.2 * sin(2.3 * phase))
		skeleton.set_bone_pose_rotation(bone, _rests[bone] * Quaternion(_axes[bone], angle))


func _add_bones(profile: SkeletonProfileHumanoid) -> void:
	for bone: int in profile.bone_size:
		skeleton.add_bone(profile.get_bone_name(bone))
	for bone: int in profile.bone_size:
		skeleton.set_bone_parent(bone, profile.find_bone(profile.get_bone_parent(bone)))
		var rest := profile.get_reference_pose(bone)
		skeleton.set_bone_rest(bone, rest)
		_rests.append(rest.basis.get_rotation_quaternion())
		var turn := GOLDEN_ANGLE * bone
		_axes.append(Vector3(cos(turn), 0.3, sin(turn)).normalized())
		var swing := _swing(profile.get_bone_name(bone))
		_angles.append(deg_to_rad(swing.x))
		_speeds.append(TAU * swing.y)
	skeleton.reset_bone_poses()
	_hips = skeleton.find_bone("Hips")
	_hips_rest = skeleton.get_bone_rest(_hips).origin


func _swing(bone_name: String) -> Vector2:
	for part: String in SWINGS:
		if bone_name.contains(part):
			return SWINGS[part]
	return FINGER_SWING
