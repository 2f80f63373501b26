using System.Buffers;
using System.Buffers.Binary;
using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <summary>Section 6.4: tasks that are offloaded or dropped, by what an agent has learned, and tasks with deadlines.</summary>
public sealed class At06Offloading(ITestOutputHelper output)
{
    private const int Slots = 20_000;
    private const int NormalTasks = 2000;

    public static TheoryData<double, int> Arrivals =>
        LongForm.IsAsked
            ? [.. from arrivals in new[] { .3, .4, .5, .6, .7 } from seed in Enumerable.Range(1, 3) select (arrivals, seed)]
            : [(.5, 1)];

    [Theory]
    [MemberData(nameof(Arrivals))]
    public void AT_6g_The_agent_beats_simple_rules_by_a_tenth_and_comes_near_value_iteration(double arrivals, int seed)
    {
        var process = OffloadedTasks.Process(arrivals);
        var decide = process.Learn(seed, LongForm.IsAsked ? 40_000 : 25_000);
        var learned = process.Play(decide, Slots, seed);
        var best = process.BestActions();
        var optimum = process.Play(state => best[process.IndexOf(state)], Slots, seed);
        (string Name, (double Cost, double DropRate) Result)[] rules =
        [
            ("local", process.Play(OffloadRules.Local(process), Slots, seed)),
            ("best link", process.Play(OffloadRules.BestLink(process), Slots, seed)),
            ("greedy", process.Play(OffloadRules.Greedy(process), Slots, seed)),
            ("any", process.Play(OffloadRules.Any(process, seed), Slots, seed)),
        ];
        var rule = rules.MinBy(static r => r.Result.Cost);

        output.WriteLine($"arrivals {arrivals}, seed {seed}: agent {Text(learned)}, value iteration {Text(optimum)}, "
            + string.Join(", ", rules.Select(r => $"{r.Name} {Text(r.Result)}")));
        var (drops, distance) = LongForm.IsAsked ? (.001, 1.12) : (0, 1.1);     // DEVIATIONS.md says why
        Assert.InRange(learned.Cost, 0, .9 * rule.Result.Cost);
        Assert.InRange(learned.DropRate, 0, rule.Result.DropRate + drops);
        Assert.InRange(learned.Cost, 0, distance * optimum.Cost);

        static string Text((double Cost, double DropRate) result) => $"{result.Cost:0.000} ({result.DropRate:0.0 %} dropped)";
    }

    /// <summary>Load 0.7 of tasks of 1 s that must be done in 10 s, and a tenth of giants of 20 s that must be done in 15 s.</summary>
    [Fact]
    public void AT_6h_A_deadline_queue_completes_what_is_feasible_and_first_in_first_out_hardly_any()
    {
        var tasks = Tasks();
        var dropping = Serve(tasks, new());
        var plain = Serve(tasks, new() { Order = ServiceOrder.FirstIn, KeepInfeasible = true, CapacityMessages = tasks.Count });

        output.WriteLine($"earliest deadline with drops: {dropping.Share:0.0 %} of the feasible in time, {dropping.Metrics}; "
            + $"first in, first out without: {plain.Share:0.0 %}, {plain.Metrics}");
        Assert.InRange(dropping.Share, .95, 1);
        Assert.InRange(plain.Share, 0, .2);
        Assert.Equal(Brute(tasks, drops: true), dropping.Served);
        Assert.Equal(Brute(tasks, drops: false), plain.Served);
    }

    private static List<TimedTask> Tasks()
    {
        var random = new RandomStream(1, "tasks");
        List<TimedTask> tasks = [];
        Add(NormalTasks, rate: .7, work: 1, budget: 10);
        Add(NormalTasks / 9, rate: .7 / 9, work: 20, budget: 15);
        return [.. tasks.OrderBy(static t => t.Came)];

        void Add(int count, double rate, double work, double budget)
        {
            for (var (i, at) = (0, 0.0); i < count; i++)
            {
                at -= Math.Log(1 - random.NextDouble()) / rate;
                tasks.Add(new(TimeSpan.FromSeconds(at), TimeSpan.FromSeconds(work), TimeSpan.FromSeconds(budget)));
            }
        }
    }

    /// <summary>The queue in the virtual world: which tasks were served, and how many of the feasible in time.</summary>
    private static (List<TimedTask> Served, double Share, string Metrics) Serve(List<TimedTask> tasks, DeadlineQueueOptions options)
    {
        using var world = new VirtualWorld(new() { Seed = 1, Start = DateTimeOffset.UnixEpoch });
        List<TimedTask> served = [];
        var inTime = 0;
        var device = world.Add(Pipeline.Define("server", p => p
            .From("tasks", options, (DeadlineQueueOptions _, OperatorContext context) => new TaskSource(tasks, context.Now))
            .ServeByDeadline("serve", static (task, came) => came + task.Budget,
                (task, context) =>
                {
                    served.Add(task);
                    context.Charge(task.Work);
                    var due = DateTimeOffset.UnixEpoch + task.Came + task.Budget;
                    inTime += task.Budget > task.Work && context.Now + task.Work <= due ? 1 : 0;
                    return task;
                },
                static task => task.Work, TaskCodec.Default, options)
            .ForEach("done", static _ => { })));
        world.RunToEnd(TestContext.Current.CancellationToken);
        Assert.Null(device.Failure);
        var metrics = device.Metrics["serve"];
        Assert.Equal(tasks.Count, served.Count + metrics.Drops.Values.Sum());
        Assert.Equal(served.Count, metrics.Counter("served"));
        var text = $"{served.Count} served, {metrics.Counter("late")} late, {metrics.Drops.GetValueOrDefault("infeasible")} infeasible";
        return (served, inTime / (double)NormalTasks, text);
    }

    private static List<TimedTask> Brute(List<TimedTask> tasks, bool drops)
    {
        List<TimedTask> served = [];
        List<TimedTask> waiting = [];
        var now = TimeSpan.Zero;
        for (var next = 0; next < tasks.Count || waiting.Count > 0;)
        {
            if (waiting.Count == 0 && next < tasks.Count && tasks[next].Came > now) { now = tasks[next].Came; }
            while (next < tasks.Count && tasks[next].Came <= now) { waiting.Add(tasks[next++]); }
            if (drops) { waiting.RemoveAll(t => now + t.Work > t.Came + t.Budget); }
            if (waiting.Count == 0) { continue; }
            var task = drops ? waiting.MinBy(static t => t.Came + t.Budget)! : waiting[0];
            waiting.Remove(task);
            served.Add(task);
            now += task.Work;
        }

        return served;
    }

    private sealed record TimedTask(TimeSpan Came, TimeSpan Work, TimeSpan Budget);

    private sealed class TaskSource(List<TimedTask> tasks, DateTimeOffset start) : Source<TimedTask>
    {
        private int _next;

        public override DateTimeOffset? NextAt => _next < tasks.Count ? start + tasks[_next].Came : null;

        public override TimedTask Next() => tasks[_next++];
    }

    private sealed class TaskCodec : ICodec<TimedTask>
    {
        internal static TaskCodec Default { get; } = new();

        public string Name => "task/1";

        public void Encode(TimedTask value, IBufferWriter<byte> buffer)
        {
            foreach (var time in new[] { value.Came, value.Work, value.Budget })
            {
                BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(8), time.Ticks);
                buffer.Advance(8);
            }
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out TimedTask value)
        {
            var all = bytes.ToArray();
            value = new(At(0), At(8), At(16));
            return all.Length == 24;

            TimeSpan At(int place) => new(BinaryPrimitives.ReadInt64LittleEndian(all.AsSpan(place)));
        }
    }
}
