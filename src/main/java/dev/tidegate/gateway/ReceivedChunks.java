package dev.tidegate.gateway;

import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.wire.MessageBuffers;
import io.grpc.MethodDescriptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;

/** What the messages of {@code PutChunks} are received in: their chunks stay there until they are in a pack. */
@ApplicationScoped
class ReceivedChunks {

    private static final int KEPT = 32;

    private final MessageBuffers<PutChunksRequest> buffers = new MessageBuffers<>(
            ChunkServiceGrpc.getPutChunksMethod().getRequestMarshaller(), PutChunksRequest.parser(), KEPT);

    /** Tells whether these are the requests of a method. */
    static boolean are(MethodDescriptor<?, ?> method) {
        return method.getFullMethodName()
                .equals(ChunkServiceGrpc.getPutChunksMethod().getFullMethodName());
    }

    /** Receives a message, which is inspected before it is parsed. */
    PutChunksRequest parse(InputStream stream, MessageBuffers.Inspection inspection) {
        return buffers.parse(stream, inspection);
    }

    /** Says that nothing of a message is used any more. */
    void recycle(PutChunksRequest message) {
        if (message.getChunksCount() > 0) {
            buffers.recycle(message.getChunks(0).getStored());
        }
    }
}
