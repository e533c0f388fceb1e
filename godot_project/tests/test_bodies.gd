extends TestCase
## Bodies: the bones of one player's skeleton, shown on another's.

const ARM := &"LeftUpperArm"
const CLOSE := deg_to_rad(2.0)


## An avatar: a root with a skeleton and its sync.
class Avatar:
	extends Node3D
	var skeleton: Skeleton3D
	var sync := MetaverseAvatarSync.new()

	func _init(of_peer: MetaversePeer, of_member: MetaverseMember, of: Skeleton3D) -> void:
		skeleton = of
		add_child(skeleton)
		sync.peer = of_peer
		sync.skeleton = skeleton
		sync.member = of_member
		add_child(sync)

	func bone(bone_name: StringName) -> int:
		return skeleton.find_bone(bone_name)

	## Turns a bone away from its rest, about an axis of the skeleton.
	func turn(bone_name: StringName, axis: Vector3, angle: float) -> void:
		var at := bone(bone_name)
		var global := skeleton.get_bone_global_rest(at).basis.get_rotation_quaternion()
		var parent := global * skeleton.get_bone_rest(at).basis.get_rotation_quaternion().inverse()
		skeleton.set_bone_pose_rotation(at, (parent.inverse() * Quaternion(axis, angle) * global).normalized())

	## How a bone is turned away from its rest, in the axes of the skeleton.
	func turned(bone_name: StringName) -> Quaternion:
		var at := bone(bone_name)
		var rest := skeleton.get_bone_rest(at).basis.get_rotation_quaternion()
		var parent := skeleton.get_bone_global_rest(at).basis.get_rotation_quaternion() * rest.inverse()
		return (parent * skeleton.get_bone_pose_rotation(at) * rest.inverse() * parent.inverse()).normalized()


## A skeleton of the humanoid profile; with a twist, the rest axes of every bone point elsewhere.
static func humanoid(twist := Quaternion.IDENTITY, prefix := "", size := 1.0) -> Skeleton3D:
	var profile := SkeletonProfileHumanoid.new()
	var skeleton := Skeleton3D.new()
	for at: int in profile.bone_size:
		skeleton.add_bone(prefix + profile.get_bone_name(at))
	for at: int in profile.bone_size:
		var parent := profile.find_bone(profile.get_bone_parent(at))
		skeleton.set_bone_parent(at, parent)
		var pose := profile.get_reference_pose(at)
		var above := Basis(twist).inverse() if parent >= 0 else Basis.IDENTITY
		pose.basis = above * pose.basis * Basis(twist)
		pose.origin = above * pose.origin * size
		skeleton.set_bone_rest(at, pose)
	skeleton.reset_bone_poses()
	return skeleton


func _avatar(of_peer: MetaversePeer, of_member: MetaverseMember, skeleton: Skeleton3D) -> Avatar:
	var avatar := Avatar.new(of_peer, of_member, skeleton)
	add_child(avatar)
	return avatar


func _is_turned(avatar: Avatar, bone_name: StringName, axis: Vector3, angle: float) -> bool:
	return avatar.turned(bone_name).angle_to(Quaternion(axis, angle)) < CLOSE


func test_a_body_is_seen_as_it_is_bent() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var own := _avatar(ada, ada.get_local_member(), humanoid())
	var seen := _avatar(bob, member(bob, "Ada"), humanoid())
	var changes: Array[bool] = []
	seen.sync.body_changed.connect(func(has_body: bool) -> void: changes.append(has_body))
	check(own.sync.has_body() and not seen.sync.has_body(), "only one's own body is known at first")
	own.turn(ARM, Vector3.BACK, 1.0)
	own.turn(&"RightLowerLeg", Vector3.RIGHT, 0.8)
	own.turn(&"LeftIndexIntermediate", Vector3.BACK, 0.5)
	var hips := own.bone(&"Hips")
	own.skeleton.set_bone_pose_position(hips, own.skeleton.get_bone_rest(hips).origin + Vector3(0, -0.3, 0.1))
	await until(func() -> bool: return _is_turned(seen, ARM, Vector3.BACK, 1.0), "the arm")
	await until(func() -> bool: return _is_turned(seen, &"RightLowerLeg", Vector3.RIGHT, 0.8), "the knee")
	await until(func() -> bool: return _is_turned(seen, &"LeftIndexIntermediate", Vector3.BACK, 0.5), "a finger")
	var moved := seen.skeleton.get_bone_pose_position(hips) - seen.skeleton.get_bone_rest(hips).origin
	check(moved.distance_to(Vector3(0, -0.3, 0.1)) < 0.02, "the hips: %s" % moved)
	check(seen.sync.has_body(), "the body is known")
	check_equal(changes, [true] as Array[bool], "body_changed, once")


## How far below its rest a bone is, in metres.
func _lowered(avatar: Avatar, bone_name: StringName) -> float:
	var at := avatar.bone(bone_name)
	var rest := avatar.skeleton.get_bone_global_rest(at).origin
	return rest.y - avatar.skeleton.get_bone_global_pose(at).origin.y


func _face(shapes: Array[String]) -> MeshInstance3D:
	var mesh := ArrayMesh.new()
	var corners := []
	corners.resize(Mesh.ARRAY_MAX)
	corners[Mesh.ARRAY_VERTEX] = PackedVector3Array([Vector3.ZERO, Vector3.RIGHT, Vector3.UP])
	var moved: Array[Array] = []
	for shape: String in shapes:
		mesh.add_blend_shape(shape)
		moved.append(corners.duplicate())
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, corners, moved)
	var face := MeshInstance3D.new()
	face.mesh = mesh
	return face


