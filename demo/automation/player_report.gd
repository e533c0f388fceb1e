## What an automated player tells about its visit.
class_name PlayerReport
extends RefCounted

const STATES: PackedStringArray = ["offline", "starting", "online", "joining", "in_space", "leaving"]
const STATISTICS: PackedStringArray = ["pose_latency_ms_p50", "pose_latency_ms_p95", "extension_frame_ms_p95"]


## The report as one JSON object.
static func compose(peer: MetaversePeer, watch: MeetingWatch, errors: PackedStringArray) -> String:
	var report: Dictionary[String, Variant] = {
		"state": STATES[peer.get_state()],
		"members_seen": watch.members_seen,
		"avatars_seen": watch.avatars_seen,
		"marks_seen": watch.marks_seen,
		"join_ms": _known(watch.join_ms),
		"first_avatar_ms": _known(watch.first_avatar_ms),
	}
	var statistics := peer.get_statistics()
	for key: String in STATISTICS:
		report[key] = statistics.get(key)
	report["errors"] = errors
	return JSON.stringify(report)


static func _known(milliseconds: float) -> Variant:
	if milliseconds < 0.0:
		return null
	return milliseconds
