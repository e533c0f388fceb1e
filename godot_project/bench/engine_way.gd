class_name EngineWay
extends SyncWay
## Godot's own: a MultiplayerSynchronizer for each avatar, with a property for each bone as its editor makes them, over ENet
## as it comes.

const PORT := 24_680
const ADDRESS := "127.0.0.1"
## 20 times a second at 60 frames a second. The engine sends in the first frame past the interval: half a frame less than 50 ms
## makes it every third frame, where 50 ms would often make it the fourth.
const INTERVAL := 1.0 / 20.0 - 0.5 / 60.0

var _latencies := PackedFloat64Array()


func meet(own: Array[GesturingAvatar], others: Array[GesturingAvatar]) -> void:
	for avatar: GesturingAvatar in own + others:
		avatar.add_child(_synchronizer(avatar))
	var link := ENetMultiplayerPeer.new()
	if is_host:
		_require(link.create_server(PORT))
		multiplayer.multiplayer_peer = link
		_tell(ADDRESS)
		await multiplayer.peer_connected
	else:
		_require(link.create_client(await _told(), PORT))
		multiplayer.multiplayer_peer = link
		await _until(func() -> bool: return not _latencies.is_empty())
	met.emit()


func latency_ms(share: float) -> float:
	return FrameMeter.percentile(_latencies, share)


func poses_received(_avatars: int) -> float:
	return _latencies.size()


func _synchronizer(avatar: GesturingAvatar) -> MultiplayerSynchronizer:
	var config := SceneReplicationConfig.new()
	_add(config, ^".:position")
	_add(config, ^".:rotation")
	_add(config, NodePath("Skeleton3D:bones/%d/position" % avatar.skeleton.find_bone("Hips")))
	for bone: int in avatar.skeleton.get_bone_count():
		_add(config, NodePath("Skeleton3D:bones/%d/rotation" % bone))
	var synchronizer := MultiplayerSynchronizer.new()
	synchronizer.name = "MultiplayerSynchronizer"
	synchronizer.replication_interval = INTERVAL
	synchronizer.replication_config = config
	if avatar.get_index() == 0:
		# Of one avatar the time travels too, to see how old what arrives is.
		_add(config, ^".:clock")
		synchronizer.synchronized.connect(_on_synchronized.bind(avatar))
	return synchronizer


func _add(config: SceneReplicationConfig, property: NodePath) -> void:
	config.add_property(property)
	config.property_set_replication_mode(property, SceneReplicationConfig.REPLICATION_MODE_ALWAYS)


func _on_synchronized(avatar: GesturingAvatar) -> void:
	_latencies.append((Time.get_unix_time_from_system() - avatar.clock) * 1000.0)


func _require(error: Error) -> void:
	if error != OK:
		push_error("ENet: %s" % error_string(error))
