@tool
extends EditorPlugin
## Watches over exports: a game without the addon's library would not start.

const LibraryCheck := preload("library_check.gd")

var _library_check: LibraryCheck = LibraryCheck.new()


func _enter_tree() -> void:
	add_export_plugin(_library_check)


func _exit_tree() -> void:
	remove_export_plugin(_library_check)
