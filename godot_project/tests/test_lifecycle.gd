extends TestCase
## Starting and stopping at any time, and handlers that do anything.


func _stop_now(who: MetaversePeer) -> void:
	who.stop()
	check_equal(who.get_state(), MetaversePeer.State.OFFLINE, "stopped at once")
	check_equal(who.get_members().size(), 0, "no members")
	check(who.get_statistics().is_empty(), "no statistics")


func test_stopping_in_every_state() -> void:
	var ada := await host(null, "Ada")
	var invite := ada.create_invite()
	var bob := peer("Bob")
	_stop_now(bob)
	bob.start()
	_stop_now(bob)
	bob.start()
	await until(func() -> bool: return bob.get_state() == MetaversePeer.State.ONLINE, "online")
	_stop_now(bob)
	bob.join_space(invite)
	_stop_now(bob)
	bob.join_space(invite)
	await until_in_space(bob)
	_stop_now(bob)
	bob.join_space(ada.create_invite())
	await until_in_space(bob)
	bob.leave_space()
	_stop_now(bob)
	await until_members(ada, 1)
	bob.join_space(ada.create_invite())
	await until_in_space(bob)


func test_freeing_in_every_state() -> void:
	var ada := await host(null, "Ada")
	for step: int in 4:
		var bob := peer("Bob")
		if step >= 1:
			bob.start()
		if step >= 2:
			bob.join_space(ada.create_invite())
		if step >= 3:
			await until_in_space(bob)
		bob.free()
		await until_members(ada, 1)


func test_stopping_is_told() -> void:
	var ada := await host(null, "Ada")
	var told: PackedStringArray = []
	ada.space_left.connect(func(reason: String) -> void: told.append("left " + reason))
	ada.stop()
	check_equal(told.size(), 0, "not inside the call")
	await until(func() -> bool: return told.size() == 1, "space_left")
	check_equal(told, PackedStringArray(["left "]), "what was told")


func test_leaving_the_tree_stops() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	remove_child(bob)
	check_equal(bob.get_state(), MetaversePeer.State.OFFLINE, "offline")
	check_equal(quietly(bob.start), ERR_UNCONFIGURED, "no start outside the tree")
	await until_members(ada, 1)
	add_child(bob)
	check_equal(bob.start(), OK, "start in the tree")
	bob.auto_start = true
	remove_child(bob)
	add_child(bob)
	check_equal(bob.get_state(), MetaversePeer.State.STARTING, "auto_start")


func test_handlers_may_leave_stop_and_free() -> void:
	var actions: Dictionary[String, Callable] = {
		"leave": func(who: MetaversePeer) -> void: who.leave_space(),
		"stop": func(who: MetaversePeer) -> void: who.stop(),
		"stop and start": func(who: MetaversePeer) -> void:
			who.stop()
			who.start(),
		"remove": func(who: MetaversePeer) -> void: who.get_parent().remove_child(who),
		"queue_free": func(who: MetaversePeer) -> void: who.queue_free(),
		"free a member's avatar world": func(who: MetaversePeer) -> void: who.get_parent().get_child(0).queue_free(),
	}
	for title: String in actions:
		for event: StringName in [&"state_changed", &"space_joined", &"member_joined", &"message_received"]:
			await _act_inside(title, actions[title], event)


func _act_inside(title: String, action: Callable, event: StringName) -> void:
	var holder := Node.new()
	add_child(holder)
	holder.add_child(Node.new())
	var ada := MetaversePeer.new()
	ada.reach = MetaversePeer.Reach.LOCAL_NETWORK
	ada.display_name = "Ada"
	holder.add_child(ada)
	var bob := peer("Bob")
	var acted: Array[bool] = []
	var act := func() -> void:
		if acted.is_empty():
			acted.append(true)
			action.call(ada)
	ada.connect(event, act.unbind(3 if event == &"message_received" else 1))
	ada.create_space(options())
	var peers: Array[MetaversePeer] = [ada]
	var is_in_space := func() -> bool: return not peers[0].create_invite().is_empty()
	await until(func() -> bool: return not acted.is_empty() or is_in_space.call(), "%s: a space" % title)
	if acted.is_empty():
		bob.join_space(ada.create_invite())
		await until(func() -> bool: return not acted.is_empty() or not bob.get_members().is_empty(), "%s: Bob" % title)
		if acted.is_empty():
			bob.send_message(&"hello", 1)
	await until(func() -> bool: return not acted.is_empty(), "%s inside %s" % [title, event])
	await frames(5)
	bob.queue_free()
	if is_instance_valid(ada) and not ada.is_inside_tree():
		ada.free()
	holder.queue_free()
	await frames(2)


func test_calls_in_the_wrong_state_do_nothing() -> void:
	var ada := peer("Ada")
	ada.leave_space()
	check_equal(ada.send_message(&"x", 1), ERR_UNAVAILABLE, "send_message")
	check_equal(ada.create_invite(), "", "create_invite")
	check_equal(ada.get_routing_map().size(), 0, "get_routing_map")
	check(ada.get_space() == null, "get_space")
	await frames(2)
	check_equal(ada.get_state(), MetaversePeer.State.OFFLINE, "state")


func test_relay_only_says_that_it_needs_a_relay() -> void:
	var ada := peer("Ada")
	ada.reach = MetaversePeer.Reach.RELAY_ONLY
	var told: PackedStringArray = []
	ada.failed.connect(func(message: String) -> void: told.append(message))
	check_equal(ada.start(), ERR_UNAVAILABLE, "start")
	await until(func() -> bool: return told.size() == 1, "a sentence")
	check(told.size() == 1 and told[0].contains("relay"), "why: %s" % told)
	check_equal(ada.get_state(), MetaversePeer.State.OFFLINE, "state")


func test_a_paused_game_stays_in_its_space() -> void:
	var ada := await host(null, "Ada")
	get_tree().paused = true
	var bob := await guest(ada, "Bob")
	get_tree().paused = false
	check(member(ada, "Bob") != null and bob.get_members().size() == 2, "met while paused")
