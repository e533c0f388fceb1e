## Plays without a person: enters a space, walks about, and reports what it saw.
class_name AutomatedPlayer
extends Node

## Seconds that everything may take besides the stay.
const PATIENCE := 30.0
## Seconds to leave in an orderly way.
const LEAVE_TIME := 2.0
## Seconds between two looks at the invite file.
const FILE_INTERVAL := 0.05
## What players do with their bodies, by their numbers; who sits does not walk about.
const GESTURES: Array[Gesture.Kind] = [Gesture.Kind.RAISE_HAND, Gesture.Kind.CLAP, Gesture.Kind.WAVE, Gesture.Kind.SIT]

var game: Main
var peer: MetaversePeer
var arguments: Arguments

var _watch := MeetingWatch.new()
var _errors := PackedStringArray()
var _invite := ""
var _has_failed := false
var _is_closing := false


func _ready() -> void:
	_watch.game = game
	_watch.peer = peer
	add_child(_watch)
	peer.join_failed.connect(_on_join_failed)
	peer.failed.connect(_on_failed)
	peer.space_joined.connect(_on_space_joined.unbind(1))
	peer.space_left.connect(_on_space_left)
	peer.display_name = arguments.player_name
	peer.avatar_image = _picture()
	get_tree().auto_accept_quit = false
	await _play()
	if _is_closing:
		get_tree().quit()


# A game without a window has no close button.
func _process(_delta: float) -> void:
	_make_gesture()
	if not _is_closing and FileAccess.file_exists(arguments.close_file):
		get_tree().root.propagate_notification(NOTIFICATION_WM_CLOSE_REQUEST)


# What still waits is ended before the game is: the engine counts it as leaked otherwise.
func _notification(what: int) -> void:
	if what == NOTIFICATION_WM_CLOSE_REQUEST:
		_is_closing = true


## Waits until [param condition] holds; false when [param seconds] have passed before.
func wait_until(condition: Callable, seconds: float) -> bool:
	var deadline := Time.get_ticks_msec() + int(seconds * 1000.0)
	while not condition.call():
		if _is_closing or Time.get_ticks_msec() > deadline:
			return false
		await get_tree().process_frame
	return true


## Notes what went wrong, for the report.
func note_error(what: String) -> void:
	_errors.append(what)
	printerr("Automated player: %s" % what)


func _play() -> void:
	await get_tree().process_frame
	if arguments.invite_file.is_empty():
		await create(arguments.scene if not arguments.scene.is_empty() else SpaceCatalog.CLASSROOM)
	else:
		await _join()
	if _is_inside():
		await _stay()
	if not _is_closing:
		await finish()


## Creates a space and hands out its invite; false when it does not come about.
func create(scene: String) -> bool:
	var options := MetaverseSpaceOptions.new()
	options.space_name = "Our %s" % scene
	options.scene = scene
	options.visibility = MetaverseSpaceOptions.Visibility.PRIVATE
	options.capacity = maxi(arguments.members + 1, options.capacity)
	var error := peer.create_space(options)
	if error != OK:
		note_error("create_space: %s" % error_string(error))
		return false
	if not await wait_until(_is_inside, PATIENCE):
		note_error("the space was not created in time")
		return false
	return _write_invite()


func _write_invite() -> bool:
	if arguments.invite_out.is_empty():
		return true
	var written := SharedFile.write(arguments.invite_out, peer.create_invite())
	if written != OK:
		note_error("the invite was not written: %s" % error_string(written))
	return written == OK


func _join() -> void:
	if not await wait_until(_has_new_invite, arguments.seconds + PATIENCE):
		note_error("no invite came")
		return
	_invite = SharedFile.read(arguments.invite_file)
	_has_failed = false
	_watch.on_join_called()
	peer.join_space(_invite)
	if not await wait_until(_is_joined_or_refused, PATIENCE):
		note_error("the space was not joined in time")
	elif _is_inside():
		_write_invite()


