//! The end of a connection whose client may still be sending.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the rest of a refused request is read and thrown away, so that its client, which may
/// still be sending, sees the answer and not a reset.
pub(super) const LINGER: Duration = Duration::from_secs(5);

/// Waits for the client to close, and throws away what it still sends.
pub(super) async fn linger(stream: &TcpStream) {
    let drain = async {
        let mut waste = vec![0; 16 * 1024];
        while stream.readable().await.is_ok() {
            match stream.try_read(&mut waste) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => break,
                _ => {}
            }
        }
    };
    timeout(LINGER, drain).await.ok();
}
