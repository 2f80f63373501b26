using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The codecs of a cascade's messages: frames with a checksum, kind 0 and flags.</summary>
public static class CascadeCodecs
{
    /// <summary>Questions: <c>cascade-question/1</c>. Key, source, text, label, values, labels of values.</summary>
    public static ICodec<CascadeQuestion> Questions { get; } = new CascadeQuestionCodec();

    /// <summary>Answers: <c>cascade-answer/1</c>. Key, source, text, class, confidence, tier, outcome, label.</summary>
    public static ICodec<CascadeAnswer> Answers { get; } = new CascadeAnswerCodec();

    internal static IReadOnlyList<MessageCodec> All { get; } =
        [MessageCodec.Of(Questions), MessageCodec.Of(Answers), MessageCodec.Of<CascadeLesson>("cascade-lesson/1", State)];

    internal const ushort HasSource = 8, HasText = 16;

    internal static ushort FlagsOf(string source, string text) =>
        (ushort)((source.Length > 0 ? HasSource : 0) | (text.Length > 0 ? HasText : 0));

    internal static int BytesOf(string text) => text.Length > 0 ? FrameWriter.TextBytes(text) : 0;

    private static void State(ref StateStream s, ref CascadeLesson lesson)
    {
        var (question, answer) = (s.Value(lesson?.Question, Questions), s.Value(lesson?.Answer, Answers));
        if (s.IsReading) { lesson = new(question, answer); }
    }
}
