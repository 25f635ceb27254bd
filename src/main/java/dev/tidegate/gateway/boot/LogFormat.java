package dev.tidegate.gateway.boot;

/** How the gateway writes its log on stderr; one event is one line, but for the causes of failures in text. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** One JSON object a line, the causes of failures included. */
    JSON
}
