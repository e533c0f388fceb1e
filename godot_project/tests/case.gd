class_name TestCase
extends Node
## What tests share: checks, waits on conditions, and peers that meet.

## Longer than anything takes that a test waits for; a test that waits so long has failed.
const PATIENCE_MS := 12_000

var failures: PackedStringArray = []


## Notes a failure unless [param condition] holds.
func check(condition: bool, what: String) -> bool:
	if not condition:
		failures.append(what)
	return condition


## Notes a failure unless both are the same, of the same type.
func check_equal(actual: Variant, expected: Variant, what: String) -> bool:
	var are_same: bool = typeof(actual) == typeof(expected) and actual == expected
	return check(are_same, "%s: %s, expected %s" % [what, var_to_str(actual), var_to_str(expected)])


## Waits until [param condition] returns true, frame by frame; a failure if it does not in time.
func until(condition: Callable, what: String, patience_ms: int = PATIENCE_MS) -> bool:
	var deadline := Time.get_ticks_msec() + patience_ms
	while not condition.call():
		if Time.get_ticks_msec() > deadline:
			return check(false, "waited in vain: %s" % what)
		await get_tree().process_frame
	return true


## What [param attempt] returns, without the error lines that it is expected to print.
func quietly(attempt: Callable) -> Variant:
	Engine.print_error_messages = false
	var result: Variant = attempt.call()
	Engine.print_error_messages = true
	return result


func frames(count: int) -> void:
	for _frame: int in count:
		await get_tree().process_frame


## A peer in the tree that keeps to this computer's networks.
func peer(display_name: String = "Somebody") -> MetaversePeer:
	var made := MetaversePeer.new()
	made.display_name = display_name
	made.reach = MetaversePeer.Reach.LOCAL_NETWORK
	add_child(made)
	return made


func options(space_name: String = "Test") -> MetaverseSpaceOptions:
	var made := MetaverseSpaceOptions.new()
	made.space_name = space_name
	return made


## Waits until [param who] is in a space.
func until_in_space(who: MetaversePeer) -> bool:
	return await until(
		func() -> bool: return who.get_state() == MetaversePeer.State.IN_SPACE, "%s is in a space" % who.display_name
	)


## Waits until [param who] sees [param count] members, itself included.
func until_members(who: MetaversePeer, count: int) -> bool:
	return await until(
		func() -> bool: return who.get_members().size() == count, "%s sees %d members" % [who.display_name, count]
	)


## A host in a new space.
func host(space_options: MetaverseSpaceOptions = null, display_name: String = "Host") -> MetaversePeer:
	var made := peer(display_name)
	check_equal(made.create_space(space_options if space_options != null else options()), OK, "create_space")
	await until_in_space(made)
	return made


## A guest in the space of [param of]; both see each other.
func guest(of: MetaversePeer, display_name: String = "Guest") -> MetaversePeer:
	var made := peer(display_name)
	var before := of.get_members().size()
	made.join_space(of.create_invite())
	await until_in_space(made)
	await until_members(of, before + 1)
	await until_members(made, before + 1)
	return made


## The member that [param who] sees under [param display_name]; null if there is none.
func member(who: MetaversePeer, display_name: String) -> MetaverseMember:
	for candidate: MetaverseMember in who.get_members():
		if candidate.display_name == display_name:
			return candidate
	return null
