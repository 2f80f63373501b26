using System.Collections.Immutable;
using StreamLearn.Compression;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Size, score and time of a compressed model on this machine.</summary>
internal sealed record CompressResult
{
    private const double Normal = 1.959964;      // standard deviations of a 95 % interval

    public required string Name { get; init; }
    public required long Bytes { get; init; }                   // bytes of its file
    public required double Score { get; init; }                 // accuracy or mean error on rows not used for training
    public required bool IsError { get; init; }                 // true for models of values, false for classes
    public required ImmutableArray<double> Interval { get; init; }      // 95 % confidence interval
    public required long MultiplyAdds { get; init; }
    public required double Seconds { get; init; }               // time of a single row
    public string? Refused { get; init; }                       // why the model has no such form

    internal string ScoreText(double score) => IsError ? Figures.Number(score, "G4") : Figures.Percent(score);

    internal static CompressResult Of(
        string name, LoadedModel model, byte[] file, RecordedRows unseen, TimeProvider time, CancellationToken stop)
    {
        var trial = ModelTrial.Of(Packed(model), unseen, time, stop);
        return new()
        {
            Name = name,
            Bytes = file.Length,
            Score = trial.Score,
            IsError = model.Model.Plan.Target == TargetKind.Value,
            Interval = IntervalOf(trial, unseen.Count / 2.0, model.Model.Plan.Target),
            MultiplyAdds = model.Model.Plan.MultiplyAdds,
            Seconds = trial.Seconds,
        };
    }

    /// <summary>Measures the time once more.</summary>
    internal CompressResult Again(LoadedModel model, RecordedRows unseen, TimeProvider time, CancellationToken stop) =>
        this with { Seconds = ModelTrial.Again(Seconds, Packed(model), unseen, time, stop) };

    private static LoadedModel Packed(LoadedModel model) =>
        model with { Model = model.Model is Network network ? new PackedNetwork(network) : model.Model };

    /// <summary>Counts half of the rows, as windows overlap.</summary>
    private static ImmutableArray<double> IntervalOf(ModelTrial trial, double count, TargetKind target)
    {
        if (target != TargetKind.Value) { return Majority.Wilson(trial.Score, count); }
        var half = Normal * trial.Deviation / Math.Sqrt(Math.Max(1, count));
        return [Math.Max(0, trial.Score - half), trial.Score + half];
    }

    /// <summary>Uses the value encoding with the fewest bytes.</summary>
    internal static byte[] SmallFile(LoadedModel model)
    {
        var plain = ModelFile.Save(model.Model, model.Weights, model.Card);
        return model.Model is Network && CompressedValues.Save(model) is var small && small.Length < plain.Length ? small : plain;
    }

    /// <summary>Bytes of an update with all changes since the initial model.</summary>
    internal static long UpdateBytes(TensorCode? code, LoadedModel model)
    {
        var plan = model.Model.Plan;
        ImmutableArray<float> values = [.. model.Weights.Values.Zip(model.Model.Initial.Values, static (value, start) => value - start)];
        var coded = code is null ? null : CodedValues.Of(plan, values.AsSpan(), code, new RandomStream(0, "compress"));
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        LearningCodecs.Deltas.Encode(
            new()
            {
                Device = "device",
                Epoch = 1,
                Sequence = 1,
                BaseVersion = 0,
                Samples = 1,
                SchemaHash = plan.SchemaHash,
                Values = coded?.Values ?? values,
                Coded = coded,
            },
            buffer);
        return buffer.WrittenCount;
    }
}
