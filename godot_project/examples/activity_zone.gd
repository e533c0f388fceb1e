extends Node3D
## MetaverseActivityZone: Ada walks from a quiet room onto the dance floor, and sees the others there as a party asks for.

@onready var _ada: MetaversePeer = $Ada
@onready var _floor: MetaverseActivityZone = $DanceFloor
@onready var _body: Node3D = $Body
@onready var _says: Label = %Says


func _ready() -> void:
	_floor.profile = MetaverseActivityProfile.preset(&"party")
	_ada.activity_profile_changed.connect(_on_profile_changed)
	_ada.create_space(MetaverseSpaceOptions.new())


func _process(delta: float) -> void:
	_body.position.x = move_toward(_body.position.x, _floor.position.x, 8.0 * delta)


func _on_profile_changed(profile: MetaverseActivityProfile) -> void:
	var place := "On the dance floor" if profile == _floor.profile else "Off the dance floor"
	_says.text += "\n%s others are seen in full up to %d m." % [place, profile.near_range]
