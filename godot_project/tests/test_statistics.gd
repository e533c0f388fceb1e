extends TestCase
## What is counted and measured.


func test_counters_and_times() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	var avatar := Node3D.new()
	var sync := MetaverseAvatarSync.new()
	sync.peer = ada
	avatar.add_child(sync)
	add_child(avatar)
	var move := func() -> void: avatar.position.x += 0.1
	get_tree().process_frame.connect(move)
	await until(func() -> bool: return _latency(bob) > 0.0, "poses at Bob's")
	await frames(60)
	get_tree().process_frame.disconnect(move)
	var statistics := bob.get_statistics()
	for key: String in [
		"datagrams_sent", "datagrams_received", "datagram_bytes_received", "frames_sent", "frames_received", "links",
		"malformed_messages", "malformed_datagrams", "poses_rejected", "poses_received",
		"avatars_near", "avatars_middle", "avatars_far",
	]:
		check(statistics.has(key) and statistics[key] is int, "%s is counted" % key)
	check_equal(statistics["links"], 1, "links")
	check_equal(statistics["malformed_datagrams"], 0, "malformed_datagrams")
	check_equal(statistics["avatars_far"], 1, "avatars_far: of who has no skeleton the place is known")
	var datagrams_received: int = statistics["datagrams_received"]
	check(datagrams_received > 0, "datagrams_received")
	var poses_received: int = statistics["poses_received"]
	check(poses_received > 0, "poses_received")
	var latency_p50: float = statistics["pose_latency_ms_p50"]
	var latency_p95: float = statistics["pose_latency_ms_p95"]
	var frame_p50: float = statistics["extension_frame_ms_p50"]
	var frame_p95: float = statistics["extension_frame_ms_p95"]
	check(latency_p50 >= 0.0 and latency_p50 <= latency_p95 and latency_p95 < 500.0, "latency %s %s" % [latency_p50, latency_p95])
	check(frame_p50 > 0.0 and frame_p50 <= frame_p95 and frame_p95 < 10.0, "time in a frame: %s ms" % frame_p95)


func _latency(who: MetaversePeer) -> float:
	return who.get_statistics()["pose_latency_ms_p95"]
