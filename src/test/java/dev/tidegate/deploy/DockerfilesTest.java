package dev.tidegate.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.deploy.Tool.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be told of the Dockerfiles without building them. */
class DockerfilesTest {

    private static final Pattern FROM = Pattern.compile("(?m)^FROM (\\S+)(?: AS (\\S+))?$");
    private static final Pattern COPIED_FROM = Pattern.compile("(?m)^COPY --from=(\\S+)");
    private static final Pattern COPIED = Pattern.compile("(?m)^COPY (?!--from)(?:--\\S+ )*(.+) \\S+$");
    private static final Pattern USER = Pattern.compile("(?m)^USER (.+)$");

    @ParameterizedTest
    @ValueSource(strings = {"Dockerfile.native", "deploy/Dockerfile.jvm"})
    void hadolintHasNothingToSay(String name) throws IOException, InterruptedException {
        Tool hadolint = Tool.find("hadolint");

        Result result = hadolint.run(Path.of("."), "--no-color", name);

        assertThat(result.code()).as(result.output()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Dockerfile.native", "deploy/Dockerfile.jvm"})
    void theImageIsPinnedClosedAndWatched(String name) throws IOException {
        String text = Files.readString(Path.of(name));

        // Every base by version, from a registry that is named
        List<MatchResult> bases = FROM.matcher(text).results().toList();
        assertThat(bases)
                .allSatisfy(base -> assertThat(base.group(1)).matches("(docker|quay)\\.io/.+:.*[0-9]+[.0-9-]*.*"));
        assertThat(COPIED_FROM.matcher(text).results().map(copied -> copied.group(1)))
                .isNotEmpty()
                .isSubsetOf(bases.stream().map(base -> base.group(2)).toList());
        // An ordinary user, as which the program runs in Kubernetes as well
        assertThat(USER.matcher(text).results().map(user -> user.group(1))).containsExactly("1001:1001");
        String last = text.substring(text.lastIndexOf("\nFROM "));
        assertThat(last)
                .contains("\nVOLUME /var/lib/tidegate\n")
                .contains("\nHEALTHCHECK ")
                .contains("/q/health/ready")
                .contains("org.opencontainers.image.version=\"${VERSION}\"")
                .contains("\nARG VERSION=" + Documents.projectVersion() + "\n")
                .doesNotContain("apt-get")
                .doesNotContain("curl ");
    }

    /** What a build copies from the sources is there, and is not kept out of its context. */
    @ParameterizedTest
    @ValueSource(strings = {"Dockerfile.native", "deploy/Dockerfile.jvm"})
    void whatIsCopiedExists(String name) throws IOException {
        List<String> ignored = Files.readAllLines(Path.of(".dockerignore"));

        assertThat(COPIED.matcher(Files.readString(Path.of(name)))
                        .results()
                        .flatMap(copied -> Pattern.compile(" ").splitAsStream(copied.group(1))))
                .isNotEmpty()
                .allSatisfy(source -> assertThat(Path.of(source)).exists())
                .doesNotContainAnyElementsOf(ignored);
    }
}
