namespace Papers;

internal sealed record FleetRows(string Text, ImmutableArray<RecordedRows> Learners, RecordedRows Judges, double Target)
{
    private const double RecordedTarget = .9;
    private const double GeneratedTarget = .82;    // generated people reach .87

    internal static FleetRows Of(string? folder, long seed)
    {
        var people = MotionPeople.Of(folder, seed);
        return new(people.Text, [.. people.Learners.Select(people.Learned)], people.JudgedBy,
            folder is null ? GeneratedTarget : RecordedTarget);
    }

    /// <summary>Returns the moments of the channels over all devices: each device computes its moments, which are merged.</summary>
    internal ChannelMoments Scale()
    {
        ChannelMoments? all = null;
        foreach (var rows in Learners) { all = ChannelMoments.Merge(all, Moments(rows.Features.Span)); }
        return all!;
    }

    /// <summary>Uses two passes over the windows, channel after channel: mean, then squared deviations.</summary>
    private static ChannelMoments Moments(ReadOnlySpan<float> windows)
    {
        var (mean, squares) = (new double[HarNetwork.Channels], new double[HarNetwork.Channels]);
        var count = windows.Length / HarNetwork.Channels;
        for (var i = 0; i < windows.Length; i++) { mean[i / HarNetwork.Samples % HarNetwork.Channels] += (double)windows[i] / count; }
        for (var i = 0; i < windows.Length; i++)
        {
            var channel = i / HarNetwork.Samples % HarNetwork.Channels;
            squares[channel] += (windows[i] - mean[channel]) * (windows[i] - mean[channel]);
        }

        return new(count, [.. mean], [.. squares]);
    }
}

/// <summary>Draws windows of a person, with equal probability for each of the person's activities; seed and name determine them.</summary>
internal sealed class WindowDraws(RecordedRows rows, long seed, string device)
{
    private readonly RandomStream _random = new(seed, "fleet-windows", device);
    private readonly int[][] _places =        // rows of each activity that occurs
        [.. Enumerable.Range(0, rows.Count).GroupBy(r => rows.Labels.Span[r]).OrderBy(static g => g.Key).Select(static g => g.ToArray())];

    internal (ReadOnlyMemory<float> Values, int Label) Next()
    {
        var places = _places[_random.NextInt32(_places.Length)];
        var (at, size) = (places[_random.NextInt32(places.Length)], rows.Features.Length / rows.Count);
        return (rows.Features.Slice(at * size, size), rows.Labels.Span[at]);
    }
}

/// <summary>Never ends and never makes a device wait.</summary>
internal sealed class DrawnWindows(WindowDraws draws, int batchRows, OperatorContext context) : Source<Batch>
{
    private static readonly TimeSpan Every = TimeSpan.FromMicroseconds(10);
    private readonly DateTimeOffset _start = context.Now;
    private int _made;

    internal static Schema Columns { get; } =
        new([.. Enumerable.Range(0, HarNetwork.Channels).Select(static c => Field.Channel(Invariant($"c{c}"), Unit.One)), Field.Label()]);

    public override DateTimeOffset? NextAt => _start + (_made * Every);

    public override Batch Next()
    {
        _made++;
        var batch = context.Pool.Rent(Columns, batchRows * HarNetwork.Samples);
        var labels = batch["label"].Writable<int>();
        for (var first = 0; first < labels.Length; first += HarNetwork.Samples)
        {
            var (values, label) = draws.Next();
            for (var c = 0; c < HarNetwork.Channels; c++)
            {
                values.Span.Slice(c * HarNetwork.Samples, HarNetwork.Samples).CopyTo(batch.Channels[c].Writable<float>()[first..]);
            }

            labels.Slice(first, HarNetwork.Samples).Fill(label);
        }

        return batch;
    }
}
