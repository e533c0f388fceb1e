//! Avatar images between Godot's textures and plain pixels.

use godot::{
    classes::{Image, ImageTexture, Texture2D, image::Format},
    global::Error,
    prelude::*,
};
use metaverse_net::Picture;

use crate::config::IMAGE_SIDE;

/// A texture's pixels, scaled to at most [`IMAGE_SIDE`] a side. What takes long, the encoding, is done elsewhere.
///
/// # Errors
/// A sentence for the developer when the texture has no readable pixels.
pub(crate) fn from_texture(texture: &Gd<Texture2D>) -> Result<Picture, String> {
    let source = texture.get_image().filter(|image| !image.is_empty());
    let source = source.ok_or("The avatar image has no pixels to read.")?;
    // The texture may share its image with us: what follows must not change the texture.
    let mut image = Image::new_gd();
    image.copy_from(&source);
    if image.is_compressed() && image.decompress() != Error::OK {
        return Err("The avatar image is compressed in a way that cannot be undone.".into());
    }
    image.clear_mipmaps();
    shrink(&mut image);
    image.convert(Format::RGBA8);
    Ok(Picture::Rgba {
        width: image.get_width().cast_unsigned(),
        height: image.get_height().cast_unsigned(),
        pixels: image.get_data().to_vec(),
    })
}

/// A texture of another member's image; `None` if the pixels do not fit the size.
pub(crate) fn to_texture(width: u32, height: u32, rgba: &[u8]) -> Option<Gd<Texture2D>> {
    let (width, height) = (i32::try_from(width).ok()?, i32::try_from(height).ok()?);
    let image = Image::create_from_data(
        width,
        height,
        false,
        Format::RGBA8,
        &PackedByteArray::from(rgba),
    )?;
    Some(ImageTexture::create_from_image(&image)?.upcast())
}

fn shrink(image: &mut Gd<Image>) {
    let (width, height) = (image.get_width(), image.get_height());
    let longest = width.max(height);
    if longest <= IMAGE_SIDE {
        return;
    }
    let scaled =
        |side: i32| (i64::from(side) * i64::from(IMAGE_SIDE) / i64::from(longest)).max(1) as i32;
    image.resize(scaled(width), scaled(height));
}
