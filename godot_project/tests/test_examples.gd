extends TestCase
## Every example runs by itself, and says at the end what it is to say.


func _says(example: String, expected: String) -> void:
	var scene: PackedScene = load("res://examples/%s.tscn" % example)
	var root := scene.instantiate()
	add_child(root)
	var label: Label = root.get_node("%Says")
	await until(func() -> bool: return label.text.contains(expected), "%s says \"%s\"" % [example, expected])
	root.queue_free()


func test_peer() -> void:
	await _says("peer", "Bob says: Hello, Ada!")


func test_space_options() -> void:
	await _says("space_options", "Physics, second year, private, for 24 members, a lecture in the scene \"classroom\"")


func test_avatar_sync() -> void:
	await _says("avatar_sync", "Ada's first pose is at Bob's.")


func test_avatar_spawner() -> void:
	await _says("avatar_spawner", "For Bob: an avatar for Ada.")


func test_shared_state() -> void:
	await _says("shared_state", "Ada sees board/title = Thursday, ten o'clock, by Bob.")


func test_network_overlay() -> void:
	await _says("network_overlay", "Ada reaches Cleo straight.")


func test_activity_zone() -> void:
	await _says("activity_zone", "On the dance floor others are seen in full up to 8 m.")
