extends Node
## Runs every test_ method of every tests/test_*.gd, each in a fresh node, one after another.
##
## Prints `ALL TESTS PASSED (N)` at the end and exits with 0 only if all did. An argument after `--` runs only those tests whose
## file or method contains it: `godot --headless --path godot_project -- messages`.

const FOLDER := "res://tests"


func _ready() -> void:
	var failed: PackedStringArray = []
	var count := 0
	for file: String in _test_files():
		var script: GDScript = load(FOLDER.path_join(file))
		if not script.can_instantiate():
			failed.append(file)
			continue
		for method: String in _test_methods(script):
			var title := "%s.%s" % [file.get_basename(), method]
			if not _is_wanted(title):
				continue
			count += 1
			if not await _passes(script, method, title):
				failed.append(title)
	if count > 0 and failed.is_empty():
		print("ALL TESTS PASSED (%d)" % count)
		get_tree().quit(0)
		return
	print("FAILED %d OF %d: %s" % [failed.size(), count, ", ".join(failed)])
	get_tree().quit(1)


func _passes(script: GDScript, method: String, title: String) -> bool:
	var test: TestCase = script.new()
	add_child(test)
	var started := Time.get_ticks_msec()
	await Callable(test, method).call()
	var milliseconds := Time.get_ticks_msec() - started
	var failures := test.failures
	remove_child(test)
	test.free()
	# Nodes that a test has queued for deletion go before the next one begins.
	await get_tree().process_frame
	print("%s %s (%d ms)" % ["ok    " if failures.is_empty() else "FAILED", title, milliseconds])
	for failure: String in failures:
		print("       ", failure)
	return failures.is_empty()


func _test_files() -> PackedStringArray:
	var files: PackedStringArray = []
	for file: String in ResourceLoader.list_directory(FOLDER):
		if file.begins_with("test_") and file.ends_with(".gd"):
			files.append(file)
	files.sort()
	return files


func _test_methods(script: GDScript) -> PackedStringArray:
	var methods: PackedStringArray = []
	for method: Dictionary in script.get_script_method_list():
		var method_name: String = method["name"]
		if method_name.begins_with("test_") and not methods.has(method_name):
			methods.append(method_name)
	return methods


func _is_wanted(title: String) -> bool:
	var filters := OS.get_cmdline_user_args()
	if filters.is_empty():
		return true
	for filter: String in filters:
		if title.contains(filter):
			return true
	return false
