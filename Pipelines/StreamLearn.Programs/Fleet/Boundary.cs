using StreamLearn.Compression;
using StreamLearn.Nodes;

namespace StreamLearn.Programs;

internal static class Boundary
{
    internal static ICodec<Activations> Forward(bool hasBytes) =>
        hasBytes ? CompressionCodecs.Activations8 : LearningCodecs.Activations;

    internal static ICodec<RestRequest> Requests(bool hasBytes) =>
        hasBytes ? NodesCodecs.RestRequestsWith(CompressionCodecs.Activations8) : NodesCodecs.RestRequests;

    internal static ICodec<BoundaryGradients> Back(bool hasBytes) =>
        hasBytes ? CompressionCodecs.BoundaryGradients8 : LearningCodecs.BoundaryGradients;
}
