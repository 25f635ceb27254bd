package dev.tidegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.Programs;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of snapshots over HTTP, with the real curl and tar, and by {@code tidegate cat}. All tests share a gateway. */
class HttpFilesIT {

    private static final String LONG = "n".repeat(180);
    private static final String FAR =
            "step_1/" + LONG + "/" + LONG + "/" + ("ö".repeat(120) + "/").repeat(8) + "far.txt";
    private static final byte[] BIG = new byte[6_000_000];

    @TempDir
    private static Path shared;

    private static GatewayProcess gateway;
    private static TidegateCommandLine tidegate;
    private static Path tree;
    private static String artifact;

    @BeforeAll
    static void pushATree() throws Exception {
        assumeTrue(Programs.succeeds("curl", "--version"), "needs curl");
        gateway = GatewayProcess.on(shared)
                .withSetting("tidegate.files.stall", "PT2S")
                .start();
        tidegate = new TidegateCommandLine(shared)
                .withEnvironment("TIDEGATE_GATEWAY", gateway.host() + ":" + gateway.grpcPort());
        tree = Files.createDirectory(shared.resolve("tree"));
        new Random(7).nextBytes(BIG);
        write("big.bin", BIG);
        write("step_1/weights", "one".getBytes(StandardCharsets.UTF_8));
        write("step_1/" + LONG + "/" + LONG + "/deep.txt", "deep".getBytes(StandardCharsets.UTF_8));
        write(FAR, "far".getBytes(StandardCharsets.UTF_8));
        write("größe 100%#?.csv", "a,b\n1,2\n".getBytes(StandardCharsets.UTF_8));
        write("page.html", "<script>alert(1)</script>".getBytes(StandardCharsets.UTF_8));
        write("empty", new byte[0]);
        Files.createDirectory(tree.resolve("nothing"));
        Files.createSymbolicLink(tree.resolve("latest"), Path.of("step_1"));
        Files.createSymbolicLink(tree.resolve("outside"), Path.of("../secret"));
        Files.setPosixFilePermissions(tree.resolve("page.html"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(
                tree.resolve("step_1/weights"), FileTime.from(Instant.parse("2023-11-14T22:13:20.123456789Z")));
        assertThat(tidegate.run("experiment", "create", "llama").code()).isZero();
        Result pushed = tidegate.run("push", tree, "--artifact", "llama/crud", "--label", "best", "--output", "json");
        assertThat(pushed.code()).as(pushed.err()).isZero();
        artifact = pushed.json().get("snapshot").get("artifact_id").asText();
    }

    private static void write(String path, byte[] content) throws IOException {
        Path file = tree.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    @AfterAll
    static void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    /** What curl was answered. */
    private record Answer(int status, Map<String, String> headers, ByteString content) {

        byte[] body() {
            return content.toByteArray();
        }

        String text() {
            return content.toStringUtf8();
        }

        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(body());
        }
    }

    private static String url(String path) {
        return "http://" + gateway.host() + ":" + gateway.httpPort() + "/v1/snapshots/" + path;
    }

    private static Answer curl(String path, String... options) throws Exception {
        Path head = Files.createTempFile(shared, "curl", ".head");
        Path body = Files.createTempFile(shared, "curl", ".body");
        List<String> command =
                new ArrayList<>(List.of("curl", "-sS", "--path-as-is", "-D", head.toString(), "-o", body.toString()));
        command.addAll(List.of(options));
        command.add(url(path));
        assertThat(Programs.succeeds(command.toArray(String[]::new))).as(path).isTrue();
        List<String> lines = Files.readAllLines(head, StandardCharsets.ISO_8859_1);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        lines.stream().skip(1).filter(line -> line.contains(":")).forEach(line -> {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        });
        return new Answer(
                Integer.parseInt(lines.getFirst().substring(9, 12)),
                headers,
                ByteString.copyFrom(Files.readAllBytes(body)));
    }

    private static String snapshot() {
        return artifact + "@1";
    }

    @Test
    void aFileComesWholeWithWhatACacheNeeds() throws Exception {
        Answer whole = curl(snapshot() + "/files/big.bin");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(BIG);
        assertThat(whole.headers())
                .containsEntry("Content-Length", "6000000")
                .containsEntry("Accept-Ranges", "bytes")
                .containsEntry("Content-Type", "application/octet-stream")
                .containsEntry("X-Content-Type-Options", "nosniff")
                .containsEntry("Content-Security-Policy", "sandbox; default-src 'none'")
                .containsEntry("Cache-Control", "private, max-age=31536000, immutable")
                .containsEntry("Tidegate-Snapshot", snapshot())
                .containsKeys("ETag", "Last-Modified", "Date", "Content-Disposition")
                .doesNotContainKey("Access-Control-Allow-Origin");
        String etag = whole.headers().get("ETag");

        Answer unchanged = curl(snapshot() + "/files/big.bin", "-H", "If-None-Match: " + etag);
        assertThat(unchanged.status()).isEqualTo(304);
        assertThat(unchanged.body()).isEmpty();
        assertThat(unchanged.headers()).containsEntry("ETag", etag);
        assertThat(curl(snapshot() + "/files/big.bin", "-H", "If-Match: \"other\"")
                        .status())
                .isEqualTo(412);

        Answer head = curl(snapshot() + "/files/big.bin", "-I");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).containsEntry("Content-Length", "6000000").containsEntry("ETag", etag);
        assertThat(Programs.succeeds("curl", "-sSf", "-I", url(snapshot() + "/tar/")))
                .isTrue();
    }

    @Test
    void aLongPathIsFoundHoweverItIsWritten() throws Exception {
        // Given what takes three bytes for one in a URL
        String encoded = FAR.replace("ö", "%C3%B6");

        // When, then
        assertThat(encoded).hasSizeGreaterThan(6000);
        assertThat(curl(snapshot() + "/files/" + encoded).text()).isEqualTo("far");
    }

    @Test
    void aPageWhoseNameLeadsHereReadsNothing() throws Exception {
        Answer rebound = curl(snapshot() + "/files/big.bin", "-H", "Host: evil.example:8080");
        assertThat(rebound.status()).isEqualTo(421);
        assertThat(rebound.text()).contains("tidegate.files.hosts");
        assertThat(curl(snapshot() + "/files/big.bin", "-H", "Host: localhost:8080")
                        .status())
                .isEqualTo(200);
        assertThat(curl(snapshot() + "/files/big.bin", "-H", "Host: [::1]").status())
                .isEqualTo(200);
    }

    @Test
    void rangesComeWithoutTheRest() throws Exception {
        Answer part = curl(snapshot() + "/files/big.bin", "-r", "3000000-3000099");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.headers()).containsEntry("Content-Range", "bytes 3000000-3000099/6000000");
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(BIG, 3_000_000, 3_000_100));
        Answer suffix = curl(snapshot() + "/files/big.bin", "-r", "-1000001");
        assertThat(suffix.body()).isEqualTo(Arrays.copyOfRange(BIG, 4_999_999, 6_000_000));
        Answer rest = curl(snapshot() + "/files/big.bin", "-r", "5999999-");
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(BIG, 5_999_999, 6_000_000));
        assertThat(curl(snapshot() + "/files/big.bin", "-r", "0-1,4-5").status())
                .isEqualTo(200);
        Answer beyond = curl(snapshot() + "/files/big.bin", "-r", "6000000-");
        assertThat(beyond.status()).isEqualTo(416);
        assertThat(beyond.headers()).containsEntry("Content-Range", "bytes */6000000");
        assertThat(curl(snapshot() + "/files/big.bin", "-r", "0-9", "-H", "If-Range: \"other\"")
                        .status())
                .isEqualTo(200);
        String etag = part.headers().get("ETag");
        assertThat(curl(snapshot() + "/files/big.bin", "-r", "0-9", "-H", "If-Range: " + etag)
                        .status())
                .isEqualTo(206);
        assertThat(curl(snapshot() + "/files/empty").body()).isEmpty();
        assertThat(curl(snapshot() + "/files/empty", "-r", "0-").status()).isEqualTo(416);
    }

    @Test
    void aSnapshotIsNamedInEveryWay() throws Exception {
        String path = "/files/step_1/weights";
        for (String name : List.of(artifact, artifact + "@best", "llama%2Fcrud", "llama%2Fcrud@best")) {
            Answer found = curl(name + path);
            assertThat(found.text()).isEqualTo("one");
            assertThat(found.headers()).containsEntry("Cache-Control", "private, no-cache");
            assertThat(found.headers()).containsEntry("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT");
        }
        Answer odd = curl(snapshot() + "/files/gr%C3%B6%C3%9Fe%20100%25%23%3F.csv");
        assertThat(odd.text()).startsWith("a,b");
        assertThat(odd.headers()).containsEntry("Content-Type", "text/csv; charset=utf-8");
        assertThat(curl(snapshot() + "/files/page.html").headers())
                .containsEntry("Content-Type", "text/plain; charset=utf-8");
    }

    @Test
    void aDirectoryIsListed() throws Exception {
        JsonNode root = curl(snapshot() + "/files/").json();
        assertThat(root.get("snapshot").get("id").asText()).isEqualTo(snapshot());
        List<String> names = new ArrayList<>();
        root.get("entries").forEach(entry -> names.add(entry.get("name").asText()));
        assertThat(names)
                .contains("big.bin", "empty", "latest", "nothing", "step_1")
                .doesNotContain("weights");
        JsonNode inner = curl(snapshot() + "/files/step_1").json();
        assertThat(inner.get("path").asText()).isEqualTo("step_1");
        assertThat(inner.get("entries").get(1).get("path").asText()).isEqualTo("step_1/weights");
        assertThat(inner.get("entries").get(1).get("size").asLong()).isEqualTo(3);
        assertThat(curl(snapshot() + "/files/nothing").json().get("entries")).isEmpty();
    }

    @Test
    void linksAreFollowedOnlyIfAskedAndNeverOut() throws Exception {
        Answer link = curl(snapshot() + "/files/latest/weights");
        assertThat(link.status()).isEqualTo(409);
        assertThat(link.headers()).containsEntry("Content-Type", "application/problem+json");
        assertThat(link.json().get("metadata").get("target").asText()).isEqualTo("step_1");
        assertThat(curl(snapshot() + "/files/latest/weights?follow_links=true").text())
                .isEqualTo("one");
        Answer out = curl(snapshot() + "/files/outside?follow_links=true");
        assertThat(out.status()).isEqualTo(409);
        assertThat(out.json().get("reason").asText()).isEqualTo("LINK_UNRESOLVED");
    }

    @Test
    void whatIsNotThereIsToldAsAProblem() throws Exception {
        Map<String, Integer> expected = Map.ofEntries(
                Map.entry(snapshot() + "/files/none", 404),
                Map.entry(artifact + "@9/files/big.bin", 404),
                Map.entry(artifact + "@none/files/big.bin", 404),
                Map.entry("art_00000000000000000000000000/files/x", 404),
                Map.entry("nonsense/files/x", 400),
                Map.entry(snapshot(), 404),
                Map.entry("../snapshots", 404),
                Map.entry("../../%zz", 400),
                Map.entry(snapshot() + "/files/100%", 400),
                Map.entry(snapshot() + "/files/big.bin?follow_links=%", 400),
                Map.entry(snapshot() + "/files/a|b", 400),
                Map.entry(snapshot() + "/other/x", 404),
                Map.entry(snapshot() + "/files/%ff", 400),
                Map.entry(snapshot() + "/files/a//b", 400),
                Map.entry(snapshot() + "/files/%2e%2e/%2e%2e/etc/passwd", 400),
                Map.entry(artifact + "@2026-11-23T99:00:00Z/files/x", 400));
        for (Map.Entry<String, Integer> each : expected.entrySet()) {
            Answer answer = curl(each.getKey());
            assertThat(answer.status()).as(each.getKey()).isEqualTo(each.getValue());
            assertThat(answer.headers()).as(each.getKey()).containsEntry("Content-Type", "application/problem+json");
            assertThat(answer.json().get("detail").asText()).isNotBlank();
            assertThat(answer.json().get("status").asInt()).isEqualTo(each.getValue());
        }
        Answer post = curl(snapshot() + "/files/big.bin", "-X", "POST", "-d", "x");
        assertThat(post.status()).isEqualTo(405);
        assertThat(post.headers()).containsEntry("Allow", "GET, HEAD");
    }

    @Test
    void aRequestThatTheServerItselfRefusesIsToldAsAProblem() throws Exception {
        Map<String, Integer> refused = Map.of(
                "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                400,
                "POST /%zz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc",
                400,
                "GET /v1/snapshots/" + snapshot() + "/files/big.bin HTTP/1.1\r\n\r\n",
                400,
                "GET v1/other HTTP/1.1\r\nHost: localhost\r\n\r\n",
                404,
                "GET /v1/other HTTP/1.1\r\nHost: localhost\r\n\r\n",
                404);
        for (Map.Entry<String, Integer> each : refused.entrySet()) {
            try (Socket socket = new Socket(gateway.host(), gateway.httpPort())) {
                socket.setSoTimeout(30_000);
                // Another request follows it
                String next = "GET /v1/snapshots/" + snapshot()
                        + "/files/empty HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
                socket.getOutputStream().write((each.getKey() + next).getBytes(StandardCharsets.US_ASCII));
                String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answers)
                        .as(each.getKey())
                        .startsWith("HTTP/1.1 " + each.getValue() + " ")
                        .contains("Content-Type: application/problem+json", "\"detail\":\"", "HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void anArchiveIsTheTree() throws Exception {
        assumeTrue(Programs.succeeds("tar", "--version"), "needs tar");
        Path copy = Files.createDirectory(shared.resolve("copy"));
        assertThat(Programs.succeeds(
                        "bash",
                        "-c",
                        "set -o pipefail; curl -sSf '" + url(snapshot() + "/tar/") + "' | tar -x -C '" + copy + "'"))
                .isTrue();
        assertThat(Programs.succeeds("diff", "-r", "--no-dereference", tree.toString(), copy.toString()))
                .isTrue();
        assertThat(Files.getPosixFilePermissions(copy.resolve("page.html")))
                .isEqualTo(PosixFilePermissions.fromString("rwxr-x--x"));
        assertThat(Files.getLastModifiedTime(copy.resolve("step_1/weights")).toInstant())
                .isEqualTo(Instant.parse("2023-11-14T22:13:20.123456700Z"));
        Path part = Files.createDirectory(shared.resolve("part"));
        assertThat(Programs.succeeds(
                        "bash",
                        "-c",
                        "set -o pipefail; curl -sSf '" + url(snapshot() + "/tar/step_1") + "' | tar -x -C '" + part
                                + "'"))
                .isTrue();
        assertThat(Programs.succeeds("diff", "-r", tree.resolve("step_1").toString(), part.toString()))
                .isTrue();
    }

    @Test
    void anOfferToGoOnInHttp2IsAnsweredInHttp11() throws Exception {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(30_000);
            socket.connect(new InetSocketAddress(gateway.host(), gateway.httpPort()));
            socket.getOutputStream()
                    .write(("GET /v1/snapshots/" + snapshot() + "/files/step_1/weights HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                    + "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            // The connection stays open
            String expected = "HTTP/1.1 200 ";
            assertThat(socket.getInputStream().readNBytes(expected.length()))
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo(expected);
        }
    }

    @Test
    void aReaderThatTakesNothingIsCutOff() throws Exception {
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(gateway.host(), gateway.httpPort()));
            socket.getOutputStream()
                    .write(("GET /v1/snapshots/" + snapshot() + "/tar/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            // Longer than a reader may be silent
            Awaitility.await().pollDelay(Duration.ofSeconds(5)).until(() -> true);
            long read = 0;
            try {
                byte[] buffer = new byte[1 << 16];
                for (int n = socket.getInputStream().read(buffer);
                        n >= 0;
                        n = socket.getInputStream().read(buffer)) {
                    read += n;
                }
            } catch (SocketException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
            assertThat(read).isPositive().isLessThan(BIG.length);
        }
        assertThat(curl(snapshot() + "/files/step_1/weights").text()).isEqualTo("one");
    }

    @Test
    void catWritesPartsToo() {
        String whole = "cmp - '" + tree.resolve("big.bin") + "'";
        for (String part : List.of(
                "--offset 3000000 | { cat > f; tail -c +3000001 '" + tree.resolve("big.bin") + "' | cmp - f; }",
                "--offset 100 --length 2MB | { cat > f; head -c 2000100 '" + tree.resolve("big.bin")
                        + "' | tail -c 2000000 | cmp - f; }",
                "--last 1000001 | { cat > f; tail -c 1000001 '" + tree.resolve("big.bin") + "' | cmp - f; }",
                "--last 7000000 | " + whole,
                "--offset 0 --length 1GB | " + whole)) {
            Result result = tidegate.shell("cd '" + shared + "' && $tidegate cat llama/crud big.bin " + part);
            assertThat(result.code()).as(part + result.err()).isZero();
        }
        Result beyond = tidegate.run("cat", "llama/crud", "big.bin", "--offset", "6000001");
        assertThat(beyond.code()).isEqualTo(1);
        assertThat(beyond.err()).contains("6000000 bytes");
        assertThat(tidegate.run("cat", "llama/crud", "empty", "--last", "5").out())
                .isEmpty();
        assertThat(tidegate.run("cat", "llama/crud", "big.bin", "--last", "5", "--offset", "1")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void diffShowsLinesThatPatchTakes() throws Exception {
        assertThat(tidegate.run("experiment", "create", "texts").code()).isZero();
        Path dir = Files.createDirectories(shared.resolve("texts/conf"));
        Path file = dir.resolve("a.yaml");
        Files.writeString(file, "one\ntwo\tx\nthree");
        Files.write(dir.resolve("b.bin"), new byte[] {0, 1, 2});
        Files.writeString(shared.resolve("texts/large.txt"), "x".repeat(5 << 20));
        assertThat(tidegate.run("push", shared.resolve("texts"), "--artifact", "texts/crud")
                        .code())
                .isZero();
        Files.writeString(file, "one\n2\tx\nthree\n");
        Files.write(dir.resolve("b.bin"), new byte[] {0, 1, 3});
        Files.writeString(shared.resolve("texts/large.txt"), "y".repeat(5 << 20));
        Files.writeString(dir.resolve("new.txt"), "new\n");
        assertThat(tidegate.run("push", shared.resolve("texts"), "--artifact", "texts/crud")
                        .code())
                .isZero();

        // When
        String all =
                tidegate.run("diff", "texts/crud@1", "texts/crud@2", "--text").out();
        Result one = tidegate.run("diff", "texts/crud@1", "texts/crud@2", "conf/a.yaml", "--text");
        JsonNode json = tidegate.run("diff", "texts/crud@1", "texts/crud@2", "conf", "--text", "--output", "json")
                .json();

        // Then
        assertThat(all)
                .contains("Binary files differ: conf/b.bin", "large.txt", "+++ b/conf/new.txt\t", "--- /dev/null");
        assertThat(one.out())
                .contains("@@ -1,3 +1,3 @@\n one\n-two\tx\n-three\n\\ No newline at end of file\n+2\tx\n+three\n")
                .doesNotContain("b.bin");
        List<String> results = new ArrayList<>();
        json.get("changes")
                .forEach(change -> results.add(change.get("text").get("result").asText()));
        assertThat(results).contains("lines", "binary").doesNotContain("too_large");
        if (Programs.succeeds("patch", "--version")) {
            Path before = shared.resolve("before");
            Path old = Files.writeString(
                    Files.createDirectories(before.resolve("conf")).resolve("a.yaml"), "one\ntwo\tx\nthree");
            Path patch = Files.writeString(shared.resolve("the.patch"), one.out());
            assertThat(Programs.succeeds("patch", "-p1", "-d", before.toString(), "-i", patch.toString()))
                    .isTrue();
            assertThat(Files.readString(old)).isEqualTo(Files.readString(file));
        }
        // And what is in neither is a mistake
        Result neither = tidegate.run("diff", "texts/crud@1", "texts/crud@2", "conf", "nope", "--output", "json");
        assertThat(neither.code()).isEqualTo(1);
        assertThat(neither.jsonError().at("/reason").asText()).isEqualTo("PATH_NOT_FOUND");
        assertThat(neither.jsonError().at("/metadata/path").asText()).isEqualTo("nope");
    }

    @Test
    void labelsAreGivenMovedAndTakenAway() {
        JsonNode labelled = tidegate.run("label", "llama/crud@1", "golden", "--output", "json")
                .json();
        assertThat(labelled.get("snapshot").get("labels").toString()).contains("golden");
        assertThat(tidegate.run("ls", "llama/crud@golden").code()).isZero();
        assertThat(tidegate.run("label", "llama/crud", "golden", "--delete").out())
                .contains("no longer golden");
        Result gone = tidegate.run("ls", "llama/crud@golden");
        assertThat(gone.code()).isEqualTo(1);
        assertThat(tidegate.run("label", "llama/crud@1", "7").err()).contains("not digits only");
        assertThat(tidegate.run("label", "llama/crud@1", "x", "--delete").code())
                .isEqualTo(2);
        assertThat(tidegate.run("label", "llama/crud", "x", "--delete", "--move")
                        .code())
                .isEqualTo(2);
    }
}
