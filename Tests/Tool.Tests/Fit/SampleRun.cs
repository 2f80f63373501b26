namespace Tool.Tests;

/// <summary>The events of an invented run: 21 devices, both modes, four faults, and the case where not waiting pays little.</summary>
internal static class SampleRun
{
    internal static readonly string[] Classes =
        ["walking", "walking upstairs", "walking downstairs", "sitting", "standing", "lying"];

    private const double Length = 250;
    private const int Straggler = 4;
    private const int Stuck = 8;
    private const int WrongClock = 12;
    private const int Crashing = 16;

    private static readonly long[] Confused =
    [
        470, 12, 14, 0, 0, 0,
        22, 431, 18, 0, 0, 0,
        9, 21, 390, 0, 0, 0,
        0, 3, 0, 352, 132, 4,
        0, 1, 0, 71, 460, 0,
        0, 0, 0, 1, 0, 466,
    ];

    /// <summary>The events of 21 devices.</summary>
    internal static readonly List<RunEvent> Events = Of(21);

    internal static readonly string Page = HtmlReport.Of(Events);

    /// <summary>The events, in the order in which a run records them.</summary>
    internal static List<RunEvent> Of(int devices) =>
    [
        Start(devices),
        .. Mode("async", devices, 28, 1),
        .. Mode("barrier", devices, 146, 31),
        .. Case("async-1x", 96),
        .. Case("barrier-1x", 154),
    ];

    /// <summary>The JSON of each chart of a page.</summary>
    internal static IEnumerable<JsonElement> Charts(string page) => page.Split("<script type=\"application/json\">").Skip(1)
        .Select(static s => JsonElement.Parse(s[..s.IndexOf("</script>", StringComparison.Ordinal)]));

    internal static string Name(int device) => $"person-{device + 1:00}";

    private static RunStarted Start(int devices) => new()
    {
        Command = "./quickstart --data har --seed 42 --out out",
        Seed = 42,
        Data = "21 people of the UCI HAR recordings, 9 unseen",
        Host = "simulation",
        TargetAccuracy = 0.8,
        Scenario = "straggler.json: 12.5 million multiply-adds a second, 2 Mbit/s, 30 ms, one straggler at 1/10",
        Model = "conv 16-32, 6,204 values, exits at 1/2 and 2/2",
        VectorBits = 256,
        Classes = Classes,
        ExitMultiplyAdds = [55_488, 203_328],
        Devices = [.. Enumerable.Range(0, devices).Select(d => new DeviceDescribed(Name(d), SpeedOf(d), 2e6, 2e6, d switch
        {
            Straggler => "a tenth of the rate",
            Stuck => "stuck axis",
            WrongClock => "clock an hour ahead",
            Crashing => "crashes at 90 s, rejoins at 130 s",
            _ => "",
        }))],
        Notes = ["12 rows without a readable time were left out"],
        Bound = "90 % promised in the mean of devices",
        Next = ["streamlearn answer out/model.safetensors --csv 'rows.csv'"],
    };

    private static double SpeedOf(int device) => device == Straggler ? 0.1 : Math.Round(1 + (0.12 * Math.Sin(device * 2.4)), 3);

    private static IEnumerable<RunEvent> Mode(string mode, int devices, double reached, double round)
    {
        var text = mode == "async" ? "FedBuff, buffer of 10, weight 1/√(1+s)" : "FedAvg, all 21 devices";
        yield return new ModeStarted(text) { Mode = mode };
        foreach (var item in Body(mode, devices, reached, round).OrderBy(e => e.Seconds)) { yield return item with { Mode = mode }; }
        foreach (var item in End(devices)) { yield return item with { Mode = mode, Seconds = Length }; }
        if (mode == "async")
        {
            yield return new DoubtRaised("staleness", "updates were 31 versions behind") { Mode = mode, Seconds = Length };
        }

        yield return new ModeEnded
        {
            Mode = mode,
            Seconds = Length,
            VirtualSeconds = Length,
            WallSeconds = mode == "async" ? 38.4 : 21.7,
            SecondsToTarget = reached,
            Accuracy = AccuracyAt(Length, reached),
            Kappa = AccuracyAt(Length, reached) - 0.02,
            WeightsSha256 = string.Concat(Enumerable.Repeat(mode == "async" ? "3fa9c07e" : "b81d22e6", 8)),
        };
    }

