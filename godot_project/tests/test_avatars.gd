extends TestCase
## Avatars: spawned for each member, moved where their members move.


## Two worlds side by side, one for each peer, so that their avatars do not mix.
class World:
	extends Node3D
	var spawner := MetaverseAvatarSpawner.new()
	var spawned: Array[MetaverseMember] = []
	var removed: Array[MetaverseMember] = []

	func _init(peer: MetaversePeer) -> void:
		spawner.peer = peer
		spawner.local_avatar_scene = avatar_scene()
		spawner.remote_avatar_scene = avatar_scene()
		spawner.avatar_spawned.connect(_on_avatar_spawned)
		spawner.avatar_removed.connect(func(who: MetaverseMember) -> void: removed.append(who))
		add_child(spawner)

	func _on_avatar_spawned(who: MetaverseMember, avatar: Node3D) -> void:
		spawned.append(who)
		assert(avatar.is_inside_tree() and spawner.get_avatar(who) == avatar)

	static func avatar_scene() -> PackedScene:
		var root := Node3D.new()
		var holder := Node.new()
		var sync := MetaverseAvatarSync.new()
		root.name = "Avatar"
		sync.name = "Sync"
		holder.name = "Holder"
		root.add_child(sync)
		root.add_child(holder)
		sync.owner = root
		holder.owner = root
		var scene := PackedScene.new()
		scene.pack(root)
		root.free()
		return scene


func _world(of: MetaversePeer) -> World:
	var world := World.new(of)
	add_child(world)
	return world


func _avatar(world: World, who: MetaverseMember) -> Node3D:
	return world.spawner.get_avatar(who)


func _sync(avatar: Node3D) -> MetaverseAvatarSync:
	return avatar.get_node("Sync")


func test_everyone_gets_an_avatar_and_loses_it() -> void:
	var ada := await host(null, "Ada")
	var early := _world(ada)
	var bob := await guest(ada, "Bob")
	var late := _world(bob)
	await until(func() -> bool: return early.spawned.size() == 2 and late.spawned.size() == 2, "four avatars")
	for pair: Array in [[early, ada], [late, bob]]:
		var world: World = pair[0]
		var who: MetaversePeer = pair[1]
		for someone: MetaverseMember in who.get_members():
			var avatar := _avatar(world, someone)
			check(avatar != null and avatar.get_parent() == world, "a sibling of the spawner")
			check_equal(avatar.name, StringName("Member%d" % someone.number), "its name")
			check(_sync(avatar).member == someone, "its sync knows whose it is")
			check(_sync(avatar).peer == who, "its sync has the spawner's peer")
	var bob_for_ada := member(ada, "Bob")
	bob.leave_space()
	await until(func() -> bool: return early.removed.size() == 1 and late.removed.size() == 2, "removed")
	check(early.removed.has(bob_for_ada), "Bob's at Ada's")
	check(early.spawner.get_avatar(bob_for_ada) == null, "no avatar of who has left")
	await frames(2)
	check_equal(late.get_child_count(), 1, "only the spawner is left")
	remove_child(early)
	await frames(2)
	check_equal(early.get_child_count(), 1, "avatars go with the spawner")
	add_child(early)
	await until(func() -> bool: return early.spawned.size() == 3, "and come with it")
	check(early.spawner.get_avatar(null) == null, "nobody's avatar")


func test_a_peer_that_is_freed_takes_the_avatars_with_it() -> void:
	var ada := await host(null, "Ada")
	var world := _world(ada)
	await until(func() -> bool: return world.spawned.size() == 1, "an avatar")
	ada.queue_free()
	await until(func() -> bool: return world.removed.size() == 1, "removed")


func test_avatars_move_where_their_members_move() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var at_ada := _world(ada)
	var at_bob := _world(bob)
	await until(func() -> bool: return at_ada.spawned.size() == 2 and at_bob.spawned.size() == 2, "avatars")
	var own := _avatar(at_ada, ada.get_local_member())
	var seen := _avatar(at_bob, member(bob, "Ada"))
	var sync := _sync(seen)
	var firsts: Array[bool] = []
	check(_sync(own).has_pose(), "one's own avatar is where it belongs")
	sync.first_pose_received.connect(func() -> void: firsts.append(sync.has_pose()))
	seen.scale = Vector3(2, 3, 4)

	own.global_transform = Transform3D(Basis(Vector3.UP, 1.0), Vector3(5, 1, -3))
	await until(func() -> bool: return seen.global_position.distance_to(own.global_position) < 0.02, "the place")
	check_equal(firsts, [true] as Array[bool], "first_pose_received, once")
	await until(
		func() -> bool: return seen.global_basis.get_rotation_quaternion().angle_to(Quaternion(Vector3.UP, 1.0)) < 0.03,
		"the rotation"
	)
	check(seen.scale.is_equal_approx(Vector3(2, 3, 4)), "the scale stays: %s" % seen.scale)

	var speeds := await _speeds_of(seen, own)
	var usual := speeds[int(speeds.size() * 0.95)]
	check(usual > 1.0 and usual < 4.0, "walking at 2 m/s is shown without jumps: 95 %% of frames below %.1f m/s" % usual)
	await until(func() -> bool: return seen.global_position.distance_to(own.global_position) < 0.02, "the end of the walk")

	own.global_position += Vector3(100, 0, 0)
	await until(func() -> bool: return seen.global_position.distance_to(own.global_position) < 0.02, "a jump")


