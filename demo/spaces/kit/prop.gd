## A piece of scenery: one mesh that its script builds, and boxes that stop people.
@tool
@abstract
class_name Prop
extends StaticBody3D

const PAINT := preload("res://spaces/kit/paint.tres")

static var _meshes: Dictionary[String, ArrayMesh] = {}

## Picks among the shapes that the script can build.
@export var variant: int = 0


func _enter_tree() -> void:
	if get_child_count(true) > 0:
		return
	var instance := MeshInstance3D.new()
	instance.mesh = _mesh()
	instance.material_override = PAINT
	add_child(instance, false, Node.INTERNAL_MODE_FRONT)
	_furnish()


## Builds the mesh ahead of time, so that entering a space does not take longer for it.
func prepare() -> void:
	_mesh()


## Puts the mesh together. Called once for all props with the same script and variant.
@abstract
func _build(builder: MeshBuilder) -> void


## Adds what is not part of the mesh: solid boxes, lights, labels.
func _furnish() -> void:
	pass


## Stops people at a box around [param at].
func _add_solid(size: Vector3, at: Vector3) -> void:
	var shape := BoxShape3D.new()
	shape.size = size
	var solid := CollisionShape3D.new()
	solid.shape = shape
	solid.position = at
	add_child(solid, false, Node.INTERNAL_MODE_FRONT)


func _mesh() -> ArrayMesh:
	var script: Script = get_script()
	var key := "%s#%d" % [script.resource_path, variant]
	if not _meshes.has(key):
		var builder := MeshBuilder.new()
		_build(builder)
		_meshes[key] = builder.commit()
	return _meshes[key]
