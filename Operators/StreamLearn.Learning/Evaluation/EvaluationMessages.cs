using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>How evaluations and scores are saved in a checkpoint.</summary>
internal static class EvaluationMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        .. LearningMessages.All, MessageCodec.Of<Evaluation>("evaluation/1", Write, ReadEvaluation),
        MessageCodec.Of<PrequentialScore>("prequential-score/1", Write, ReadScore),
    ];

    internal static void Write(StateWriter writer, Evaluation evaluation)
    {
        writer.Write(evaluation.Device);
        writer.Write(evaluation.ModelVersion);
        writer.Write(evaluation.Rows);
        writer.Write(evaluation.Correct);
        writer.Write(evaluation.Loss);
        writer.Write(evaluation.Confusion.AsSpan());
        writer.Write(evaluation.RolledBack);
    }

    internal static Evaluation ReadEvaluation(ref StateReader reader) => new()
    {
        Device = reader.ReadText(),
        ModelVersion = reader.ReadInt64(),
        Rows = reader.ReadInt64(),
        Correct = reader.ReadInt64(),
        Loss = reader.ReadDouble(),
        Confusion = [.. reader.ReadArray<long>(int.MaxValue)],
        RolledBack = reader.ReadInt64(),
    };

    private static void Write(StateWriter writer, PrequentialScore score)
    {
        writer.Write(score.Device);
        writer.Write(score.Landmark.Counts.AsSpan());
        writer.Write(score.Window.Counts.AsSpan());
        writer.Write(score.FadingAccuracy);
        writer.Write(score.NoChangeAccuracy);
        writer.Write(score.Reliability.Bins.Length);
        foreach (var (rows, correct, confidence) in score.Reliability.Bins)
        {
            writer.Write(rows);
            writer.Write(correct);
            writer.Write(confidence);
        }

        // a mean is finite: NaN stands for none
        writer.Write(score.LogLoss ?? double.NaN);
        writer.Write(score.WindowLogLoss ?? double.NaN);
        writer.Write(score.Brier ?? double.NaN);
    }

    private static PrequentialScore ReadScore(ref StateReader reader) => new()
    {
        Device = reader.ReadText(),
        Landmark = ReadMatrix(ref reader),
        Window = ReadMatrix(ref reader),
        FadingAccuracy = reader.ReadDouble(),
        NoChangeAccuracy = reader.ReadDouble(),
        Reliability = ReadReliability(ref reader),
        LogLoss = ReadMean(ref reader),
        WindowLogLoss = ReadMean(ref reader),
        Brier = ReadMean(ref reader),
    };

    private static ConfusionMatrix ReadMatrix(ref StateReader reader)
    {
        try
        {
            return new([.. reader.ReadArray<long>(int.MaxValue)]);
        }
        catch (ArgumentException e)
        {
            throw new StateException(e.Message);
        }
    }

    private static Reliability ReadReliability(ref StateReader reader)
    {
        var bins = ImmutableArray.CreateBuilder<ReliabilityBin>();
        for (var count = reader.ReadInt32(0, ushort.MaxValue); count > 0; count--)
        {
            bins.Add(new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadDouble()));
        }

        return new(bins.ToImmutable());
    }

    private static double? ReadMean(ref StateReader reader) => reader.ReadDouble() is var mean && double.IsNaN(mean) ? null : mean;
}
