package dev.tidegate.agent.run;

import dev.tidegate.client.Credentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** As whom the gateway was called, for who drains the work directory later: where the token is, never the token. */
final class RecordedCredentials {

    private static final String FILE = "credentials.json";
    private static final String ORGANISATION = "organisation";
    private static final String TOKEN_FILE = "token_file";

    private RecordedCredentials() {}

    static void write(WorkDirectory work, Credentials credentials) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        credentials.organisation().ifPresent(name -> values.put(ORGANISATION, name));
        credentials.tokenFile().ifPresent(file -> values.put(TOKEN_FILE, file.toString()));
        StateFile.write(work.state().resolve(FILE), values, true);
    }

    /** None if there are none; {@code state} is that of a work directory. */
    static Credentials read(Path state) throws IOException {
        Map<String, String> values = StateFile.read(state.resolve(FILE)).orElse(Map.of());
        return new Credentials(
                Optional.ofNullable(values.get(ORGANISATION)),
                Optional.ofNullable(values.get(TOKEN_FILE)).map(Path::of));
    }
}