    private static IEnumerable<RunEvent> Body(string mode, int devices, double reached, double round)
    {
        for (double t = 2; t <= Length; t += 2) { yield return JudgedAt(t, reached); }
        for (double t = 5; t <= Length; t += 5)
        {
            for (var d = 0; d < devices; d++) { yield return Look(mode, d, t); }
        }

        foreach (var version in mode == "async" ? Free(devices) : Barrier(devices, round)) { yield return version; }
        if (devices <= Crashing) { yield break; }
        yield return Fault(0.6, WrongClock, "clock", "its clock is 3,600 s ahead: its rows are quarantined as future");
        yield return Fault(1.4, Stuck, "stuck", "gyro z gives one value for 2 s and more: its rows are dropped");
        yield return Fault(90, Crashing, "crash", "sends no heartbeat any more: it left the fleet");
        yield return Fault(130.2, Crashing, "rejoin", "is back and starts from the newest version");
        yield return new UpdateRefused(Name(Crashing), "old-epoch") { Seconds = 131.5 };
    }

    private static FaultSeen Fault(double seconds, int device, string kind, string text) =>
        new(Name(device), kind, text) { Seconds = seconds };

    private static Judged JudgedAt(double seconds, double reached) => new(
        (long)seconds * 3, AccuracyAt(seconds, reached), AccuracyAt(seconds, reached) - 0.02, 1.8 * Math.Exp(-seconds / reached), 2877)
    {
        Seconds = seconds,
    };

    private static double AccuracyAt(double seconds, double reached) => Math.Round(
        0.17 + (0.735 * (1 - Math.Exp(-1.95 * seconds / reached))) + (0.012 * Math.Sin(seconds * 1.7) * Math.Exp(-seconds / 160)), 4);

    private static DeviceSampled Look(string mode, int device, double seconds)
    {
        var works = device is not (Stuck or WrongClock);
        var gone = device == Crashing && seconds is > 90 and < 130;
        var updates = works ? (long)(seconds * SpeedOf(device) / (mode == "async" ? 3.4 : 31 * SpeedOf(device))) : 0;
        return new()
        {
            Seconds = seconds,
            Device = Name(device),
            Backlog = gone ? 0
                : device == Straggler && mode == "async" ? Math.Min(40, (long)(seconds * 0.6))
                : (long)((mode == "async" ? 3 : 9) * (1 + Math.Sin((seconds * 0.4) + device))),
            RowsIn = (long)(seconds * 152),
            RowsWindowed = works ? (long)(seconds * 151) : 0,
            RowsTrained = updates * 64,
            Updates = updates,
            BytesUp = updates * 25_100,
            BytesDown = (long)(updates * (mode == "async" ? 25_600 : 25_000)),
            BusySeconds = seconds * (device == Straggler ? 0.99 : mode == "async" ? 0.86 : 0.1),
            WaitedSeconds = seconds * (device == Straggler ? 0 : mode == "async" ? 0.05 : 0.02),
            PrequentialAccuracy = works ? Math.Round(0.83 + (0.08 * Math.Sin(device * 1.3)), 4) : null,
        };
    }

    private static IEnumerable<RunEvent> Free(int devices)
    {
        var next = Enumerable.Range(0, devices).Select(d => d is Stuck or WrongClock ? double.MaxValue : 2 + (d * 0.11)).ToArray();
        var bases = new long[devices];
        var sequences = new long[devices];
        var random = new RandomStream(7, "sample");
        List<UpdateUsed> buffer = [];
        for (long version = 0; ;)
        {
            var d = Array.IndexOf(next, next.Min());
            if (next[d] >= Length) { yield break; }
            var now = next[d];
            next[d] += (3.2 + (0.4 * random.NextDouble())) / SpeedOf(d);
            if (d == Crashing && next[d] is > 90 and < 130) { next[d] = 131; }
            buffer.Add(Update(d, ++sequences[d], bases[d], version));
            if (buffer.Count == 10)
            {
                version++;
                yield return new VersionMade(version, [.. buffer]) { Seconds = Math.Round(now, 3) };
                buffer.Clear();
            }

            bases[d] = version;
        }
    }

