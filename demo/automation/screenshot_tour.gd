## Goes through every screen by itself and writes a picture of each.
class_name ScreenshotTour
extends AutomatedPlayer

const BAD_INVITE := "An invite that lost its second half on the way"
## Frames and milliseconds until containers, cameras and fades have settled.
const SETTLE_FRAMES := 4
const SETTLE_TIME := 600
## Seconds until the others have told of their links.
const NETWORK_TIME := 2.0

var _screens: Array[Dictionary] = []


func _play() -> void:
	var made := DirAccess.make_dir_recursive_absolute(arguments.screenshots)
	if made != OK:
		note_error("%s cannot be made: %s" % [arguments.screenshots, error_string(made)])
	await _tour_lobby()
	await _tour_space(SpaceCatalog.CLASSROOM)
	await _tour_hud()
	await _tour_things()
	await _leave()
	await _tour_space(SpaceCatalog.GARDEN)
	var written := SharedFile.write(arguments.screenshots.path_join("screens.json"), JSON.stringify(_screens, "  "))
	if written != OK:
		note_error("screens.json was not written: %s" % error_string(written))
	await finish()


func _tour_lobby() -> void:
	await shoot("lobby.png")
	game.get_lobby().join(BAD_INVITE)
	if not await wait_until(game.get_lobby().has_problem, PATIENCE):
		note_error("a bad invite gave no message")
	await shoot("lobby_error.png")


func _tour_space(scene: String) -> void:
	if not await create(scene):
		return
	if not await wait_until(_is_company_here, PATIENCE):
		note_error("only %d of %d companions came to the %s" % [_watch.count_avatars(), arguments.members, scene])
	if not await wait_until(game.get_space_scene().is_unveiled, PATIENCE):
		note_error("the %s was not shown in time" % scene)
	_face_company()
	if not await wait_until(_are_tags_drawn, PATIENCE):
		note_error("the name tags are not drawn in the %s" % scene)
	await shoot(scene + ".png")


func _tour_hud() -> void:
	var hud := game.get_hud()
	if hud == null:
		return
	hud.toggle_member_list()
	await shoot("member_list.png")
	hud.toggle_member_list()
	hud.toggle_network()
	await wait_seconds(NETWORK_TIME)
	await shoot("network.png")
	hud.toggle_network()
	hud.get_chat().open()
	hud.get_chat().say("Welcome, everyone! Shall we go to the garden afterwards?")
	await shoot("chat.png")
	hud.get_chat().close()
	hud.open_menu()
	await shoot("menu.png")
	hud.close_menu()


func _tour_things() -> void:
	if game.get_space_scene() == null:
		return
	var things := ThingsTour.new()
	things.tour = self
	await things.show_gestures()
	await things.show_board()
	await things.show_furniture()
	await things.show_company()
	await things.show_activity()


## Lets [param seconds] pass.
func wait_seconds(seconds: float) -> void:
	var deadline := Time.get_ticks_msec() + int(seconds * 1000.0)
	while not _is_closing and Time.get_ticks_msec() < deadline:
		await get_tree().process_frame


## Sends the companions home and ends the game.
func finish() -> void:
	if not arguments.invite_out.is_empty() and FileAccess.file_exists(arguments.invite_out):
		var removed := DirAccess.remove_absolute(arguments.invite_out)
		if removed != OK:
			note_error("the invite was not removed: %s" % error_string(removed))
	await super()


func _leave() -> void:
	peer.leave_space()
	if not await wait_until(_is_in_lobby, LEAVE_TIME):
		note_error("the lobby did not come back")


## Writes a picture called [param file] of what is there once it has settled.
func shoot(file: String) -> void:
	var frame := get_tree().get_frame() + SETTLE_FRAMES
	var time := Time.get_ticks_msec() + SETTLE_TIME
	while get_tree().get_frame() < frame or Time.get_ticks_msec() < time:
		await get_tree().process_frame
	await RenderingServer.frame_post_draw
	var image := get_viewport().get_texture().get_image()
	var saved := image.save_png(arguments.screenshots.path_join(file))
	if saved != OK:
		note_error("%s was not written: %s" % [file, error_string(saved)])
	_screens.append({"file": file, "size": [image.get_width(), image.get_height()], "name_tags": _name_tags()})


# Those that nothing covers, in pixels of the picture.
func _name_tags() -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	if game.get_hud() == null:
		return found
	var window := Rect2(Vector2.ZERO, get_viewport().get_visible_rect().size)
	var to_pixels := get_viewport().get_final_transform()
	var tags := _visible_tags()
	for tag: NameTag in tags:
		var rect := tag.get_screen_rect()
		if not window.encloses(rect) or game.get_hud().covers(rect) or _is_covered(tag, tags):
			continue
		var pixels := to_pixels * rect
		found.append({"name": tag.get_text(), "rect": [pixels.position.x, pixels.position.y, pixels.size.x, pixels.size.y]})
	return found


func _visible_tags() -> Array[NameTag]:
	var tags: Array[NameTag] = []
	if game.get_space_scene() == null:
		return tags
	for member: MetaverseMember in peer.get_members():
		var avatar := game.get_space_scene().get_spawner().get_avatar(member) as RemoteAvatar
		if avatar != null and avatar.get_name_tag().get_screen_rect().has_area():
			tags.append(avatar.get_name_tag())
	return tags


func _is_covered(tag: NameTag, tags: Array[NameTag]) -> bool:
	for other: NameTag in tags:
		if other != tag and other.get_screen_rect().intersects(tag.get_screen_rect()):
			return true
	return false


# The one who takes the pictures draws a picture of its own.
func _leave_marks() -> void:
	pass


func _make_gesture() -> void:
	pass


# The one who takes the pictures stands still and looks.
func _drive(_avatar: LocalAvatar) -> void:
	pass


func _on_join_failed(code: MetaversePeer.JoinError, message: String) -> void:
	if code != MetaversePeer.JoinError.INVALID_INVITE:
		super(code, message)


func _is_company_here() -> bool:
	return _watch.count_avatars() >= arguments.members


func _are_tags_drawn() -> bool:
	return _name_tags().size() >= mini(arguments.members, 1)


func _face_company() -> void:
	var place := game.get_space_scene()
	var own := place.get_local_avatar()
	var middle := Vector3.ZERO
	for member: MetaverseMember in peer.get_members():
		var avatar := place.get_spawner().get_avatar(member)
		if avatar != null and not member.is_local:
			middle += avatar.global_position - own.global_position
	if middle.length() > 0.1:
		own.face(atan2(-middle.x, -middle.z))


func _is_in_lobby() -> bool:
	return game.get_lobby() != null
