## Decides where a local avatar goes.
@abstract
class_name AvatarDriver
extends RefCounted


## What the avatar should do in this frame.
class Wish:
	## Where to, in the world, level; its length from 0 to 1 is the part of the full speed.
	var direction := Vector3.ZERO
	var run := false
	var jump := false


## Called once a frame with the [param avatar] to steer; [param delta] in seconds.
@abstract
func steer(avatar: LocalAvatar, delta: float) -> Wish
