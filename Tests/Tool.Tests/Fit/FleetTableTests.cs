using StreamLearn.Nats;

namespace Tool.Tests;

/// <summary>
/// Free-running fleets over a real NATS server, updates through a stream in files, versions through a bucket, beside the same fleets in one
/// process. The long form prints the whole table: some seeds (<c>STREAMLEARN_SEEDS</c>, default 3) of every fleet, or of those alone whose
/// name contains <c>STREAMLEARN_FLEET</c>.
/// </summary>
public sealed class FleetTableTests(ITestOutputHelper output)
{
    private const double Tolerance = 0.015;
    private const int Slower = 10;

    private static readonly int Seeds = LongForm.IsAsked ? int.Parse(Asked("STREAMLEARN_SEEDS", "3"), CultureInfo.InvariantCulture) : 1;

    public static TheoryData<string, int> Fleets
    {
        get
        {
            var only = Asked("STREAMLEARN_FLEET", "");
            string[] data = !LongForm.IsAsked || Recordings.Folder is null ? ["generated"] : ["generated", "recorded"];
            int[] counts = LongForm.IsAsked ? [8, 20] : [8];
            return [.. from count in counts from name in data where $"{name} {count}".Contains(only, StringComparison.Ordinal)
                select (name, count)];
        }
    }

    /// <summary>The short form alone runs over a server once, and asks what became of every update.</summary>
    [Theory]
    [MemberData(nameof(Fleets))]
    public async Task A_free_running_fleet_learns_through_a_server_as_in_one_process_and_loses_nothing(string data, int devices)
    {
        List<FleetFigures> all = [];
        for (var seed = 0; seed < Seeds; seed++)
        {
            var setting = new FleetSetting(data == "recorded" ? Recordings.Folder : null, devices, seed);
            await foreach (var figures in RunAsync(setting))
            {
                output.WriteLine($"{data}, {devices} devices: {figures}");
                all.Add(figures);
            }
        }

        Assert.All(all, static f => Assert.True(f.IsAllKnown, f.ToString()));
        if (LongForm.IsAsked) { Judge($"{data} {devices}", all); }
    }

    private static string Asked(string name, string otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } asked ? asked : otherwise;

    private static async IAsyncEnumerable<FleetFigures> RunAsync(FleetSetting setting)
    {
        if (!LongForm.IsAsked)
        {
            yield return await OverServerAsync(setting, FleetWay.Server);
            yield break;
        }

        yield return await InOneProcessAsync(setting, FleetWay.InProcess);
        var alone = await InOneProcessAsync(setting, FleetWay.InProcessAgain);      // at its rate: the first run of all also starts up
        yield return alone;
        yield return await OverServerAsync(setting, FleetWay.Server);
        yield return await OverServerAsync(setting, FleetWay.SlowAggregator, interval: TimeSpan.FromSeconds(Slower / alone.Rate));
        yield return await OverServerAsync(setting, FleetWay.ServerKilled, killedAt: alone.Versions / 2);
    }

    private static async Task<FleetFigures> InOneProcessAsync(FleetSetting setting, FleetWay way)
    {
        var transport = new InProcessTransport();
        await using var fleet = new TriedFleet(() => transport, setting);
        return await FiguresAsync(fleet, setting, way);
    }