    private static IEnumerable<RunEvent> Barrier(int devices, double round)
    {
        for (var version = 1; version * round < Length; version++)
        {
            yield return new VersionMade(version, [.. Enumerable.Range(0, devices)
                .Where(d => d is not (Stuck or WrongClock) && !(d == Crashing && version is 3 or 4))
                .Select(d => Update(d, version, version - 1, version - 1))])
            {
                Seconds = version * round,
            };
        }
    }

    private static UpdateUsed Update(int device, long sequence, long from, long now) => new(
        Name(device), sequence, from, now - from, 1 / Math.Sqrt(1 + now - from), Math.Round(0.4 + (1.1 / (1 + sequence)), 4), 64);

    private static IEnumerable<RunEvent> End(int devices) =>
    [
        .. Enumerable.Range(0, devices).SelectMany(Noticed),
        Exits(),
        new ConfusionJudged(Confused),
        new PeopleJudged([new("person-02", 300, 281), new("person-24", 320, 277)]) { Interval = [0.85, 0.94] },
        new SeedsJudged([new(42, 0.901, 28, 250), new(43, 0.912, 31, 251)]),
        Closed(),
        new LedgerClosed(797_484, 720_100, 876, 76_508),
    ];

    private static IEnumerable<RunEvent> Noticed(int d)
    {
        yield return new StragglerSeen
        {
            Device = Name(d),
            Score = d == Straggler ? 9.74 : Math.Round(1 / SpeedOf(d), 2),
            Reason = d == Straggler ? "computing" : "",
            Rounds = 120,
            SlowRounds = d == Straggler ? 117 : 0,
        };
        if (d == Stuck) { yield return Dropped(d, "check", "stuck", 37_200); }
        if (d == WrongClock) { yield return Dropped(d, "window", "future", 38_000); }
        if (d == Crashing) { yield return Dropped(d, "window", "late", 412); }
        if (d % 5 == 0) { yield return Dropped(d, "check", "gap", 128 * (1 + (d % 3))); }
    }

    private static ExitsJudged Exits() => new()
    {
        Measure = "entropy",
        Exits =
        [
            new(2043, 1937, 55_488, 0.62),
            new(834, 652, 203_328, null),
        ],
        FullNetworkAccuracy = 0.9027,
        MultiplyAddsFraction = 0.4837,
        FullNanosecondsPerRow = 98_400,
        ExitNanosecondsPerRow = 51_900,
        Text = "Thresholds were chosen on training people and frozen before the unseen people were read.",
    };

    private static FiguresClosed Closed() => new()
    {
        Versions = 124,
        BestAccuracy = 0.914,
        BestVersion = 720,
        Version = 714,
        PrequentialAccuracy = 0.83,
        RowsTrained = 97_824,
        BytesUp = 37_964_392,
        StalenessP50 = 2,
        StalenessP95 = 5,
        Messages = new()
        {
            Messages = 1_536,
            Updates = 1_517,
            Applied = 1_500,
            InOpenRound = 4,
            Refused = new(StringComparer.Ordinal) { ["old-epoch"] = 7, ["stale"] = 3 },
            WithoutSteps = 19,
            Lost = 0,
            Unknown = 1,
            UnderWay = 2,
            Repeated = 5,
            Unreadable = 6,
        },
        RowsUnlearned = new(StringComparer.Ordinal) { ["unlabelled"] = 454_528 },
    };

    private static RowsDropped Dropped(int device, string block, string reason, long rows) =>
        new(Name(device), block, reason, rows);

    private static IEnumerable<RunEvent> Case(string mode, double reached)
    {
        yield return new ModeStarted("Recordings at their own pace: data arrive slower than they can be computed.") { Mode = mode };
        for (double t = 4; t <= Length; t += 4) { yield return JudgedAt(t, reached) with { Mode = mode }; }
        yield return new ModeEnded
        {
            Mode = mode,
            Seconds = Length,
            VirtualSeconds = Length,
            WallSeconds = 9.5,
            SecondsToTarget = reached,
            Accuracy = AccuracyAt(Length, reached),
            Kappa = AccuracyAt(Length, reached) - 0.02,
            WeightsSha256 = string.Concat(Enumerable.Repeat(mode == "async-1x" ? "0c44d91a" : "77e0a35b", 8)),
        };
    }
}
