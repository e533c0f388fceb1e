class_name FrameMeter
extends RefCounted
## What a frame costs the main thread, in milliseconds of CPU time.

## Poses are sent in every third frame: so many frames are measured together.
const FRAMES := 60

## The mean of each window of [constant FRAMES] frames.
var _windows := PackedFloat64Array()
var _spent := 0


## Begins a window.
func begin() -> void:
	_spent = _main_thread_nanoseconds()


## Ends a window after [constant FRAMES] frames.
func end() -> void:
	_windows.append((_main_thread_nanoseconds() - _spent) / 1e6 / FRAMES)


func median() -> float:
	return percentile(_windows, 0.5)


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
