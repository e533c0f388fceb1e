extends TestCase
## The shared state: every plain type, seen by all, by who comes late, and after the host has gone; what is refused.


class Change:
	var key: StringName
	var value: Variant
	var member: MetaverseMember


func _state(of: MetaversePeer) -> MetaverseSharedState:
	var state := MetaverseSharedState.new()
	state.peer = of
	add_child(state)
	return state


func _listen(state: MetaverseSharedState) -> Array[Change]:
	var changes: Array[Change] = []
	state.changed.connect(
		func(key: StringName, value: Variant, who: MetaverseMember) -> void:
			var change := Change.new()
			change.key = key
			change.value = value
			change.member = who
			changes.append(change)
	)
	return changes


func test_every_plain_type_is_shared_as_it_was() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var at_ada := _state(ada)
	var at_bob := _state(bob)
	var changes := _listen(at_bob)
	var typed: Array[int] = [1, 2, 3]
	var values: Array = [
		null, true, -42, 1 << 62, 3.25, "Grüße 🦆", &"name", ^"a/b:c", Vector2(1, 2), Rect2(1, 2, 3, 4), Vector3(1, 2, 3),
		Vector4i(1, 2, 3, 4), Plane(0, 1, 0, 2), Quaternion(0, 0, 0, 1), AABB(Vector3.ZERO, Vector3.ONE), Basis.IDENTITY,
		Transform3D.IDENTITY, Projection.IDENTITY, Color(0.1, 0.2, 0.3, 0.4), PackedByteArray([1, 2, 255]),
		PackedVector3Array([Vector3.ONE]), PackedStringArray(["a", ""]), [], [1, "two", [3.0, {"four": [5]}]], {}, {"a": 1, 2: "b"},
		typed,
	]
	for index: int in values.size():
		check_equal(at_ada.set_value(StringName("value/%02d" % index), values[index]), OK, "set %s" % var_to_str(values[index]))
	await until(func() -> bool: return changes.size() == values.size(), "all changes are told")
	check_equal(at_bob.keys(), at_ada.keys(), "keys")
	for index: int in mini(changes.size(), values.size()):
		var key := StringName("value/%02d" % index)
		check_equal(changes[index].key, key, "key")
		check_equal(changes[index].value, values[index], "told value %d" % index)
		check_equal(at_bob.get_value(key, "nothing"), values[index], "value %d" % index)
		check(changes[index].member == member(bob, "Ada"), "writer")


func test_a_value_is_there_at_once_and_told_to_the_writer_too() -> void:
	var ada := await host(null, "Ada")
	var state := _state(ada)
	var other_node := _state(ada)
	var changes := _listen(state)
	var also := _listen(other_node)
	check_equal(state.get_value(&"door"), null, "no value")
	check_equal(state.get_value(&"door", "closed"), "closed", "the default")
	check_equal(state.set_value(&"door", "ajar"), OK, "set")
	check_equal(state.set_value(&"door", "open"), OK, "set again")
	check_equal(state.get_value(&"door", "closed"), "open", "at once")
	check_equal(other_node.get_value(&"door"), "open", "on the other node as well")
	check_equal(changes.size(), 0, "not told while the game's own code runs")
	await until(func() -> bool: return changes.size() == 1 and also.size() == 1, "told once")
	check_equal(changes[0].value, "open", "the newest")
	check(changes[0].member == ada.get_local_member(), "by the local member")
	check_equal(state.set_value(&"door", "open"), OK, "the same again")
	check_equal(state.erase(&"door"), OK, "erase")
	check_equal(state.get_value(&"door"), null, "erased at once")
	check_equal(state.keys(), PackedStringArray(), "no keys")
	check_equal(state.erase(&"door"), ERR_DOES_NOT_EXIST, "erased already")
	await until(func() -> bool: return changes.size() == 2, "the erasure is told")
	check_equal(changes[1].value, null, "null for an erasure")
	await frames(5)
	check_equal(changes.size(), 2, "and nothing more")


func test_what_is_got_is_a_copy() -> void:
	var ada := await host(null, "Ada")
	var state := _state(ada)
	var list: Array = [1]
	check_equal(state.set_value(&"list", list), OK, "set")
	list.append(2)
	check_equal(state.get_value(&"list"), [1], "as it was when it was set")
	var got: Array = state.get_value(&"list")
	got.append(3)
	var packed := PackedByteArray([1])
	check_equal(state.set_value(&"packed", packed), OK, "set")
	var got_packed: PackedByteArray = state.get_value(&"packed")
	got_packed.append(2)
	check_equal(state.get_value(&"list"), [1], "not changed in place")
	check_equal(state.get_value(&"packed"), PackedByteArray([1]), "not changed in place")


func test_who_comes_late_sees_everything() -> void:
	var ada := await host(null, "Ada")
	var at_ada := _state(ada)
	await until(at_ada.is_synchronized, "the creator has everything")
	for number: int in 2_000:
		check_equal(at_ada.set_value(StringName("key/%04d" % number), number), OK, "set")
	check_equal(at_ada.erase(&"key/0007"), OK, "erase")
	var bob := peer("Bob")
	var at_bob := _state(bob)
	var changes := _listen(at_bob)
	var told_before: Array[int] = []
	at_bob.synchronized.connect(func() -> void: told_before.append(changes.size()))
	check(not at_bob.is_synchronized(), "nothing is known outside a space")
	bob.join_space(ada.create_invite())
	await until(func() -> bool: return not told_before.is_empty(), "Bob has everything")
	check(at_bob.is_synchronized(), "is synchronized")
	check_equal(told_before, [1_999], "all were told before")
	check_equal(at_bob.keys(), at_ada.keys(), "keys")
	check_equal(at_bob.get_value(&"key/1234"), 1_234, "a value")
	check(changes[0].member == member(bob, "Ada"), "by whom")


