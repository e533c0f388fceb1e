## Stays where it is.
class_name RestDriver
extends AvatarDriver


func steer(_avatar: LocalAvatar, _delta: float) -> AvatarDriver.Wish:
	return AvatarDriver.Wish.new()
