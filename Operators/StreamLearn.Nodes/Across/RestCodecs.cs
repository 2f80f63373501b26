using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The codecs of what a device asks of an edge, and of its answers, as frames of learning messages.</summary>
public static class RestCodecs
{
    /// <summary>Requests with float32 values: <c>rest-request/1 activations/1</c>.</summary>
    public static ICodec<RestRequest> Requests { get; } = new RestRequestCodec(LearningCodecs.Activations);

    /// <summary>Answers: <c>rest-answer/1</c>.</summary>
    public static ICodec<RestAnswer> Answers { get; } = new RestAnswerCodec();

    /// <summary>How the messages are saved in a checkpoint.</summary>
    internal static IReadOnlyList<MessageCodec> All { get; } =
        [.. LearningCodecs.Messages, MessageCodec.Of(Requests), MessageCodec.Of(Answers)];

    /// <summary>Requests whose values go by another codec, such as one of 8 bits a value. Both sides name the same.</summary>
    /// <param name="boundary">The codec of the rows.</param>
    public static ICodec<RestRequest> RequestsWith(ICodec<Activations> boundary)
    {
        ArgumentNullException.ThrowIfNull(boundary);
        return new RestRequestCodec(boundary);
    }
}