    private static async Task<FleetFigures> OverServerAsync(
        FleetSetting setting, FleetWay way, TimeSpan interval = default, long? killedAt = null)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var fleet = new TriedFleet(() => new NatsTransport(new() { Servers = [server.Uri], Keep = new() }), setting)
        {
            Interval = interval,
        };
        return await FiguresAsync(fleet, setting, way, async () =>
        {
            if (killedAt is not { } version) { return; }
            await fleet.VersionAsync(version);
            await server.KillAsync();
            fleet.Ledger.Lose();
            await server.StartAgainAsync();
        });
    }

    private static async Task<FleetFigures> FiguresAsync(
        TriedFleet fleet, FleetSetting setting, FleetWay way, Func<Task>? trouble = null)
    {
        var begun = TimeProvider.System.GetTimestamp();
        fleet.Start();
        if (trouble is not null) { await trouble(); }
        await fleet.FinishAsync();
        var took = TimeProvider.System.GetElapsedTime(begun);
        long Sum(string counter) => fleet.Training.Sum(t => t.Counter(counter));
        return new(way, setting.Seed, fleet.Accuracy, fleet.Staleness, took)
        {
            Updates = setting.Source.Devices.Sum(d => (long)fleet.Watch.SentBy(d).Updates),
            Versions = fleet.Watch.Newest!.Version,
            Sent = Sum("updates-sent"),
            Applied = Sum("updates-applied"),
            Refused = Sum("updates-refused"),
            Held = (long)fleet.Training.Sum(t => t.Gauges.GetValueOrDefault("updates-held")),
            Lost = Sum("updates-lost"),
            Unknown = Sum("updates-unknown") + Sum("updates-unreported"),
            Resent = Sum("updates-resent"),
            AppliedThere = fleet.Aggregating.Counter("updates-applied"),
            RefusedThere = UpdateLedger.RefusedBy(fleet.Aggregating),
        };
    }

    /// <summary>Prints a line for each way, and requires that none is shown to be worse than one process. Points are those above the mean
    /// of both runs in one process; of the second of these, above the first.</summary>
    private void Judge(string name, List<FleetFigures> all)
    {
        var (first, again) = (Of(FleetWay.InProcess), Of(FleetWay.InProcessAgain));
        var most = 2 * Math.Max(2, first.Concat(again).Max(f => f.Staleness));
        double[] alone = [.. first.Zip(again, static (a, b) => (a.Accuracy + b.Accuracy) / 2)];
        output.WriteLine("");
        output.WriteLine("fleet          way              accuracy     +-  points [95 %]              1.5 points   p95           rate"
            + "     sent  applied refused  held  lost unknown resent");
        List<string> failures = [];
        foreach (var way in Enum.GetValues<FleetWay>())
        {
            var runs = Of(way);
            var points = PairedMean.Of([.. runs.Zip(way == FleetWay.InProcessAgain ? [.. first.Select(f => f.Accuracy)] : alone,
                static (f, a) => f.Accuracy - a)]);
            var rate = runs.Zip(again, static (f, a) => f.Rate / a.Rate).Average();
            var line = Line(name, runs, way == FleetWay.InProcess ? null : points, rate);
            output.WriteLine(line);
            if (way > FleetWay.InProcessAgain && (points.Verdict(Tolerance) == "worse" || runs.Max(f => f.Staleness) > most))
            {
                failures.Add(line);
            }
        }

        Assert.Empty(failures);

        List<FleetFigures> Of(FleetWay way) => [.. all.Where(f => f.Way == way)];
    }

    private static string Line(string name, List<FleetFigures> runs, PairedMean? points, double rate)
    {
        var accuracy = PairedMean.Of([.. runs.Select(f => f.Accuracy)]);
        return $"{name,-14} {runs[0].Way,-15} "
            + string.Create(CultureInfo.InvariantCulture, $"{accuracy.Mean,9:0.0000} {accuracy.Error,6:0.0000}  ")
            + $"{points?.Points,-26} {points?.Verdict(Tolerance),-12} "
            + string.Create(CultureInfo.InvariantCulture, $"{string.Join('/', runs.Select(f => f.Staleness)),-13} {rate,4:0.00} ")
            + string.Create(CultureInfo.InvariantCulture, $"{runs.Sum(f => f.Sent),8} {runs.Sum(f => f.Applied),8} ")
            + string.Create(CultureInfo.InvariantCulture, $"{runs.Sum(f => f.Refused),7} {runs.Sum(f => f.Held),5} ")
            + string.Create(CultureInfo.InvariantCulture, $"{runs.Sum(f => f.Lost),5} {runs.Sum(f => f.Unknown),7} ")
            + string.Create(CultureInfo.InvariantCulture, $"{runs.Sum(f => f.Resent),6}");
    }

    /// <summary>Where a fleet runs, and what befalls it.</summary>
    private enum FleetWay
    {
        /// <summary>In one process.</summary>
        InProcess,

        /// <summary>The same: what runs differ by that have nothing but their threads to differ by.</summary>
        InProcessAgain,

        /// <summary>Over a server.</summary>
        Server,

        /// <summary>Over a server; the aggregator takes a tenth of the updates that it takes in one process in the same time.</summary>
        SlowAggregator,

        /// <summary>Over a server that is killed when half of the versions are made, and started again.</summary>
        ServerKilled,
    }

    /// <summary>What a run came to.</summary>
    private sealed record FleetFigures(FleetWay Way, long Seed, double Accuracy, long Staleness, TimeSpan Took)
    {
        /// <summary>Updates that devices made of steps.</summary>
        public long Updates { get; init; }

        /// <summary>Updates per second.</summary>
        public double Rate => Updates / Took.TotalSeconds;

        public long Versions { get; init; }

        /// <summary>Messages that were sent and are answered: updates, announcements and farewells.</summary>
        public long Sent { get; init; }

        public long Applied { get; init; }

        public long Refused { get; init; }

        /// <summary>Accepted for a round that had not ended when their device did.</summary>
        public long Held { get; init; }

        public long Lost { get; init; }

        /// <summary>Not answered, or not heard of again.</summary>
        public long Unknown { get; init; }

        public long Resent { get; init; }

        /// <summary>Updates applied, as the aggregator counts.</summary>
        public long AppliedThere { get; init; }

        /// <summary>Updates refused, as the aggregator counts.</summary>
        public required SortedDictionary<string, long> RefusedThere { get; init; }

        /// <summary>True if devices know what became of every message, and the aggregator had every update once.</summary>
        public bool IsAllKnown =>
            Sent == Applied + Refused + Held && (Lost, Unknown) == (0, 0) && Updates == AppliedThere + RefusedThere.Values.Sum();

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Way}, seed {Seed}: accuracy {Accuracy:0.0000}, staleness p95 {Staleness}, {Took.TotalSeconds:0.0} s, {Versions} versions, "
            + $"{Updates} updates, sent {Sent} = applied {Applied} + refused {Refused} + held {Held} + lost {Lost} + unknown {Unknown}, "
            + $"resent {Resent}, the aggregator applied {AppliedThere} and refused {Reasons}");

        private string Reasons => string.Join(", ", RefusedThere.Select(static r => $"{r.Key} {r.Value}").DefaultIfEmpty("0"));
    }

    /// <summary>A mean, and how well it is known.</summary>
    /// <param name="Mean">The mean.</param>
    /// <param name="Error">Its standard error; NaN of a single value.</param>
    /// <param name="Count">Of how many.</param>
    private readonly record struct PairedMean(double Mean, double Error, int Count)
    {
        /// <summary>Quantiles .975 of Student's t, from 1 degree of freedom on.</summary>
        private static readonly double[] Quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

        /// <summary>Half of the 95 % interval; NaN of a single value.</summary>
        private double Half => Count < 2 ? double.NaN : Error * Quantiles[Math.Min(Count - 2, Quantiles.Length - 1)];

        internal string Points => string.Create(CultureInfo.InvariantCulture,
            $"{100 * Mean,6:+0.00;-0.00} [{100 * (Mean - Half),6:+0.00;-0.00}, {100 * (Mean + Half),6:+0.00;-0.00}]");

        internal static PairedMean Of(double[] values)
        {
            var mean = values.Average();
            return new(mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1.0) / values.Length), values.Length);
        }

        /// <summary>Whether it is shown that no more is missing than a tolerance; of a single value the mean decides.</summary>
        internal string Verdict(double tolerance) => Mean - Half >= -tolerance ? "shown"
            : Mean >= -tolerance ? "mean within"
            : Mean + Half >= -tolerance ? "not shown" : "worse";
    }
}
