using System.Collections.Concurrent;
using FleetProcess;
using StreamLearn.Nats;

namespace Acceptance.Tests;

/// <summary>Section 5.5 over nats-server: a block of convolutions computed by processes, of which one is really killed.</summary>
public sealed class At05Parts(ITestOutputHelper output)
{
    private const string Head = "head";
    private static readonly Schema Pixels =
        new(Field.Time(), Field.Channel("red", Unit.One), Field.Channel("green", Unit.One), Field.Channel("blue", Unit.One));

    /// <summary>How much faster two processes are than one depends on what else the machine does: the long form prints it, with blocks of
    /// at least 200 ms, and asserts nothing of it.</summary>
    [Fact]
    public async Task AT_5l_Two_processes_give_the_answers_of_one_and_have_about_half_of_the_work_each()
    {
        var (filters, inputs) = LongForm.IsAsked ? (512, 12) : (16, 8);
        var (alone, _, _) = await RunAsync(filters, inputs, killed: null, Whole("one"));
        var (both, workers, tasks) = await RunAsync(filters, inputs, killed: null, Whole("one", "two"));

        var network = PartTopics.Network(filters);
        var work = tasks.GroupBy(static t => t.Worker).ToDictionary(static g => g.Key, g => g.Sum(t =>
            RowPart.Of(network, t.First, t.End, t.Lines).MultiplyAdds), StringComparer.Ordinal);
        var whole = inputs * RowPartition.Of(network, 0, PartTopics.End, 1).WholeMultiplyAdds;
        Assert.InRange((double)work["one"] / whole, 0.5, 0.54);         // halo of three lines of 48 at the cut
        Assert.InRange((double)work["two"] / whole, 0.5, 0.54);
        Assert.All(workers.Values, used => Assert.Contains($"for {inputs} parts and ", used, StringComparison.Ordinal));
        output.WriteLine($"one process {alone.TotalMilliseconds / (inputs - 1):0} ms an input, two "
            + $"{both.TotalMilliseconds / (inputs - 1):0} ms: {alone / both:0.00} times as fast");
        output.WriteLine($"shares {(double)work["one"] / whole:0.000} and {(double)work["two"] / whole:0.000}");
        output.WriteLine(string.Join("; ", workers.Select(static w => $"{w.Key} {w.Value}")));
    }

    /// <summary>In one block, and in the second of two: the first convolution by its filters, the others by lines.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AT_5l_A_worker_that_is_killed_in_the_middle_of_the_stream_costs_no_answer(bool inSecondBlock)
    {
        var (_, workers, tasks) = await RunAsync(16, inputs: 12, killed: "two", inSecondBlock
            ?
            [
                new() { End = 1, Workers = [("one", 1)], OwnRate = 1, By = PartCut.Channels },
                new() { First = 2, End = PartTopics.End, Workers = [("one", 1), ("two", 1)] },
            ]
            : Whole("one", "two"));

        Assert.Equal(["one"], workers.Keys);
        var last = tasks.Max(static t => t.Sequence);
        Assert.DoesNotContain(tasks, t => t.Sequence == last && t.Worker == "two");             // nothing of the last input
        Assert.Equal(inSecondBlock ? 2 : 1, tasks.Select(static t => t.First).Distinct().Count());
        var moved = tasks.GroupBy(static t => (t.Sequence, t.Lines)).Where(static g => g.Count() > 1).ToList();
        Assert.NotEmpty(moved);                                 // lines of the dead one, sent again
        Assert.All(moved, static lines => Assert.Equal(["two", "one"], lines.Select(static t => t.Worker)));
    }

