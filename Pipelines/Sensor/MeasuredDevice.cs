using StreamLearn.Operators;

namespace Sensor;

/// <summary><paramref name="Segment"/>: column whose change restarts windows.</summary>
internal sealed record MeasuredDevice(string Name, Func<PipelineBuilder, Flow<Batch>> Measure, Schema Columns, string? Segment)
{
    internal CheckQualityOptions Quality { get; init; } = new() { Clock = EventClock.FullSpeed, DropFaulty = true };

    /// <summary>Error of the last unreadable message, if any.</summary>
    internal Func<string?>? WhyUnread { get; init; }
}
