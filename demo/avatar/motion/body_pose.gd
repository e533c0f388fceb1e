## A pose of [HumanoidRig]: how each bone is turned against its parent, as if all rest rotations were none.
##
## Axes are those of the skeleton: +X is the figure's left, +Y up, +Z forward. [constant Quaternion.IDENTITY] is the T-pose.
class_name BodyPose
extends RefCounted

## Curls of the fingers from thumb to little finger: 0 straight, 1 a fist.
const RELAXED: PackedFloat32Array = [0.25, 0.22, 0.27, 0.32, 0.36]
const OPEN: PackedFloat32Array = [0.0, 0.03, 0.03, 0.04, 0.06]
const FIST: PackedFloat32Array = [0.85, 0.95, 1.0, 1.0, 1.0]
const GRIP: PackedFloat32Array = [0.4, 0.55, 0.55, 0.6, 0.6]
const PEN: PackedFloat32Array = [0.75, 0.42, 0.62, 0.8, 0.85]
const SPREAD: PackedFloat32Array = [-0.25, 0.0, 0.0, 0.0, 0.0]
## Radians of each joint of a finger in a fist.
const CURL: PackedFloat32Array = [1.35, 1.6, 1.1]
## Limbs are never stretched quite straight, as a part of their length.
const STRETCH := 0.992

## One for each bone.
var turns: Array[Quaternion] = []
## How far the hips are from their rest place, in metres.
var hips := Vector3.ZERO
## Curls of the fingers, left and right.
var fingers: Array[PackedFloat32Array] = [RELAXED.duplicate(), RELAXED.duplicate()]

static var _before: Array[Quaternion] = []
static var _after: Array[Quaternion] = []
static var _hips_turn: Quaternion
static var _thumb_axes: PackedVector3Array = []


func _init() -> void:
	turns.resize(HumanoidRig.count())
	turns.fill(Quaternion.IDENTITY)
	if _before.is_empty():
		_prepare()


## Becomes a copy of [param other].
func take(other: BodyPose) -> void:
	turns.assign(other.turns)
	hips = other.hips
	for side: int in 2:
		fingers[side] = other.fingers[side].duplicate()


## Goes to [param other] by [param weight] from 0 to 1.
func blend(other: BodyPose, weight: float) -> void:
	for bone: int in turns.size():
		turns[bone] = turns[bone].slerp(other.turns[bone], weight)
	hips = hips.lerp(other.hips, weight)
	for side: int in 2:
		for finger: int in 5:
			fingers[side][finger] = lerpf(fingers[side][finger], other.fingers[side][finger], weight)


## Turns the bone called [param bone] around [param euler], in radians.
func turn(bone: StringName, euler: Vector3) -> void:
	turns[HumanoidRig.index(bone)] = Quaternion.from_euler(euler)


## Turns a bone of one side; [param euler] is that of the left and is mirrored for the right.
func turn_side(side: int, bone: StringName, euler: Vector3) -> void:
	var mirrored := euler if side == 0 else Vector3(euler.x, -euler.y, -euler.z)
	turns[HumanoidRig.side_index(side, bone)] = Quaternion.from_euler(mirrored)


## Where the bone begins and how it is turned, in the skeleton.
func locate(bone: int) -> Transform3D:
	var parent := HumanoidRig.parents()[bone]
	if parent < 0:
		return Transform3D(Basis(turns[bone]), HumanoidRig.place(bone))
	var above := locate(parent)
	var at := above * (HumanoidRig.place(bone) - HumanoidRig.place(parent))
	if parent == 0:
		at += hips
	return Transform3D(above.basis * Basis(turns[bone]), at)


## Bends the leg of [param side] so that the ankle is at [param ankle]; the foot is turned by [param foot] in the
## skeleton, and the knee points to [param knee].
func place_foot(side: int, ankle: Vector3, foot: Basis, knee: Vector3) -> void:
	var upper := HumanoidRig.side_index(side, &"UpperLeg")
	var shin := _reach(upper, HumanoidRig.THIGH, HumanoidRig.SHIN, ankle, knee, Basis(Vector3.DOWN, Vector3.RIGHT, Vector3.DOWN.cross(Vector3.RIGHT)))
	turns[HumanoidRig.side_index(side, &"Foot")] = (shin.inverse() * foot).get_rotation_quaternion()


## Bends the arm of [param side] so that the wrist is at [param wrist], and the elbow points to [param elbow].
## Returns how the forearm is turned in the skeleton.
func place_hand(side: int, wrist: Vector3, elbow: Vector3) -> Basis:
	var out := HumanoidRig.mirror(side, Vector3.RIGHT)
	var hinge := HumanoidRig.mirror(side, Vector3.RIGHT).x * Vector3.DOWN
	turns[HumanoidRig.side_index(side, &"Hand")] = Quaternion.IDENTITY
	return _reach(HumanoidRig.side_index(side, &"UpperArm"), HumanoidRig.UPPER_ARM, HumanoidRig.FOREARM, wrist, elbow, Basis(out, hinge, out.cross(hinge)))


