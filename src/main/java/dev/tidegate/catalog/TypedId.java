package dev.tidegate.catalog;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/**
 * The spelling of ids for people and the wire: a prefix that says what is named, and the UUID in 26 digits of Crockford's
 * base 32, in lower case. The UUIDs are of version 7 (RFC 9562), so that ids sort by time of creation.
 */
final class TypedId {

    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int LENGTH = 26;
    private static final SecureRandom RANDOM = new SecureRandom();

    private TypedId() {}

    static UUID next(Clock clock) {
        long high = (clock.millis() << 16) | 0x7000L | (RANDOM.nextLong() & 0x0fffL);
        long low = (RANDOM.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    static String format(String prefix, UUID value) {
        char[] digits = new char[LENGTH];
        long high = value.getMostSignificantBits();
        long low = value.getLeastSignificantBits();
        for (int i = LENGTH - 1; i >= 0; i--) {
            digits[i] = DIGITS.charAt((int) low & 31);
            low = (low >>> 5) | (high << 59);
            high >>>= 5;
        }
        return prefix + new String(digits);
    }

    /** Returns the UUID, or nothing if {@code text} is not exactly the spelling of one. */
    static Optional<UUID> parse(String prefix, String text) {
        if (text.length() != prefix.length() + LENGTH || !text.startsWith(prefix)) {
            return Optional.empty();
        }
        long high = 0;
        long low = 0;
        for (int i = prefix.length(); i < text.length(); i++) {
            int digit = DIGITS.indexOf(text.charAt(i));
            if (digit < 0 || high >>> 59 != 0) {
                return Optional.empty();
            }
            high = (high << 5) | (low >>> 59);
            low = (low << 5) | digit;
        }
        return Optional.of(new UUID(high, low));
    }
}