    /// <summary>Runs inputs through a head here and workers in processes, two inputs at a time, and compares every answer with that of one
    /// node. <paramref name="killed"/>: the worker that is frozen after a third of the answers, so that it has lines, and then
    /// killed.</summary>
    private static async Task<(TimeSpan Time, Dictionary<string, string> Workers, IReadOnlyCollection<PartTask> Tasks)> RunAsync(
        int filters, int inputs, string? killed, ImmutableArray<PartBlock> blocks)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var network = PartTopics.Network(filters);
        var names = blocks.SelectMany(static b => b.Workers).Select(static w => w.Name).Distinct().ToList();
        await using var server = await RealNats.StartAsync(new() { More = ["trace: true", "max_traced_msg_len: 16"] });
        await using var link = new NatsTransport(new() { Servers = [server.Uri] });
        var processes = names.ToDictionary(static n => n, name => new ServerProcess("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), "part-worker", server.Uri.ToString(), name, $"{filters}"]));
        try
        {
            var (tasks, answers) = (new ConcurrentQueue<PartTask>(), new ConcurrentQueue<ulong>());
            var head = Pipeline.Define(Head, p =>
            {
                var results = p.Subscribe(link, PartTopics.ResultsOf(Head), NodesCodecs.PartResults);
                var (answered, dealt) = p.Input<Batch>("images", Pixels).InferInParts(network, results, new()
                {
                    Blocks = blocks,
                    Deadline = TimeSpan.FromSeconds(killed is not null ? 3 : LongForm.IsAsked ? 60 : 20),
                    RetryAfter = TimeSpan.FromMinutes(5),
                });
                answered.ForEach("answers", batch => answers.Enqueue(Batches.Hash(batch)));
                dealt.ForEach("dealt", tasks.Enqueue);
                dealt.PublishTo(link, PartTopics.Tasks, NodesCodecs.PartTasks, static t => t.Worker);
            });
            await using var run = head.Start();
            foreach (var topic in names.Select(PartTopics.TasksOf).Append(PartTopics.ResultsOf(Head)))
            {
                await server.Process.WaitForAsync($"[SUB {topic.Replace('/', '.')} ", cancellation);      // before, nothing is kept for it
            }

            var begun = 0L;
            for (var i = 0; i < inputs; i++)
            {
                if (i == 1)     // the first one starts up what is compiled at its first use
                {
                    while (answers.IsEmpty && !run.Completion.IsCompleted)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellation);
                    }

                    begun = TimeProvider.System.GetTimestamp();
                }

                if (killed is not null && i == inputs / 3) { processes[killed].Freeze(); }
                if (killed is not null && i == (inputs / 3) + 2) { await processes[killed].KillAsync(); }
                await run.SendAsync("images", Image(run.Pool, i), cancellation);
            }

            await run.DrainAsync();
            await run.Completion;
            var time = TimeProvider.System.GetElapsedTime(begun);
            Assert.Equal(Expected(network, inputs), answers);
            var said = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (name, process) in processes.Where(p => p.Key != killed))
            {
                process.Tell("how much");
                await process.WaitForAsync("used ", cancellation);
                said[name] = process.Log.Split('\n').Last(static l => l.StartsWith("used ", StringComparison.Ordinal));
            }

            return (time, said, tasks);
        }
        finally
        {
            foreach (var process in processes.Values) { await process.DisposeAsync(); }
        }
    }

    private static ImmutableArray<PartBlock> Whole(params ReadOnlySpan<string> workers) =>
        [new() { End = PartTopics.End, Workers = [.. workers.ToArray().Select(static n => (n, 1.0))] }];

    private static List<ulong> Expected(Network network, int inputs)
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(rows => rows.Infer(network, network.Initial), Pixels);
        var all = new List<ulong>();
        for (var i = 0; i < inputs; i++)
        {
            probe.Send(Image(probe.Pool, i));
            using var answers = probe.Expect<Batch>();
            all.Add(Batches.Hash(answers));
        }

        return all;
    }

    private static Batch Image(BatchPool pool, int number)
    {
        var batch = Batches.Random(pool, Pixels, 48 * 48, seed: number);
        batch["time"].Writable<long>().Fill(number);
        return batch;
    }
}
