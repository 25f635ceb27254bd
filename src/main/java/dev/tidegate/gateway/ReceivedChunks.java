package dev.tidegate.gateway;

import dev.tidegate.v1.ChunkServiceGrpc;
import dev.tidegate.v1.PutChunksRequest;
import dev.tidegate.wire.MessageBuffers;
import io.grpc.MethodDescriptor;
import jakarta.enterprise.context.ApplicationScoped;

/** What the messages of {@code PutChunks} are received in: their chunks stay there until they are in a pack. */
@ApplicationScoped
class ReceivedChunks {

    private static final int KEPT = 32;

    private final MessageBuffers<PutChunksRequest> buffers = new MessageBuffers<>(
            ChunkServiceGrpc.getPutChunksMethod().getRequestMarshaller(), PutChunksRequest.parser(), KEPT);

    /** Returns what parses the requests of a method, if it is this one; or {@code usual}. */
    @SuppressWarnings("unchecked")
    <Q> MethodDescriptor.Marshaller<Q> marshaller(String method, MethodDescriptor.Marshaller<Q> usual) {
        return method.equals(ChunkServiceGrpc.getPutChunksMethod().getFullMethodName())
                ? (MethodDescriptor.Marshaller<Q>) buffers
                : usual;
    }

    /** Says that nothing of a message is used any more. */
    void recycle(PutChunksRequest message) {
        if (message.getChunksCount() > 0) {
            buffers.recycle(message.getChunks(0).getStored());
        }
    }
}
