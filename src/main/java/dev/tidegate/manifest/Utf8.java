package dev.tidegate.manifest;

/** Well-formedness of Unicode, as strict as RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. */
final class Utf8 {

    private Utf8() {}

    /** Tells whether {@code text} holds a surrogate without its partner, which UTF-8 cannot express. */
    static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean lone = (Character.isHighSurrogate(c)
                            && (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))))
                    || (Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1))));
            if (lone) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether the bytes from {@code from} to {@code to} are well-formed UTF-8. */
    static boolean isWellFormed(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            int lead = bytes[i];
            if (lead >= 0) {
                i++;
                continue;
            }
            int length = sequenceLength(lead & 0xff);
            if (length == 0 || i + length > to || !isSequence(bytes, i, length)) {
                return false;
            }
            i += length;
        }
        return true;
    }

    private static int sequenceLength(int lead) {
        if (lead < 0xc2 || lead > 0xf4) {
            return 0;
        }
        if (lead < 0xe0) {
            return 2;
        }
        return lead < 0xf0 ? 3 : 4;
    }

    private static boolean isSequence(byte[] bytes, int at, int length) {
        int second = bytes[at + 1] & 0xff;
        // The second byte tells overlong forms, surrogates and code points above U+10FFFF (RFC 3629, section 4).
        int lowest = 0x80;
        int highest = 0xbf;
        switch (bytes[at] & 0xff) {
            case 0xe0 -> lowest = 0xa0;
            case 0xed -> highest = 0x9f;
            case 0xf0 -> lowest = 0x90;
            case 0xf4 -> highest = 0x8f;
            default -> {
                // any continuation byte
            }
        }
        if (second < lowest || second > highest) {
            return false;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return false;
            }
        }
        return true;
    }
}
