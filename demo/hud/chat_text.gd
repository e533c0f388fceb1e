## What may stand in the chat. Everything that comes from others passes through here.
class_name ChatText
extends RefCounted

## The topic under which the chat travels.
const TOPIC := &"chat"
## Longest message in characters.
const MAX_LENGTH := 500


## The text of a received message, or "" when [param data] is not one.
static func read(data: Variant) -> String:
	if data is String:
		var text: String = data
		return clean(text)
	if data is Dictionary:
		var fields: Dictionary = data
		var inner: Variant = fields.get("text")
		if inner is String:
			var text: String = inner
			return clean(text)
	return ""


## [param text] without control characters and blanks around it, and not too long.
static func clean(text: String) -> String:
	var kept := ""
	for character: String in text.left(MAX_LENGTH):
		if not _is_control(character.unicode_at(0)):
			kept += character
	return kept.strip_edges()


# C0 and C1 controls, and the marks that reverse the direction of a line.
static func _is_control(code: int) -> bool:
	if code < 0x20 or (code >= 0x7f and code < 0xa0):
		return true
	return code in [0x200e, 0x200f, 0x2028, 0x2029] or (code >= 0x202a and code <= 0x202e) or (code >= 0x2066 and code <= 0x2069)
