namespace Acceptance.Tests;

public sealed class UnseenGroupTests(ITestOutputHelper output)
{
    private const double OfBest = 0.01;
    private const double OfOthers = 0.02;

    private static readonly TrainOptions Endless = new() { MaxVisits = null };
    private static readonly TrainOptions Bounded = new();

    private static readonly Followed[] Strategies =
    [
        new("FedAvg", static n => new FedAvg(n), TrainPace.LockStep),
        new("FedProx", static n => new FedProx(n), TrainPace.LockStep),
        new("FedBuff", static n => new FedBuff(Math.Min(10, n)) { Staleness = Staleness.Polynomial(1) }, TrainPace.Free),
        new("FedAsync", static n => new FedAsync(n), TrainPace.Free),
    ];

    /// <summary>The recordings of people whose sensors differ: each column of a person is moved by a number of its own.</summary>
    private static GroupSetup Moved { get; } = new("har, moved", IsFinal: false, 6, static () =>
    {
        var people = GroupSetups.All[0].Load();
        if (people.Count == 0) { return []; }
        var (_, deviation) = OneMachine.Moments(LabeledRows.Of(people.Select(static p => p.Rows)));
        return [.. people.Select(p =>
        {
            var random = new RandomStream(7, p.Name);
            float[] by = [.. deviation.Select(d => (float)(0.8 * d * random.NextGaussian()))];
            return new Group(p.Name, new([.. p.Rows.Features.Select((v, i) => v + by[i % by.Length])], p.Rows.Labels));
        })];
    });

    [Fact]
    public void A_fleet_ends_near_its_best_version_and_near_one_machine_with_all_rows()
    {
        var part = Recorded(GroupSetups.All[0], seed: 1);
        var model = Model(part, hidden: 0, seed: 1);
        var (regression, alone) = (OneMachine.LogisticRegression(part.Classes, part.Devices, part.Unseen),
            OneMachine.Fit(model, part.Devices, part.Unseen, seed: 1));

        using var fleet = After(part, model, Strategies[0], seed: 1);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"end {fleet.End:.000}, best {fleet.Best:.000}, regression {regression:.000}, one machine {alone:.000}; {fleet.Last}"));
        Assert.True(fleet.End >= fleet.Best - OfBest);
        Assert.True(fleet.End >= Math.Max(regression, alone) - OfOthers);
    }

    [Fact]
    public void Where_people_differ_a_fleet_that_goes_on_from_its_buffers_ends_worse()
    {
        var part = Recorded(Moved, seed: 2) with { Steps = 8000 };
        var model = Model(part, hidden: 0, seed: 2);

        using var endless = Before(part, model, Strategies[0], seed: 2);
        using var bounded = After(part, model, Strategies[0], seed: 2);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"endless {endless.End:.000}, bounded {bounded.End:.000}, best {bounded.Best:.000}"));
        Assert.True(endless.End < endless.Best - (6 * OfBest));
        Assert.True(bounded.End > endless.End + (2 * OfBest));
    }

    /// <summary>The table of all set-ups, those that nothing was tuned on too. The long form alone runs any.</summary>
    [Fact]
    public void A_table_of_all_set_ups()
    {
        GroupSetup[] setUps = LongForm.IsAsked ? [.. GroupSetups.All.Append(Moved).OrderBy(static s => s.IsFinal)] : [];
        output.WriteLine("set-up              model  strategy  seed   before: end  best   after: end  best   machine  regression");
        foreach (var setup in setUps)
        {
            List<(double End, double Best, double Others)> before = [], after = [];
            var seeds = setup.Name.StartsWith("mnist", StringComparison.Ordinal) ? 1 : 3;        // images take long
            for (var seed = 0; seed < seeds; seed++) { Print(setup, seed, before, after); }
            if (after.Count > 0) { output.WriteLine($"{setup.Name}: before {Text(before)}; after {Text(after)}"); }
        }

        Assert.Equal(LongForm.IsAsked, setUps.Length > 0);
    }

    private static string Text(List<(double End, double Best, double Others)> runs) => string.Create(CultureInfo.InvariantCulture,
        $"{runs.Count(static r => r.End >= r.Best - OfBest)} of {runs.Count} within a point of their best version, "
        + $"{runs.Count(static r => r.End >= r.Others - OfOthers)} within two of both others, "
        + $"in the mean {runs.Average(static r => r.End):.000}");

    private void Print(GroupSetup setup, long seed, List<(double, double, double)> before, List<(double, double, double)> after)
    {
        if (Part(setup, seed) is not { } part) { return; }
        var regression = OneMachine.LogisticRegression(part.Classes, part.Devices, part.Unseen);
        foreach (var hidden in new[] { 0, part.Hidden })
        {
            var model = Model(part, hidden, seed);
            var alone = OneMachine.Fit(model, part.Devices, part.Unseen, seed);
            var runs = Strategies.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(strategy =>
            {
                using var endless = Before(part, model, strategy, seed);
                using var bounded = After(part, model, strategy, seed);
                return (strategy.Name, Before: (endless.End, endless.Best), After: (bounded.End, bounded.Best));
            });
            foreach (var run in runs)
            {
                before.Add((run.Before.End, run.Before.Best, Math.Max(alone, regression)));
                after.Add((run.After.End, run.After.Best, Math.Max(alone, regression)));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{setup.Name,-19} {(hidden == 0 ? "linear" : "mlp"),-6} {run.Name,-9} {seed,4}         {run.Before.End:.000}  "
                    + $"{run.Before.Best:.000}         {run.After.End:.000}  {run.After.Best:.000}      "
                    + $"{alone:.000}        {regression:.000}"));
            }
        }
    }

    private static GroupFleet Before(PartOfSetup part, Network model, Followed strategy, long seed) =>
        new GroupFleet(model, strategy.Of(part.Devices.Length), new(), part, Endless with { Pace = strategy.Pace }, seed).Run();

    private static GroupFleet After(PartOfSetup part, Network model, Followed strategy, long seed) =>
        new GroupFleet(model, strategy.Of(part.Devices.Length), new(), part, Bounded with { Pace = strategy.Pace }, seed).Run();

    private static PartOfSetup Recorded(GroupSetup setup, long seed)
    {
        var part = Part(setup, seed);
        Assert.SkipWhen(part is null, "the recordings are not there");
        return part;
    }

    private static PartOfSetup? Part(GroupSetup setup, long seed)
    {
        var all = setup.Load();
        if (all.Count == 0) { return null; }
        var (learning, unseen) = GroupSetup.Split(all, seed);
        return new([.. learning.Select(static g => g.Rows)], LabeledRows.Of(unseen.Select(static g => g.Rows)), setup.Classes);
    }

    private static Network Model(PartOfSetup part, int hidden, long seed) => hidden == 0
        ? new(new(part.Unseen.Width), part.Classes, [new Scale()], [new(0, new Dense(part.Classes))], seed)
        : new(new(part.Unseen.Width), part.Classes, [new Scale(), new Dense(hidden), new Relu()], [new(2, new Dense(part.Classes))], seed);

    private sealed record Followed(string Name, Func<int, Strategy> Of, TrainPace Pace);
}
