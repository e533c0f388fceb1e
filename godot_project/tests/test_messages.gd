extends TestCase
## Messages: every plain type, in order, to one and to all; what cannot be sent.


class Received:
	var member: MetaverseMember
	var topic: StringName
	var data: Variant


func _listen(who: MetaversePeer) -> Array[Received]:
	var received: Array[Received] = []
	who.message_received.connect(
		func(from: MetaverseMember, topic: StringName, data: Variant) -> void:
			var message := Received.new()
			message.member = from
			message.topic = topic
			message.data = data
			received.append(message)
	)
	return received


func test_every_plain_type_arrives_as_it_was() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var received := _listen(bob)
	var typed: Array[int] = [1, 2, 3]
	var typed_dictionary: Dictionary[String, float] = {"a": 1.5}
	var values: Array = [
		null, true, -42, 1 << 62, 3.25, "Grüße 🦆", &"name", ^"a/b:c",
		Vector2(1, 2), Vector2i(1, -2), Rect2(1, 2, 3, 4), Vector3(1, 2, 3), Vector3i(1, 2, -3), Vector4(1, 2, 3, 4),
		Transform2D.IDENTITY, Plane(0, 1, 0, 2), Quaternion(0, 0, 0, 1), AABB(Vector3.ZERO, Vector3.ONE), Basis.IDENTITY,
		Transform3D.IDENTITY, Projection.IDENTITY, Color(0.1, 0.2, 0.3, 0.4),
		PackedByteArray([1, 2, 255]), PackedInt32Array([1, -2]), PackedInt64Array([1 << 40]), PackedFloat32Array([0.5]),
		PackedFloat64Array([0.1]), PackedStringArray(["a", ""]), PackedVector2Array([Vector2.ONE]),
		PackedVector3Array([Vector3.ONE]), PackedColorArray([Color.RED]), PackedVector4Array([Vector4.ONE]),
		[], [1, "two", [3.0, {"four": [5]}]], {}, {"a": 1, 2: "b", Vector2.ONE: [null]}, typed, typed_dictionary,
	]
	for value: Variant in values:
		check_equal(ada.send_message(&"value", value), OK, "send %s" % var_to_str(value))
	await until(func() -> bool: return received.size() == values.size(), "all arrived")
	for index: int in mini(received.size(), values.size()):
		check_equal(received[index].data, values[index], "value %d" % index)
		check_equal(received[index].topic, &"value", "topic")
		check(received[index].member == member(bob, "Ada"), "sender")


func test_messages_keep_their_order_in_both_directions() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var at_ada := _listen(ada)
	var at_bob := _listen(bob)
	for number: int in 500:
		check_equal(ada.send_message(&"a", number), OK, "send")
		check_equal(bob.send_message(&"b", number), OK, "send")
	await until(func() -> bool: return at_ada.size() == 500 and at_bob.size() == 500, "all arrived")
	for number: int in mini(at_ada.size(), at_bob.size()):
		if not check_equal(at_ada[number].data, number, "at Ada") or not check_equal(at_bob[number].data, number, "at Bob"):
			break


func test_a_message_to_one_reaches_only_that_one() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var eve := await guest(ada, "Eve")
	var at_bob := _listen(bob)
	var at_eve := _listen(eve)
	var at_ada := _listen(ada)
	check_equal(ada.send_message(&"private", 1, member(ada, "Bob")), OK, "to Bob")
	check_equal(ada.send_message(&"all", 2), OK, "to all")
	await until(func() -> bool: return at_bob.size() == 2 and at_eve.size() == 1, "arrived")
	check_equal(at_bob[0].topic, &"private", "Bob's first")
	check_equal(at_eve[0].topic, &"all", "Eve's only one")
	check_equal(at_ada.size(), 0, "none comes back")


func test_what_cannot_be_sent_is_refused() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var bob_for_ada := member(ada, "Bob")
	var received := _listen(bob)
	var nodes: Array[Node] = []
	var loop: Array = []
	loop.append(loop)
	var twice: Array = []
	for _depth: int in 40:
		twice = [twice, twice]
	var refused: Array = [
		Node, self, Image.new(), [[self]], {"a": {"b": Image.new()}}, {self: 1}, get_tree().quit, ada.space_left, RID(), nodes,
		loop, twice,
	]
	for value: Variant in refused:
		check_equal(quietly(ada.send_message.bind(&"x", value)), ERR_INVALID_PARAMETER, "a %s" % type_string(typeof(value)))
	loop.clear()
	var big := PackedByteArray()
	big.resize(1024 * 1024 + 1)
	check_equal(quietly(ada.send_message.bind(&"x", big)), ERR_INVALID_PARAMETER, "more than 1 MiB")
	check_equal(quietly(ada.send_message.bind(StringName("t".repeat(129)), 1)), ERR_INVALID_PARAMETER, "a long topic")
	check_equal(quietly(ada.send_message.bind(&"x", 1, ada.get_local_member())), ERR_INVALID_PARAMETER, "to oneself")
	bob.leave_space()
	await until_members(ada, 1)
	check_equal(quietly(ada.send_message.bind(&"x", 1, bob_for_ada)), ERR_INVALID_PARAMETER, "to somebody who has left")
	check_equal(bob.send_message(&"x", 1), ERR_UNAVAILABLE, "outside a space")
	check_equal(received.size(), 0, "nothing has arrived")


func test_a_megabyte_arrives() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var received := _listen(bob)
	var big := PackedByteArray()
	big.resize(1024 * 1024 - 64)
	big[1000] = 77
	check_equal(ada.send_message(&"big", big), OK, "send")
	await until(func() -> bool: return received.size() == 1, "arrived")
	check_equal(received[0].data if received.size() == 1 else null, big, "as it was")


func test_who_sends_too_much_is_told_to_wait() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var received := _listen(bob)
	var chunk := PackedByteArray()
	chunk.resize(1024 * 1024 - 64)
	var accepted := 0
	var code := OK
	while accepted < 100 and code == OK:
		code = ada.send_message(&"chunk", chunk)
		accepted += 1 if code == OK else 0
	check_equal(code, ERR_BUSY, "the answer to too much")
	check(accepted >= 3, "at least 3 MiB wait: %d" % accepted)
	await until(func() -> bool: return received.size() == accepted, "what was accepted arrives", 30_000)
	check_equal(ada.send_message(&"chunk", chunk), OK, "there is room again")
