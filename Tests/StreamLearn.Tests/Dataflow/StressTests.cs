using System.Runtime.CompilerServices;
using System.Threading.Tasks.Dataflow;

namespace StreamLearn.Tests;

/// <summary>Random graphs under random load and random ends: every message ends once, no memory is lost, every run ends.</summary>
public sealed class StressTests
{
    private static int Seeds => LongForm.IsAsked ? 20_000 : 400;

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task Random_graphs_lose_nothing_and_always_end(int quarter)
    {
        for (var i = 0; i < Seeds / 4; i++)
        {
            using var run = new RandomRun((quarter * 1_000_000) + i);
            try { await run.RunAsync(); }
            catch (Exception e) { throw new InvalidOperationException($"{e.Message}\n{run}", e); }
        }
    }

    private sealed class RandomRun(int seed) : IDisposable
    {
        private readonly RandomStream _random = new(seed, "stress");
        private readonly ScriptedTransport _transport = new();
        private readonly List<string> _subscriptions = [];
        private readonly List<string> _outputs = [];
        private readonly List<string> _notes = [];
        private readonly HashSet<string> _operators = [];
        private readonly HashSet<string> _closing = [];     // operators that close after five messages, unless notes open them again
        private readonly List<string> _topics = [];         // of each message
        private readonly CancellationTokenSource _stop = new();
        private readonly BatchPool _outside = new(guard: true);
        private PipelineRun? _run;
        private int _ending;
        private int _disposed;
        private int _controls;
        private int _faultIn = -1;
        private bool _deadLetters;
        private bool _foreign;
        private IEnumerable<(int Number, MessageFate Fate)> Messages => _transport.Fates.Select(static (f, i) => (i, f));
        public void Dispose() => _stop.Dispose();

        /// <summary>What somebody needs who wants to understand a failure: how the run ended, which messages did not end as they should,
        /// the graph, and what every block has taken, given and dropped.</summary>
        public override string ToString()
        {
            var other = Messages.Where(m => m.Fate.Acknowledged != Due(m.Number)).Select(static m => $"message {m.Number}: {m.Fate}");
            return $"""
                seed {seed}, ending {_ending}: {_run?.Completion.Status}
                messages that were not acknowledged as they should be in good order:
                {string.Join('\n', other)}
                messages that came too late: {string.Join(' ', _transport.Late)}
                {_run?.Pipeline.Explain()}
                {_run?.Metrics}
                """;
        }

        internal async Task RunAsync()
        {
            _ending = _random.NextInt32(5);
            if (_ending == 0) { _faultIn = _random.NextInt32(400); }
            var run = _run = Blocks.Start(Build, cancellationToken: _stop.Token);
            var readers = _outputs.Select(o => Task.Run(() => ReadAsync(run, o))).ToList();
            var notes = _notes.Select(n => Task.Run(() => SendNotesAsync(run, n))).ToList();
            foreach (var topic in _subscriptions)
            {
                var count = _random.NextInt32(120);
                for (var i = 0; i < count; i++)
                {
                    _topics.Add(topic);
                    _transport.Deliver(topic, _random.NextInt32(20) == 0 ? "bad" : $"{_random.NextInt32(1000)}");
                }
                if (_ending is 0 or 1 or 2) { _transport.End(topic); }
            }
            for (var i = _random.NextInt32(30); i > 0; i--) { await Task.Yield(); }
            if (_ending == 3) { await _stop.CancelAsync(); }
            if (_ending == 4) { await Record.ExceptionAsync(() => run.DrainAsync().WaitAsync(Blocks.Patience)); }
            await Record.ExceptionAsync(() => run.Completion.WaitAsync(Blocks.Patience));
            await Task.WhenAll(readers).WaitAsync(Blocks.Patience);      // a reader may hold a message of its own when the run stops
            await Task.WhenAll(notes).WaitAsync(Blocks.Patience);
            if (_foreign)
            {
                // a foreign block may end after the run
                await Eventually.TrueAsync(() => run.Pool.RentedBatches == 0 && _outside.RentedBatches == 0);
            }
            var failure = await run.SettleAsync();
            Check(run, failure);
        }

        /// <summary>How often a message ends: once. When all blocks after a subscription have closed, or the run stops, the subscription is
        /// canceled: what comes later is not taken, and stays with its transport.</summary>
        private int Due(int message) => _transport.Late.Contains(message) ? 0 : 1;

