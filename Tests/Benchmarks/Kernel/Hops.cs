using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;
using StreamLearn;
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

        static async Task FeedAsync(Channel<Note> to)
        {
            for (var i = 0; i < Messages; i++) { await to.Writer.WriteAsync(Notes[i & 1023]); }
            to.Writer.Complete();
        }

        static async Task PassAsync(Channel<Note> from, Channel<Note> to)
        {
            await foreach (var note in from.Reader.ReadAllAsync()) { await to.Writer.WriteAsync(note); }
            to.Writer.Complete();
        }

        static async Task EndAsync(Channel<Note> from, Count count)
        {
            await foreach (var note in from.Reader.ReadAllAsync()) { count.Add(note); }
        }
    }

    private static Sample Checked(Count count, Action work)
    {
        var sample = Measurement.NanosecondsPer(TotalHops, work);
        return count.Value == Messages
            ? sample
            : throw new BenchmarkException($"expected {Messages} messages at the end, got {count.Value}");
    }

    private static Pipeline Chain(Count count) => Pipeline.Define("chain", p =>
    {
        p.EdgeDefaults = new() { CapacityMessages = Capacity };
        var flow = p.From("notes", Messages, static (int messages, OperatorContext context) => new NoteSource(messages, context.Now));
        for (var i = 0; i < PassingBlocks; i++)
        {
            flow = flow.Via($"pass {i}", i, static (int _, OperatorContext _, IOutput<Note> output) => new Pass(output));
        }

        flow.To("count", count, static (Count count, OperatorContext _) => new CountEnd(count));
    });

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

    private sealed class Pass(IOutput<Note> output) : Operator<Note>
    {
        public override void Process(Note input) => output.Emit(input);
    }

    private sealed class CountEnd(Count count) : Operator<Note>
    {
        public override void Process(Note input) => count.Add(input);
    }
}
