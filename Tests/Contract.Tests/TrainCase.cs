namespace Contract.Tests;

/// <summary>
/// <c>Train</c> with all that it keeps: a device as it comes; one with everything that can be asked of it, which learns whether rows come
/// or not; one whose rows are tuned; and two that keep to the pace of an aggregator that is restarted, over connections that are lost.
/// </summary>
internal static class TrainCase
{
    private static readonly Network Tuned = new(
        new(3), 3, [new Scale(), new Dense(4), new Relu(), new Dropout(0.2f)], [new(3, new Dense(3))], seed: 1);

    private static readonly Adam Adam = new(0.002f) { Schedule = Schedule.Cosine(3000) };

    private static readonly TrainOptions TunedOptions = new()
    {
        Optimizer = Adam,
        KeepOptimizerState = true,
        StepsPerRow = 5,
        StepsPerUpdate = 90,
        StepsBefore = 10,
        BufferRows = 100,
        MaxBatchRows = 64,
        Reaction = new(2, 30) { Refill = true, ResetHead = true, UpdatesAtOnce = true },
        Tuning = new() { FreeBytes = BytesOf(48), Scaling = RateScaling.Linear },
    };

    private static readonly TrainOptions Credited = new()
    {
        Optimizer = new Sgd(0.05f) { Schedule = Schedule.Step(20, 0.9f) },
        RowsPerStep = 3,
        StepsPerRow = 2,
        StepsPerUpdate = 3,
        Epoch = 0,
        Credit = new()
        {
            ResendAfter = TimeSpan.FromMilliseconds(30),
            MaxResendDelay = TimeSpan.FromMilliseconds(100),
            VersionTimeout = TimeSpan.FromMilliseconds(45),
            LeaveTimeout = TimeSpan.FromMilliseconds(120),
        },
    };

    internal static void Wire(PipelineBuilder p, Script s, SoftmaxRegression model)
    {
        var rows = s.FeatureRows(p, Spoil);
        var models = s.Source(p, "models", Numbers(9, number => Version(model, number)));
        var receipts = s.Source(p, "receipts", Numbers(14, Receipt));
        var memory = s.Source(p, "memory", Numbers(14, number => new TrainingMemory { FreeBytes = BytesOf(8 + (number * 11 % 37)) }));
        var changes = s.Source(p, "connections", Numbers(14, Change));
        var alarms = s.Source(p, "alarms", Numbers(5, static number => new DriftAlarm
        {
            Device = "",
            Block = $"{number}",
            Level = number % 2 == 0 ? DriftLevel.Warning : DriftLevel.Drift,
            Row = number,
            Mean = 0,
        }));
        Collect(s, rows.Train(model, models, new() { StepsPerUpdate = 8, BufferRows = 60 }), "plain");
        Collect(s, rows.Train(model, models, new()
        {
            Optimizer = new Sgd(0.05f) { Schedule = Schedule.LinearWarmUp(50) },
            Continuous = true,
            Pace = TrainPace.LockStep,      // it waits after an update: steps take no time here, and would follow each other for ever
            Announce = true,
            BufferRows = 40,
            StepsPerUpdate = 70,
            Buffer = BufferKind.ClassBalanced,
            Draw = DrawKind.Shuffle,
            AdjustLogits = true,
            Proximal = 0.1f,
        }), "continuously");
        var versions = models.Map("versions", version =>
            Tuned.Initial with { Version = version.Version, Directives = version.Version == 2 ? version.Directives : [] });
        Collect(s, rows.Train(Tuned, versions, TunedOptions).ControlledBy(memory).ControlledBy(alarms), "tuned");
        Collect(s, rows.Train(model, models, receipts, Credited with { Announce = true, Pace = TrainPace.LockStep })
            .ControlledBy(changes), "credited");
        Collect(s, rows.Train(model, models, receipts, Credited with { Credit = Credited.Credit with { ExtraSteps = 4 } })
            .ControlledBy(changes), "extra");
        Collect(s, rows.Train(model, models.Filter("late", version => version.Version == 9), receipts, Credited with
        {
            Announce = true,
            Credit = Credited.Credit with { Updates = 1, VersionTimeout = TimeSpan.FromMilliseconds(20) },
        }), "unheard");
    }

