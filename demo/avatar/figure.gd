## A rounded human figure, 1.75 m tall, that looks along -Z. Its joints are plain nodes.
class_name Figure
extends Node3D

const THIGH := 0.41
const SHIN := 0.40
const HIP_HEIGHT := 0.88
const UPPER_ARM := 0.27
const FOREARM := 0.24

var pelvis: Node3D
var chest: Node3D
var head: Node3D
## Left, then right.
var shoulders: Array[Node3D] = []
var elbows: Array[Node3D] = []
var hips: Array[Node3D] = []
var knees: Array[Node3D] = []
var ankles: Array[Node3D] = []

var _materials: Dictionary[StringName, StandardMaterial3D] = {}


func _init() -> void:
	for part: StringName in [&"shirt", &"trousers", &"shoes", &"skin", &"hair", &"dark", &"white"]:
		_materials[part] = _material()
	_materials[&"dark"].albedo_color = Color("241a1c")
	_materials[&"dark"].roughness = 0.35
	_materials[&"white"].albedo_color = Color.WHITE
	_materials[&"white"].shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	_build_body()
	_build_head()
	for side: float in [-1.0, 1.0]:
		_build_arm(side)
		_build_leg(side)


## Dresses the figure.
func dress(look: FigureLook) -> void:
	_materials[&"shirt"].albedo_color = look.shirt
	_materials[&"trousers"].albedo_color = look.trousers
	_materials[&"shoes"].albedo_color = look.shoes
	_materials[&"skin"].albedo_color = look.skin
	_materials[&"hair"].albedo_color = look.hair_color
	for child: Node in head.get_children():
		if child.is_in_group(&"hair"):
			child.free()
	for lock: MeshInstance3D in FigureHair.build(look.hair):
		lock.material_override = _materials[&"hair"]
		lock.add_to_group(&"hair")
		head.add_child(lock)


func _material() -> StandardMaterial3D:
	var material := StandardMaterial3D.new()
	material.roughness = 0.75
	material.rim_enabled = true
	material.rim = 0.12
	material.rim_tint = 0.6
	return material


func _build_body() -> void:
	pelvis = _joint(self, Vector3(0.0, HIP_HEIGHT, 0.0))
	_part(pelvis, &"trousers", &"pelvis")
	chest = _joint(pelvis, Vector3(0.0, 0.09, 0.0))
	_part(chest, &"shirt", &"torso")
	_part(chest, &"skin", &"neck")


func _build_head() -> void:
	head = _joint(chest, Vector3(0.0, 0.51, 0.0))
	_part(head, &"skin", &"head", Vector3(0.0, 0.15, 0.0))
	_part(head, &"skin", &"nose", Vector3(0.0, 0.125, -0.138))
	_part(head, &"dark", &"smile", Vector3(0.0, 0.092, -0.113))
	for side: float in [-1.0, 1.0]:
		_part(head, &"skin", &"ear", Vector3(side * 0.134, 0.14, 0.01))
		_part(head, &"dark", &"eye", Vector3(side * 0.052, 0.162, -0.1165)).rotation.y = -side * 0.35
		_part(head, &"white", &"glint", Vector3(side * 0.052 + 0.007, 0.174, -0.1265))
		_part(head, &"hair", &"brow", Vector3(side * 0.034, 0.210, -0.117)).rotation = Vector3(0.0, -side * 0.30, side * 1.62)


func _build_arm(side: float) -> void:
	var shoulder := _joint(chest, Vector3(side * 0.180, 0.362, 0.0))
	_part(shoulder, &"shirt", &"upper_arm")
	var elbow := _joint(shoulder, Vector3(0.0, -UPPER_ARM, 0.0))
	_part(elbow, &"shirt", &"forearm")
	_part(elbow, &"skin", &"hand", Vector3(0.0, -FOREARM, 0.0))
	shoulders.append(shoulder)
	elbows.append(elbow)


func _build_leg(side: float) -> void:
	var hip := _joint(pelvis, Vector3(side * 0.082, -0.01, 0.0))
	_part(hip, &"trousers", &"thigh")
	var knee := _joint(hip, Vector3(0.0, -THIGH, 0.0))
	_part(knee, &"trousers", &"shin")
	var ankle := _joint(knee, Vector3(0.0, -SHIN, 0.0))
	var shoe := _part(ankle, &"shoes", &"shoe", Vector3(0.0, -0.018, -0.045))
	shoe.rotation.x = PI / 2.0
	shoe.scale = Vector3(1.0, 1.0, 0.92)
	hips.append(hip)
	knees.append(knee)
	ankles.append(ankle)


func _joint(parent: Node3D, at: Vector3) -> Node3D:
	var joint := Node3D.new()
	joint.position = at
	parent.add_child(joint)
	return joint


func _part(joint: Node3D, material: StringName, shape: StringName, at: Vector3 = Vector3.ZERO) -> MeshInstance3D:
	var part := MeshInstance3D.new()
	part.mesh = FigureMeshes.take(shape)
	part.material_override = _materials[material]
	part.position = at
	joint.add_child(part)
	return part
