package dev.tidegate.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the version that the build has written into the program. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("/tidegate-build.properties")) {
            if (in == null) {
                throw new IOException("this build of Tidegate does not know its version");
            }
            build.load(in);
        }
        return new String[] {"tidegate " + build.getProperty("tidegate.version")};
    }
}
