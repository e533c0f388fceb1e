extends SceneTree
## Loads every script of the project, so that the engine says what it warns about.


func _initialize() -> void:
	print("%d scripts loaded" % _load_scripts("res://"))
	quit()


func _load_scripts(folder: String) -> int:
	var loaded: int = 0
	for file_name: String in DirAccess.get_files_at(folder):
		if file_name.get_extension() == "gd" and load(folder.path_join(file_name)) is GDScript:
			loaded += 1
	for folder_name: String in DirAccess.get_directories_at(folder):
		loaded += _load_scripts(folder.path_join(folder_name))
	return loaded
