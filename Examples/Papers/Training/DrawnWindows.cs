using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Samples;

namespace Partition;

/// <summary>What a device learns from.</summary>
internal sealed record DrawnWindowsOptions(RecordedRows Rows, int BatchRows, long Seed, string Device)
{
    /// <summary>The columns of a batch.</summary>
    internal static Schema Columns { get; } =
        new([.. Enumerable.Range(0, HarNetwork.Channels).Select(static c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);

    public override string ToString() => FormattableString.Invariant($"{Rows.Count} windows, batches of {BatchRows}, seed {Seed}");
}

/// <summary>Batches of drawn windows, which never end and never keep a device waiting.</summary>
internal sealed class DrawnWindows(DrawnWindowsOptions options, OperatorContext context) : Source<Batch>
{
    private static readonly TimeSpan Every = TimeSpan.FromMicroseconds(10);

    private readonly WindowDraws _draws = new(options.Rows, options.Seed, options.Device);
    private readonly DateTimeOffset _start = context.Now;
    private int _made;

    public override DateTimeOffset? NextAt => _start + (_made * Every);

    internal static DrawnWindows Open(DrawnWindowsOptions options, OperatorContext context) => new(options, context);

    public override Batch Next()
    {
        _made++;
        var batch = context.Pool.Rent(DrawnWindowsOptions.Columns, options.BatchRows * HarNetwork.Samples);
        var labels = batch["label"].Writable<int>();
        for (var first = 0; first < labels.Length; first += HarNetwork.Samples)
        {
            var (values, label) = _draws.Next();
            for (var c = 0; c < HarNetwork.Channels; c++)
            {
                values.Span.Slice(c * HarNetwork.Samples, HarNetwork.Samples).CopyTo(batch.Channels[c].Writable<float>()[first..]);
            }

            labels.Slice(first, HarNetwork.Samples).Fill(label);
        }

        return batch;
    }
}
