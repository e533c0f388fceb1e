## Cuts long names where room is scarce.
class_name ShortText
extends RefCounted


## [param text], or its first [param letters] letters with the last one an ellipsis.
static func cut(text: String, letters: int) -> String:
	return text if text.length() <= letters else text.left(letters - 1).strip_edges() + "…"
