package dev.tidegate.gateway.boot;

import dev.tidegate.postgres.DatabasePassword;
import java.net.URI;
import java.net.URISyntaxException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;

/**
 * A PostgreSQL that somebody else runs.
 *
 * @param host a name or address
 * @param port the TCP port
 * @param database the database's name
 * @param user the user to connect as
 * @param password the user's password, or empty if the server asks for none
 */
public record ExternalDatabase(
        String host, int port, String database, String user, Optional<DatabasePassword> password) {

    /** What the catalogue's migrations need. */
    static final int OLDEST_VERSION = 15;

    private static final int DEFAULT_PORT = 5432;
    private static final int CONNECT_LIMIT_SECONDS = 10;
    private static final String EXAMPLE = "postgresql://tidegate@db.example.com:5432/tidegate";

    /**
     * Reads {@code postgresql://user@host:port/database}.
     *
     * @throws BootException if it is anything else; a password in it is refused, for URLs end up in process lists
     */
    public static ExternalDatabase parse(String url, Optional<DatabasePassword> password) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            // The URL itself stays out of the message: it may hold a password.
            throw new BootException("--database-url is no URL: it looks like " + EXAMPLE + ".");
        }
        if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
            throw new BootException("--database-url must begin with postgresql://, as in " + EXAMPLE + ".");
        }
        if (uri.getHost() == null && uri.getRawAuthority() != null) {
            // As with an underscore, which names of services may have and names of hosts may not (RFC 952).
            throw new BootException("--database-url names a host that is none: names have letters, digits, '-' and '.',"
                    + " as in " + EXAMPLE + "; an address does as well.");
        }
        String user = Optional.ofNullable(uri.getUserInfo()).orElse("");
        if (user.contains(":")) {
            throw new BootException("--database-url holds a password, which other users of this machine could read: put"
                    + " it into a file named by --database-password-file, or into the environment variable"
                    + " TIDEGATE_DATABASE_PASSWORD.");
        }
        String host = Optional.ofNullable(uri.getHost()).orElse("");
        String path = Optional.ofNullable(uri.getPath()).orElse("");
        if (host.isEmpty() || user.isEmpty() || path.length() < 2 || path.indexOf('/', 1) >= 0) {
            throw new BootException("--database-url must name a user, a host and a database, as in " + EXAMPLE + ".");
        }
        if (uri.getQuery() != null || uri.getFragment() != null) {
            throw new BootException("--database-url takes no parameters after the database's name: give them as"
                    + " quarkus.datasource.* settings in the environment.");
        }
        return new ExternalDatabase(
                host, uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(), path.substring(1), user, password);
    }

    /** The URL of the JDBC driver. */
    String jdbcUrl() {
        return "jdbc:" + reactiveUrl();
    }

    /** The URL of the reactive client. */
    String reactiveUrl() {
        return "postgresql://" + host + ":" + port + "/" + database;
    }

    /**
     * Connects once, so that what is wrong is said in a sentence and not by the tenth layer above.
     *
     * @throws BootException if the server cannot be reached, refuses us or is too old
     */
    void check() {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        password.ifPresent(secret -> properties.setProperty("password", secret.reveal()));
        properties.setProperty("loginTimeout", Integer.toString(CONNECT_LIMIT_SECONDS));
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_LIMIT_SECONDS));
        properties.setProperty("ApplicationName", "tidegate");
        try (Connection connection = DriverManager.getConnection(jdbcUrl(), properties)) {
            int version = connection.getMetaData().getDatabaseMajorVersion();
            if (version < OLDEST_VERSION) {
                throw new BootException("The PostgreSQL at " + host + ":" + port + " is of version " + version
                        + ", and Tidegate needs " + OLDEST_VERSION + " or later.");
            }
        } catch (SQLException e) {
            throw new BootException(sentence(e), e);
        }
    }

    /** By the classes and codes of SQL states, PostgreSQL's appendix A. */
    private String sentence(SQLException failure) {
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        String server = "The PostgreSQL at " + host + ":" + port;
        if (state.startsWith("28") || (password.isEmpty() && state.equals("08004"))) {
            return server + " refuses user \"" + user + "\": check the user and "
                    + (password.isPresent()
                            ? "its password."
                            : "give its password in a file by --database-password-file, or in the environment variable"
                                    + " TIDEGATE_DATABASE_PASSWORD.");
        }
        if (state.equals("3D000")) {
            return server + " has no database \"" + database + "\": create it, or name another in --database-url.";
        }
        if (state.startsWith("08")) {
            return server + " cannot be reached (" + failure.getMessage()
                    + "): check that it runs and that --database-url names it.";
        }
        return server + " cannot be used: " + failure.getMessage();
    }
}
