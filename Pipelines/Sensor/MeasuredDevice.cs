using StreamLearn.Operators;

namespace Sensor;

/// <summary><paramref name="Segment"/>: column that restarts windows when its value changes.</summary>
internal sealed record MeasuredDevice(string Name, Func<PipelineBuilder, Flow<Batch>> Measure, Schema Columns, string? Segment)
{
    internal CheckQualityOptions Quality { get; init; } = new() { Clock = EventClock.FullSpeed, DropFaulty = true };

    /// <summary>Returns the error of the last unreadable message; null: none.</summary>
    internal Func<string?>? WhyUnread { get; init; }
}
