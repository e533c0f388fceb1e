## What went wrong while entering a space, in words for a player.
class_name JoinErrorText
extends RefCounted

const HEADLINES: Dictionary[int, String] = {
	MetaversePeer.JoinError.INVALID_INVITE: "This invite cannot be read",
	MetaversePeer.JoinError.UNREACHABLE: "Nobody answered",
	MetaversePeer.JoinError.REFUSED: "You were not let in",
	MetaversePeer.JoinError.FULL: "The space is full",
	MetaversePeer.JoinError.INCOMPATIBLE: "Different versions",
	MetaversePeer.JoinError.TIMED_OUT: "It took too long",
	MetaversePeer.JoinError.CANCELLED: "Cancelled",
	MetaversePeer.JoinError.EXPIRED: "This invite has expired",
	MetaversePeer.JoinError.BANNED: "You cannot enter this space",
}

const ADVICE: Dictionary[int, String] = {
	MetaversePeer.JoinError.INVALID_INVITE: "Copy the whole text that you were sent and paste it again.",
	MetaversePeer.JoinError.UNREACHABLE: "Ask whether someone is still in the space, and check your network.",
	MetaversePeer.JoinError.REFUSED: "Ask the person who invited you for a new invite.",
	MetaversePeer.JoinError.FULL: "Try again when someone has left.",
	MetaversePeer.JoinError.INCOMPATIBLE: "All players need the same version of this game.",
	MetaversePeer.JoinError.TIMED_OUT: "Try once more.",
	MetaversePeer.JoinError.CANCELLED: "You can join again at any time.",
	MetaversePeer.JoinError.EXPIRED: "Ask the person who invited you for a new one.",
	MetaversePeer.JoinError.BANNED: "Its host has barred you from entering.",
}


## A few words that name the problem.
static func headline(code: MetaversePeer.JoinError) -> String:
	return HEADLINES.get(code, "Joining did not work")


## One sentence that says what helps; [param message] is the peer's own explanation.
static func explanation(code: MetaversePeer.JoinError, message: String) -> String:
	if not message.is_empty():
		return message
	return ADVICE.get(code, "Try once more.")
