//! gRPC over real TLS, by clients that are not ours: tonic's here, grpcio in `grpc/client.py`.

mod grpc {
    mod channel;
    mod python;
    mod streams;
    mod unary;
}
