extends VBoxContainer
## MetaverseAvatarSync: Ada's avatar walks in a circle; at Bob's it is shown as it arrives over the network. Two players in one
## window: in a game each has a window, and a MetaverseAvatarSpawner sets `member`.

@onready var _ada: MetaversePeer = $Ada
@onready var _bob: MetaversePeer = $Bob
@onready var _walker: Node3D = %Walker
@onready var _shown: MetaverseAvatarSync = %MetaverseAvatarSync
@onready var _says: Label = %Says


func _ready() -> void:
	_ada.space_joined.connect(func(_space: MetaverseSpace) -> void: _bob.join_space(_ada.create_invite()))
	_bob.space_joined.connect(func(_space: MetaverseSpace) -> void: _shown.member = _bob.get_host())
	_shown.first_pose_received.connect(_on_first_pose_received)
	_ada.create_space(MetaverseSpaceOptions.new())


func _physics_process(_delta: float) -> void:
	var angle := Time.get_ticks_msec() / 1000.0
	_walker.transform = Transform3D(Basis(Vector3.UP, -angle), 2.0 * Vector3(cos(angle), 0.0, sin(angle)))


func _on_first_pose_received() -> void:
	_says.text += "\nAda's first pose is at Bob's."
