# docker build -t sluice .                                 the service
# docker build -t sluice-simulator --target simulator .   a simulated provider
ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-25
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 mvn -B -q package -pl modules/demo -am -DskipTests -Dspotless.check.skip
RUN apt-get update -q && apt-get install -q -y --no-install-recommends binutils && image/layout /opt/sluice && mkdir -p /var/lib/sluice /etc/sluice

# The simulated provider, for trials: not part of the service's image.
FROM ${BUILD_IMAGE} AS simulator
COPY --from=build /src/modules/demo/target/sluice-demo.jar /opt/sluice/
COPY --from=build /src/modules/demo/target/lib /opt/sluice/lib
USER 65532:65532
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp", "/opt/sluice/sluice-demo.jar:/opt/sluice/lib/*", "dev.sluice.demo.Main"]
CMD ["simulate", "--host", "0.0.0.0"]

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Turns Kafka records into validated LLM analyses: within every user's budget, exactly one outcome for each request." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# What changes least comes first, so that an upgrade transfers little.
COPY --from=build /opt/sluice/runtime /opt/sluice/runtime
COPY --from=build /opt/sluice/native /opt/sluice/native
COPY --from=build /opt/sluice/lib /opt/sluice/lib
COPY --from=build /opt/sluice/defaults.yaml /opt/sluice/java.options /opt/sluice/
COPY --from=build /opt/sluice/app /opt/sluice/app
COPY --from=build /opt/sluice/sluice.aot /opt/sluice/
COPY --from=build --chown=65532:65532 /var/lib/sluice /var/lib/sluice
COPY --from=build /etc/sluice /etc/sluice
# An engine that changes the times of files makes the cache useless without a word. This fails then.
RUN ["/opt/sluice/runtime/bin/java", "@/opt/sluice/java.options", "-XX:AOTMode=on", "dev.sluice.app.Main", "--version"]
# sluice.yaml and .env are looked for here.
WORKDIR /etc/sluice
USER 65532:65532
VOLUME /var/lib/sluice
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["/opt/sluice/runtime/bin/java", "@/opt/sluice/java.options", "-Xms8m", "-Xmx64m", "-XX:TieredStopAtLevel=1", "dev.sluice.app.Main", "health", "--live"]
ENTRYPOINT ["/opt/sluice/runtime/bin/java", "@/opt/sluice/java.options", "dev.sluice.app.Main"]
CMD ["run"]
