using StreamLearn.Operators;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Makes model input with a preparation; a forecast of a class begins after a window's last row.</summary>
internal sealed record Prepared(Preparation Preparation) : IModelInput
{
    public Flow<Batch> Windows(Flow<Batch> rows, FleetSource source)
    {
        var windows = Preparation.Cut(rows, source.Segment);
        return Preparation.Features(source.ForecastsClasses ? windows.LastLabel() : windows);
    }
}

internal static class Preparations
{
    extension(FleetSource source)
    {
        /// <summary>Makes the model's input. Default: windows of raw samples.</summary>
        internal Preparation Preparation => source.Input is Prepared { Preparation: var said } ? said
            : new([.. source.Schema.Fields.Where(static f => f.Type == ColumnType.Float32)], source.WindowSamples, source.HopSamples)
            {
                RowsPerSecond = source.IsByRow ? null : source.RowsPerSecond,
                FilledRows = Math.Min(FleetSource.MaxFilled, source.WindowSamples - 1),
                SpanTolerance = double.PositiveInfinity,        // recordings are played at an exact rate
            };
    }
}
