package dev.tidegate.demo;

import java.io.IOException;

/** The demo cannot go on. The message is a sentence for the user. */
public final class DemoException extends IOException {

    private static final long serialVersionUID = 1L;

    DemoException(String sentence) {
        super(sentence);
    }
}
