namespace StreamLearn.Nodes;

internal sealed class WaitingAnswers(long sequence, DateTimeOffset due, Batch answers)
{
    internal long Sequence { get; } = sequence;

    internal DateTimeOffset Due { get; } = due;

    internal Batch Answers { get; } = answers;

    internal int[] Rows { get; init; } = [];

    /// <summary>Activations, at the cut, of rows not answered yet.</summary>
    internal ImmutableArray<float> Values { get; set; } = [];

    internal int Cut { get; init; }

    internal bool IsDecided { get; set; } = sequence == 0;

    internal static void State(ref StateStream s, ref WaitingAnswers one, Network model)
    {
        var (sequence, due, cut) = (s.Value(one?.Sequence ?? 0), s.ClockTime(one?.Due) ?? default, s.Value(one?.Cut ?? 0));
        var answers = s.Value(one?.Answers) ?? throw new StateException("expected answers that wait");
        var rows = one?.Rows ?? [];
        s.Array(ref rows, answers.Rows);
        var values = s.Array(one?.Values ?? [], int.MaxValue / 8);
        var isDecided = s.Value(one?.IsDecided ?? false);
        if (!s.IsReading) { return; }
        one = new(sequence, due, answers) { Rows = rows, Values = values, Cut = cut, IsDecided = isDecided };
        if (one.Fits(model)) { return; }
        answers.Dispose();
        throw new StateException("expected answers of this model");
    }

    private bool Fits(Network model)
    {
        foreach (var row in Rows)
        {
            if (row < 0 || row >= Answers.Rows) { return false; }
        }

        return Cut >= 0 && Cut <= model.Layers.Length && (Values.IsEmpty || Values.Length == Rows.Length * model.Boundaries[Cut].Size);
    }
}
