using System.Buffers;
using System.Runtime.InteropServices;

namespace Acceptance.Tests;

/// <summary>Section 5.5: training that is placed by accuracy.</summary>
public sealed class At05Placement(ITestOutputHelper output)
{
    private const int Features = 6;
    private const int Classes = 3;
    private const int BatchRows = 20;
    private const int Batches = 1200;       // after two thirds of them, the classes change places
    private static readonly Schema Columns =
        new([.. Enumerable.Range(0, Features).Select(i => Field.Channel($"f{i}", Unit.One)), Field.Label()]);

    private static readonly SoftmaxRegression Model = new(Features, Classes, seed: 1);

    [Fact]
    public void AT_5n_Training_moves_to_the_edge_and_back_and_halves_the_bytes_of_the_cloud()
    {
        var cloud = Run(target: 1, hysteresis: 0);
        var placed = Run(target: .9, hysteresis: .1, meanRows: 400);

        output.WriteLine($"in the cloud {cloud.Bytes:n0} bytes, accuracy {cloud.Accuracy:0.000}; placed {placed.Bytes:n0} bytes "
            + $"({1 - (placed.Bytes / (double)cloud.Bytes):0 %} fewer), accuracy {placed.Accuracy:0.000}, "
            + $"{placed.ToEdge} moves to the edge, {placed.ToCloud} back");
        Assert.Equal((0, 0), (cloud.ToEdge, cloud.ToCloud));
        Assert.Equal((2, 1), (placed.ToEdge, placed.ToCloud));      // it goes back once, when the classes change, and comes again
        Assert.InRange(placed.Bytes, 1, cloud.Bytes / 2);
        Assert.InRange(placed.Accuracy, cloud.Accuracy - .01, 1);
    }

    /// <summary>A device over a link to the cloud, which has an aggregator and trains with the rows that it is sent.</summary>
    private static (long Bytes, double Accuracy, long ToEdge, long ToCloud) Run(
        double target, double hysteresis, int meanRows = 500)
    {
        using var world = new VirtualWorld(new() { Seed = 1 });
        var air = world.Transport("air");
        var training = new TrainOptions { StepsPerUpdate = 100, BufferRows = 200, Buffer = BufferKind.Sliding };
        var (rows, correct) = (0L, 0L);
        world.Add(Pipeline.Define("cloud", p =>
        {
            var versions = p.Subscribe(air, "versions", LearningCodecs.Weights);
            var (own, scores) = p.Subscribe(air, "rows", RowCodec.Default).Train(Model, versions, training);
            scores.Discard("scores");
            var (made, rounds) = own.Merge(p.Subscribe(air, "updates", LearningCodecs.Deltas)).Aggregate(Model, new FedBuff(1));
            made.Publish(air, "versions", LearningCodecs.Weights, retain: true);
            rounds.Discard();
        }));
        var device = world.Add(Pipeline.Define("edge", p =>
        {
            var versions = p.Subscribe(air, "versions", LearningCodecs.Weights);
            var rowsOfAll = p.From("rows", "rows", static (string _, OperatorContext context) => new Rows(context), Columns);
            var evaluations = rowsOfAll.Evaluate(Model, versions, everyRows: BatchRows);
            evaluations.ForEach("score", e => (rows, correct) = (rows + e.Rows, correct + e.Correct));
            var (edge, cloud) = rowsOfAll.PlaceTraining(evaluations, target, hysteresis, meanRows);
            cloud.Publish(air, "rows", RowCodec.Default);
            var (updates, scores) = edge.Train(Model, versions, training);
            updates.Publish(air, "updates", LearningCodecs.Deltas);
            scores.Discard();
        }));
        world.RunFor(TimeSpan.FromSeconds(Batches + 100), TestContext.Current.CancellationToken);

        Assert.All(world.Devices, static d => Assert.Null(d.Failure));
        Assert.Equal(Batches * BatchRows, rows);
        var metrics = device.Metrics["place-training"];
        return (device.BytesUp + device.BytesDown, correct / (double)rows, metrics.Counter("moves-to-edge"),
            metrics.Counter("moves-to-cloud"));
    }

    private sealed class Rows(OperatorContext context) : Source<Batch>
    {
        private readonly DateTimeOffset _start = context.Now;
        private readonly RandomStream _random = new(1, "placed-rows");
        private int _made;

        public override DateTimeOffset? NextAt => _made < Batches ? _start + TimeSpan.FromSeconds(_made) : null;

        public override Batch Next()
        {
            var batch = context.Pool.Rent(Columns, BatchRows);
            var shift = 3 * _made++ < 2 * Batches ? 0 : 1;
            for (var r = 0; r < BatchRows; r++)
            {
                var group = _random.NextInt32(Classes);
                batch["label"].Writable<int>()[r] = (group + shift) % Classes;
                for (var f = 0; f < Features; f++)
                {
                    batch.Columns[f].Writable<float>()[r] = (float)((f % Classes == group ? 2.5 : 0) + _random.NextGaussian());
                }
            }

            return batch;
        }
    }

    private sealed class RowCodec : ICodec<Batch>
    {
        internal static RowCodec Default { get; } = new();

        public string Name => "rows/1";

        public Schema Schema => Columns;

        public void Encode(Batch value, IBufferWriter<byte> buffer)
        {
            for (var f = 0; f < Features; f++) { buffer.Write(MemoryMarshal.AsBytes(value.Columns[f].Values<float>())); }
            buffer.Write(MemoryMarshal.AsBytes(value["label"].Values<int>()));
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch value)
        {
            var (all, width) = (bytes.ToArray(), (int)bytes.Length / (Features + 1));
            value = pool.Rent(Columns, width / sizeof(float));
            for (var f = 0; f < Features; f++)
            {
                all.AsSpan(f * width, width).CopyTo(MemoryMarshal.AsBytes(value.Columns[f].Writable<float>()));
            }

            all.AsSpan(Features * width).CopyTo(MemoryMarshal.AsBytes(value["label"].Writable<int>()));
            return true;
        }
    }
}