        private void Check(PipelineRun run, Exception? failure)
        {
            Assert.True(
                failure is null
                    || (_ending == 0 && failure is BlockFailedException { InnerException: InvalidOperationException { Message: "random" } })
                || (_ending == 3 && failure is OperationCanceledException), $"{failure}");
            Assert.Empty(_transport.Violations);
            Assert.Equal(_operators.Count, _disposed);
            Assert.Equal(0, _outside.RentedBatches);
            Assert.All(Messages, m => Assert.Equal(Due(m.Number), m.Fate.Acknowledged + m.Fate.Refused));
            Assert.All(Messages, m => Assert.Equal(Due(m.Number), m.Fate.Released));
            Assert.All(run.Metrics.Edges, e => Assert.Equal((0, 0, 0), (e.Queued, e.QueuedBytes, e.QueuedRows)));
            Assert.All(run.Metrics.Edges,
                e => Assert.True(e.Peak <= e.Options.CapacityMessages && e.PeakBytes <= e.Options.CapacityBytes, $"{e}"));
            if (failure is not null) { return; }
            Assert.All(_transport.Late.Select(m => _topics[m]).Distinct(),
                t => Assert.True(MayClose(run.Pipeline, $"subscribe {t}"), $"{t} was canceled, and a block after it does not close"));
            Assert.All(Messages, m => Assert.Equal(Due(m.Number), m.Fate.Acknowledged));
            Conserved(run);
        }

        /// <summary>True if a block may end before its input does: it closes, or all blocks after it may end so.</summary>
        private bool MayClose(Pipeline pipeline, string block)
        {
            if (_closing.Contains(block)) { return true; }
            var after = pipeline.Edges.Where(e => pipeline.Nodes[e.From].Name == block).Select(e => pipeline.Nodes[e.To].Name).ToList();
            return after.Count > 0 && after.TrueForAll(b => MayClose(pipeline, b));
        }

        /// <summary>What left a block over an edge was taken by the next one, dropped there, or merged there.</summary>
        private static void Conserved(PipelineRun run)
        {
            foreach (var node in run.Pipeline.Nodes)
            {
                var edges = run.Pipeline.Edges.Where(e => e.To == node.Index && !e.IsControl).ToList();
                if (edges.Count == 0 || node.Kind == NodeKind.Foreign || run.Pipeline.Edges.Any(e => e.To == node.Index && e.IsControl))
                {
                    continue;
                }
                if (edges.Any(e => run.Pipeline.Nodes[e.From].Outputs.Length > 1 || e.Port == Ports.DeadLetters)) { continue; }
                var sent = edges.Sum(e => run.Metrics[run.Pipeline.Nodes[e.From].Name].ItemsOut);
                var metrics = run.Metrics[node.Name];
                string[] byEdge = ["drop-oldest", "drop-newest", "replaced", "after-end"];
                Assert.Equal(sent, metrics.ItemsIn + metrics.Counter("coalesced") + byEdge.Sum(r => metrics.Drops.GetValueOrDefault(r)));
            }
        }

        private void Build(PipelineBuilder p)
        {
            var flows = new List<Flow<Batch>>();
            var unused = new HashSet<int>();
            void Add(Flow<Batch> flow)
            {
                unused.Add(flows.Count);
                flows.Add(flow);
            }

            Flow<Batch> Any()
            {
                var index = _random.NextInt32(flows.Count);
                unused.Remove(index);
                return Edge(flows[index]);
            }

            for (var i = 1 + _random.NextInt32(2); i > 0; i--)
            {
                var topic = $"in{i}";
                _subscriptions.Add(topic);
                Add(p.Subscribe(_transport, topic, NumberCodec.Default));
            }
            _transport.YieldPublications = _random.NextInt32(2) == 0;
            if (_random.NextInt32(3) == 0) { Add(p.Numbers(_random.NextInt32(200))); }
            if (_random.NextInt32(3) == 0) { Add(p.FromSequence("sequence", Sequence)); }
            for (var i = _random.NextInt32(10); i > 0; i--)
            {
                var name = $"block{i}";
                var flow = Any();
                if (_random.NextInt32(4) == 0) { flow = flow.Merge(Any()); }
                if (_random.NextInt32(4) == 0)
                {
                    var (main, side) = flow.Split(name, Script(name));
                    Add(main);
                    Add(side);
                }
                else { Add(Operator(p, flow, name)); }
            }
            for (var index = 0; index < flows.Count; index++)
            {
                if (unused.Contains(index) || _random.NextInt32(5) == 0) { End(Edge(flows[index]), index); }
            }
            if (_deadLetters) { p.DeadLetters.Discard(); }
        }