func test_a_body_with_other_rest_axes_names_and_size_bends_the_same_way() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var own := _avatar(ada, ada.get_local_member(), humanoid())
	var twist := Quaternion(Vector3(1, 2, 3).normalized(), 1.2)
	var seen := _avatar(bob, member(bob, "Ada"), humanoid(twist, "Mixed_", 1.5))
	var bones := BoneMap.new()
	bones.profile = SkeletonProfileHumanoid.new()
	for at: int in bones.profile.bone_size:
		var bone_name := bones.profile.get_bone_name(at)
		bones.set_skeleton_bone_name(bone_name, "Mixed_" + bone_name)
	seen.sync.bone_map = bones
	own.turn(ARM, Vector3.BACK, 1.0)
	own.turn(&"Head", Vector3.UP, 0.6)
	var hips := own.bone(&"Hips")
	own.skeleton.set_bone_pose_position(hips, own.skeleton.get_bone_rest(hips).origin + Vector3(0, -0.4, 0))
	await until(func() -> bool: return absf(_lowered(seen, &"Mixed_Hips") - 0.6) < 0.03, "the hips, so much larger")
	await until(func() -> bool: return _is_turned(seen, &"Mixed_LeftUpperArm", Vector3.BACK, 1.0), "the arm")
	await until(func() -> bool: return _is_turned(seen, &"Mixed_Head", Vector3.UP, 0.6), "the head")


func test_any_skeleton_travels_by_the_names_of_its_bones() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var crane := func(order: Array[String]) -> Skeleton3D:
		var skeleton := Skeleton3D.new()
		for bone_name: String in order:
			skeleton.add_bone(bone_name)
		return skeleton
	var first: Skeleton3D = crane.call(["tower", "jib"] as Array[String])
	var second: Skeleton3D = crane.call(["hook", "jib", "tower"] as Array[String])
	var own := _avatar(ada, ada.get_local_member(), first)
	var seen := _avatar(bob, member(bob, "Ada"), second)
	own.turn(&"jib", Vector3.UP, 0.7)
	await until(func() -> bool: return _is_turned(seen, &"jib", Vector3.UP, 0.7), "the jib")
	check(_is_turned(seen, &"tower", Vector3.UP, 0.0), "the tower stays")


func test_a_face_travels_by_the_names_of_its_blend_shapes() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var own := _avatar(ada, ada.get_local_member(), humanoid())
	var seen := _avatar(bob, member(bob, "Ada"), humanoid())
	own.sync.face = _face(["jawOpen", "smile"])
	seen.sync.face = _face(["smile", "blink"])
	own.skeleton.add_child(own.sync.face)
	seen.skeleton.add_child(seen.sync.face)
	own.sync.face.set_blend_shape_value(1, 0.6)
	own.sync.face.set_blend_shape_value(0, 1.0)
	await until(func() -> bool: return absf(seen.sync.face.get_blend_shape_value(0) - 0.6) < 0.02, "a smile")
	check(is_zero_approx(seen.sync.face.get_blend_shape_value(1)), "what the other does not have stays")


func test_a_skeleton_may_get_other_bones() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var own := _avatar(ada, ada.get_local_member(), humanoid())
	var seen := _avatar(bob, member(bob, "Ada"), humanoid())
	own.turn(ARM, Vector3.BACK, 1.0)
	await until(func() -> bool: return _is_turned(seen, ARM, Vector3.BACK, 1.0), "the arm")
	for avatar: Avatar in [own, seen]:
		avatar.skeleton.clear_bones()
		avatar.skeleton.add_bone("tower")
		avatar.skeleton.add_bone("jib")
	own.turn(&"jib", Vector3.UP, 0.7)
	await until(func() -> bool: return _is_turned(seen, &"jib", Vector3.UP, 0.7), "the jib")


func test_a_skeleton_that_cannot_be_sent_is_told_once_and_the_place_goes_on() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var own := _avatar(ada, ada.get_local_member(), humanoid())
	var seen := _avatar(bob, member(bob, "Ada"), humanoid())
	own.turn(ARM, Vector3.BACK, 1.0)
	await until(func() -> bool: return _is_turned(seen, ARM, Vector3.BACK, 1.0), "the arm")
	own.skeleton.set_bone_pose_rotation(own.bone(ARM), Quaternion(NAN, 0, 0, 1))
	Engine.print_error_messages = false
	await frames(10)
	Engine.print_error_messages = true
	own.skeleton.reset_bone_poses()
	own.position = Vector3(3, 0, 0)
	await until(func() -> bool: return seen.position.distance_to(own.position) < 0.02, "it goes on")


func test_an_avatar_far_away_is_a_place_and_comes_back_as_a_body() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	bob.activity_profile = MetaverseActivityProfile.preset("party")
	var camera := Camera3D.new()
	add_child(camera)
	camera.make_current()
	var own := _avatar(ada, ada.get_local_member(), humanoid())
	var seen := _avatar(bob, member(bob, "Ada"), humanoid())
	own.position = Vector3(0, 0, -3)
	own.turn(ARM, Vector3.BACK, 0.4)
	await until(func() -> bool: return seen.sync.has_body(), "a body")
	own.position = Vector3(0, 0, -300)
	own.turn(ARM, Vector3.BACK, 0.9)
	var walks_off := func() -> bool:
		own.position.x += 0.02
		return not seen.sync.has_body()
	await until(walks_off, "a place")
	own.position = Vector3(0, 0, -3)
	await until(func() -> bool: return seen.sync.has_body(), "a body again")
	await until(func() -> bool: return _is_turned(seen, ARM, Vector3.BACK, 0.9), "as it is bent by now")
