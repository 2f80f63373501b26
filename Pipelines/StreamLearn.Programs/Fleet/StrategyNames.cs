using StreamLearn.Fleets;

namespace StreamLearn.Programs;

/// <summary>Strategies by name, as in an aggregator's file.</summary>
public static class StrategyNames
{
    /// <summary>With a barrier, devices wait for its versions, whatever their file says.</summary>
    private static readonly Directive InStep = new() { Pace = TrainPace.LockStep };

    private static readonly Directive AtOnce = new() { Pace = TrainPace.Free };

    private static ImmutableArray<(string Name, Func<ConfigMap, Strategy> Read)> _known =
    [
        ("fedbuff", static m => new FedBuff(
            (int)m["updates", "updates of a version, from any devices"].As(fallback: "required; without `strategy` 10")
                .Whole(1, 10_000).Required(), Rate(m, 1), Deadline(m))
        {
            Staleness = StalenessOf(m), Directive = AtOnce,
        }),
        ("fedasync", static m => new FedAsync(
            Devices(m, "devices of the fleet"), (float)m["alpha", "share of an update in its version"].Number(1e-6, 1).Or(0.6))
        {
            Staleness = StalenessOf(m),
            MaxStaleness = (int?)m["max_staleness", "most versions behind"].As(fallback: "4 × `devices`").Whole(1, 1_000_000).OrNull(),
            Directive = AtOnce,
        }),
        ("fedavg", static m => Barrier(m, new FedAvg(Devices(m), Rate(m, 1)))),
        ("fedavgm", static m => Barrier(m, new FedAvgM(
            Devices(m), Rate(m, 1), (float)m["momentum", "of the last step"].Number(0, 0.9999).Or(0.9)))),
        ("fedprox", static m => Barrier(m, new FedProx(
            Devices(m), (float)m["mu", "pull towards the version"].Number(0, 1e6).Or(0.01), Rate(m, 1))
        {
            RoundTime = Time(m["round_time", "when a device sends what it has"]),
        })),
        ("fedadam", static m => Barrier(m,
            new FedAdam(Devices(m), Rate(m, 0.01)) { Beta1 = Beta1(m), Beta2 = Beta2(m), Epsilon = Epsilon(m) })),
        ("fedyogi", static m => Barrier(m,
            new FedYogi(Devices(m), Rate(m, 0.01)) { Beta1 = Beta1(m), Beta2 = Beta2(m), Epsilon = Epsilon(m) })),
        ("fedadagrad", static m => Barrier(m,
            new FedAdagrad(Devices(m), Rate(m, 0.01)) { Beta1 = Beta1(m), Beta2 = Beta2(m), Epsilon = Epsilon(m) })),
        ("fedmedian", static m => Barrier(m, new FedMedian(Devices(m), Rate(m, 1)))),
        ("fedtrimmedmean", static m => Barrier(m, new FedTrimmedMean(
            Devices(m), m["trimmed", "share of each value's updates cut at each end"].Number(0, 0.49).Or(0.2), Rate(m, 1)))),
        ("oneshot", static m => new OneShot(Devices(m))),
        ("adaptive_tau", static m => new AdaptiveTau(Devices(m, "devices before the first version"))
        {
            Budget = BudgetOf(m),
            Settings = new()
            {
                LearningRate = m["learning_rate", "`rate` of the devices' `learn`"].Number(1e-9, 1000).Or(0.05),
                Phi = PhiOf(m),
                MaxSteps = (int)m["max_steps", "most steps between versions"].Whole(1, 100_000).Or(100),
                IsSafe = m["safe", "plans for varying costs: the budget holds, and less is used"].Boolean().Or(false),
            },
        }),
    ];

