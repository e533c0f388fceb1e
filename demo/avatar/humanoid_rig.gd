## The skeleton of all figures: the bones and rest axes of [SkeletonProfileHumanoid], in the proportions of an adult of 1.75 m.
##
## It stands in a T-pose, looks along +Z and has its left at +X, as Godot's humanoid profile does.
class_name HumanoidRig
extends RefCounted

const HIP_HEIGHT := 0.925
const UPPER_ARM := 0.265
const FOREARM := 0.245
const THIGH := 0.415
const SHIN := 0.41
## Height of the ankle above the ground while the sole lies flat.
const ANKLE := 0.09
## Where the legs begin, beside the middle and below the first bone.
const HIP_SIDE := 0.088
const HIP_DROP := 0.01
## Length from the ankle to the ball of the foot, over which it rolls.
const FOOT := 0.13

const FINGERS: PackedStringArray = ["Thumb", "Index", "Middle", "Ring", "Little"]
const FINGER_BONES: PackedStringArray = ["Proximal", "Intermediate", "Distal"]
const THUMB_BONES: PackedStringArray = ["Metacarpal", "Proximal", "Distal"]

## Where the bones of the trunk begin, in metres.
const TRUNK: Dictionary[StringName, Vector3] = {
	&"Root": Vector3.ZERO,
	&"Hips": Vector3(0.0, HIP_HEIGHT, 0.0),
	&"Spine": Vector3(0.0, 1.01, -0.005),
	&"Chest": Vector3(0.0, 1.13, -0.008),
	&"UpperChest": Vector3(0.0, 1.26, -0.008),
	&"Neck": Vector3(0.0, 1.435, -0.012),
	&"Head": Vector3(0.0, 1.52, -0.004),
	&"Jaw": Vector3(0.0, 1.56, 0.01),
}
## Where the bones of the left side begin; the right side mirrors them.
const SIDE: Dictionary[StringName, Vector3] = {
	&"Eye": Vector3(0.042, 1.648, 0.098),
	&"Shoulder": Vector3(0.035, 1.395, 0.0),
	&"UpperArm": Vector3(0.162, 1.380, -0.008),
	&"LowerArm": Vector3(0.162 + UPPER_ARM, 1.380, -0.008),
	&"Hand": Vector3(0.162 + UPPER_ARM + FOREARM, 1.380, -0.008),
	&"UpperLeg": Vector3(HIP_SIDE, HIP_HEIGHT - HIP_DROP, 0.0),
	&"LowerLeg": Vector3(HIP_SIDE, HIP_HEIGHT - HIP_DROP - THIGH, 0.0),
	&"Foot": Vector3(HIP_SIDE, ANKLE, 0.0),
	&"Toes": Vector3(HIP_SIDE, 0.022, FOOT),
}
## From the wrist to the first joint of each finger.
const KNUCKLES: PackedVector3Array = [
	Vector3(0.022, -0.012, 0.022), Vector3(0.088, -0.002, 0.031), Vector3(0.092, 0.0, 0.010), Vector3(0.087, -0.001, -0.011), Vector3(0.078, -0.004, -0.031),
]
## From joint to joint and to the tip of each finger; the thumb points half forward.
const FINGER_LENGTHS: PackedVector3Array = [
	Vector3(0.034, 0.030, 0.025), Vector3(0.036, 0.023, 0.019), Vector3(0.040, 0.026, 0.020), Vector3(0.037, 0.024, 0.019), Vector3(0.029, 0.018, 0.017),
]
const THUMB_DIRECTION := Vector3(0.68, -0.22, 0.70)

static var _names: PackedStringArray = []
static var _parents: PackedInt32Array = []
static var _places: PackedVector3Array = []
static var _axes: Array[Quaternion] = []
static var _indices: Dictionary[StringName, int] = {}
static var _skin: Skin


## How many bones there are.
static func count() -> int:
	_prepare()
	return _names.size()


## The index of the bone called [param bone].
static func index(bone: StringName) -> int:
	_prepare()
	return _indices[bone]


## The index of a bone of one side; [param side] is 0 for the left and 1 for the right.
static func side_index(side: int, bone: StringName) -> int:
	return index(side_name(side, bone))


## The name of a bone of one side.
static func side_name(side: int, bone: StringName) -> StringName:
	return ("Left" if side == 0 else "Right") + bone


## The parent of each bone; -1 for the root.
static func parents() -> PackedInt32Array:
	_prepare()
	return _parents


## Where the bone begins in the rest pose, in metres.
static func place(bone: int) -> Vector3:
	_prepare()
	return _places[bone]


## The rest rotation of the bone against the whole skeleton.
static func axes(bone: int) -> Quaternion:
	_prepare()
	return _axes[bone]


## The name of a finger's bone: [param joint] counts from the hand to the tip.
static func finger_bone(side: int, finger: int, joint: int) -> StringName:
	return side_name(side, FINGERS[finger] + (THUMB_BONES if finger == 0 else FINGER_BONES)[joint])


## A direction or place of the left side on the side [param side].
static func mirror(side: int, left: Vector3) -> Vector3:
	return left if side == 0 else Vector3(-left.x, left.y, left.z)


## A new skeleton in its rest pose.
static func build_skeleton() -> Skeleton3D:
	_prepare()
	var skeleton := Skeleton3D.new()
	for bone: int in _names.size():
		skeleton.add_bone(_names[bone])
		if _parents[bone] >= 0:
			skeleton.set_bone_parent(bone, _parents[bone])
		skeleton.set_bone_rest(bone, _rest(bone))
	skeleton.reset_bone_poses()
	if _skin == null:
		_skin = skeleton.create_skin_from_rest_transforms()
	return skeleton


## The binding of meshes that were made in the rest pose.
static func skin() -> Skin:
	return _skin


static func _rest(bone: int) -> Transform3D:
	var parent := _parents[bone]
	if parent < 0:
		return Transform3D(Basis(_axes[bone]), _places[bone])
	var back := _axes[parent].inverse()
	return Transform3D(Basis(back * _axes[bone]), back * (_places[bone] - _places[parent]))


static func _prepare() -> void:
	if not _names.is_empty():
		return
	var profile := SkeletonProfileHumanoid.new()
	var places := _name_places()
	for bone: int in profile.bone_size:
		var bone_name := profile.get_bone_name(bone)
		var parent := profile.find_bone(profile.get_bone_parent(bone))
		var turn := profile.get_reference_pose(bone).basis.get_rotation_quaternion()
		_names.append(bone_name)
		_indices[bone_name] = bone
		_parents.append(parent)
		_axes.append(turn if parent < 0 else _axes[parent] * turn)
		_places.append(places[bone_name])


static func _name_places() -> Dictionary[StringName, Vector3]:
	var places: Dictionary[StringName, Vector3] = TRUNK.duplicate()
	for side: int in 2:
		for bone: StringName in SIDE:
			places[side_name(side, bone)] = mirror(side, SIDE[bone])
		for finger: int in FINGERS.size():
			var at := SIDE[&"Hand"] + KNUCKLES[finger]
			for joint: int in 3:
				places[finger_bone(side, finger, joint)] = mirror(side, at)
				at += finger_direction(finger) * FINGER_LENGTHS[finger][joint]
	return places


## Where a straight finger of the left hand points.
static func finger_direction(finger: int) -> Vector3:
	if finger == 0:
		return THUMB_DIRECTION.normalized()
	return Vector3(1.0, 0.0, KNUCKLES[finger].z * 1.6).normalized()
