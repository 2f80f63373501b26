using System.Runtime.CompilerServices;
using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;
using StreamLearn.Simulation;
using Pipeline = StreamLearn.Pipeline;

namespace Benchmarks;

/// <summary>Messages through a chain of blocks that only pass them on: nine of them, between a source and a sink, so that each message
/// makes ten hops.</summary>
internal static class Hops
{
    private const int Messages = 300_000;
    private const int PassingBlocks = 9;
    private const int Capacity = 64;
    private const long TotalHops = (long)Messages * (PassingBlocks + 1);
    private static readonly Note[] Notes = [.. Enumerable.Range(0, 1024).Select(i => new Note(i))];

    internal static Sample Dataflow()
    {
        var count = new Count();
        var pipeline = Chain(count);
        return Checked(count, () =>
        {
            var run = pipeline.Start(new() { Pace = Pace.AsFastAsPossible });
            run.Completion.Wait();
        });
    }

    /// <summary>The same chain behind a subscription: each message carries an acknowledgement token through all of its hops.</summary>
    internal static Sample WithToken()
    {
        var count = new Count();
        var transport = new NoteTransport();
        var pipeline = Pipeline.Define("chain", p =>
        {
            p.EdgeDefaults = new() { CapacityMessages = Capacity };
            Through(p.Subscribe<Note>(transport, "notes", "note", transport.Read)).To("count", count, MakeEnd);
        });
        var sample = Checked(count, () => pipeline.Start(new() { Pace = Pace.AsFastAsPossible }).Completion.Wait());
        return transport.Acknowledged == Messages
            ? sample
            : throw new BenchmarkException($"expected {Messages} acknowledgements, got {transport.Acknowledged}");
    }

    /// <summary>A program that sends messages to an input: one hop each.</summary>
    internal static Sample Inlet()
    {
        var count = new Count();
        var pipeline = Pipeline.Define("inlet", p =>
        {
            p.EdgeDefaults = new() { CapacityMessages = Capacity };
            p.Input<Note>("notes").To("count", count, MakeEnd);
        });
        return Checked(count, Messages, () =>
        {
            var run = pipeline.Start(new() { Pace = Pace.AsFastAsPossible });
            FeedAsync(run).Wait();
            run.Completion.Wait();
        });

        static async Task FeedAsync(PipelineRun run)
        {
            for (var i = 0; i < Messages; i++) { await run.SendAsync("notes", Notes[i & 1023]); }
            run.Complete("notes");
        }
    }

