## Something that a body does on its own wish: a wave, a dance.
@abstract
class_name Gesture
extends RefCounted

enum Kind { WAVE, RAISE_HAND, SIT, CLAP, DANCE }

## Seconds to come and to go.
const FADE := 0.28

## Seconds since it began.
var time := 0.0


## A new gesture of [param which] kind.
static func create(which: Kind) -> Gesture:
	match which:
		Kind.WAVE:
			return WaveGesture.new()
		Kind.RAISE_HAND:
			return RaiseHandGesture.new()
		Kind.SIT:
			return SitGesture.new()
		Kind.CLAP:
			return ClapGesture.new()
		_:
			return DanceGesture.new()


## Which gesture it is.
@abstract
func kind() -> Kind


## Changes [param pose], that of the body without the gesture, to what it looks like after [member time].
@abstract
func shape(pose: BodyPose) -> void


## Seconds until it ends by itself; infinite when it is ended by the player.
func duration() -> float:
	return INF


## Whether it needs the legs, so that walking ends it.
func is_still() -> bool:
	return false
