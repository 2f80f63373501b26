namespace StreamLearn.Nodes;

// Kind 0, and flags.
public static partial class NodesCodecs
{
    /// <summary>Questions: <c>cascade-question/1</c>. Key, source, text, label, values, labels of values.</summary>
    public static ICodec<CascadeQuestion> CascadeQuestions { get; } = new CascadeQuestionCodec();

    /// <summary>Answers: <c>cascade-answer/1</c>. Key, source, text, class, confidence, tier, outcome, label.</summary>
    public static ICodec<CascadeAnswer> CascadeAnswers { get; } = new CascadeAnswerCodec();

    internal static IReadOnlyList<MessageCodec> CascadeMessages { get; } =
        [MessageCodec.Of(CascadeQuestions), MessageCodec.Of(CascadeAnswers), MessageCodec.Of<CascadeLesson>("cascade-lesson/1", State)];

    internal const ushort HasSource = 8, HasText = 16;

    internal static ushort FlagsOf(string source, string text) =>
        (ushort)((source.Length > 0 ? HasSource : 0) | (text.Length > 0 ? HasText : 0));

    internal static int BytesOf(string text) => text.Length > 0 ? FrameWriter.TextBytes(text) : 0;

    private static void State(ref StateStream s, ref CascadeLesson lesson)
    {
        var (question, answer) = (s.Value(lesson?.Question, CascadeQuestions), s.Value(lesson?.Answer, CascadeAnswers));
        if (s.IsReading) { lesson = new(question, answer); }
    }
}