# Counted from when everyone is there.
func _stay() -> void:
	var deadline := Time.get_ticks_msec() + int((arguments.seconds + PATIENCE) * 1000.0)
	var stayed := 0.0
	var last := Time.get_ticks_usec()
	var until_look := FILE_INTERVAL
	while not _is_closing and stayed < arguments.seconds and Time.get_ticks_msec() < deadline and _is_inside() and not _is_over():
		await get_tree().process_frame
		var now := Time.get_ticks_usec()
		var step := (now - last) / 1.0e6
		last = now
		if _watch.members_seen >= maxi(arguments.members, 1 if arguments.invite_file.is_empty() else 0):
			stayed += step
		until_look -= step
		if until_look > 0.0 or arguments.invite_file.is_empty():
			continue
		until_look = FILE_INTERVAL
		if _has_new_invite():
			await _follow()
			stayed = 0.0
			last = Time.get_ticks_usec()


# The one who invited has moved on to another space.
func _follow() -> void:
	peer.leave_space()
	if await wait_until(_is_outside, LEAVE_TIME):
		await _join()


# The one who invited has taken the invite away.
func _is_over() -> bool:
	return not _invite.is_empty() and not FileAccess.file_exists(arguments.invite_file)


## Writes the report, leaves and ends the game.
func finish() -> void:
	if _watch.members_seen < arguments.members:
		note_error("only %d of %d other members came" % [_watch.members_seen, arguments.members])
	elif _watch.avatars_seen < arguments.members:
		note_error("only %d of %d avatars were complete (%s)" % [_watch.avatars_seen, arguments.members, ", ".join(_watch.describe_incomplete())])
	elif _watch.marks_seen < arguments.members - arguments.bots:
		note_error("of only %d of %d members were a note, a line and a moved chair here" % [_watch.marks_seen, arguments.members - arguments.bots])
	if not arguments.report.is_empty():
		var written := SharedFile.write(arguments.report, PlayerReport.compose(peer, _watch, _errors))
		if written != OK:
			printerr("The report was not written: %s" % error_string(written))
	peer.leave_space()
	await wait_until(_is_outside, LEAVE_TIME)
	get_tree().quit()


func _picture() -> Texture2D:
	if arguments.picture.is_empty():
		return PictureGenerator.draw_for(arguments.player_name)
	var file := PictureFile.open(arguments.picture)
	if file.texture == null:
		note_error(file.error)
	return file.texture


func _on_space_joined() -> void:
	game.get_space_scene().get_spawner().avatar_spawned.connect(_on_avatar_spawned)


func _on_avatar_spawned(member: MetaverseMember, avatar: Node3D) -> void:
	if not member.is_local:
		return
	_drive(avatar as LocalAvatar)
	var error := peer.send_message(ChatText.TOPIC, "Hello, I am %s." % peer.display_name)
	if error != OK:
		note_error("the greeting was not sent: %s" % error_string(error))
	_leave_marks.call_deferred()


# So that the others see what is shared.
func _leave_marks() -> void:
	if _is_closing or not _is_inside():
		return
	var problem := await Marks.leave(game.get_space_scene(), peer, func() -> bool: return _is_closing)
	if not problem.is_empty():
		note_error(problem)


func _drive(avatar: LocalAvatar) -> void:
	if _gesture() == Gesture.Kind.SIT:
		avatar.driver = RestDriver.new()
	else:
		avatar.driver = WanderDriver.new(avatar.global_transform)


func _gesture() -> Gesture.Kind:
	return GESTURES[peer.get_local_member().number % GESTURES.size()]


# Again and again.
func _make_gesture() -> void:
	if not _is_inside() or game.get_space_scene().get_local_avatar() == null:
		return
	if game.get_space_scene().get_local_avatar().get_figure().get_motion().get_gesture() == BodyMotion.NOTHING:
		game.get_space_scene().get_interaction().toggle_gesture(_gesture())


func _on_join_failed(_code: MetaversePeer.JoinError, message: String) -> void:
	_has_failed = true
	note_error("join_failed: %s" % message)


func _on_failed(message: String) -> void:
	note_error("failed: %s" % message)


func _on_space_left(reason: String) -> void:
	if not reason.is_empty():
		note_error("the space was lost: %s" % reason)


func _has_new_invite() -> bool:
	var invite := SharedFile.read(arguments.invite_file)
	return not invite.is_empty() and invite != _invite


func _is_inside() -> bool:
	return peer.get_state() == MetaversePeer.State.IN_SPACE and game.get_space_scene() != null


func _is_joined_or_refused() -> bool:
	return _is_inside() or _has_failed


func _is_outside() -> bool:
	return peer.get_state() == MetaversePeer.State.ONLINE or peer.get_state() == MetaversePeer.State.OFFLINE