## As [method place_hand], with the fingers pointing along [param pointing] and the palm looking along [param palm].
## Forearm and wrist share the twist.
func place_palm(side: int, wrist: Vector3, elbow: Vector3, pointing: Vector3, palm: Vector3) -> void:
	var forearm := place_hand(side, wrist, elbow)
	var out := HumanoidRig.mirror(side, Vector3.RIGHT)
	var rest := Basis(out, Vector3.DOWN, out.cross(Vector3.DOWN))
	var first := pointing.normalized()
	var second := (palm - first * palm.dot(first)).normalized()
	var wanted := Basis(first, second, first.cross(second)) * rest.transposed()
	var bend := (forearm.inverse() * wanted).get_rotation_quaternion()
	var twist := Quaternion(bend.x, 0.0, 0.0, bend.w)
	if twist.length_squared() < 0.0001:
		twist = Quaternion.IDENTITY
	var half := Quaternion.IDENTITY.slerp(twist.normalized(), 0.6)
	var lower := HumanoidRig.side_index(side, &"LowerArm")
	turns[lower] = turns[lower] * half
	turns[HumanoidRig.side_index(side, &"Hand")] = half.inverse() * bend


## Curls the fingers of one hand as in [param curls].
func hold(side: int, curls: PackedFloat32Array) -> void:
	fingers[side] = curls.duplicate()


## Poses [param skeleton]: by [param weight], from 0 to 1, over how it is.
func apply(skeleton: Skeleton3D, weight: float = 1.0) -> void:
	_curl_fingers()
	for bone: int in turns.size():
		var turned := _before[bone] * turns[bone] * _after[bone]
		skeleton.set_bone_pose_rotation(bone, turned if weight >= 1.0 else skeleton.get_bone_pose_rotation(bone).slerp(turned, weight))
	var first := HumanoidRig.index(&"Hips")
	var place := skeleton.get_bone_rest(first).origin + _hips_turn * hips
	skeleton.set_bone_pose_position(first, place if weight >= 1.0 else skeleton.get_bone_pose_position(first).lerp(place, weight))


func _curl_fingers() -> void:
	for side: int in 2:
		var mirror := 1.0 if side == 0 else -1.0
		for finger: int in 5:
			var curl := fingers[side][finger]
			for joint: int in 3:
				var bone := HumanoidRig.index(HumanoidRig.finger_bone(side, finger, joint))
				var axis := Vector3.FORWARD * mirror if finger > 0 else _thumb_axes[side]
				var most := CURL[joint] if finger > 0 else 0.75
				turns[bone] = Quaternion(axis, curl * most)


# Two bones of the lengths [param first] and [param second] from the joint of [param upper] to [param goal]. The columns of
# [param rest] are, in the rest pose, where the limb points, the axis it bends around, and what is square to both.
func _reach(upper: int, first: float, second: float, goal: Vector3, pole: Vector3, rest: Basis) -> Basis:
	var lower := upper + 1
	var parent := locate(HumanoidRig.parents()[upper])
	var joint := parent * (HumanoidRig.place(upper) - HumanoidRig.place(HumanoidRig.parents()[upper]))
	var way := goal - joint
	var far := clampf(way.length(), absf(first - second) + 0.02, (first + second) * STRETCH)
	var straight := way.normalized()
	var hinge := pole.cross(straight).normalized()
	var lift := acos(clampf((first * first + far * far - second * second) / (2.0 * first * far), -1.0, 1.0))
	var bend := PI - acos(clampf((first * first + second * second - far * far) / (2.0 * first * second), -1.0, 1.0))
	var thigh := straight.rotated(hinge, -lift)
	var turned := Basis(thigh, hinge, thigh.cross(hinge)) * rest.transposed()
	var shin := thigh.rotated(hinge, bend)
	var turned_lower := Basis(shin, hinge, shin.cross(hinge)) * rest.transposed()
	turns[upper] = (parent.basis.inverse() * turned).get_rotation_quaternion()
	turns[lower] = (turned.inverse() * turned_lower).get_rotation_quaternion()
	return turned_lower


static func _prepare() -> void:
	var parents := HumanoidRig.parents()
	for bone: int in HumanoidRig.count():
		var above := HumanoidRig.axes(parents[bone]) if parents[bone] >= 0 else Quaternion.IDENTITY
		_before.append(above.inverse())
		_after.append(HumanoidRig.axes(bone))
	_hips_turn = HumanoidRig.axes(HumanoidRig.parents()[HumanoidRig.index(&"Hips")]).inverse()
	for side: int in 2:
		var thumb := HumanoidRig.mirror(side, HumanoidRig.THUMB_DIRECTION).normalized()
		var inside := HumanoidRig.mirror(side, Vector3(0.35, -0.75, -0.5))
		_thumb_axes.append(thumb.cross(inside).normalized())
