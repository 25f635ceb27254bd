package dev.tidegate.gateway;
import dev.tidegate.v1.*;
import io.quarkus.grpc.GrpcService;
@GrpcService
class ScratchService extends SnapshotServiceGrpc.SnapshotServiceImplBase {}
