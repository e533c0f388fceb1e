extends TestCase
## Creating, joining, leaving; members and states.


func test_the_states_follow_one_another() -> void:
	var states: Array[MetaversePeer.State] = []
	var ada := peer("Ada")
	ada.state_changed.connect(func(state: MetaversePeer.State) -> void: states.append(state))
	check_equal(ada.get_state(), MetaversePeer.State.OFFLINE, "at first")
	check_equal(ada.start(), OK, "start")
	check_equal(ada.start(), OK, "start again")
	await until(func() -> bool: return ada.get_state() == MetaversePeer.State.ONLINE, "online")
	check_equal(ada.create_space(options()), OK, "create_space")
	await until_in_space(ada)
	ada.leave_space()
	await until(func() -> bool: return ada.get_state() == MetaversePeer.State.ONLINE, "online again")
	ada.stop()
	await until(func() -> bool: return states.size() == 7, "all states were told")
	check_equal(
		states,
		[
			MetaversePeer.State.STARTING,
			MetaversePeer.State.ONLINE,
			MetaversePeer.State.JOINING,
			MetaversePeer.State.IN_SPACE,
			MetaversePeer.State.LEAVING,
			MetaversePeer.State.ONLINE,
			MetaversePeer.State.OFFLINE,
		] as Array[MetaversePeer.State],
		"states"
	)


func test_a_space_is_what_its_creator_made_it() -> void:
	var made := options("  The\tGarden\u202e ")
	made.visibility = MetaverseSpaceOptions.Visibility.PUBLIC
	made.capacity = 12
	made.activity = &"party"
	made.scene = "garden"
	var ada := await host(made, "Ada")
	var bob := await guest(ada, "Bob")
	for who: MetaversePeer in [ada, bob]:
		var space := who.get_space()
		check_equal(space.space_name, "The Garden", "space_name")
		check_equal(space.visibility, MetaverseSpaceOptions.Visibility.PUBLIC, "visibility")
		check_equal(space.capacity, 12, "capacity")
		check_equal(space.activity, &"party", "activity")
		check_equal(space.scene, "garden", "scene")
		check_equal(space.id.length(), 64, "id")
	check_equal(ada.get_space().id, bob.get_space().id, "the same space")
	check(ada.get_space().is_host(), "the creator is host")
	check(not bob.get_space().is_host(), "the guest is not host")


func test_defaults() -> void:
	var made := MetaverseSpaceOptions.new()
	check_equal(made.visibility, MetaverseSpaceOptions.Visibility.PRIVATE, "visibility")
	check_equal(made.capacity, 32, "capacity")
	check_equal(made.activity, &"discussion", "activity")
	made.capacity = 1
	var ada := peer()
	check_equal(quietly(ada.create_space.bind(made)), ERR_INVALID_PARAMETER, "a space for one")
	made.capacity = 8193
	check_equal(quietly(ada.create_space.bind(made)), ERR_INVALID_PARAMETER, "a space for 8193")
	check_equal(ada.get_state(), MetaversePeer.State.OFFLINE, "nothing was started")
	check_equal(ada.create_space(null), OK, "default options")
	await until_in_space(ada)
	check_equal(ada.get_space().capacity, 32, "capacity of the space")


func test_members_are_complete_when_the_space_is_joined() -> void:
	var ada := await host(null, "Ada")
	var bob := peer("Bob")
	var seen: PackedStringArray = []
	var joined: Array[MetaverseSpace] = []
	bob.space_joined.connect(
		func(space: MetaverseSpace) -> void:
			joined.append(space)
			for who: MetaverseMember in bob.get_members():
				seen.append(who.display_name)
			check_equal(bob.get_state(), MetaversePeer.State.IN_SPACE, "state inside space_joined")
			check(bob.get_space() == space, "get_space() inside space_joined")
	)
	var arrivals: Array[MetaverseMember] = []
	ada.member_joined.connect(func(who: MetaverseMember) -> void: arrivals.append(who))
	bob.join_space("You are invited:\n" + ada.create_invite() + "\nSee you there!")
	await until_in_space(bob)
	await until(func() -> bool: return arrivals.size() == 1 and joined.size() == 1, "both were told")
	check_equal(seen, PackedStringArray(["Ada", "Bob"]), "members inside space_joined, by standing")
	if arrivals.is_empty():
		return
	var bob_for_ada := arrivals[0]
	check(bob_for_ada == member(ada, "Bob"), "a member is the same object everywhere")
	check_equal(bob_for_ada.is_local, false, "is_local")
	check_equal(bob_for_ada.is_host, false, "is_host")
	check_equal(bob_for_ada.id, bob.get_local_member().id, "id")
	check_equal(bob_for_ada.number, bob.get_local_member().number, "number")
	check(ada.get_local_member().is_local, "the local member is local")
	check(bob.get_host() == member(bob, "Ada"), "get_host()")
	check(member(bob, "Ada").is_host, "the host knows it is")
	check(ada.get_local_member().id != bob.get_local_member().id, "ids differ")


