using StreamLearn.Simulation;

namespace Benchmarks;

/// <summary>Rows of many keys through <c>PerKey</c> with one operator that only passes them on, in the virtual world. In the worst case a
/// batch holds one row of each key: every row is a batch of its own inside.</summary>
internal static class Keys
{
    private const int LiveKeys = 8192;

    private static readonly Schema Schema = new(
        [new("device", ColumnType.Int64, Unit.One), .. Enumerable.Range(0, 6).Select(i => Field.Channel($"c{i}", Unit.One))]);

    /// <summary>The same keys again and again, a row of each in a batch.</summary>
    internal static Sample OneRow() => Run(batches: 64, step: 0, rowsOfKey: 1);

    /// <summary>The same keys again and again, four rows of each in a batch.</summary>
    internal static Sample FourRows() => Run(batches: 16, step: 0, rowsOfKey: 4);

    /// <summary>A million keys, each once: all but the newest are evicted.</summary>
    internal static Sample Million() => Run(batches: 1_000_000 / LiveKeys, step: LiveKeys, rowsOfKey: 1);

    /// <summary>The physical limit: the keys are looked up, and each row is copied to a place of its own.</summary>
    internal static Sample LookUpAndCopy()
    {
        var known = Enumerable.Range(0, LiveKeys).ToDictionary(static i => (long)i, static _ => new byte[64]);
        var (keys, row) = (Shuffled(), new byte[32]);
        return Measurement.MillionsPerSecond(64L * LiveKeys, () =>
        {
            for (var batch = 0; batch < 64; batch++)
            {
                foreach (var key in keys) { row.CopyTo(known[key], 0); }
            }
        });
    }

    private static Sample Run(int batches, int step, int rowsOfKey)
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("keys", p => p
            .From("rows", new KeyRows(batches, step, rowsOfKey),
                static (KeyRows rows, OperatorContext context) => new KeySource(rows, context), Schema)
            .PerKey("device", static f => f.Via("pass", 0, static (int _, OperatorContext _, IOutput<Batch> output) => new Pass(output)),
                maxKeys: LiveKeys)
            .Discard()));
        var rows = (long)batches * LiveKeys * rowsOfKey;
        var sample = Measurement.MillionsPerSecond(rows, () => world.RunToEnd());
        var passed = device.Metrics["per-key device"].RowsOut;
        return passed == rows ? sample : throw new InvalidOperationException($"{passed} rows passed");
    }

    private static long[] Shuffled()
    {
        var (keys, random) = (Enumerable.Range(0, LiveKeys).Select(static i => (long)i).ToArray(), new RandomStream(1, "keys"));
        for (var i = keys.Length - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (keys[i], keys[other]) = (keys[other], keys[i]);
        }
        return keys;
    }

    private sealed record KeyRows(int Batches, int Step, int RowsOfKey);

    private sealed class KeySource(KeyRows rows, OperatorContext context) : Source<Batch>
    {
        private readonly long[] _keys = Shuffled();
        private int _made;
        public override DateTimeOffset? NextAt => _made < rows.Batches ? context.Now : null;

        public override Batch Next()
        {
            var batch = context.Pool.Rent(Schema, LiveKeys * rows.RowsOfKey);
            var keys = batch["device"].Writable<long>();
            for (var row = 0; row < keys.Length; row++) { keys[row] = _keys[row % LiveKeys] + ((long)_made * rows.Step); }
            _made++;
            return batch;
        }
    }

    private sealed class Pass(IOutput<Batch> output) : Operator<Batch>
    {
        public override void Process(Batch input) => output.Emit(input);
    }
}
