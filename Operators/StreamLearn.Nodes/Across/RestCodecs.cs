namespace StreamLearn.Nodes;

/// <summary>The codecs of messages between nodes: frames as in <see cref="LearningCodecs"/>.</summary>
public static partial class NodesCodecs
{
    /// <summary>Requests with float32 values: <c>rest-request/1 activations/1</c>.</summary>
    public static ICodec<RestRequest> RestRequests { get; } = new RestRequestCodec(LearningCodecs.Activations);

    /// <summary>Answers: <c>rest-answer/1</c>.</summary>
    public static ICodec<RestAnswer> RestAnswers { get; } = FrameFields.Codec<RestAnswer>("rest-answer/1", RestAnswer.Fields);

    internal static IReadOnlyList<MessageCodec> RestMessages { get; } =
        [.. LearningCodecs.Messages, MessageCodec.Of(RestRequests), MessageCodec.Of(RestAnswers)];

    /// <summary>Returns a codec of requests with another encoding of values, such as 8 bits; both sides need the same.</summary>
    /// <param name="boundary">The codec of the rows.</param>
    public static ICodec<RestRequest> RestRequestsWith(ICodec<Activations> boundary)
    {
        ArgumentNullException.ThrowIfNull(boundary);
        return new RestRequestCodec(boundary);
    }
}
