## Small text files that several processes share.
class_name SharedFile
extends RefCounted


## Writes [param text] to [param path] at one stroke: a reader sees all of it or nothing.
static func write(path: String, text: String) -> Error:
	var unfinished := path + ".part"
	var file := FileAccess.open(unfinished, FileAccess.WRITE)
	if file == null:
		return FileAccess.get_open_error()
	var stored := file.store_string(text)
	file.close()
	return DirAccess.rename_absolute(unfinished, path) if stored else ERR_FILE_CANT_WRITE


## What is in the file at [param path]; empty while there is none.
static func read(path: String) -> String:
	return FileAccess.get_file_as_string(path).strip_edges() if FileAccess.file_exists(path) else ""
