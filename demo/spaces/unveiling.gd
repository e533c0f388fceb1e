## Shows a space one material a frame: the scenery, then the avatars.
##
## What is drawn for the first time makes the graphics driver compile a shader, and the window answers between frames
## only. Everything at once would freeze the game: without a graphics card for four seconds.
class_name Unveiling
extends Node

var _avatars: Node3D
## What is still hidden, by the file of its shader or material. What has no such file is little, and comes first.
var _veiled: Dictionary[String, Array] = {"": []}


func _init(scenery: Node3D, avatars: Node3D) -> void:
	_avatars = avatars
	_avatars.hide()
	for part: GeometryInstance3D in scenery.find_children("*", "GeometryInstance3D", true, false):
		if part.visible:
			part.hide()
			var parts: Array = _veiled.get_or_add(_look_of(part), [])
			parts.append(part)


func _process(_delta: float) -> void:
	if _veiled.is_empty():
		_avatars.show()
		queue_free()
		return
	var look: String = _veiled.keys().front()
	for part: GeometryInstance3D in _veiled[look]:
		part.show()
	_veiled.erase(look)


static func _look_of(part: GeometryInstance3D) -> String:
	var material := part.material_override
	if material == null and part is MeshInstance3D:
		material = (part as MeshInstance3D).get_active_material(0)
	if material is ShaderMaterial:
		return (material as ShaderMaterial).shader.resource_path
	return material.resource_path if material != null else ""
