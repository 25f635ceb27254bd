package dev.tidegate.gateway;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * Counts what of a message becomes an object each when it is parsed: the messages in it, the elements of its lists, and fields
 * that nobody knows. One of two bytes takes sixty or more on the heap, so their number has to be known before.
 */
final class MessageParts {

    /** Protocol Buffers refuses to parse what is deeper than 100. */
    private static final int MAX_DEPTH = 100;

    private final int limit;
    private int count;

    private MessageParts(int limit) {
        this.limit = limit;
    }

    /**
     * Returns how many there are; one more than {@code limit} if there are more.
     *
     * @throws IOException if the message is malformed
     */
    static int count(CodedInputStream message, Descriptor type, int limit) throws IOException {
        MessageParts parts = new MessageParts(limit);
        parts.scan(message, type, 0);
        return parts.count;
    }

    /** Returns at the end of the message, or once there are too many. */
    private void scan(CodedInputStream message, Descriptor type, int depth) throws IOException {
        while (count <= limit) {
            int tag = message.readTag();
            if (tag == 0 || WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_END_GROUP) {
                return;
            }
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            boolean isMessage = field != null && field.getJavaType() == JavaType.MESSAGE;
            if (field == null || isMessage || field.isRepeated()) {
                count++;
            }
            if (isMessage
                    && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
                    && depth < MAX_DEPTH) {
                int end = message.pushLimit(message.readRawVarint32());
                scan(message, field.getMessageType(), depth + 1);
                if (count <= limit) {
                    message.popLimit(end);
                }
            } else {
                message.skipField(tag);
            }
        }
    }
}
