class_name FrameMeter
extends RefCounted
## What a frame costs the main thread, in milliseconds of CPU time.

## Poses are sent in every third frame: so many frames are measured together, unless it is told otherwise.
const FRAMES := 60

var _frames := FRAMES
## The mean of each window of so many frames.
var _windows := PackedFloat64Array()
var _spent := 0


func _init(frames: int = FRAMES) -> void:
	_frames = frames


## Begins a window.
func begin() -> void:
	_spent = _main_thread_nanoseconds()


## Ends a window, when its frames are over.
func end() -> void:
	_windows.append((_main_thread_nanoseconds() - _spent) / 1e6 / _frames)


func median() -> float:
	return quantile(0.5)


## The mean that the [param share] (0 to 1) of the windows does not exceed.
func quantile(share: float) -> float:
	return percentile(_windows, share)


## The value that the [param share] (0 to 1) of [param samples] does not exceed; NAN of none.
static func percentile(samples: PackedFloat64Array, share: float) -> float:
	if samples.is_empty():
		return NAN
	var sorted := samples.duplicate()
	sorted.sort()
	return sorted[maxi(ceili(share * sorted.size()), 1) - 1]


## The kernel brings the count up to date whenever the thread has slept, as it does between frames.
func _main_thread_nanoseconds() -> int:
	var file := FileAccess.open("/proc/thread-self/schedstat", FileAccess.READ)
	return file.get_line().get_slice(" ", 0).to_int()
