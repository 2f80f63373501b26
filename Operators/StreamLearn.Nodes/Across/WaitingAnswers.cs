using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>A batch of answers some of which the edge may better.</summary>
internal sealed class WaitingAnswers(long sequence, DateTimeOffset due, Batch answers)
{
    internal long Sequence { get; } = sequence;

    internal DateTimeOffset Due { get; } = due;

    internal Batch Answers { get; } = answers;

    /// <summary>The rows of the batch that the edge was asked for.</summary>
    internal int[] Rows { get; init; } = [];

    /// <summary>Those rows before the cut, where no exit has answered them yet; none otherwise.</summary>
    internal ImmutableArray<float> Values { get; set; } = [];

    /// <summary>The cut.</summary>
    internal int Cut { get; init; }

    /// <summary>True once the answers are those that are given.</summary>
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
