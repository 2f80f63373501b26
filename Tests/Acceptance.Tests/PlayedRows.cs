namespace Acceptance.Tests;

internal sealed record PlayedRows(LabeledRows Rows, ImmutableArray<int> Own)
{
    public override string ToString() => $"{Own.Length} rows, then nothing";
}

/// <summary>Hands in its rows at the start and stays open: a device that has its data.</summary>
internal sealed class PlayedOnce(PlayedRows played, OperatorContext context) : Source<Batch>, ISeekable
{
    private readonly DateTimeOffset _start = context.Now;
    private bool _made;

    public override DateTimeOffset? NextAt => _made ? DateTimeOffset.MaxValue : _start;

    public void Seek(long messages) => _made = messages > 0;

    public override Batch Next()
    {
        _made = true;
        var (rows, own) = (played.Rows, played.Own);
        var batch = context.Pool.Rent(rows.Schema, own.Length);
        for (var c = 0; c < rows.Width; c++)
        {
            var values = batch.Channels[c].Writable<float>();
            for (var r = 0; r < values.Length; r++) { values[r] = rows.Features[(own[r] * rows.Width) + c]; }
        }

        var labels = batch[Schema.LabelColumn].Writable<int>();
        for (var r = 0; r < labels.Length; r++) { labels[r] = rows.Labels[own[r]]; }
        return batch;
    }
}