        private Flow<Batch> Operator(PipelineBuilder p, Flow<Batch> flow, string name)
        {
            var made = flow.Block(name, Script(name));
            switch (_random.NextInt32(6))
            {
                case 0:
                    made.OnError(_random.NextInt32(2) == 0 ? ErrorPolicy.Skip : ErrorPolicy.Retry(1, ErrorPolicy.Skip));
                    break;
                case 1:
                    made.OnError(ErrorPolicy.DeadLetter);
                    _deadLetters = true;
                    break;
                case 3:
                    _foreign = true;
                    return made.Through($"foreign {name}", static () => new BufferBlock<Batch>(new() { BoundedCapacity = 3 }));
                case 2:
                    _notes.Add($"notes for {name}");
                    made.ControlledBy(p.Input<Note>($"notes for {name}").Buffer(2));
                    break;
            }
            return made;
        }

        private void End(Flow<Batch> flow, int index)
        {
            switch (_random.NextInt32(4))
            {
                case 0: flow.Publish(_transport, $"out{index}", NumberCodec.Default); break;
                case 1:
                    _outputs.Add($"output{index}");
                    flow.Output($"output{index}");
                    break;
                case 2: flow.ForEach($"each{index}", static _ => { }); break;
                default:
                    flow.To($"discard{index}", new DiscardOptions("end"),
                        static (DiscardOptions o, OperatorContext c) => new Discard<Batch>(o, c));
                    break;
            }
        }

        private Flow<Batch> Edge(Flow<Batch> flow) => _random.NextInt32(8) switch
        {
            0 => flow.Buffer(1),
            1 => flow.Buffer(1 + _random.NextInt32(4), OnFull.DropOldest),
            2 => flow.Buffer(1 + _random.NextInt32(4), OnFull.DropNewest),
            3 => flow.Buffer(1, OnFull.KeepLatest),
            4 => flow.Buffer(64, capacityBytes: 256 * (2 + _random.NextInt32(4))),
            5 => flow.Coalesce(static (a, b) =>
            {
                var sum = a.ToWritable();
                sum.Channels[0].Writable<float>()[0] += Blocks.Number(b) % 100;
                b.Dispose();
                return sum;
            }),
            _ => flow,
        };

        private Script Script(string name)
        {
            _operators.Add(name);
            var (kind, credit, seen) = (_random.NextInt32(7), 5, 0);
            if (kind == 6) { _closing.Add(name); }
            var fork = false;
            void Out(Call call, Batch batch)
            {
                if (call.HasSide && (fork = !fork)) { call.Side.Emit(batch); }
                else { call.Main.Emit(batch); }
            }

            return new()
            {
                MaxOutputsPerCall = 4,
                Disposed = () => Interlocked.Increment(ref _disposed),
                Ready = kind == 6 ? () => credit > 0 : static () => true,
                Control = (_, note) =>
                {
                    credit += note.Number;
                    Interlocked.Increment(ref _controls);
                },
                WakeUp = static call => call.Context.Record("wake-ups"),
                Complete = call =>
                {
                    if (call.Held.Count > 0) { Out(call, call.Held[0]); }
                    if (call.Held.Count > 0) { call.Held.RemoveAt(0); }
                },
                Process = (call, batch) =>
                {
                    seen++;
                    credit--;
                    if (_faultIn >= 0 && Interlocked.Decrement(ref _faultIn) == -1) { throw new InvalidOperationException("random"); }
                    if (seen % 16 == 0) { call.Context.WakeAt(call.Context.Now); }
                    switch (kind)
                    {
                        case 0 when seen % 3 == 0: call.Context.Drop(batch, "third"); break;
                        case 1:
                            Out(call, batch.Retain());
                            Out(call, batch);
                            break;
                        case 2:
                            var writable = batch.ToWritable();
                            writable.Channels[0].Writable<float>()[0] = seen;
                            Out(call, writable);
                            break;
                        case 3 when call.Held.Count < 3: call.Held.Add(batch); break;
                        case 3:
                            Out(call, call.Held[0]);
                            call.Held[0] = batch;
                            break;
                        case 4 when seen % 5 == 0:
                            batch.Dispose();
                            Out(call, Blocks.Number(call.Context.Pool, seen));
                            break;
                        default: Out(call, batch); break;
                    }
                },
            };
        }

        private async IAsyncEnumerable<Batch> Sequence([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = 0; i < 100 && !cancellationToken.IsCancellationRequested; i++)
            {
                if (i % 8 == 0) { await Task.Yield(); }
                yield return Blocks.Number(_outside, i);
            }
        }

        private async Task ReadAsync(PipelineRun run, string output)
        {
            await foreach (var batch in run.ReadAllAsync<Batch>(output)) { batch.Dispose(); }
        }

        private static async Task SendNotesAsync(PipelineRun run, string input)
        {
            try
            {
                for (var i = 0; i < 100; i++) { await run.SendAsync(input, new Note(3)); }
            }
            catch (InvalidOperationException)
            {
                // The block it steers has ended.
            }
            run.Complete(input);
        }
    }
}
