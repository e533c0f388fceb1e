extends TestCase
## Every invite that cannot be used ends in join_failed, with the right code and a sentence.


## What joining with [param invite] fails with: the code, or -1 if it does not fail.
func _failure(invite: String, patience_ms: int = PATIENCE_MS) -> int:
	var eve := peer("Eve")
	var codes: Array[int] = []
	var messages: PackedStringArray = []
	eve.join_failed.connect(
		func(code: MetaversePeer.JoinError, message: String) -> void:
			codes.append(code)
			messages.append(message)
	)
	eve.join_space(invite)
	check_equal(codes.size(), 0, "nothing is told inside the call")
	await until(func() -> bool: return codes.size() == 1, "an answer to %s" % invite.left(40), patience_ms)
	check_equal(eve.get_state(), MetaversePeer.State.ONLINE, "the state after")
	check(messages.size() == 1 and messages[0].length() > 10 and messages[0].ends_with("."), "a sentence: %s" % messages)
	eve.queue_free()
	return codes[0] if codes.size() == 1 else -1


func test_garbage_is_no_invite() -> void:
	var garbage: PackedStringArray = [
		"", " \n", "hello", "metaverse", "https://example.org/?q=1", "\u0007\u202e", "🦆".repeat(50), "a".repeat(200_000)
	]
	for text: String in garbage:
		check_equal(await _failure(text), int(MetaversePeer.JoinError.INVALID_INVITE), text.left(20).c_escape())


func test_damaged_invites_are_no_invites() -> void:
	var ada := await host()
	var invite := ada.create_invite()
	check(invite.length() > 40, "an invite: %s" % invite)
	var at := int(invite.length() * 0.5)
	var changed := invite.left(at) + ("b" if invite[at] == "a" else "a") + invite.substr(at + 1)
	check_equal(await _failure(invite.left(invite.length() - 5)), int(MetaversePeer.JoinError.INVALID_INVITE), "truncated")
	check_equal(await _failure(changed), int(MetaversePeer.JoinError.INVALID_INVITE), "a changed letter")


func test_an_expired_invite_lets_nobody_in() -> void:
	var ada := await host()
	var invite := ada.create_invite(0, 1)
	var made := Time.get_unix_time_from_system()
	await until(func() -> bool: return Time.get_unix_time_from_system() > made + 3.0, "the invite's time to pass")
	check_equal(await _failure(invite), int(MetaversePeer.JoinError.EXPIRED), "expired")


func test_an_invite_is_used_up() -> void:
	var ada := await host(null, "Ada")
	var invite := ada.create_invite(1)
	var bob := peer("Bob")
	bob.join_space(invite)
	await until_in_space(bob)
	check_equal(await _failure(invite), int(MetaversePeer.JoinError.EXPIRED), "used up")
	check_equal(ada.get_members().size(), 2, "members")


func test_nobody_there_is_unreachable_within_ten_seconds() -> void:
	var ada := await host()
	var invite := ada.create_invite()
	ada.stop()
	var started := Time.get_ticks_msec()
	check_equal(await _failure(invite), int(MetaversePeer.JoinError.UNREACHABLE), "nobody there")
	check(Time.get_ticks_msec() - started < 10_000, "within 10 s")


func test_joining_can_be_cancelled() -> void:
	var ada := await host()
	var invite := ada.create_invite()
	ada.stop()
	var bob := peer("Bob")
	var codes: Array[int] = []
	bob.join_failed.connect(func(code: MetaversePeer.JoinError, _message: String) -> void: codes.append(code))
	bob.join_space(invite)
	await frames(5)
	bob.leave_space()
	check_equal(bob.get_state(), MetaversePeer.State.LEAVING, "giving up")
	await until(func() -> bool: return codes.size() == 1, "an answer", 2_000)
	check_equal(codes, [int(MetaversePeer.JoinError.CANCELLED)] as Array[int], "code")
	check_equal(bob.create_space(options()), OK, "something else at once")
	await until_in_space(bob)


func test_cancelling_in_the_same_frame_leaves_nothing_behind() -> void:
	for creates: bool in [true, false]:
		var ada := await host()
		var bob := peer("Bob")
		var told: PackedStringArray = []
		bob.join_failed.connect(
			func(code: MetaversePeer.JoinError, _message: String) -> void: told.append("failed %d" % code)
		)
		bob.space_joined.connect(func(_space: MetaverseSpace) -> void: told.append("joined"))
		bob.space_left.connect(func(_reason: String) -> void: told.append("left"))
		if creates:
			bob.create_space(options())
		else:
			bob.join_space(ada.create_invite())
		bob.leave_space()
		await until(func() -> bool: return bob.get_state() == MetaversePeer.State.ONLINE, "online again")
		await frames(30)
		check_equal(told, PackedStringArray(["failed %d" % MetaversePeer.JoinError.CANCELLED]), "what was told")
		ada.queue_free()
		bob.queue_free()


func test_negative_limits_make_no_invite() -> void:
	var ada := await host()
	check_equal(quietly(ada.create_invite.bind(-1)), "", "negative uses")
	check_equal(quietly(ada.create_invite.bind(1, -1)), "", "negative seconds")
	check(not ada.create_invite(1, 60).is_empty(), "limits")
