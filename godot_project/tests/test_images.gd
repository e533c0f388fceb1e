extends TestCase
## Avatar images.


func _picture(width: int, height: int, format: Image.Format = Image.FORMAT_RGBA8) -> ImageTexture:
	var image := Image.create(width, height, false, format)
	image.fill(Color.RED)
	image.fill_rect(Rect2i(0, 0, int(width * 0.5), height), Color.BLUE)
	return ImageTexture.create_from_image(image)


func _looks_like_the_picture(texture: Texture2D) -> bool:
	var image := texture.get_image()
	var left := image.get_pixel(int(image.get_width() * 0.25), int(image.get_height() * 0.5))
	var right := image.get_pixel(int(image.get_width() * 0.75), int(image.get_height() * 0.5))
	return left.b > 0.8 and left.r < 0.2 and right.r > 0.8 and right.b < 0.2


func test_images_are_seen_by_all() -> void:
	var ada := peer("Ada")
	ada.avatar_image = _picture(64, 64)
	ada.create_space(options())
	await until_in_space(ada)
	var bob := await guest(ada, "Bob")
	var ada_for_bob := member(bob, "Ada")
	var updates: Array[MetaverseMember] = []
	ada.member_updated.connect(func(who: MetaverseMember) -> void: updates.append(who))
	await until(func() -> bool: return ada_for_bob.avatar_image != null, "Ada's picture at Bob's")
	if ada_for_bob.avatar_image != null:
		check(_looks_like_the_picture(ada_for_bob.avatar_image), "as it was")
	await until(func() -> bool: return ada.get_local_member().avatar_image != null, "one's own picture")

	bob.avatar_image = _picture(3000, 100, Image.FORMAT_RGB8)
	var bob_for_ada := member(ada, "Bob")
	await until(func() -> bool: return bob_for_ada.avatar_image != null, "a later and larger picture")
	check(updates.has(bob_for_ada), "member_updated")
	if bob_for_ada.avatar_image != null:
		check(_looks_like_the_picture(bob_for_ada.avatar_image), "as it was, but for its size")
	bob.avatar_image = null
	await until(func() -> bool: return bob_for_ada.avatar_image == null, "the picture is taken away")
	check(bob.get_local_member().avatar_image == null, "one's own too")


func test_a_texture_without_pixels_is_told() -> void:
	var ada := peer("Ada")
	var told: PackedStringArray = []
	ada.failed.connect(func(message: String) -> void: told.append(message))
	ada.avatar_image = PlaceholderTexture2D.new()
	ada.create_space(options())
	await until_in_space(ada)
	await until(func() -> bool: return told.size() == 1, "a sentence")
	check(ada.get_local_member().avatar_image == null, "no picture")


func test_the_texture_of_the_game_is_left_as_it_is() -> void:
	var ada := peer("Ada")
	var texture := _picture(2400, 1200, Image.FORMAT_RGB8)
	ada.avatar_image = texture
	ada.create_space(options())
	await until_in_space(ada)
	check_equal(texture.get_image().get_size(), Vector2i(2400, 1200), "size")
	check_equal(texture.get_image().get_format(), Image.FORMAT_RGB8, "format")
