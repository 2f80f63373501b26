using StreamLearn;
using StreamLearn.Samples;

namespace Partition;

/// <summary>Images that a device learns from.</summary>
internal sealed record DrawnImagesOptions(Cifar10 Images, int BatchRows, int Batches, long Seed)
{
    /// <summary>The columns of a batch.</summary>
    internal static Schema Columns { get; } =
        new([.. new[] { "red", "green", "blue" }.Select(static c => Field.Channel(c, Unit.One)), Field.Label()]);

    public override string ToString() => FormattableString.Invariant($"{Batches} batches of {BatchRows} images, seed {Seed}");
}

/// <summary>Batches of drawn images.</summary>
internal sealed class DrawnImages(DrawnImagesOptions options, OperatorContext context) : Source<Batch>
{
    private const int Pixels = Cifar10.Values / 3;

    private readonly ImageDraws _draws = new(options.Images, options.Seed);
    private readonly float[] _image = new float[Cifar10.Values];
    private readonly DateTimeOffset _start = context.Now;
    private int _made;

    public override DateTimeOffset? NextAt => _made < options.Batches ? _start + TimeSpan.FromMilliseconds(_made) : null;

    internal static DrawnImages Open(DrawnImagesOptions options, OperatorContext context) => new(options, context);

    public override Batch Next()
    {
        _made++;
        var batch = context.Pool.Rent(DrawnImagesOptions.Columns, options.BatchRows * Pixels);
        for (var first = 0; first < batch.Rows; first += Pixels)
        {
            batch["label"].Writable<int>().Slice(first, Pixels).Fill(_draws.Next(_image));
            for (var c = 0; c < 3; c++) { _image.AsSpan(c * Pixels, Pixels).CopyTo(batch.Channels[c].Writable<float>()[first..]); }
        }

        return batch;
    }
}
