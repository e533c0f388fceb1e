extends VBoxContainer
## MetaverseNetworkOverlay: who is connected to whom, as Ada sees it. Three players in one window; in a game there is one peer, and
## the node finds it by itself.

@onready var _ada: MetaversePeer = $Ada
@onready var _guests: Array[MetaversePeer] = [$Bob, $Cleo]
@onready var _says: Label = %Says


func _ready() -> void:
	_ada.space_joined.connect(_on_ada_joined)
	_ada.path_changed.connect(_on_path_changed)
	_ada.create_space(MetaverseSpaceOptions.new())


func _on_ada_joined(_space: MetaverseSpace) -> void:
	for guest: MetaversePeer in _guests:
		guest.join_space(_ada.create_invite())


func _on_path_changed(member: MetaverseMember, path: MetaversePeer.PathKind) -> void:
	if path == MetaversePeer.PathKind.DIRECT:
		_says.text += "\nAda reaches %s straight." % member.display_name