func test_paths_and_round_trips_are_known() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var other := member(bob, "Ada")
	await until(func() -> bool: return other.path == MetaversePeer.PathKind.DIRECT, "a direct path")
	await until(func() -> bool: return other.round_trip_ms > 0.0, "a round trip")
	check(other.round_trip_ms < 1000.0, "a plausible round trip")
	var local := bob.get_local_member().number
	await until(func() -> bool: return bob.get_routing_map().size() == 2, "Ada tells of her link, too")
	var links := bob.get_routing_map()
	if links.size() == 2:
		check_equal([links[0]["from"], links[0]["to"]], [local, other.number], "the own way comes first")
		check_equal([links[1]["from"], links[1]["to"]], [other.number, local], "then what is reported")
	for link: Dictionary in links:
		check_equal(link["path"], int(MetaversePeer.PathKind.DIRECT), "path")
		check_equal(link["over"], 0, "over")
		var round_trip_ms: float = link["round_trip_ms"]
		check(round_trip_ms > 0.0, "round_trip_ms")
		var loss: float = link["loss"]
		check(loss >= 0.0 and loss < 0.5, "loss")


func test_monitors_show_figures_of_each_peer() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	check_equal(Performance.get_custom_monitor(&"metaverse/members"), 2.0, "the first peer's")
	var second := StringName("metaverse %s/members" % bob.name)
	check_equal(Performance.get_custom_monitor(second), 2.0, "the second peer's")
	bob.get_parent().remove_child(bob)
	check(not Performance.has_custom_monitor(second), "monitors go with their peer")
	bob.free()


func test_leaving_is_told_and_joining_again_works() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var left: Array[MetaverseMember] = []
	var reasons: PackedStringArray = []
	ada.member_left.connect(func(who: MetaverseMember, _reason: String) -> void: left.append(who))
	bob.space_left.connect(func(reason: String) -> void: reasons.append(reason))
	var bob_for_ada := member(ada, "Bob")
	bob.leave_space()
	await until(func() -> bool: return reasons.size() == 1 and left.size() == 1, "both were told")
	check_equal(reasons, PackedStringArray([""]), "the reason of one's own wish")
	check(left.has(bob_for_ada), "the same object leaves")
	check_equal(bob.get_members().size(), 0, "no members outside")
	check(bob.get_space() == null and bob.get_local_member() == null and bob.get_host() == null, "nothing outside")
	check_equal(bob.create_invite(), "", "no invite outside")
	bob.join_space(ada.create_invite())
	await until_in_space(bob)
	await until_members(ada, 2)
	check(member(ada, "Bob") != bob_for_ada, "who comes again is another member")


func test_the_office_is_handed_over_when_the_creator_leaves() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var eve := await guest(bob, "Eve")
	var hosts: Array[MetaverseMember] = []
	eve.host_changed.connect(func(who: MetaverseMember) -> void: hosts.append(who))
	ada.stop()
	await until(func() -> bool: return hosts.size() == 1, "another host")
	var next := bob if hosts[0] == member(eve, "Bob") else eve
	check(hosts[0].display_name == next.get_local_member().display_name, "one of the two follows")
	await until(func() -> bool: return next.get_space().is_host(), "the next host knows")
	check(next.get_local_member().is_host, "the next host is host as a member")
	var dan := peer("Dan")
	dan.join_space(eve.create_invite())
	await until_in_space(dan)
	await until_members(dan, 3)


func test_a_full_space_takes_nobody() -> void:
	var made := options()
	made.capacity = 2
	var ada := await host(made, "Ada")
	await guest(ada, "Bob")
	var eve := peer("Eve")
	var codes: Array[MetaversePeer.JoinError] = []
	eve.join_failed.connect(
		func(code: MetaversePeer.JoinError, message: String) -> void:
			codes.append(code)
			check(not message.is_empty(), "a sentence")
	)
	eve.join_space(ada.create_invite())
	await until(func() -> bool: return codes.size() == 1, "an answer")
	check_equal(codes, [MetaversePeer.JoinError.FULL] as Array[MetaversePeer.JoinError], "code")


func test_names_are_cleaned_and_change() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob\u0007\u202e\n the   builder")
	var bob_for_ada := member(ada, "Bob the builder")
	if not check(bob_for_ada != null, "a clean name: %s" % [ada.get_members()[1].display_name]):
		return
	var updates: Array[MetaverseMember] = []
	ada.member_updated.connect(func(who: MetaverseMember) -> void: updates.append(who))
	bob.display_name = "x".repeat(10_000)
	await until(func() -> bool: return bob_for_ada.display_name == "x".repeat(64), "64 letters")
	check(updates.has(bob_for_ada), "member_updated")
	await until(func() -> bool: return bob.get_local_member().display_name == "x".repeat(64), "the own name too")


func test_a_second_space_is_refused() -> void:
	var ada := await host(null, "Ada")
	check_equal(quietly(ada.create_space.bind(options())), ERR_ALREADY_IN_USE, "create_space")
	var codes: Array[MetaversePeer.JoinError] = []
	ada.join_failed.connect(func(code: MetaversePeer.JoinError, _message: String) -> void: codes.append(code))
	ada.join_space(ada.create_invite())
	await until(func() -> bool: return codes.size() == 1, "an answer")
	check_equal(codes, [MetaversePeer.JoinError.REFUSED] as Array[MetaversePeer.JoinError], "code")
	check_equal(ada.get_state(), MetaversePeer.State.IN_SPACE, "still there")
