using StreamLearn.Fleets;

namespace StreamLearn.Programs;

/// <summary>Strategies by name, as in an aggregator's file.</summary>
public static class StrategyNames
{
    /// <summary>A barrier makes devices wait for its versions, whatever their file says.</summary>
    private static readonly Directive InStep = new() { Pace = TrainPace.LockStep };

    private static readonly Directive AtOnce = new() { Pace = TrainPace.Free };

    private static ImmutableArray<(string Name, Func<ConfigMap, Strategy> Read)> _known =
    [
        ("fedbuff", static m => new FedBuff(Count(m, "updates"), Rate(m, 1), Deadline(m))
        {
            Staleness = StalenessOf(m), Directive = AtOnce,
        }),
        ("fedasync", static m => new FedAsync(Devices(m), Share(m["alpha"], 0.6))
        {
            Staleness = StalenessOf(m),
            MaxStaleness = (int?)m["max_staleness"].Whole(1, 1_000_000).OrNull(),
            Directive = AtOnce,
        }),
        ("fedavg", static m => Barrier(m, new FedAvg(Devices(m), Rate(m, 1)))),
        ("fedavgm", static m => Barrier(m, new FedAvgM(Devices(m), Rate(m, 1), (float)m["momentum"].Number(0, 0.9999).Or(0.9)))),
        ("fedprox", static m => Barrier(m, new FedProx(Devices(m), (float)m["mu"].Number(0, 1e6).Or(0.01), Rate(m, 1))
        {
            RoundTime = m["round_time"].Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(24)).OrNull(),
        })),
        ("fedadam", static m => Barrier(m, new FedAdam(Devices(m), Rate(m, 0.01))
        {
            Beta1 = Beta(m["beta1"], 0.9), Beta2 = Beta(m["beta2"], 0.99), Epsilon = Epsilon(m),
        })),
        ("fedyogi", static m => Barrier(m, new FedYogi(Devices(m), Rate(m, 0.01))
        {
            Beta1 = Beta(m["beta1"], 0.9), Beta2 = Beta(m["beta2"], 0.99), Epsilon = Epsilon(m),
        })),
        ("fedadagrad", static m => Barrier(m, new FedAdagrad(Devices(m), Rate(m, 0.01))
        {
            Beta1 = Beta(m["beta1"], 0.9), Beta2 = Beta(m["beta2"], 0.99), Epsilon = Epsilon(m),
        })),
        ("fedmedian", static m => Barrier(m, new FedMedian(Devices(m), Rate(m, 1)))),
        ("fedtrimmedmean", static m => Barrier(m, new FedTrimmedMean(Devices(m), m["trimmed"].Number(0, 0.49).Or(0.2), Rate(m, 1)))),
        ("oneshot", static m => new OneShot(Devices(m))),
        ("adaptive_tau", static m => new AdaptiveTau(Devices(m))
        {
            Budget = BudgetOf(m),
            Settings = new()
            {
                LearningRate = m["learning_rate"].Number(1e-9, 1000).Or(0.05),
                Phi = m["phi"].Text().OrNull() == "auto" ? null : m["phi"].Number(1e-12, 1e6).Or(5e-5),
                MaxSteps = (int)m["max_steps"].Whole(1, 100_000).Or(100),
                IsSafe = m["safe"].Boolean().Or(false),
            },
        }),
    ];

    /// <summary>Adds a strategy to aggregators' files: <c>strategy: { name: { keys } }</c>. Called at start.</summary>
    /// <remarks>A strategy whose rounds wait for devices directs them to wait for versions: <c>Pace = TrainPace.LockStep</c>.</remarks>
    /// <param name="name">Its name.</param>
    /// <param name="read">Reads its keys; what the strategy refuses is reported with its place.</param>
    /// <exception cref="ArgumentException">Another strategy has the name.</exception>
    public static void Register(string name, Func<ConfigMap, Strategy> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(read);
        ImmutableInterlocked.Update(ref _known, known => known.All(k => k.Name != name) ? known.Add((name, read))
            : throw new ArgumentException($"another strategy is named {name}", nameof(name)));
    }

    /// <summary>Reads a strategy: one key, its name, with its settings; absent: <c>fedbuff</c> of ten updates.</summary>
    internal static (string Name, Strategy Strategy) Read(ConfigEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.OneOf<(string, Strategy)>(
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

    /// <summary>At least one must be limited.</summary>
    private static ImmutableArray<Resource> BudgetOf(ConfigMap map)
    {
        var time = map["time"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)).OrNull();
        var bytes = map["bytes"].Number(1, 1e18).OrNull();
        if (time is null && bytes is null) { map["time"].Refuse("expected a budget: time: 10m, or bytes: 8e6, or both"); }
        var budget = ImmutableArray.CreateBuilder<Resource>();
        if (time is { } longest) { budget.Add(Resource.Time(longest)); }
        if (bytes is { } most) { budget.Add(Resource.Bytes((long)most)); }
        return budget.Count == 0 ? [Resource.Time(TimeSpan.FromSeconds(15))] : budget.ToImmutable();
    }

    private static SynchronousStrategy Barrier(ConfigMap map, SynchronousStrategy strategy) => strategy with
    {
        Deadline = Deadline(map),
        DeadlineFactor = map["deadline_factor"].Number(0.01, 1000).OrNull(),
        MinFraction = map["min_fraction"].Number(0, 1).Or(0.5),
        Directive = InStep,
    };

    private static int Count(ConfigMap map, string key) => (int)map[key].Whole(1, 10_000).Required();

    private static int Devices(ConfigMap map) => Count(map, "devices");

    private static float Rate(ConfigMap map, double otherwise) => (float)map["learning_rate"].Number(1e-9, 1000).Or(otherwise);

    private static TimeSpan? Deadline(ConfigMap map) =>
        map["deadline"].Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(24)).OrNull();

    private static Staleness StalenessOf(ConfigMap map) => Staleness.Polynomial((float)map["staleness"].Number(0, 10).Or(1));

    private static float Share(ConfigEntry entry, double otherwise) => (float)entry.Number(1e-6, 1).Or(otherwise);

    private static float Beta(ConfigEntry entry, double otherwise) => (float)entry.Number(0, 0.999999).Or(otherwise);

    private static float Epsilon(ConfigMap map) => (float)map["epsilon"].Number(1e-12, 1).Or(1e-3);
}
