using System.Collections.Immutable;
using StreamLearn.Compression;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

internal sealed record CompressResult
{
    private const double Normal = 1.959964;      // standard deviations of a 95 % interval

    public required string Name { get; init; }
    public required long Bytes { get; init; }                   // bytes of its file
    public required double Score { get; init; }                 // accuracy or mean error on rows not used for training
    public required bool IsError { get; init; }                 // true for models of values, false for models of classes
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

    /// <summary>Of several devices it is that of others like them. Of one device half of the rows count, since windows overlap.</summary>
    private static ImmutableArray<double> IntervalOf(ModelTrial trial, double count, TargetKind target)
    {
        var half = Math.Max(trial.HalfOfDevices ?? 0, Normal * trial.Deviation / Math.Sqrt(Math.Max(1, count)));
        if (target == TargetKind.Value) { return [Math.Max(0, trial.Score - half), trial.Score + half]; }
        var own = Majority.Wilson(trial.Score, count);      // devices that agree are no certainty
        return trial.HalfOfDevices is null ? own
            : [Math.Max(0, Math.Min(own[0], trial.Score - half)), Math.Min(1, Math.Max(own[1], trial.Score + half))];
    }

    /// <summary>Uses the value encoding with the fewest bytes.</summary>
    internal static byte[] SmallFile(LoadedModel model)
    {
        var plain = ModelFile.Save(model.Model, model.Weights, model.Card);
        return model.Model is Network && CompressedValues.Save(model) is var small && small.Length < plain.Length ? small : plain;
    }

    /// <summary>Returns the bytes of an update with all changes since the initial model; a scale does not travel.</summary>
    internal static long UpdateBytes(TensorCode? code, LoadedModel model)
    {
        var plan = model.Model.Plan;
        float[] values = [.. model.Weights.Values.Zip(model.Model.Initial.Values, static (value, start) => value - start)];
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained && !plan.Statistics.Contains(slice)) { slice.Of(values.AsSpan()).Clear(); }
        }

        var coded = code is null ? null : CodedValues.Of(plan, values, code, new RandomStream(0, "compress"));
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
                Values = coded?.Values ?? [.. values],
                Coded = coded,
            },
            buffer);
        return buffer.WrittenCount;
    }
}
