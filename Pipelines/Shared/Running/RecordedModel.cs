using StreamLearn.Samples;

namespace StreamLearn.Programs;

internal static class RecordedModel
{
    internal static ModelConfig Usual { get; } = Of(ModelConfig.Default.Samples, ModelConfig.Default.Hop);

    internal static ModelConfig Of(int samples, int hop) => ModelConfig.Default with
    {
        Samples = samples,
        Labels = HarRecordings.Activities,
        Columns = [.. HarRecordings.Schema.Fields.Where(static f => f.Type == ColumnType.Float32)],
        RowsPerSecond = HarStream.RowsPerSecond,
        Hop = hop,
        SpanTolerance = double.PositiveInfinity,        // recordings are played at an exact rate
    };
}
