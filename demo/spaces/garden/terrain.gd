## The lawn, the hills around it and the grass on it. The pond lies in the middle.
@tool
class_name Terrain
extends Node3D

const GROUND := preload("res://spaces/garden/ground.tres")
const GRASS := preload("res://spaces/garden/grass.tres")
const SIDES := 96
const TUFTS := 5200
const LAWN_RADIUS := 25.0
## Distances from the middle at which the ground has corners, in metres.
const RINGS: PackedFloat32Array = [
	0.0, 2.5, 4.2, 4.8, 5.2, 5.7, 7.0, 9.0, 13.0, 18.0, 23.0, 26.0, 29.0, 33.0, 38.0, 44.0, 51.0, 59.0, 68.0, 78.0, 90.0, 104.0, 120.0, 140.0, 165.0,
]

static var _ground: ArrayMesh
static var _tufts: MultiMesh


func _enter_tree() -> void:
	if get_child_count(true) > 0:
		return
	prepare()
	var ground := MeshInstance3D.new()
	ground.mesh = _ground
	ground.material_override = GROUND
	add_child(ground, false, Node.INTERNAL_MODE_FRONT)
	var grass := MultiMeshInstance3D.new()
	grass.multimesh = _tufts
	grass.material_override = GRASS
	grass.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	add_child(grass, false, Node.INTERNAL_MODE_FRONT)


## Builds the meshes ahead of time, so that entering the garden does not take longer for it.
func prepare() -> void:
	if _ground != null:
		return
	_ground = _build_ground()
	_tufts = _plant_grass()


## The ground's height in metres at [param at] in the plane.
static func height_at(at: Vector2) -> float:
	var far := at.length()
	if far < 5.2:
		return -0.7 * smoothstep(5.2, 3.6, far) - 0.02
	var rise := smoothstep(30.0, 95.0, far)
	var waves := sin(at.x * 0.051 + 0.7) * cos(at.y * 0.043) + 0.5 * sin(at.x * 0.11 - at.y * 0.083 + 2.0)
	return rise * (7.0 + 7.5 * waves) + smoothstep(100.0, 165.0, far) * 9.0


func _build_ground() -> ArrayMesh:
	var tool := SurfaceTool.new()
	tool.begin(Mesh.PRIMITIVE_TRIANGLES)
	for ring: float in RINGS:
		for s: int in SIDES + 1:
			var flat := Vector2.from_angle(TAU * s / SIDES) * ring
			tool.add_vertex(Vector3(flat.x, height_at(flat), flat.y))
	for ring: int in RINGS.size() - 1:
		for s: int in SIDES:
			var a := ring * (SIDES + 1) + s
			var b := a + SIDES + 1
			for corner: int in [a, b, a + 1, a + 1, b, b + 1]:
				tool.add_index(corner)
	tool.generate_normals()
	return tool.commit()


func _plant_grass() -> MultiMesh:
	var tufts := MultiMesh.new()
	tufts.transform_format = MultiMesh.TRANSFORM_3D
	tufts.use_colors = true
	tufts.mesh = _build_tuft()
	tufts.instance_count = TUFTS
	var dice := RandomNumberGenerator.new()
	dice.seed = 5
	for i: int in TUFTS:
		var far := lerpf(5.6, LAWN_RADIUS, sqrt(dice.randf()))
		var flat := Vector2.from_angle(dice.randf() * TAU) * far
		var size := dice.randf_range(0.6, 1.25) if not _is_path(flat) else 0.0
		var place := Transform3D(Basis(Vector3.UP, dice.randf() * TAU).scaled(Vector3.ONE * size), Vector3(flat.x, 0.0, flat.y))
		tufts.set_instance_transform(i, place)
		tufts.set_instance_color(i, Color.from_hsv(dice.randf_range(0.235, 0.30), dice.randf_range(0.50, 0.62), dice.randf_range(0.52, 0.72)))
	return tufts


func _build_tuft() -> ArrayMesh:
	var builder := MeshBuilder.new()
	for i: int in 6:
		var out := Vector3(sin(i * 2.4), 0.0, cos(i * 2.4))
		var across := out.cross(Vector3.UP) * 0.012
		builder.leaf(out * 0.03 + across, out * 0.03 - across, out * 0.085 + Vector3.UP * (0.10 + 0.03 * (i % 3)), Color(0.72, 0.72, 0.72), Color.WHITE)
	return builder.commit()


# The same bands as in ground.gdshader.
static func _is_path(at: Vector2) -> bool:
	var far := at.length()
	if far > 5.9 and far < 8.1:
		return true
	return absf(at.x) < 1.35 and absf(at.y) > 6.0 and at.y > -15.0 and at.y < 22.8