    /// <summary>Adds a strategy that aggregators' files may name: <c>strategy: { name: { keys } }</c>. Call it at start.</summary>
    /// <remarks>A strategy whose rounds wait for devices directs them to wait for versions: <c>Pace = TrainPace.LockStep</c>.</remarks>
    /// <param name="name">Its name.</param>
    /// <param name="read">Reads its keys; values that the strategy refuses are reported with their position.</param>
    /// <exception cref="ArgumentException">Another strategy has this name.</exception>
    public static void Register(string name, Func<ConfigMap, Strategy> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(read);
        ImmutableInterlocked.Update(ref _known, known => known.All(k => k.Name != name) ? known.Add((name, read))
            : throw new ArgumentException($"another strategy is named {name}", nameof(name)));
    }

    /// <summary>Reads a strategy: one key, its name, with its settings; <c>fedbuff</c> with ten updates if absent.</summary>
    internal static (string Name, Strategy Strategy) Read(ConfigEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.As(fallback: "`fedbuff`").OneOf<(string, Strategy)>(
            [.. _known.Select(k => (k.Name, (Func<ConfigMap, (string, Strategy)>)(m => (k.Name, Checked(k.Read(m), entry)))))]).Or(
                ("fedbuff", new FedBuff(10) { Staleness = Staleness.Polynomial(1), Directive = AtOnce }));
    }

    private static Strategy Checked(Strategy strategy, ConfigEntry entry)
    {
        try
        {
            strategy.Check();
        }
        catch (ArgumentException e)
        {
            entry.Refuse(e.Message.ReplaceLineEndings(" "));
        }

        return strategy;
    }

    /// <summary>At least one resource must be limited.</summary>
    private static ImmutableArray<Resource> BudgetOf(ConfigMap map)
    {
        var time = map["time", "learning time"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)).OrNull();
        var bytes = map["bytes", "bytes all devices send and receive"].Number(1, 1e18).OrNull();
        if (time is null && bytes is null) { map["time"].Refuse("expected a budget: time: 10m, or bytes: 8e6, or both"); }
        var budget = ImmutableArray.CreateBuilder<Resource>();
        if (time is { } longest) { budget.Add(Resource.Time(longest)); }
        if (bytes is { } most) { budget.Add(Resource.Bytes((long)most)); }
        return budget.Count == 0 ? [Resource.Time(TimeSpan.FromSeconds(15))] : budget.ToImmutable();
    }

    private static SynchronousStrategy Barrier(ConfigMap map, SynchronousStrategy strategy) => strategy with
    {
        Deadline = Deadline(map),
        DeadlineFactor = map["deadline_factor", "instead: multiple of the expected round time"].Number(0.01, 1000).OrNull(),
        MinFraction = map["min_fraction", "of devices; with fewer at the deadline the round is void"].Number(0, 1).Or(0.5),
        Directive = InStep,
    };

    private static int Devices(
        ConfigMap map, string meaning = "devices at the start; a version then waits for all alive") =>
        (int)map["devices", meaning].Whole(1, 10_000).Required();

    private static float Rate(ConfigMap map, double usual) =>
        (float)map["learning_rate", "how far updates move the model"].Number(1e-9, 1000).Or(usual);

    private static TimeSpan? Deadline(ConfigMap map) => Time(map["deadline", "latest time of a version"]);

    private static TimeSpan? Time(ConfigEntry entry) =>
        entry.Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(24)).OrNull();

    private static Staleness StalenessOf(ConfigMap map) =>
        Staleness.Polynomial((float)map["staleness", "loss of weight with age"].Number(0, 10).Or(1));

    private static double? PhiOf(ConfigMap map)
    {
        var entry = map["phi", "larger: fewer steps. Without hidden layers 0.025; `auto`: measured, for steps of 16 windows or more"];
        return entry.As("{0}, `auto`").Text().OrNull() == "auto" ? null : entry.Number(1e-12, 1e6).Or(5e-5);
    }

    private static float Beta1(ConfigMap map) => (float)map["beta1", "memory of the mean of updates"].Number(0, 0.999999).Or(0.9);

    private static float Beta2(ConfigMap map) => (float)map["beta2", "memory of the mean of squares"].Number(0, 0.999999).Or(0.99);

    private static float Epsilon(ConfigMap map) => (float)map["epsilon", "added to its root"].Number(1e-12, 1).Or(1e-3);
}
