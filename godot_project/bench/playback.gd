extends Bench
## The program of the bench `playback`: watches avatars of others, at rest first and then as they are played. Its arguments
## are `invite`, `members`, `avatars` (of each member), `near` and `middle` (how many are to be seen so), and the file `report`.

const WARM_UP_FRAMES := 120
const IDLE_FRAMES := 600
## Buffers grow, links find out what they can carry, and clocks what time it is, within the first seconds.
const SETTLE_FRAMES := 900
## More than the statistics are over, so that nothing from before is in them.
const MEASURED_FRAMES := 2_100
## The eye of who watches, in metres above the ground.
const EYE_HEIGHT := 1.7
## Far beyond what comes: nobody is seen in less detail for the sake of bytes.
const BUDGET := 1_000_000

var _peer := MetaversePeer.new()
var _avatars: Array[GesturingAvatar] = []
var _syncs: Array[MetaverseAvatarSync] = []


func _ready() -> void:
	var camera := Camera3D.new()
	camera.position.y = EYE_HEIGHT
	add_child(camera)
	camera.make_current()
	for number: int in _count("members") * _count("avatars"):
		var avatar := GesturingAvatar.new(number)
		_avatars.append(avatar)
		add_child(avatar)
	await frames(WARM_UP_FRAMES)
	var idle := await _measure(IDLE_FRAMES)

	await _meet()
	await until(_are_at_their_levels)
	await frames(SETTLE_FRAMES)
	print(READY)
	await _measure_playback(idle)
	get_tree().quit()


func _meet() -> void:
	var profile := MetaverseActivityProfile.preset("party")
	profile.near_limit = _count("near")
	profile.middle_limit = _count("middle")
	profile.budget = BUDGET
	_peer.display_name = "Watcher"
	_peer.reach = MetaversePeer.Reach.LOCAL_NETWORK
	_peer.activity_profile = profile
	_peer.failed.connect(func(message: String) -> void: push_error(message))
	_peer.join_failed.connect(func(_code: MetaversePeer.JoinError, message: String) -> void: push_error(message))
	add_child(_peer)
	_peer.join_space(arguments["invite"])
	await until(func() -> bool: return _peer.get_members().size() == _count("members") + 1)
	var place := 0
	for member: MetaverseMember in _peer.get_members():
		if member.is_local:
			continue
		for avatar_id: int in _count("avatars"):
			_play(_avatars[place], member, avatar_id)
			place += 1


func _play(avatar: GesturingAvatar, member: MetaverseMember, avatar_id: int) -> void:
	var sync := MetaverseAvatarSync.new()
	sync.peer = _peer
	sync.skeleton = avatar.skeleton
	sync.avatar_id = avatar_id
	sync.member = member
	avatar.add_child(sync)
	_syncs.append(sync)


func _measure_playback(idle: FrameMeter) -> void:
	var bones := MovedBones.new(_avatars)
	var received := _statistic("poses_received")
	var allocations := _statistic("extension_allocations")
	var start := Time.get_ticks_usec()
	var busy := await _measure(MEASURED_FRAMES)
	var seconds := (Time.get_ticks_usec() - start) / 1e6
	var allocated := _statistic("extension_allocations") - allocations
	bones.look()
	report({
		"near": _statistic("avatars_near"),
		"middle": _statistic("avatars_middle"),
		"far": _statistic("avatars_far"),
		"bodies": _bodies(),
		"bones_moved": bones.count(),
		"extension_ms_p50": _statistic("extension_frame_ms_p50"),
		"extension_ms_p95": _statistic("extension_frame_ms_p95"),
		"frame_ms_p50": busy.quantile(0.5),
		"frame_ms_p95": busy.quantile(0.95),
		"idle_frame_ms_p50": idle.quantile(0.5),
		"idle_frame_ms_p95": idle.quantile(0.95),
		"allocations_before": allocations,
		"allocations_per_frame": allocated / MEASURED_FRAMES,
		"poses_per_second": (_statistic("poses_received") - received) / seconds,
		"frames_per_second": MEASURED_FRAMES / seconds,
	})


func _measure(count: int) -> FrameMeter:
	var meter := FrameMeter.new(1)
	for _frame: int in count:
		meter.begin()
		await get_tree().process_frame
		meter.end()
	return meter


func _are_at_their_levels() -> bool:
	return (
		_statistic("avatars_near") == _count("near")
		and _statistic("avatars_middle") == _count("middle")
		and _bodies() == _count("near") + _count("middle")
	)


## How many avatars are shown with a body.
func _bodies() -> int:
	return _syncs.filter(func(sync: MetaverseAvatarSync) -> bool: return sync.has_body()).size()


func _count(argument: String) -> int:
	return arguments[argument].to_int()


func _statistic(statistic: String) -> float:
	var value: float = _peer.get_statistics()[statistic]
	return value
