## A whiteboard that members draw on together; it looks along +Z. With [member variant] 1 it stands on its own feet.
##
## What is on it is a matter of [SharedInk].
@tool
class_name Whiteboard
extends Prop

const GROUP := &"whiteboards"
const WIDTH := 3.6
const HEIGHT := 1.65
const SURFACE := Color("f7f8f5")
const FRAME := Color("aab4bd")
const WOOD := Color("8a5a34")
const ROOF := Color("c4644a")
## Distance of the surface from the middle, in metres.
const FRONT := 0.022
## Distance of a person who draws, in metres.
const STAND := 0.72
## How far the eye is while one draws, so that the board and the tools below it fill the window.
const EYE := 2.84
const EYE_DROP := 0.065

## What is drawn on it.
var ink: BoardInk


func _ready() -> void:
	add_to_group(GROUP)


func _build(builder: MeshBuilder) -> void:
	builder.box(Vector3(WIDTH, HEIGHT, 0.04), Vector3.ZERO, SURFACE, 0.004)
	var frame := FRAME if variant == 0 else WOOD
	for y: float in [-HEIGHT / 2.0, HEIGHT / 2.0]:
		builder.box(Vector3(WIDTH + 0.10, 0.055, 0.07), Vector3(0.0, y + signf(y) * 0.022, 0.006), frame, 0.016)
	for x: float in [-WIDTH / 2.0, WIDTH / 2.0]:
		builder.box(Vector3(0.055, HEIGHT + 0.09, 0.07), Vector3(x + signf(x) * 0.022, 0.0, 0.006), frame, 0.016)
	builder.box(Vector3(1.5, 0.02, 0.11), Vector3(0.0, -HEIGHT / 2.0 - 0.045, 0.08), frame, 0.008)
	for i: int in BoardInk.COLORS.size() - 1:
		var at := Vector3(-0.5 + i * 0.2, -HEIGHT / 2.0 - 0.022, 0.085)
		builder.box(Vector3(0.13, 0.02, 0.02), at, BoardInk.COLORS[i], 0.009)
		builder.box(Vector3(0.03, 0.021, 0.021), at + Vector3(0.07, 0.0, 0.0), SURFACE, 0.008)
	builder.box(Vector3(0.13, 0.045, 0.05), Vector3(0.55, -HEIGHT / 2.0 - 0.012, 0.085), Color("3f6ea8"), 0.012)
	if variant == 1:
		_build_stand(builder)


func _furnish() -> void:
	_add_solid(Vector3(WIDTH, HEIGHT, 0.05), Vector3(0.0, 0.0, -0.003))
	add_child(_build_surface(), false, Node.INTERNAL_MODE_FRONT)
	ink = BoardInk.new()
	add_child(ink, false, Node.INTERNAL_MODE_FRONT)
	ink.position.z = FRONT + 0.0015
	if variant == 1:
		_add_solid(Vector3(WIDTH, global_position.y, 0.1), Vector3(0.0, -global_position.y / 2.0, 0.0))


## Where on the board a ray hits, from (0, 0) at the upper left to (1, 1); infinite beside it.
func find_place(from: Vector3, direction: Vector3) -> Vector2:
	var here := global_transform.affine_inverse()
	var at: Variant = Plane(Vector3.BACK, FRONT).intersects_ray(here * from, here.basis * direction)
	if at is not Vector3:
		return Vector2.INF
	var hit: Vector3 = at
	var place := Vector2(hit.x / WIDTH + 0.5, 0.5 - hit.y / HEIGHT)
	return place if Rect2(0.0, 0.0, 1.0, 1.0).has_point(place) else Vector2.INF


## The point in the world at [param place] on the board.
func locate(place: Vector2) -> Vector3:
	return global_transform * Vector3((place.x - 0.5) * WIDTH, (0.5 - place.y) * HEIGHT, FRONT)


## Where a person stands who draws at [param across], from 0 to 1: on the ground, looking at the board.
func get_stand(across: float) -> Transform3D:
	var beside := clampf((across - 0.5) * WIDTH - 0.28, -WIDTH / 2.0 + 0.1, WIDTH / 2.0 - 0.3)
	var at := global_transform * Vector3(beside, 0.0, STAND)
	return Transform3D(global_basis.orthonormalized(), Vector3(at.x, 0.0, at.z))


## Where the eye is while one draws.
func get_eye() -> Transform3D:
	return global_transform.orthonormalized() * Transform3D(Basis.IDENTITY, Vector3(0.0, -EYE_DROP, EYE))


# As bright as what is drawn over it, so that the eraser leaves no traces.
func _build_surface() -> MeshInstance3D:
	var sheet := QuadMesh.new()
	sheet.size = Vector2(WIDTH, HEIGHT)
	var gloss := StandardMaterial3D.new()
	gloss.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	gloss.albedo_color = SURFACE
	sheet.material = gloss
	var surface := MeshInstance3D.new()
	surface.mesh = sheet
	surface.position.z = FRONT
	surface.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	return surface


func _build_stand(builder: MeshBuilder) -> void:
	for x: float in [-WIDTH / 2.0 - 0.05, WIDTH / 2.0 + 0.05]:
		builder.box(Vector3(0.11, 2.65, 0.11), Vector3(x, -0.18, -0.03), WOOD, 0.02)
	builder.box(Vector3(WIDTH + 0.24, 0.10, 0.10), Vector3(0.0, -HEIGHT / 2.0 - 0.16, -0.04), WOOD, 0.02)
	for side: float in [-1.0, 1.0]:
		builder.box(Vector3(WIDTH + 0.6, 0.05, 0.42), Vector3(0.0, 1.20, side * 0.16 - 0.03), ROOF, 0.02, Basis(Vector3.RIGHT, side * 0.5))
	builder.box(Vector3(WIDTH + 0.1, HEIGHT, 0.02), Vector3(0.0, 0.0, -0.03), WOOD.lightened(0.1))
