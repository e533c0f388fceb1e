## Names for players who have not typed one.
class_name SuggestedName
extends RefCounted

const FIRST: PackedStringArray = ["Sunny", "Quiet", "Clever", "Brave", "Merry", "Gentle", "Swift", "Lucky"]
const SECOND: PackedStringArray = ["Otter", "Robin", "Maple", "Comet", "Willow", "Badger", "Heron", "Clover"]


## A friendly name by chance.
static func pick() -> String:
	return "%s %s" % [FIRST[randi() % FIRST.size()], SECOND[randi() % SECOND.size()]]
