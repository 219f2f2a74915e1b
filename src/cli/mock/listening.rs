//! What commands that listen have in common: their address, and how they are asked to stop.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use clap::Args;
use tokio::sync::{mpsc, oneshot};

#[derive(Debug, Args)]
pub(super) struct Listening {
    /// The address to listen on, or only the port; port 0 takes a free one.
    #[arg(
        long,
        visible_alias = "port",
        short = 'p',
        value_name = "ADDR",
        default_value = "127.0.0.1:4010",
        value_parser = address
    )]
    pub(super) listen: SocketAddr,
}

/// An address, of which the name `localhost` may be a part, or a port of this machine alone.
fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").unwrap_or(text);
    if let Ok(port) = port.parse::<u16>() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    let expected = "an address is written 127.0.0.1:4010, [::1]:4010, or 4010 for this machine";
    text.parse().map_err(|_| expected.to_owned())
}

/// An address that a client here can use: one that stands for all interfaces is none.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Ready when the process is asked to stop, and when it is asked once more.
pub(super) fn signals() -> io::Result<(impl Future<Output = ()>, impl Future<Output = ()>)> {
    let mut asked = asked()?;
    let (first, stop) = oneshot::channel::<()>();
    let (second, hurry) = oneshot::channel::<()>();
    tokio::spawn(async move {
        for told in [first, second] {
            if asked.recv().await.is_none() {
                // There is nothing that could ask.
                std::future::pending::<()>().await;
            }
            // Nobody waits for it any more once the server has ended.
            told.send(()).ok();
        }
    });
    let ready = |told: oneshot::Receiver<()>| async {
        told.await.ok();
    };
    Ok((ready(stop), ready(hurry)))
}

/// Gets a message each time the process is asked to stop.
#[cfg(unix)]
fn asked() -> io::Result<mpsc::UnboundedReceiver<()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (tell, asked) = mpsc::unbounded_channel();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind)?;
        let tell = tell.clone();
        tokio::spawn(
            async move { while signals.recv().await.is_some() && tell.send(()).is_ok() {} },
        );
    }
    Ok(asked)
}

/// Gets a message each time the process is asked to stop.
#[cfg(not(unix))]
fn asked() -> io::Result<mpsc::UnboundedReceiver<()>> {
    let (tell, asked) = mpsc::unbounded_channel();
    tokio::spawn(
        async move { while tokio::signal::ctrl_c().await.is_ok() && tell.send(()).is_ok() {} },
    );
    Ok(asked)
}
