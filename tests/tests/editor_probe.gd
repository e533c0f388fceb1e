@tool
extends EditorPlugin
## Run inside the editor by a test: are the addon's classes listed, with icons and help?

const CLASSES: Dictionary[String, String] = {
	"MetaversePeer": "Node",
	"MetaverseAvatarSync": "Node",
	"MetaverseAvatarSpawner": "Node",
	"MetaverseSharedState": "Node",
	"MetaverseActivityZone": "Node3D",
	"MetaverseActivityProfile": "Resource",
	"MetaverseSpaceOptions": "Resource",
	"MetaverseSpace": "RefCounted",
	"MetaverseMember": "RefCounted",
}
const NODES: PackedStringArray = ["MetaversePeer", "MetaverseAvatarSync", "MetaverseAvatarSpawner", "MetaverseSharedState", "MetaverseActivityZone"]


func _enter_tree() -> void:
	await EditorInterface.get_resource_filesystem().filesystem_changed
	while EditorInterface.get_resource_filesystem().is_scanning():
		await get_tree().process_frame
	var problems := _problems()
	for name: String in CLASSES:
		problems.append_array(await _help_problems(name))
	for problem: String in problems:
		print("PROBE: ", problem)
	print("PROBE PASSED" if problems.is_empty() else "PROBE FAILED")
	get_tree().quit()


func _problems() -> PackedStringArray:
	var problems := PackedStringArray()
	for name: String in CLASSES:
		if not ClassDB.class_exists(name) or not ClassDB.is_parent_class(name, CLASSES[name]):
			problems.append("%s is not known" % name)
		elif _icon(name) == null:
			problems.append("%s has no icon" % name)
	for name: String in NODES:
		if not ClassDB.can_instantiate(name):
			problems.append("%s cannot be created" % name)
	return problems


# Opens the help page as a person does, and reads what is on it.
func _help_problems(name: String) -> PackedStringArray:
	EditorInterface.get_script_editor().goto_help("class_name:" + name)
	var deadline := Time.get_ticks_msec() + 20_000
	while Time.get_ticks_msec() < deadline:
		await get_tree().process_frame
		var text := _help_text(name)
		if text.contains(name) and text.contains("Description"):
			return ["%s lacks help" % name] if text.contains("currently no description") else PackedStringArray()
	return ["the help of %s does not open" % name]


func _help_text(name: String) -> String:
	for page: Node in EditorInterface.get_script_editor().find_children("*", "EditorHelp", true, false):
		if page.name != name:
			continue
		for text: Node in page.find_children("*", "RichTextLabel", true, false):
			return (text as RichTextLabel).get_parsed_text()
	return ""


# What the dialog for new nodes shows comes from the extension's list of icons.
func _icon(name: String) -> Texture2D:
	var extension := ConfigFile.new()
	if extension.load("res://addons/metaverse/metaverse.gdextension") != OK:
		return null
	return load(str(extension.get_value("icons", name, ""))) as Texture2D
