using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The codecs of requests and answers between device and edge.</summary>
public static class RestCodecs
{
    /// <summary>Requests with float32 values: <c>rest-request/1 activations/1</c>.</summary>
    public static ICodec<RestRequest> Requests { get; } = new RestRequestCodec(LearningCodecs.Activations);

    /// <summary>Answers: <c>rest-answer/1</c>.</summary>
    public static ICodec<RestAnswer> Answers { get; } = new RestAnswerCodec();

    internal static IReadOnlyList<MessageCodec> All { get; } =
        [.. LearningCodecs.Messages, MessageCodec.Of(Requests), MessageCodec.Of(Answers)];

    /// <summary>Returns a codec of requests with another encoding of values, such as 8 bits; both sides need the same.</summary>
    /// <param name="boundary">The codec of the rows.</param>
    public static ICodec<RestRequest> RequestsWith(ICodec<Activations> boundary)
    {
        ArgumentNullException.ThrowIfNull(boundary);
        return new RestRequestCodec(boundary);
    }
}
