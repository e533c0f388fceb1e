@tool
extends EditorExportPlugin
## Checks before an export that the library for that platform is there, and says what to do where it is not.

const EXTENSION := "res://addons/metaverse/metaverse.gdextension"


func _get_name() -> String:
	return "MetaverseLibraryCheck"


func _export_begin(features: PackedStringArray, _is_debug: bool, _path: String, _flags: int) -> void:
	var problem := _problem(features)
	if problem.is_empty():
		return
	get_export_platform().add_message(EditorExportPlatform.EXPORT_MESSAGE_ERROR, "Metaverse", problem)


## What keeps a game with these features from starting; empty if nothing does.
func _problem(features: PackedStringArray) -> String:
	var extension := ConfigFile.new()
	var error := extension.load(EXTENSION)
	if error != OK:
		return "%s cannot be read (%s)." % [EXTENSION, error_string(error)]
	for key: String in extension.get_section_keys("libraries"):
		if not _fits(key, features):
			continue
		var library: String = extension.get_value("libraries", key)
		if FileAccess.file_exists(library):
			return ""
		return (
			"The library %s is missing. Build it on that platform with \"cargo xtask package\", " % library
			+ "or take it from the addon's release, and put it there."
		)
	return "The addon has no library for this platform: it supports Linux and Windows on x86_64, and macOS."


func _fits(key: String, features: PackedStringArray) -> bool:
	for tag: String in key.split("."):
		if not features.has(tag):
			return false
	return true
