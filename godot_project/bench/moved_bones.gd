class_name MovedBones
extends RefCounted
## Which bones of some avatars have moved: those that arrive, if all is well.

var _avatars: Array[GesturingAvatar] = []
var _first: Array[Quaternion] = []
var _moved: Dictionary[int, bool] = {}


func _init(avatars: Array[GesturingAvatar]) -> void:
	_avatars = avatars
	_first = _rotations()


## Looks which have moved since the beginning.
func look() -> void:
	var now := _rotations()
	for bone: int in now.size():
		if not now[bone].is_equal_approx(_first[bone]):
			_moved[bone] = true


func count() -> int:
	return _moved.size()


func _rotations() -> Array[Quaternion]:
	var rotations: Array[Quaternion] = []
	for avatar: GesturingAvatar in _avatars:
		for bone: int in avatar.skeleton.get_bone_count():
			rotations.append(avatar.skeleton.get_bone_pose_rotation(bone))
	return rotations
