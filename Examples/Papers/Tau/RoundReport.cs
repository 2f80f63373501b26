using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace TauDemo;

/// <summary>A round that has ended, as it is printed: a line of JSON. What is not known, or not finite, is null.</summary>
internal sealed record RoundReport
{
    /// <summary>When it ended: virtual seconds since the start.</summary>
    public required double Time { get; init; }

    /// <summary>The version that it made.</summary>
    public required long Version { get; init; }

    /// <summary>Loss of that version on all digits of the nodes.</summary>
    public required double? Loss { get; init; }

    /// <summary>Share of the digits that no node has that the version tells rightly.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Local steps of the next round.</summary>
    public required int Tau { get; init; }

    /// <summary>rho, by which the next round is planned.</summary>
    public required double? Rho { get; init; }

    /// <summary>beta, by which the next round is planned.</summary>
    public required double? Beta { get; init; }

    /// <summary>delta, by which the next round is planned.</summary>
    public required double? Delta { get; init; }

    /// <summary>c: seconds of a local step.</summary>
    public required double C { get; init; }

    /// <summary>b: seconds of an aggregation.</summary>
    public required double B { get; init; }

    /// <summary>Seconds of the budget that have been used.</summary>
    public required double Used { get; init; }

    /// <summary>Seconds of the budget.</summary>
    public required double Limit { get; init; }

    /// <summary>Share of the rounds up to this one, each from a version to the next, that took less than a second; null for the first
    /// version.</summary>
    public required double? ShareUnderSecond { get; init; }

    /// <summary>What the next round is for: <c>learning</c>, <c>lastLearning</c>, <c>evaluating</c>, or <c>ended</c>: there is
    /// none.</summary>
    public required string Stage { get; init; }

    /// <summary>The case whose digits the first node has, 1 to 4.</summary>
    public required int Case { get; init; }

    /// <summary>By how much versions take longer on their way, in milliseconds.</summary>
    public required double DelayMs { get; init; }

    /// <summary>For each node, how many digits it has of each class, 0 to 9.</summary>
    public required ImmutableArray<ImmutableArray<int>> Classes { get; init; }

    /// <summary>What the version says of digits that no node has; the same ones in each round.</summary>
    public required ImmutableArray<DigitPrediction> Predictions { get; init; }

    /// <summary>What the aggregator has sent and got since the last round, the newest 40 lines.</summary>
    public required ImmutableArray<LogLine> AggregatorLog { get; init; }

    /// <summary>What the first node has sent and got since the last round, the newest 40 lines.</summary>
    public required ImmutableArray<LogLine> NodeLog { get; init; }
}

/// <summary>What a version says of a digit.</summary>
internal readonly record struct DigitPrediction(int Index, bool Even, bool Right);

/// <summary>A message that was sent or got. <paramref name="Time"/>: virtual seconds since the start.</summary>
internal readonly record struct LogLine(double Time, string Text);

/// <summary>How reports are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RoundReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
