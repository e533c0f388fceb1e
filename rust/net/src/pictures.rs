//! Pictures are worked on beside everything else: they take milliseconds, and nobody waits for them.

use std::sync::Arc;

use bytes::Bytes;
use metaverse_protocol::id::ContentHash;
use metaverse_space::picture::{self, Decoded, Picture, PictureError};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::config::PICTURES;

/// Bounds how many pictures are worked on at a time.
#[derive(Clone)]
pub(crate) struct Pictures(Arc<Semaphore>);

impl Pictures {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(PICTURES)))
    }

    /// The picture as it travels.
    pub(crate) async fn encode(self, picture: Picture) -> Result<Bytes, PictureError> {
        self.work(move || picture::encode(picture)).await
    }

    /// The pixels of an image that has come from somebody else, and the hash by which it is known.
    pub(crate) async fn decode(
        self,
        hash: ContentHash,
        bytes: Bytes,
    ) -> (ContentHash, Result<Decoded, PictureError>) {
        (hash, self.work(move || picture::decode(&bytes)).await)
    }

    async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T, PictureError> + Send + 'static,
    ) -> Result<T, PictureError> {
        let _permit = self.0.acquire_owned().await;
        spawn_blocking(work).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a picture could not be worked on");
            Err(PictureError::Corrupt)
        })
    }
}
