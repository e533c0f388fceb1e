extends TestCase
## Activity profiles: ready-made, set by the game, or those of a zone.


func test_the_space_s_activity_picks_a_profile() -> void:
	var lesson := options("Lesson")
	lesson.activity = &"lecture"
	var ada := await host(lesson, "Ada")
	await until(func() -> bool: return ada.get_present_profile() != null, "a profile")
	var lecture := MetaverseActivityProfile.preset(&"lecture")
	check_equal(ada.get_present_profile().near_range, lecture.near_range, "that of a lecture")
	check(MetaverseActivityProfile.preset(&"chess") == null, "no such preset")
	for preset: String in MetaverseActivityProfile.get_preset_names():
		check(MetaverseActivityProfile.preset(preset) != null, preset)


func test_a_profile_set_by_the_game_holds_at_once_and_a_zone_goes_before_it() -> void:
	var ada := await host(null, "Ada")
	var told: Array[MetaverseActivityProfile] = []
	ada.activity_profile_changed.connect(func(profile: MetaverseActivityProfile) -> void: told.append(profile))
	var party := MetaverseActivityProfile.preset(&"party")
	ada.activity_profile = party
	await until(func() -> bool: return ada.get_present_profile() == party, "the game's")

	var zone := MetaverseActivityZone.new()
	zone.profile = MetaverseActivityProfile.preset(&"exhibition")
	zone.size = Vector3(4, 4, 4)
	zone.position = Vector3(10, 0, 0)
	add_child(zone)
	var body := Node3D.new()
	var sync := MetaverseAvatarSync.new()
	sync.peer = ada
	body.add_child(sync)
	add_child(body)
	check(zone.has_place(Vector3(11.9, 0, 0)) and not zone.has_place(Vector3(12.1, 0, 0)), "the zone's border")
	body.position = Vector3(10, 1, 0)
	await until(func() -> bool: return ada.get_present_profile() == zone.profile, "the zone's")
	body.position = Vector3.ZERO
	await until(func() -> bool: return ada.get_present_profile() == party, "the game's again")
	ada.activity_profile = null
	await until(func() -> bool: return ada.get_present_profile() != party, "the space's")
	check_equal(told.size(), 4, "each told once")


func test_nobody_hears_oneself_speak() -> void:
	var ada := await host(null, "Ada")
	var bob := await guest(ada, "Bob")
	check_equal(ada.set_speaking(member(ada, "Bob"), true), OK, "another")
	var refused: Error = quietly(func() -> Error: return ada.set_speaking(ada.get_local_member(), true))
	check_equal(refused, ERR_INVALID_PARAMETER, "oneself")
	check(bob.get_present_profile() != null or bob.get_space() != null, "in the space")
