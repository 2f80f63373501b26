namespace StreamLearn.Simulated;

internal sealed class ModeStory
{
    internal ModeStory(string mode, int number, IReadOnlyList<RunEvent> events)
    {
        Mode = mode;
        (Kind, Case) = Split(mode);
        Color = Kind switch { "async" => "c0", "barrier" => "c1", _ => FormattableString.Invariant($"c{2 + (number % 4)}") };
        Started = events.OfType<ModeStarted>().LastOrDefault();
        Ended = events.OfType<ModeEnded>().LastOrDefault();
        Judgments = [.. events.OfType<Judged>()];
        Versions = [.. events.OfType<VersionMade>()];
        Refused = [.. events.OfType<UpdateRefused>()];
        Samples = events.OfType<DeviceSampled>().ToLookup(s => s.Device, StringComparer.Ordinal);
        Drops = [.. events.OfType<RowsDropped>()];
        Faults = [.. events.OfType<FaultSeen>()];
        Stragglers = events.OfType<StragglerSeen>().GroupBy(s => s.Device, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        Doubts = [.. events.OfType<DoubtRaised>()];
        Exits = events.OfType<ExitsJudged>().LastOrDefault();
        Confusion = events.OfType<ConfusionJudged>().LastOrDefault();
        Closed = events.OfType<FiguresClosed>().LastOrDefault();
        People = events.OfType<PeopleJudged>().LastOrDefault();
        Seeds = events.OfType<SeedsJudged>().LastOrDefault();
        Ledger = events.OfType<LedgerClosed>().LastOrDefault();
        Updates = Versions.SelectMany(v => v.Updates).ToLookup(u => u.Device, StringComparer.Ordinal);
        Devices = [.. Samples.Select(s => s.Key).Concat(Updates.Select(u => u.Key)).Concat(Drops.Select(d => d.Device))
            .Concat(Stragglers.Keys).Concat(Faults.Select(f => f.Device)).Distinct(StringComparer.Ordinal)];
    }

    internal string Mode { get; }
    internal string Kind { get; }       // async, barrier or another word before the dash
    internal string Case { get; }       // variant after the dash; empty for the main case
    internal string Color { get; }

    internal string Subject => Kind switch
    {
        "async" => "the asynchronous fleet",
        "barrier" => "the fleet with the barrier",
        RunStory.Alone => "the model",
        _ => $"the fleet in mode {Kind}",
    };

    internal string Title => Kind switch
    {
        "async" => "Asynchronous",
        "barrier" => "With the barrier",
        RunStory.Alone => "",
        _ => Figures.Sentence(Kind),
    };

    /// <summary>Follows a caption; empty if one machine learned.</summary>
    internal string Suffix => Kind == RunStory.Alone ? "" : $", {Kind}";

    internal ModeStarted? Started { get; }
    internal ModeEnded? Ended { get; }
    internal IReadOnlyList<Judged> Judgments { get; }
    internal IReadOnlyList<VersionMade> Versions { get; }
    internal IReadOnlyList<UpdateRefused> Refused { get; }
    internal ILookup<string, DeviceSampled> Samples { get; }
    internal IReadOnlyList<RowsDropped> Drops { get; }
    internal IReadOnlyList<FaultSeen> Faults { get; }
    internal IReadOnlyList<DoubtRaised> Doubts { get; }
    internal IReadOnlyDictionary<string, StragglerSeen> Stragglers { get; }     // the last score of each device

    /// <summary>Devices that need at least twice the fleet's median time per step, slowest first.</summary>
    internal IEnumerable<StragglerSeen> Slow => Stragglers.Values.Where(s => s.Score >= StragglerSeen.Slow).OrderByDescending(s => s.Score);

    internal ExitsJudged? Exits { get; }
    internal ConfusionJudged? Confusion { get; }
    internal LedgerClosed? Ledger { get; }
    internal FiguresClosed? Closed { get; }     // figures at its cut-off; null if the mode was interrupted
    internal PeopleJudged? People { get; }
    internal SeedsJudged? Seeds { get; }
    internal ILookup<string, UpdateUsed> Updates { get; }       // updates in versions, by device
    internal IReadOnlyList<string> Devices { get; }

    internal double? Accuracy => Ended?.Accuracy ?? (Judgments.Count > 0 ? Judgments[^1].Accuracy : null);

    internal double Length => new[]
    {
        Ended?.VirtualSeconds ?? 0, Judgments.Select(j => j.Seconds).DefaultIfEmpty().Max(),
        Samples.SelectMany(s => s).Select(s => s.Seconds).DefaultIfEmpty().Max(),
    }.Max();

    internal DeviceSampled? Last(string device) => Samples[device].LastOrDefault();

    /// <summary>Order of modes: the main case first, asynchronous before barrier.</summary>
    internal static int OrderOf(string mode)
    {
        var (kind, name) = Split(mode);
        return (name.Length == 0 ? 0 : 10) + (kind switch { "async" => 0, "barrier" => 1, _ => 2 });
    }

    private static (string Kind, string Case) Split(string mode)
    {
        var dash = mode.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (mode, "") : (mode[..dash], mode[(dash + 1)..]);
    }
}