    /// <summary>A program that writes messages to a channel which another task reads.</summary>
    internal static Sample OneChannel()
    {
        var count = new Count();
        var edge = Channel.CreateBounded<Note>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });
        return Checked(count, Messages, () => Task.WhenAll(Task.Run(() => FeedAsync(edge)), Task.Run(() => EndAsync(edge, count))).Wait());
    }

    internal static Sample Simulation()
    {
        var count = new Count();
        using var world = new VirtualWorld();
        world.Add(Chain(count));
        return Checked(count, () => world.RunToEnd());
    }

    internal static Sample TransformBlocks()
    {
        var count = new Count();
        var options = new ExecutionDataflowBlockOptions { BoundedCapacity = Capacity };
        var link = new DataflowLinkOptions { PropagateCompletion = true };
        var first = new TransformBlock<Note, Note>(static n => n, options);
        var last = first;
        for (var i = 1; i < PassingBlocks; i++)
        {
            var next = new TransformBlock<Note, Note>(static n => n, options);
            last.LinkTo(next, link);
            last = next;
        }
        var sink = new ActionBlock<Note>(count.Add, options);
        last.LinkTo(sink, link);
        return Checked(count, () =>
        {
            FeedAsync(first).Wait();
            sink.Completion.Wait();
        });

        static async Task FeedAsync(TransformBlock<Note, Note> first)
        {
            for (var i = 0; i < Messages; i++)
            {
                var note = Notes[i & 1023];
                if (!first.Post(note)) { await first.SendAsync(note); }
            }
            first.Complete();
        }
    }

    internal static Sample Channels()
    {
        var count = new Count();
        var options = new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true };
        var edges = Enumerable.Range(0, PassingBlocks + 1).Select(_ => Channel.CreateBounded<Note>(options)).ToArray();
        return Checked(count, () =>
        {
            var tasks = new List<Task> { Task.Run(() => FeedAsync(edges[0])) };
            for (var i = 0; i < PassingBlocks; i++)
            {
                var (from, to) = (edges[i], edges[i + 1]);
                tasks.Add(Task.Run(() => PassAsync(from, to)));
            }
            tasks.Add(Task.Run(() => EndAsync(edges[^1], count)));
            Task.WhenAll(tasks).Wait();
        });

        static async Task PassAsync(Channel<Note> from, Channel<Note> to)
        {
            await foreach (var note in from.Reader.ReadAllAsync()) { await to.Writer.WriteAsync(note); }
            to.Writer.Complete();
        }
    }

    private static async Task FeedAsync(Channel<Note> to)
    {
        for (var i = 0; i < Messages; i++) { await to.Writer.WriteAsync(Notes[i & 1023]); }
        to.Writer.Complete();
    }

    private static async Task EndAsync(Channel<Note> from, Count count)
    {
        await foreach (var note in from.Reader.ReadAllAsync()) { count.Add(note); }
    }

    private static Sample Checked(Count count, Action work) => Checked(count, TotalHops, work);

    private static Sample Checked(Count count, long hops, Action work)
    {
        var sample = Measurement.NanosecondsPer(hops, work);
        return count.Value == Messages
            ? sample
            : throw new BenchmarkException($"expected {Messages} messages at the end, got {count.Value}");
    }

    private static Pipeline Chain(Count count) => Pipeline.Define("chain", p =>
    {
        p.EdgeDefaults = new() { CapacityMessages = Capacity };
        var notes = p.From("notes", Messages, static (int messages, OperatorContext context) => new NoteSource(messages, context.Now));
        Through(notes).To("count", count, MakeEnd);
    });

    private static Flow<Note> Through(Flow<Note> flow)
    {
        for (var i = 0; i < PassingBlocks; i++)
        {
            flow = flow.Via($"pass {i}", i, static (int _, OperatorContext _, IOutput<Note> output) => new Pass(output));
        }
        return flow;
    }

    private static CountEnd MakeEnd(Count count, OperatorContext context) => new(count);
    private sealed record Note(int Number);

    private sealed class Count
    {
        internal int Value { get; private set; }
        internal void Add(Note note) => Value += note.Number >= 0 ? 1 : 0;
    }

    private sealed class NoteSource(int messages, DateTimeOffset start) : Source<Note>
    {
        private int _made;
        public override DateTimeOffset? NextAt => _made < messages ? start : null;
        public override Note Next() => Notes[_made++ & 1023];
    }

    /// <summary>Delivers the notes from memory and counts their acknowledgements.</summary>
    private sealed class NoteTransport : ITransport, IMessageOwner
    {
        private int _read;
        private int _acknowledged;
        public string Name => "memory";
        internal int Acknowledged => Volatile.Read(ref _acknowledged);
        public ValueTask DisposeAsync() => default;

        public ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public async IAsyncEnumerable<Message> SubscribeAsync(
            Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            for (var i = 0; i < Messages; i++) { yield return new(filter, default, new("notes", i), this, i); }
        }

        public void Acknowledge(long id) => Interlocked.Increment(ref _acknowledged);
        public void Refuse(long id, string reason) => throw new BenchmarkException($"message {id} was refused: {reason}");
        public void Release(long id) { }
        internal Note Read(Received message, BatchPool pool) => Notes[_read++ & 1023];
    }

    private sealed class Pass(IOutput<Note> output) : Operator<Note>
    {
        public override void Process(Note input) => output.Emit(input);
    }

    private sealed class CountEnd(Count count) : Operator<Note>
    {
        public override void Process(Note input) => count.Add(input);
    }
}
