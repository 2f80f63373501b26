using System.Runtime.InteropServices;
using StreamLearn.Fleets;

namespace Benchmarks;

/// <summary>
/// Rounds of ten updates of the activity network, each from the bytes of its updates to those of its version and its receipts. Devices hold
/// the newest version whenever they send an update, as they do when nothing is slow.
/// </summary>
internal static class CreditRounds
{
    private const int Rounds = 400;
    private const int Updates = 10;
    private const int WarmUpRounds = 20;
    private static readonly Network Model = HarNetwork.Create(seed: 1);

    internal static Sample Measure(int devices, bool receipts)
    {
        using var probe = OperatorProbe.From<WeightDelta>((p, updates) => Wire(p, updates, receipts), guard: false);
        var fleet = new Fleet(devices);
        var sink = new ArrayBufferWriter<byte>(1 << 20);
        void Run(int rounds) { for (var i = 0; i < rounds * Updates; i++) { fleet.Send(probe, sink); } }
        Run(Math.Max(WarmUpRounds, devices * 70 / Updates));        // until each device's receipts list as many updates as they may
        var sample = Measurement.NanosecondsPer(Rounds, () => Run(Rounds));
        return fleet.Version > Rounds ? sample : throw new BenchmarkException($"expected {Rounds} rounds, got version {fleet.Version}");
    }

    /// <summary>The ten receipts of a round, made and written by themselves.</summary>
    internal static Sample MeasureReceipts(int devices)
    {
        var sink = new ArrayBufferWriter<byte>(1 << 16);
        return Measurement.NanosecondsPer(Rounds, () =>
        {
            for (var i = 0; i < Rounds * Updates; i++)
            {
                var fates = new UpdateFate[Receipt.MaxFates];
                for (var f = 0; f < fates.Length; f++) { fates[f] = new(1000 + i - f, UpdateOutcome.Applied); }
                sink.ResetWrittenCount();
                LearningCodecs.Receipts.Encode(new()
                {
                    Device = $"device-{i % devices:0000}",
                    Epoch = 1,
                    Aggregator = "edge",
                    Newest = new(0, i),
                    Fates = ImmutableCollectionsMarshal.AsImmutableArray(fates),
                }, sink);
            }
        });
    }

    private static void Wire(PipelineBuilder p, Flow<WeightDelta> updates, bool receipts)
    {
        if (!receipts)
        {
            OperatorProbe.Use(updates.Aggregate(Model, new FedBuff(Updates)));
            return;
        }
        var (versions, rounds, answers) = updates.Aggregate(Model, new FedBuff(Updates), p.Input<Presence>("presences"),
            new() { Epoch = 0 });
        versions.Output("main");
        rounds.Output("side");
        answers.Output("third");
    }

    /// <summary>Sends updates as bytes, in turn, and writes what comes back.</summary>
    private sealed class Fleet
    {
        private readonly string[] _names;
        private readonly float[] _values = new float[Model.Plan.Values];
        private readonly ArrayBufferWriter<byte> _bytes = new(1 << 16);
        private readonly BatchPool _pool = new();
        private long _sent;

        internal Fleet(int devices)
        {
            _names = [.. Enumerable.Range(0, devices).Select(d => $"device-{d:0000}")];
            var random = new RandomStream(1, "update");
            for (var i = 0; i < _values.Length; i++) { _values[i] = (float)(0.001 * random.NextGaussian()); }
        }

        internal long Version { get; private set; }

        internal void Send(OperatorProbe probe, ArrayBufferWriter<byte> sink)
        {
            var device = _sent % _names.Length;
            _bytes.ResetWrittenCount();
            LearningCodecs.Deltas.Encode(new()
            {
                Device = _names[device],
                Epoch = 1,
                Sequence = (_sent / _names.Length) + 1,
                BaseVersion = Version,
                Held = new(0, Version),
                Samples = 64,
                Steps = 4,
                SchemaHash = Model.Plan.SchemaHash,
                Values = [.. _values],
            }, _bytes);
            _sent++;
            if (!LearningCodecs.Deltas.TryDecode(new(_bytes.WrittenMemory), _pool, out var update))
            {
                throw new BenchmarkException("the update does not come back from its bytes");
            }
            probe.Send(update);
            sink.ResetWrittenCount();
            while (probe.Count(2) > 0) { LearningCodecs.Receipts.Encode(probe.Take<Receipt>(2), sink); }
            while (probe.Count(1) > 0)
            {
                var round = probe.Take<Round>(1);
                Version = round.Version;
                LearningCodecs.Weights.Encode(round.Made, sink);
            }
            while (probe.Count() > 0) { probe.Take<Weights>(); }       // the same version for each device: its bytes are written above
        }
    }
}
