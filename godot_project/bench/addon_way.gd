class_name AddonWay
extends SyncWay
## This addon's: a MetaverseAvatarSync for each avatar, in a space of two peers.

var _peer := MetaversePeer.new()


func meet(own: Array[GesturingAvatar], others: Array[GesturingAvatar]) -> void:
	_peer.display_name = "Host" if is_host else "Guest"
	_peer.reach = MetaversePeer.Reach.LOCAL_NETWORK
	_peer.activity_profile = _everything()
	_peer.failed.connect(func(message: String) -> void: push_error(message))
	_peer.join_failed.connect(func(_code: MetaversePeer.JoinError, message: String) -> void: push_error(message))
	add_child(_peer)
	if is_host:
		_peer.create_space(MetaverseSpaceOptions.new())
		await _peer.space_joined
		_tell(_peer.create_invite())
	else:
		_peer.join_space(await _told())
	await _until(func() -> bool: return _peer.get_members().size() == 2)
	_sync(own, _member(true))
	var syncs := _sync(others, _member(false))
	await _until(
		func() -> bool: return syncs.all(func(sync: MetaverseAvatarSync) -> bool: return sync.has_body())
	)
	met.emit()


func latency_ms(share: float) -> float:
	return _statistic("pose_latency_ms_p%d" % roundi(share * 100.0))


func poses_received(avatars: int) -> float:
	return _statistic("poses_received") / avatars


## All avatars in full, 20 times a second, as Godot's own sends them.
func _everything() -> MetaverseActivityProfile:
	var profile := MetaverseActivityProfile.new()
	profile.near_rate = 20.0
	profile.near_range = 1000.0
	profile.near_limit = 64
	profile.budget = 1_000_000
	return profile


func _sync(avatars: Array[GesturingAvatar], member: MetaverseMember) -> Array[MetaverseAvatarSync]:
	var syncs: Array[MetaverseAvatarSync] = []
	for number: int in avatars.size():
		var sync := MetaverseAvatarSync.new()
		sync.peer = _peer
		sync.skeleton = avatars[number].skeleton
		sync.avatar_id = number
		sync.member = member
		avatars[number].add_child(sync)
		syncs.append(sync)
	return syncs


func _member(is_local: bool) -> MetaverseMember:
	for member: MetaverseMember in _peer.get_members():
		if member.is_local == is_local:
			return member
	return null


func _statistic(statistic: String) -> float:
	var value: float = _peer.get_statistics()[statistic]
	return value
