extends TestCase
## Lasting identities, and none.

const PATH := "user://test_identity"


func _id_in_a_new_space(path: String) -> String:
	var ada := peer("Ada")
	ada.identity_path = path
	ada.create_space(options())
	await until_in_space(ada)
	var id := ada.get_local_member().id
	ada.queue_free()
	return id


func test_an_identity_lasts() -> void:
	_remove()
	var first: String = await _id_in_a_new_space(PATH)
	var second: String = await _id_in_a_new_space(PATH)
	check_equal(second, first, "the same id again")
	check_equal(FileAccess.get_file_as_bytes(PATH).size(), 32, "bytes in the file")
	if OS.get_name() != "Windows":
		var others := FileAccess.get_unix_permissions(PATH) & ~(FileAccess.UNIX_READ_OWNER | FileAccess.UNIX_WRITE_OWNER)
		check_equal(others, 0, "nobody else may read it")
	_remove()


func test_without_one_each_space_sees_somebody_else() -> void:
	var ada := peer("Ada")
	var ids: PackedStringArray = []
	for _space: int in 2:
		ada.create_space(options())
		await until_in_space(ada)
		ids.append(ada.get_local_member().id)
		ada.leave_space()
		await until(func() -> bool: return ada.get_state() == MetaversePeer.State.ONLINE, "left")
	check(ids[0] != ids[1], "two ids")


func test_a_damaged_file_is_told_and_not_overwritten() -> void:
	for content: String in ["", "too short", "x".repeat(33)]:
		var file := FileAccess.open(PATH, FileAccess.WRITE)
		file.store_string(content)
		file.close()
		var ada := peer("Ada")
		ada.identity_path = PATH
		var told: PackedStringArray = []
		ada.failed.connect(func(message: String) -> void: told.append(message))
		check_equal(ada.start(), ERR_FILE_CORRUPT, "start with %d bytes" % content.length())
		await until(func() -> bool: return told.size() == 1, "a sentence")
		check_equal(FileAccess.get_file_as_string(PATH), content, "the file")
		check_equal(ada.create_space(options()), ERR_FILE_CORRUPT, "create_space")
		ada.queue_free()
	_remove()


func test_a_path_that_cannot_be_written_is_told() -> void:
	var ada := peer("Ada")
	ada.identity_path = "/proc/none/identity"
	check_equal(ada.start(), ERR_FILE_CANT_WRITE, "start")
	var codes: Array[int] = []
	ada.join_failed.connect(func(code: MetaversePeer.JoinError, _message: String) -> void: codes.append(code))
	ada.join_space("whatever")
	await until(func() -> bool: return codes.size() == 1, "join_space ends in join_failed")


func _remove() -> void:
	if FileAccess.file_exists(PATH):
		DirAccess.remove_absolute(ProjectSettings.globalize_path(PATH))
