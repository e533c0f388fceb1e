extends VBoxContainer
## MetaverseAvatarSpawner: a blue avatar for oneself, an orange one for everyone else. Left is what Ada sees, right what Bob sees;
## the arrow keys walk. Two players in one window, so that it runs by itself.

@onready var _ada: MetaversePeer = $Ada
@onready var _bob: MetaversePeer = $Bob
@onready var _at_ada: MetaverseAvatarSpawner = $Views/AtAda/SubViewport/Stage/MetaverseAvatarSpawner
@onready var _at_bob: MetaverseAvatarSpawner = $Views/AtBob/SubViewport/Stage/MetaverseAvatarSpawner
@onready var _says: Label = %Says


func _ready() -> void:
	_at_ada.avatar_spawned.connect(_on_avatar_spawned.bind("Ada"))
	_at_bob.avatar_spawned.connect(_on_avatar_spawned.bind("Bob"))
	_ada.space_joined.connect(func(_space: MetaverseSpace) -> void: _bob.join_space(_ada.create_invite()))
	_ada.create_space(MetaverseSpaceOptions.new())


func _on_avatar_spawned(member: MetaverseMember, avatar: Node3D, seen_by: String) -> void:
	if member.is_local:
		avatar.position = Vector3(-1.5 if seen_by == "Ada" else 1.5, 0.0, 0.0)
	_says.text += "\nFor %s: an avatar for %s." % [seen_by, member.display_name]
