using System.Collections.Immutable;
using StreamLearn.Fleets;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>Makes a report of each round of a fleet, from any thread.</summary>
internal sealed class RoundReporter : IFleetWatcher
{
    /// <summary>The counter of the aggregator's block that says how often its estimates were forgotten.</summary>
    internal const string RestartsCounter = "alarms";

    private const int MostLines = 40;

    private readonly Lock _lock = new();
    private readonly TauFleetSettings _settings;
    private readonly IReportedFleet _fleet;
    private readonly ShownDigits _shown;
    private readonly List<(RoundReport Report, Weights Made)> _reports = [];
    private readonly Queue<LogLine> _aggregator = new();
    private readonly Queue<LogLine> _node = new();
    private readonly List<TimeSpan> _ends = [];
    private (double?, double?, double?)? _old;      // estimates that no longer count
    private long _restarts;

    /// <summary>Begins to report.</summary>
    /// <param name="settings">What the fleet learns.</param>
    /// <param name="fleet">How it stands; asked when something happens, not before.</param>
    /// <exception cref="ArgumentException">It does not tell even digits from odd ones.</exception>
    internal RoundReporter(TauFleetSettings settings, IReportedFleet fleet)
    {
        if (settings.Model.Name != TauModel.Svm.Name)
        {
            throw new ArgumentException($"expected a fleet that tells even digits from odd ones, got {settings.Model}", nameof(settings));
        }

        (_settings, _fleet, _shown) = (settings, fleet, ShownDigits.Of(TauParts.Unseen(settings)));
    }

    private (double? Rho, double? Beta, double? Delta) Estimates => (Gauge("rho"), Gauge("beta"), Gauge("delta"));

    /// <inheritdoc />
    public void Add(Round round)
    {
        lock (_lock)
        {
            var (estimates, restarts) = (Estimates, _fleet.Restarts);
            if (restarts > _restarts) { _old = estimates; }     // those of a round in which the data changed are of the one before
            _restarts = restarts;
            if (_old == estimates) { estimates = (null, null, null); }
            else { _old = null; }
            _ends.Add(_fleet.Elapsed);
            _reports.Add((Of(round, estimates), round.Made));
        }
    }

    /// <inheritdoc />
    public void AddAggregatorLine(string text) => Add(_aggregator, text);

    /// <inheritdoc />
    public void AddNodeLine(string text) => Add(_node, text);

    /// <summary>The reports of the rounds that have ended since it was last asked, in order; each is made when it is asked for.</summary>
    /// <param name="judgesAll">True: each version is judged, which takes some hundredths of a second; false: the newest is.</param>
    internal IEnumerable<RoundReport> Take(bool judgesAll = true)
    {
        ImmutableArray<(RoundReport Report, Weights Made)> taken;
        lock (_lock) { taken = Taken(_reports, _reports.Clear); }
        return taken.Select((t, i) => judgesAll || i == taken.Length - 1 ? Judged(t.Report, t.Made) : t.Report);
    }

    private static ImmutableArray<T> Taken<T>(IEnumerable<T> items, Action clear)
    {
        ImmutableArray<T> taken = [.. items];
        clear();
        return taken;
    }

    /// <summary>With what the version says of rows, which takes a while.</summary>
    private RoundReport Judged(RoundReport report, Weights made)
    {
        var loss = Score.Loss(_settings.Model, made, TauParts.Seen(_settings));
        return report with
        {
            Loss = double.IsFinite(loss) ? loss : null,
            Accuracy = Score.Accuracy(_settings.Model, made, TauParts.Unseen(_settings)),
            Predictions = _shown.Judge(made),
        };
    }

    private RoundReport Of(Round round, (double? Rho, double? Beta, double? Delta) apart)
    {
        var gauges = _fleet.Gauges;
        return new()
        {
            Time = _fleet.Elapsed.TotalSeconds,
            Version = round.Made.Version,
            Loss = null,
            Accuracy = null,
            Tau = round.Made.Directives[0].StepsPerUpdate ?? 1,
            Rho = apart.Rho,
            Beta = apart.Beta,
            Delta = apart.Delta,
            C = gauges.GetValueOrDefault($"c-{Resource.TimeName}"),
            B = gauges.GetValueOrDefault($"b-{Resource.TimeName}"),
            Used = gauges.GetValueOrDefault($"used-{Resource.TimeName}"),
            Limit = _settings.Budget.TotalSeconds,
            ShareUnderSecond = RoundTimes.ShareUnder(RoundTimes.Between(_ends[0], _ends.Skip(1)), TimeSpan.FromSeconds(1)),
            Stage = (TauStage)(int)gauges.GetValueOrDefault("stage") switch
            {
                TauStage.Learning => "learning",
                TauStage.LastLearning => "lastLearning",
                TauStage.Evaluating => "evaluating",
                _ => "ended",
            },
            Case = _fleet.CaseOf(0),
            DelayMs = Math.Round(1000 * _fleet.AddedSeconds, 3),
            Classes = [.. Enumerable.Range(0, _settings.Nodes).Select(_fleet.ClassesOf)],
            Predictions = [],
            AggregatorLog = Taken(_aggregator, _aggregator.Clear),
            NodeLog = Taken(_node, _node.Clear),
        };
    }

    private void Add(Queue<LogLine> lines, string text)
    {
        lock (_lock)
        {
            if (lines.Count == MostLines) { lines.Dequeue(); }
            lines.Enqueue(new(_fleet.Elapsed.TotalSeconds, text));
        }
    }

    private double? Gauge(string name) => _fleet.Gauges.TryGetValue(name, out var value) ? value : null;
}
