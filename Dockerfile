# An image with both programs. The mock listens on port 4010 of the container and serves what is
# mounted at /srv/specs, or the vendors that are part of the program. Since it listens beyond the
# loopback interface of the container, the control plane needs a token.
#
#   docker build -t counterpart .
#   docker run --rm -p 4010:4010 -e COUNTERPART_TOKEN=secret -v "$PWD/specs:/srv/specs:ro" counterpart
#   docker run --rm -v "$PWD:/srv" --entrypoint counterpart-test counterpart run
FROM rust:1.95-slim-trixie AS build
WORKDIR /build
COPY . .
RUN cargo build --locked --release --bins

FROM debian:trixie-slim
COPY --from=build /build/target/release/counterpart-mock /build/target/release/counterpart-test /usr/local/bin/
RUN useradd --no-create-home --home-dir /srv --uid 10001 counterpart
USER counterpart
WORKDIR /srv
EXPOSE 4010
# The mock has the name of its container or service in URLs: allow it with --allow-host NAME for
# the control plane.
ENTRYPOINT ["counterpart-mock"]
CMD ["serve", "--listen", "0.0.0.0:4010"]
