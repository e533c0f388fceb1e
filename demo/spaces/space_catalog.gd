## The scenes that a space can take place in, by the tag that all its members read.
class_name SpaceCatalog
extends RefCounted

## [member MetaverseSpaceOptions.scene] of the classroom.
const CLASSROOM := "classroom"
## [member MetaverseSpaceOptions.scene] of the garden.
const GARDEN := "garden"

const SCENES: Dictionary[String, String] = {
	CLASSROOM: "res://spaces/classroom.tscn",
	GARDEN: "res://spaces/garden.tscn",
}


# Kept, so that they are not read again at each visit.
static var _packed: Dictionary[String, PackedScene] = {}


## Reads all scenes and builds what they share. Called before anyone waits for it.
static func prepare() -> void:
	for scene: String in SCENES:
		var instance := instantiate(scene)
		instance.prepare()
		instance.free()


## A new instance of the scene with the tag [param scene]. A tag from a newer game gives the classroom.
static func instantiate(scene: String) -> SpaceScene:
	var known := scene if SCENES.has(scene) else CLASSROOM
	if not _packed.has(known):
		_packed[known] = load(SCENES[known])
	return _packed[known].instantiate() as SpaceScene
