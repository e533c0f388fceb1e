## A mannequin, 1.75 m tall, that looks along -Z. Whoever moves the bones of its [member skeleton] moves it.
class_name Figure
extends Node3D

const SHADER := preload("res://avatar/figure.gdshader")
const GLOSS: PackedFloat32Array = [0.85, 0.85, 0.88, 0.55, 0.7, 0.62, 0.6, 0.6, 0.15, 0.3, 0.85]

# One for each hair style and kind of sleeve, shared by all figures.
static var _meshes: Dictionary[int, ArrayMesh] = {}

## The bones of Godot's humanoid profile.
var skeleton: Skeleton3D

var _body := MeshInstance3D.new()
var _material := ShaderMaterial.new()


func _init() -> void:
	skeleton = HumanoidRig.build_skeleton()
	skeleton.name = "Skeleton"
	skeleton.rotation.y = PI
	add_child(skeleton)
	_material.shader = SHADER
	_material.set_shader_parameter(&"gloss", GLOSS)
	_body.skin = HumanoidRig.skin()
	_body.material_override = _material
	skeleton.add_child(_body)
	_body.skeleton = ^".."


## Builds the bodies ahead of time, so that entering a space does not take longer for it.
static func prepare() -> void:
	for hair: FigureLook.Hair in FigureLook.Hair.values():
		_mesh(hair, false)
		_mesh(hair, true)


## Dresses the figure.
func dress(look: FigureLook) -> void:
	_body.mesh = _mesh(look.hair, look.short_sleeves)
	var sleeve := look.skin if look.short_sleeves else look.shirt
	var trim := look.shirt.darkened(0.22)
	_material.set_shader_parameter(&"palette", PackedColorArray([
		look.shirt, sleeve, look.trousers, look.shoes, look.sole, look.skin, look.hair_color, look.mouth(), Color("241a1c"), Color.WHITE, trim,
	]))


## Where the middle of the head is, in the world.
func get_head_position() -> Vector3:
	var head := skeleton.get_bone_global_pose(HumanoidRig.index(&"Head"))
	return skeleton.global_transform * (head.origin + Vector3.UP * 0.12)


static func _mesh(hair: FigureLook.Hair, short_sleeves: bool) -> ArrayMesh:
	var key := hair * 2 + int(short_sleeves)
	if not _meshes.has(key):
		var builder := SkinBuilder.new()
		FigureBody.build(builder, short_sleeves)
		FigureHead.build(builder, hair)
		_meshes[key] = builder.commit()
	return _meshes[key]
