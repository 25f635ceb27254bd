/**
 * What bytes are, whoever holds them: digests, content-defined chunks and the codecs they are stored under.
 *
 * <p>Plain Java: knows neither Quarkus nor Mutiny nor protobuf. Everything here is a pure function of its input or a
 * value; nothing performs I/O other than reading a stream that it is handed.
 */
@NullMarked
package dev.tidegate.content;

import org.jspecify.annotations.NullMarked;