func test_values_outlive_their_host() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var eve := await guest(ada, "Eve")
	var at_ada := _state(ada)
	var at_bob := _state(bob)
	var at_eve := _state(eve)
	check_equal(at_ada.set_value(&"note", "from Ada"), OK, "set")
	ada.leave_space()
	await until_members(bob, 2)
	await until_members(eve, 2)
	await until(func() -> bool: return at_eve.get_value(&"note") == "from Ada", "her last word has come")
	await until(func() -> bool: return at_bob.get_value(&"note") == "from Ada", "to both")
	check_equal(at_ada.keys(), PackedStringArray(), "nothing is left to who has left")
	await until(func() -> bool: return bob.get_host() != null and bob.get_host().display_name != "Ada", "another host")
	check_equal(at_eve.set_value(&"note", "from Eve"), OK, "set")
	await until(func() -> bool: return at_bob.get_value(&"note") == "from Eve", "it goes on")


func test_what_cannot_be_shared_is_refused() -> void:
	var ada := await host(null, "Ada")
	var state := _state(ada)
	var loop: Array = []
	loop.append(loop)
	for value: Variant in [self, Image.new(), [[self]], get_tree().quit, ada.space_left, RID(), loop]:
		check_equal(quietly(state.set_value.bind(&"k", value)), ERR_INVALID_PARAMETER, "a %s" % type_string(typeof(value)))
	loop.clear()
	var big := PackedByteArray()
	big.resize(64 * 1024)
	check_equal(quietly(state.set_value.bind(&"k", big)), ERR_INVALID_PARAMETER, "more than 64 KiB when it is encoded")
	big.resize(64 * 1024 - 8)
	check_equal(state.set_value(&"k", big), OK, "64 KiB")
	check_equal(quietly(state.set_value.bind(&"", 1)), ERR_INVALID_PARAMETER, "no key")
	check_equal(quietly(state.set_value.bind(StringName("k".repeat(129)), 1)), ERR_INVALID_PARAMETER, "a long key")
	check_equal(state.set_value(StringName("k".repeat(128)), 1), OK, "the longest key")
	var code := OK
	var count := 0
	while code == OK and count < 100:
		code = quietly(state.set_value.bind(StringName("big/%d" % count), big))
		count += 1
	check_equal(code, ERR_OUT_OF_MEMORY, "more than 4 MiB")
	check_equal(count, 63, "and not before")
	check_equal(state.erase(&"big/0"), OK, "make room")
	check_equal(state.set_value(&"more", big), OK, "there is room again")


func test_outside_a_space_there_is_nothing() -> void:
	var ada := peer("Ada")
	var state := _state(ada)
	check_equal(state.set_value(&"k", 1), ERR_UNAVAILABLE, "set")
	check_equal(state.erase(&"k"), ERR_UNAVAILABLE, "erase")
	check_equal(state.get_value(&"k", 7), 7, "get")
	check_equal(state.keys(), PackedStringArray(), "keys")
	var alone := MetaverseSharedState.new()
	check_equal(quietly(alone.set_value.bind(&"k", 1)), ERR_UNCONFIGURED, "without a peer")
	alone.free()
	ada.create_space(options())
	await until_in_space(ada)
	check_equal(state.set_value(&"k", 1), OK, "set")
	ada.leave_space()
	await until(func() -> bool: return ada.get_state() == MetaversePeer.State.ONLINE, "out")
	ada.create_space(options())
	await until_in_space(ada)
	check_equal(state.keys(), PackedStringArray(), "another space, another state")


func test_handlers_may_do_anything() -> void:
	var ada := await host(null, "Ada")
	var state := _state(ada)
	var others: Array[MetaverseSharedState] = [_state(ada)]
	var seen: Array[StringName] = []
	state.changed.connect(
		func(key: StringName, _value: Variant, _who: MetaverseMember) -> void:
			seen.append(key)
			if key == &"first":
				state.set_value(&"second", 2)
				var other: MetaverseSharedState = others.pop_back()
				other.free()
			if key == &"last":
				ada.stop()
	)
	check_equal(state.set_value(&"first", 1), OK, "set")
	await until(func() -> bool: return seen.has(&"second"), "a write within a handler is told")
	check_equal(state.set_value(&"last", 3), OK, "set")
	check_equal(state.set_value(&"never told", 4), OK, "set")
	await until(func() -> bool: return seen.has(&"last"), "told")
	await frames(3)
	check_equal(seen, [&"first", &"second", &"last"] as Array[StringName], "nothing is told by a peer that was stopped")


func test_many_changes_are_spread_over_frames() -> void:
	var ada := await host(null, "Ada")
	var state := _state(ada)
	var told_in_frame: Dictionary[int, int] = {}
	state.changed.connect(
		func(_key: StringName, _value: Variant, _who: MetaverseMember) -> void:
			var frame := Engine.get_process_frames()
			told_in_frame[frame] = told_in_frame.get(frame, 0) + 1
	)
	for number: int in 3_000:
		state.set_value(StringName(str(number)), number)
	var told := func() -> int: return told_in_frame.values().reduce(func(sum: int, count: int) -> int: return sum + count, 0)
	await until(func() -> bool: return told.call() == 3_000, "all are told")
	var most: int = told_in_frame.values().max()
	check(most <= 512, "%d in one frame" % most)