    private static void Collect(Script s, Fork<WeightDelta, Evaluation> fork, string name)
    {
        s.Collect(name == "plain" ? fork.Main : fork.Main.Named($"train-{name}"), name);
        s.Collect(fork.Side, $"{name}-scores");
    }

    private static void Collect(Script s, Fork<WeightDelta, Evaluation, Presence> fork, string name)
    {
        var (deltas, scores, presences) = fork;
        s.Collect(deltas.Named($"train-{name}"), name);
        s.Collect(scores, $"{name}-scores");
        s.Collect(presences, $"{name}-presences");
    }

    private static IEnumerable<Func<BatchPool, T>> Numbers<T>(int count, Func<int, T> make) =>
        Enumerable.Range(1, count).Select(i => (Func<BatchPool, T>)(_ => make(i)));

    private static long BytesOf(int rows) => Tuned.Memory(rows, Adam).TrainingBytes;

    /// <summary>Single values that lie far out, among the first that are judged together and later; a class that is frequent.</summary>
    private static void Spoil(Batch batch)
    {
        for (var row = 13; row < batch.Rows; row += 41) { batch["f1"].Writable<float>()[row] = row % 2 == 0 ? 1e10f : -500; }
        for (var row = 0; row < batch.Rows; row += 2) { batch["label"].Writable<int>()[row] = 0; }
    }

    /// <summary>The aggregator is restarted after the fourth version; the sixth asks for steps that fail.</summary>
    private static Weights Version(SoftmaxRegression model, int number) => model.Initial with
    {
        Version = number,
        Epoch = number < 5 ? 1 : 2,
        Values = [.. model.Initial.Values.Select(v => v * (1 + (number / 10f)))],
        Scale = number < 3 ? null : new(100 * number, [0, 0.1, -0.1], [30, 40, 50]),
        Invited = number == 4 ? ["another"] : null,
        Directives = number switch
        {
            2 => [new() { StepsPerUpdate = 5, BatchRows = 7 }],
            3 => [new() { Device = "contract", LearningRate = 0.2f, Proximal = 0.05f, RoundTime = TimeSpan.FromMilliseconds(12) }],
            6 => [new() { StepsPerUpdate = 80, LearningRate = 2e35f }],
            7 => [new() { StepsPerUpdate = 6, LearningRate = 0.1f, RoundTime = TimeSpan.FromSeconds(1) }],
            _ => [],
        },
    };

    /// <summary>Answers to what was sent, in turns: at once, later, never; for versions that are held, or not yet.</summary>
    private static Receipt Receipt(int number) => new()
    {
        Device = number == 2 ? "another" : "contract",
        Epoch = number == 3 ? 7 : 0,
        Aggregator = "edge",
        Newest = new(number < 6 ? 1 : 2, Math.Max(1, number + 1 - (number % 3))),
        Fates =
        [
            new(number, number % 2 == 0 ? UpdateOutcome.Held : UpdateOutcome.Applied),
            new(number - 1, UpdateOutcome.Applied),
            new(number - 2, UpdateOutcome.Refused, $"reason-{number % 4}"),
        ],
    };

    /// <summary>Two sessions: one is lost while the other is, a change is heard of twice, a session is kept, another is not.</summary>
    private static ConnectionChange Change(int number) => number switch
    {
        1 => Change("up", 1, true),
        2 => Change("down", 1, true),
        3 => Change("up", 1, false),
        4 => Change("down", 1, false),
        5 => Change("up", 2, true),
        6 => Change("down", 2, true, kept: true),
        7 => Change("up", 2, false),
        8 => Change("up", 3, true, kept: true),
        9 => Change("up", 3, true),
        10 => Change("down", 2, false),
        _ => Change("down", 3, true),
    };

    private static ConnectionChange Change(string session, long connects, bool isConnected, bool kept = false) => new()
    {
        Transport = "edge",
        Session = session,
        IsConnected = isConnected,
        Connects = connects,
        SessionKept = kept,
    };
}
