namespace Acceptance.Tests;

/// <summary>Rows that come in their order, a few at a time; then nothing comes, and the source stays open.</summary>
internal sealed record GroupRows(Schema Schema, LabeledRows Rows)
{
    internal const int PerBatch = 8;
    internal static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    public override string ToString() => $"{Rows.Count} rows, then nothing";
}

internal sealed class RowPlayer(GroupRows played, OperatorContext context) : Source<Batch>
{
    private readonly DateTimeOffset _start = context.Now;
    private int _next;

    public override DateTimeOffset? NextAt => _next >= played.Rows.Count ? DateTimeOffset.MaxValue
        : _start + (_next / GroupRows.PerBatch * GroupRows.Every);

    public override Batch Next()
    {
        var rows = Math.Min(GroupRows.PerBatch, played.Rows.Count - _next);
        var batch = context.Pool.Rent(played.Schema, rows);
        for (var c = 0; c < played.Rows.Width; c++)
        {
            var values = batch.Channels[c].Writable<float>();
            for (var r = 0; r < rows; r++) { values[r] = played.Rows.Features[((_next + r) * played.Rows.Width) + c]; }
        }

        played.Rows.Labels.AsSpan(_next, rows).CopyTo(batch[Schema.LabelColumn].Writable<int>());
        _next += rows;
        return batch;
    }
}
