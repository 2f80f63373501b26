using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Benchmarks;

/// <summary>Operators over rows of six channels in batches of 512, in the virtual world, beside one copy of the same bytes. The source
/// hands out one shared batch again and again.</summary>
internal static class Rows
{
    private const int BatchRows = 512;
    private const int BatchCount = 10_000;
    private const long TotalRows = (long)BatchRows * BatchCount;
    internal static Sample Window() => Through(static flow => flow.Window(samples: 128, hop: 64));
    internal static Sample Standardize() => Through(static flow => flow.Standardize());

    internal static Sample CopyBytes()
    {
        var from = new byte[BatchRows * HarStream.Schema.RowBytes];
        var to = new byte[from.Length];
        return Measurement.MillionsPerSecond(TotalRows, () =>
        {
            for (var i = 0; i < BatchCount; i++) { from.AsSpan().CopyTo(to); }
        });
    }

    private static Sample Through(Func<Flow<Batch>, Flow<Batch>> block)
    {
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("rows", p =>
            block(p.From("rows", BatchCount, static (int batches, OperatorContext context) => new SharedSource(batches, context),
                HarStream.Schema)).Discard()));
        return Measurement.MillionsPerSecond(TotalRows, () => world.RunToEnd());
    }

    private sealed class SharedSource : Source<Batch>, IDisposable
    {
        private readonly Batch _batch;
        private readonly DateTimeOffset _start;
        private int _left;

        internal SharedSource(int batches, OperatorContext context)
        {
            (_left, _start, _batch) = (batches, context.Now, context.Pool.Rent(HarStream.Schema, BatchRows));
            var random = new RandomStream(1, "rows");
            for (var r = 0; r < BatchRows; r++)
            {
                _batch[Schema.TimeColumn].Writable<long>()[r] = r;
                _batch[Schema.LabelColumn].Writable<int>()[r] = 0;
                for (var c = 0; c < _batch.Channels.Count; c++) { _batch.Channels[c].Writable<float>()[r] = (float)random.NextGaussian(); }
            }
        }

        public override DateTimeOffset? NextAt => _left > 0 ? _start : null;

        public override Batch Next()
        {
            _left--;
            return _batch.Retain();
        }

        public void Dispose() => _batch.Dispose();
    }
}
