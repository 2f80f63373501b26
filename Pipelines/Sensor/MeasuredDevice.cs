using StreamLearn;
using StreamLearn.Operators;

namespace Sensor;

/// <summary>A device: what it measures. <paramref name="Segment"/>: the column at whose changes windows begin anew; null: none.</summary>
internal sealed record MeasuredDevice(string Name, Func<PipelineBuilder, Flow<Batch>> Measure, Schema Columns, string? Segment)
{
    /// <summary>Which rows are good.</summary>
    internal CheckQualityOptions Quality { get; init; } = new() { Clock = EventClock.FullSpeed, DropFaulty = true };

    /// <summary>What was wrong with the last message that could not be turned into rows; null, or null of it: nothing.</summary>
    internal Func<string?>? WhyUnread { get; init; }
}
