extends Bench
## One of the two processes of the bench `godot-sync`: measures what its frames cost without a network, then with the other
## process, until a file tells it to end. Its arguments are `way` (addon, engine), `role` (host, guest), `host-avatars`,
## `guest-avatars`, and the files `meeting`, `end` and `report`.

const WARM_UP_FRAMES := 120
const IDLE_WINDOWS := 10
## Links find out what they can carry, and clocks what time it is, within the first seconds.
const SETTLE_FRAMES := 600
## From where the figures are looked at, as by somebody who stands before them.
const EYE := Vector3(2.5, 1.7, -3.0)

var _own: Array[GesturingAvatar] = []
var _others: Array[GesturingAvatar] = []


func _ready() -> void:
	await _measure()


func _process(_delta: float) -> void:
	var now := Time.get_unix_time_from_system()
	for avatar: GesturingAvatar in _own:
		avatar.gesture(now)


func _measure() -> void:
	var is_host := arguments["role"] == "host"
	var host_avatars := _add_avatars("host")
	var guest_avatars := _add_avatars("guest")
	_add_camera()
	_own = host_avatars if is_host else guest_avatars
	_others = guest_avatars if is_host else host_avatars
	await frames(WARM_UP_FRAMES)
	var idle := FrameMeter.new()
	for _window: int in IDLE_WINDOWS:
		await _measure_window(idle, MovedBones.new([]))

	var way := _way()
	way.is_host = is_host
	way.meeting_file = arguments["meeting"]
	add_child(way)
	way.meet.call_deferred(_own, _others)
	await way.met
	await frames(SETTLE_FRAMES)
	print(READY)
	await _measure_meeting(way, idle)
	get_tree().quit()


func _way() -> SyncWay:
	if arguments["way"] == "addon":
		return AddonWay.new()
	return EngineWay.new()


func _measure_meeting(way: SyncWay, idle: FrameMeter) -> void:
	var busy := FrameMeter.new()
	var moved := MovedBones.new(_others)
	var start := Time.get_ticks_usec()
	var received := way.poses_received(maxi(_others.size(), 1))
	var windows := 0
	while not FileAccess.file_exists(arguments["end"]):
		await _measure_window(busy, moved)
		windows += 1
	var seconds := (Time.get_ticks_usec() - start) / 1e6
	report({
		"idle_frame_ms": idle.median(),
		"busy_frame_ms": busy.median(),
		"frames_per_second": windows * FrameMeter.FRAMES / seconds,
		"poses_per_second": (way.poses_received(maxi(_others.size(), 1)) - received) / seconds,
		"latency_ms_p50": way.latency_ms(0.5),
		"latency_ms_p95": way.latency_ms(0.95),
		"bones_moved": moved.count(),
	})


## Looking at the bones is outside the window.
func _measure_window(meter: FrameMeter, moved: MovedBones) -> void:
	meter.begin()
	await frames(FrameMeter.FRAMES)
	meter.end()
	moved.look()


func _add_avatars(role: String) -> Array[GesturingAvatar]:
	var avatars: Array[GesturingAvatar] = []
	for number: int in arguments[role + "-avatars"].to_int():
		var avatar := GesturingAvatar.new(number)
		avatar.name = "%s%d" % [role.capitalize(), number]
		add_child(avatar)
		avatars.append(avatar)
	return avatars


func _add_camera() -> void:
	var camera := Camera3D.new()
	add_child(camera)
	camera.look_at_from_position(EYE, EYE + Vector3.BACK)
	camera.make_current()
