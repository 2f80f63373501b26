using System.Collections.Concurrent;

namespace StreamLearn.Fleets.Tests;

/// <summary>Fleets on real threads that are killed or interrupted at any moment and resumed, over a transport that confirms what is
/// acknowledged.</summary>
public sealed class ResumedFleetTests(ITestOutputHelper output)
{
    private const int Devices = 3;
    private static readonly int Resumes = LongForm.IsAsked ? 200 : 6;
    private static readonly SoftmaxRegression Model = new(2, 3, seed: 1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Each_comes_to_its_end_and_applies_no_update_twice()
    {
        await using var undisturbed = new Fleet();
        undisturbed.Start();
        await undisturbed.EndAsync();
        var (stops, hadEnded) = (new int[3], 0);
        for (var seed = 0; seed < Resumes; seed++)
        {
            var random = new Random(seed);
            await using var fleet = new Fleet();
            for (var lives = 1 + random.Next(3); lives > 0; lives--)
            {
                fleet.Start();
                var moment = fleet.Calls + random.NextInt64(undisturbed.Calls);
                await UntilAsync(() => fleet.Calls >= moment || fleet.HasLearned);
                var how = random.Next(stops.Length);
                stops[how]++;
                await fleet.StopAsync(how);
            }

            fleet.Start();
            hadEnded += fleet.HadEnded ? 1 : 0;
            var failure = await Record.ExceptionAsync(fleet.EndAsync);
            Assert.True(failure is null, $"seed {seed}: {failure}");
            fleet.Check();
        }

        output.WriteLine($"{stops.Sum()} stops ({string.Join(", ", stops)}), {Resumes} fleets resumed to their end, "
            + $"{hadEnded} after a subscription had ended");
        Assert.InRange(hadEnded, Resumes / 6, Resumes);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition()) { await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, patience.Token); }
    }

    /// <summary>An aggregator and devices of unequal streams, each with a disk of its own.</summary>
    private sealed class Fleet : IAsyncDisposable
    {
        private readonly FaultyStorage[] _disks = [.. Enumerable.Range(0, 1 + Devices).Select(static _ => new FaultyStorage())];
        private readonly ConcurrentDictionary<long, Round> _rounds = new();      // one that is made again replaces the one before
        private InProcessTransport _transport = new();
        private PipelineRun[] _runs = [];

        /// <summary>Calls of all blocks, over all lives.</summary>
        internal long Calls => _runs.Sum(static r => r.Metrics.Blocks.Sum(static b => b.ItemsIn + b.Controls));

        /// <summary>True once no device trains any more; they go on until the aggregator has ended.</summary>
        internal bool HasLearned => _runs[1..].All(static r => r.Stages.Single(static s => s.Node.Name == "train").Closed);

        /// <summary>True if a subscription had ended in a checkpoint that was resumed from.</summary>
        internal bool HadEnded { get; private set; }

        internal void Start()
        {
            _transport = new() { ConfirmsWhenAcknowledged = true };
            using var held = _transport.Hold();
            Pipeline[] pipelines = [Edge(), .. Enumerable.Range(0, Devices).Select(Device)];
            _runs = [.. pipelines.Zip(_disks, static (pipeline, disk) => pipeline.Start(new RunOptions
            {
                Pace = Pace.AsFastAsPossible, GuardMemory = true,
                Checkpoints = new("memory") { Storage = disk, HoldAtMost = TimeSpan.FromMilliseconds(1) },
                StartFrom = CheckpointFiles.Read(disk),
            }))];
            HadEnded = _runs.Any(static r => r.Stages.Exists(static s => s is InletStage { Subscription: not null, HasEnded: true }));
        }

        internal async Task StopAsync(int how)
        {
            if (how == 0)
            {
                foreach (var disk in _disks) { disk.Space = 0; }        // killed: nothing of it is seen any more
            }
            else { _transport.Hold(); }
            foreach (var run in _runs)
            {
                if (how == 1) { await run.StopAsync().WaitAsync(Patience); }
                else { await run.DisposeAsync().AsTask().WaitAsync(Patience); }
            }

            foreach (var disk in _disks)
            {
                disk.LosePower();
                disk.Space = long.MaxValue;
            }
        }

        internal async Task EndAsync()
        {
            await UntilAsync(() => HasLearned);
            await _runs[0].DrainAsync().WaitAsync(Patience);
            foreach (var run in _runs[1..])
            {
                run.Complete("more");
                await run.Completion.WaitAsync(Patience);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var run in _runs) { await run.DisposeAsync(); }
            await _transport.DisposeAsync();
        }

        /// <summary>Requires that each update was applied or refused once.</summary>
        internal void Check()
        {
            var fates = _rounds.Values.SelectMany(static r => r.Contributions.Select(static c => (c.Device, c.Epoch, c.Sequence))
                .Concat(r.Refusals.Select(static u => (u.Device, u.Epoch, u.Sequence)))).ToList();
            foreach (var device in fates.GroupBy(static u => (u.Device, u.Epoch)))
            {
                var numbers = device.Select(static u => u.Sequence).Order();
                Assert.Equal(Enumerable.Range(1, device.Count()).Select(static n => (long)n), numbers);
            }
        }

        private Pipeline Edge() => Pipeline.Define("edge", p =>
        {
            var (versions, rounds, receipts) = p.Subscribe(_transport, "updates", LearningCodecs.Deltas)
                .Aggregate(Model, new FedBuff(1), p.Subscribe(_transport, "presences", LearningCodecs.Presences), new() { MaxNorm = 100 });
            versions.PublishTo(_transport, new("models/{device}"), LearningCodecs.Weights, static v => v.Recipient!);
            receipts.PublishTo(_transport, new("receipts/{device}"), LearningCodecs.Receipts, static r => r.Device);
            rounds.Made().Publish(_transport, "made", LearningCodecs.Weights);
            rounds.ForEach("keep", round => _rounds[round.Version] = round);
        });

        private Pipeline Device(int device) => Pipeline.Define($"device-{device}", p =>
        {
            var rows = new RestartedFleetTests.RowsOptions(device, 20 * (1 + (2 * device)));
            var labelled = p.From("rows", rows, RestartedFleetTests.RowsSource.Open, RestartedFleetTests.Rows);
            labelled.Infer(Model, p.Subscribe(_transport, "made", LearningCodecs.Weights)).Discard();
            var (deltas, scores, presences) = labelled.Train(Model,
                p.Subscribe(_transport, $"models/device-{device}", LearningCodecs.Weights),
                p.Subscribe(_transport, $"receipts/device-{device}", LearningCodecs.Receipts), new() { Optimizer = new Sgd(0.1f) });
            deltas.Publish(_transport, "updates", LearningCodecs.Deltas);
            presences.Publish(_transport, "presences", LearningCodecs.Presences);
            scores.Discard();
            p.Input<Batch>("more").Discard();
        });
    }
}
