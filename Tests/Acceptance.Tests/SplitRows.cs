namespace Acceptance.Tests;

/// <summary>Settings of <see cref="SplitRows"/>. The process of the fleet is built with this file, too: so both know the rows.</summary>
internal sealed record SplitRowsOptions(Network Network, int Rows, int Device, int Batches)
{
    internal Schema Columns => new(
        [.. Enumerable.Range(0, Network.Plan.Input.Channels).Select(static c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);
}

/// <summary>Rows of a device that are the same in each run. It goes on after a number of batches.</summary>
internal sealed class SplitRows(SplitRowsOptions options, OperatorContext context) : Source<Batch>, ISeekable
{
    private readonly DateTimeOffset _start = context.Now;
    private int _made;

    public override DateTimeOffset? NextAt => _made < options.Batches ? _start + TimeSpan.FromMilliseconds(_made) : null;

    internal static SplitRows Open(SplitRowsOptions options, OperatorContext context) => new(options, context);

    public void Seek(long messages) => _made = (int)messages;

    public override Batch Next()
    {
        var (features, labels) = Windows(options.Network, options.Rows, options.Device, _made++);
        var (channels, samples) = (options.Network.Plan.Input.Channels, options.Network.Plan.Input.Samples);
        var batch = context.Pool.Rent(options.Columns, options.Rows * samples);
        for (var r = 0; r < options.Rows; r++)
        {
            for (var c = 0; c < channels; c++)
            {
                features.AsSpan(((r * channels) + c) * samples, samples).CopyTo(batch.Channels[c].Writable<float>()[(r * samples)..]);
            }

            batch["label"].Writable<int>().Slice(r * samples, samples).Fill(labels[r]);
        }

        return batch;
    }

    internal static (float[] Features, int[] Labels) Windows(Network network, int rows, int device, int batch)
    {
        var input = network.Plan.Input;
        var random = new RandomStream(batch, "split-fleet", $"{device}");
        var (features, labels) = (new float[rows * input.Size], new int[rows]);
        for (var r = 0; r < rows; r++)
        {
            labels[r] = random.NextInt32(network.Plan.Classes);
            var phase = random.NextDouble(0, Math.Tau);
            for (var i = 0; i < input.Size; i++)
            {
                var (channel, t) = (i / input.Samples, i % input.Samples);
                features[(r * input.Size) + i] =
                    (float)(Math.Sin(phase + channel + (0.1 * (labels[r] + 1) * t)) + (0.3 * random.NextGaussian()));
            }
        }

        return (features, labels);
    }
}
