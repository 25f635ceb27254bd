package dev.tidegate.client;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * As whom a gateway is called.
 *
 * @param organisation the name of the organisation whose artifacts are meant; empty: that of the caller
 * @param tokenFile holds what proves who calls, sent as a bearer token (RFC 6750). It is read for each call, so that it may
 *     be renewed, and nobody but its owner may read it
 */
public record Credentials(Optional<String> organisation, Optional<Path> tokenFile) {

    /** None: nobody in particular. */
    public static final Credentials NONE = new Credentials(Optional.empty(), Optional.empty());

    private static final Metadata.Key<String> ORGANISATION =
            Metadata.Key.of("tidegate-organisation", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final int MAX_BYTES = 16 << 10;

    /** Sends them with each call. */
    ClientInterceptor interceptor(GatewayAddress gateway) {
        Sent sent = new Sent(gateway);
        boolean none = equals(NONE);
        return new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                return next.newCall(method, none ? options : options.withCallCredentials(sent));
            }
        };
    }

    private final class Sent extends CallCredentials {

        private final GatewayAddress gateway;

        Sent(GatewayAddress gateway) {
            this.gateway = gateway;
        }

        @Override
        public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
            executor.execute(() -> {
                Metadata headers = new Metadata();
                organisation.ifPresent(name -> headers.put(ORGANISATION, name));
                if (tokenFile.isPresent()) {
                    try {
                        headers.put(AUTHORIZATION, "Bearer " + token(tokenFile.get()));
                    } catch (TokenException refused) {
                        applier.fail(Status.UNAUTHENTICATED.withCause(refused));
                        return;
                    }
                }
                applier.apply(headers);
            });
        }

        private String token(Path file) {
            if (!gateway.isLoopback()) {
                throw new TokenException(
                        file,
                        "the token in " + file + " is not sent to " + gateway
                                + ": the connection is not encrypted; forward a port of this machine to it, as with ssh -L",
                        null);
            }
            byte[] bytes;
            try {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
                if (permissions.contains(PosixFilePermission.GROUP_READ)
                        || permissions.contains(PosixFilePermission.OTHERS_READ)) {
                    throw new TokenException(
                            file, "others may read the token in " + file + ": close it with chmod 600", null);
                }
                try (var stream = Files.newInputStream(file)) {
                    bytes = stream.readNBytes(MAX_BYTES);
                }
            } catch (NoSuchFileException none) {
                throw new TokenException(file, "the token file " + file + " does not exist", none);
            } catch (AccessDeniedException denied) {
                throw new TokenException(file, "the token file " + file + " cannot be read: permission denied", denied);
            } catch (IOException failed) {
                throw new TokenException(
                        file, "the token file " + file + " cannot be read: " + failed.getMessage(), failed);
            }
            String token = new String(bytes, StandardCharsets.UTF_8).strip();
            if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw new TokenException(file, "the token in " + file + " is no line of printable ASCII", null);
            }
            return token;
        }
    }
}
