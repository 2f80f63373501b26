namespace StreamLearn.Learning;

/// <summary>A detected or possible change of a stream. Immutable.</summary>
public sealed record DriftAlarm : ISized, IReplaceable
{
    /// <summary>The pipeline or, in a fleet, the device.</summary>
    public required string Device { get; init; }

    /// <summary>The block that detected it.</summary>
    public required string Block { get; init; }

    /// <summary>Change or warning.</summary>
    public required DriftLevel Level { get; init; }

    /// <summary>The row that detected it, from 1, among the rows observed.</summary>
    public required long Row { get; init; }

    /// <summary>Time of that row, in nanoseconds since 1970; null: none.</summary>
    public long? TimeNanoseconds { get; init; }

    /// <summary>Mean of the values since the change.</summary>
    public required double Mean { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 128;

    /// <inheritdoc />
    public string ReplacementKey => Block;

    /// <inheritdoc />
    public override string ToString() =>
        FormattableString.Invariant($"{Device}: {(Level == DriftLevel.Drift ? "drift" : "warning")} at row {Row}, mean now {Mean:0.000}");

    internal static MessageCodec Codec { get; } = MessageCodec.Of<DriftAlarm>("drift/1", State);

    internal static IReadOnlyList<MessageCodec> WithEvaluations { get; } = [.. EvaluationMessages.All, Codec];

    private static void State(ref StateStream s, ref DriftAlarm alarm)
    {
        var (device, block) = (s.Value(alarm?.Device ?? ""), s.Value(alarm?.Block ?? ""));
        var level = (DriftLevel)s.Value((int)(alarm?.Level ?? default), 0, (int)DriftLevel.Drift);
        var (row, time, mean) = (s.Value(alarm?.Row ?? 0), s.Value(alarm?.TimeNanoseconds), s.Value(alarm?.Mean ?? 0));
        if (s.IsWriting) { return; }
        alarm = new() { Device = device, Block = block, Level = level, Row = row, TimeNanoseconds = time, Mean = mean };
    }
}
