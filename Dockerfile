# PostgreSQL with sfn preloaded, on Debian's own server packages.
#
#	docker build -t sfn . && docker run --rm -p 5432:5432 -e POSTGRES_PASSWORD=secret sfn
#
# The superuser's password comes from POSTGRES_PASSWORD; data are in /var/lib/postgresql/data, which wants a volume.

FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends make gcc libc6-dev libssl-dev libcurl4-openssl-dev \
	libpcre2-dev zlib1g-dev libzstd-dev pkg-config postgresql-server-dev-15
COPY . /src
RUN make -C /src && make -C /src install DESTDIR=/image

FROM debian:12-slim
RUN apt-get update \
	&& mkdir -p /etc/postgresql-common/createcluster.d \
	&& echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/sfn.conf \
	&& apt-get install -y --no-install-recommends postgresql-15 libcurl4 libpcre2-8-0 zlib1g libzstd1 ca-certificates \
	&& rm -rf /var/lib/apt/lists/*
COPY --from=build /image/ /
COPY docs/docker/server.sh /usr/local/bin/sfn-server
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data
RUN install -d -o postgres -g postgres -m 700 "$PGDATA"
USER postgres
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["sfn-server"]
