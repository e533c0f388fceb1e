extends Control
## MetaverseSpaceOptions: what a new space is to be, here from a resource file that the inspector can edit.

const CLASSROOM: MetaverseSpaceOptions = preload("classroom.tres")

@onready var _peer: MetaversePeer = $Peer
@onready var _says: Label = %Says


func _ready() -> void:
	_peer.space_joined.connect(_on_space_joined)
	var error := _peer.create_space(CLASSROOM)
	if error != OK:
		_says.text += "\nNo space: %s" % error_string(error)


func _on_space_joined(space: MetaverseSpace) -> void:
	var is_public := space.visibility == MetaverseSpaceOptions.Visibility.PUBLIC
	_says.text += (
		"\n%s, %s, for %d members, a %s in the scene \"%s\""
		% [space.space_name, "public" if is_public else "private", space.capacity, space.activity, space.scene]
	)