## Walks [param own] at 2 m/s for two seconds. Returns the speeds at which [param seen] is shown in each frame, sorted; the few
## fastest are those after a frame for which the computer was busy with something else.
func _speeds_of(seen: Node3D, own: Node3D) -> PackedFloat32Array:
	var speeds: PackedFloat32Array = []
	var origin := own.global_position
	var place := seen.global_position
	var start := Time.get_ticks_usec()
	var before := start
	while before < start + 2_000_000:
		own.global_position.x = origin.x + 2.0 * (Time.get_ticks_usec() - start) / 1e6
		await get_tree().process_frame
		var now := Time.get_ticks_usec()
		speeds.append(seen.global_position.distance_to(place) / (now - before) * 1e6)
		place = seen.global_position
		before = now
	speeds.sort()
	return speeds


func test_who_comes_late_sees_those_who_stand_still() -> void:
	var ada := await host(null, "Ada")
	var at_ada := _world(ada)
	await until(func() -> bool: return at_ada.spawned.size() == 1, "an avatar")
	_avatar(at_ada, ada.get_local_member()).global_position = Vector3(1, 2, 3)
	await until(func() -> bool: return ada.get_statistics().has("datagrams_sent"), "a while")
	var bob := await guest(ada, "Bob")
	var at_bob := _world(bob)
	await until(func() -> bool: return at_bob.spawned.size() == 2, "avatars")
	var seen := _avatar(at_bob, member(bob, "Ada"))
	await until(func() -> bool: return seen.global_position.distance_to(Vector3(1, 2, 3)) < 0.02, "the place", 3_000)


func test_a_member_may_own_more_than_its_body() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var cart := Node3D.new()
	var cart_sync := MetaverseAvatarSync.new()
	cart_sync.peer = ada
	cart_sync.avatar_id = 7
	cart.add_child(cart_sync)
	add_child(cart)
	cart.global_position = Vector3(0, 0, 9)
	var seen := Node3D.new()
	var seen_sync := MetaverseAvatarSync.new()
	seen_sync.peer = bob
	seen_sync.avatar_id = 7
	seen_sync.target = seen
	seen_sync.member = member(bob, "Ada")
	add_child(seen)
	add_child(seen_sync)
	await until(func() -> bool: return seen.global_position.distance_to(Vector3(0, 0, 9)) < 0.02, "the cart")


func test_broken_transforms_are_not_sent() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var own := Node3D.new()
	var own_sync := MetaverseAvatarSync.new()
	own_sync.peer = ada
	own.add_child(own_sync)
	own.position = Vector3(2e6, 0, 0)
	add_child(own)
	var seen := Node3D.new()
	var seen_sync := MetaverseAvatarSync.new()
	seen_sync.peer = bob
	seen_sync.member = member(bob, "Ada")
	seen.add_child(seen_sync)
	add_child(seen)
	Engine.print_error_messages = false
	await frames(30)
	Engine.print_error_messages = true
	check(not seen_sync.has_pose(), "nothing was sent")
	own.position = Vector3(2, 0, 0)
	await until(func() -> bool: return seen.position.distance_to(Vector3(2, 0, 0)) < 0.02, "sent once it is sound")


func test_a_scene_that_is_no_node_3d_is_refused_and_the_others_are_not_harmed() -> void:
	var root := Control.new()
	var wrong := PackedScene.new()
	wrong.pack(root)
	root.free()
	var ada := await host(null, "Ada")
	await guest(ada, "Bob")
	var world := World.new(ada)
	world.spawner.remote_avatar_scene = wrong
	add_child(world)
	Engine.print_error_messages = false
	await until(func() -> bool: return world.spawned.size() == 1, "the own avatar")
	await frames(5)
	Engine.print_error_messages = true
	check_equal(world.get_child_count(), 2, "the spawner and one avatar")


func test_without_a_peer_of_their_own_nodes_use_the_only_one() -> void:
	var ada := await host(null, "Ada")
	var world := World.new(null)
	add_child(world)
	await until(func() -> bool: return world.spawned.size() == 1, "an avatar")
	check(world.spawner.peer == null, "the property stays empty")
	check(_sync(_avatar(world, ada.get_local_member())).peer == ada, "its sync is told")
