namespace StreamLearn.Nodes;

// Kind 0, and flags: 1 question, 2 answer, 4 labels of values, 8 source, 16 text.
public static partial class NodesCodecs
{
    /// <summary>Questions: <c>cascade-question/1</c>. Key, source, text, label, values, labels of values.</summary>
    public static ICodec<CascadeQuestion> CascadeQuestions { get; } = FrameFields.Codec<CascadeQuestion>(
        "cascade-question/1", CascadeQuestion.Fields);

    /// <summary>Answers: <c>cascade-answer/1</c>. Key, source, text, class, confidence, tier, outcome, label.</summary>
    public static ICodec<CascadeAnswer> CascadeAnswers { get; } = FrameFields.Codec<CascadeAnswer>(
        "cascade-answer/1", CascadeAnswer.Fields);

    internal static IReadOnlyList<MessageCodec> CascadeMessages { get; } =
        [MessageCodec.Of(CascadeQuestions), MessageCodec.Of(CascadeAnswers), MessageCodec.Of<CascadeLesson>("cascade-lesson/1", State)];

    internal static (string Source, string Text) Texts(ref FrameFields f, string? source, string? text)
    {
        var given = f.Has(8, source is { Length: > 0 }) ? f.Text(source) : "";
        return (given, f.Has(16, text is { Length: > 0 }) ? f.Text(text, CascadeQuestion.MaxTextBytes) : "");
    }

    internal static PrivacyLabel Label(ref FrameFields f, PrivacyLabel label) =>
        (PrivacyLabel)f.Byte((byte)label, (byte)PrivacyLabel.DeviceOnly);

    private static void State(ref StateStream s, ref CascadeLesson lesson)
    {
        var (question, answer) = (s.Value(lesson?.Question, CascadeQuestions), s.Value(lesson?.Answer, CascadeAnswers));
        if (s.IsReading) { lesson = new(question, answer); }
    }
}
