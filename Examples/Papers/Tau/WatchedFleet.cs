using System.Collections.Immutable;
using StreamLearn.Fleets;

namespace TauDemo;

/// <summary>A fleet that gives a report of each round.</summary>
internal sealed class WatchedFleet : IDisposable
{
    private const int MostLines = 40;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly TauFleetSettings _settings;
    private readonly TauFleet _fleet;
    private readonly ShownDigits _shown;
    private readonly Queue<RoundReport> _reports = new();
    private readonly Queue<LogLine> _aggregator = new();
    private readonly Queue<LogLine> _node = new();
    private (double?, double?, double?)? _old;      // estimates that no longer count
    private long _alarms;

    /// <summary>Makes the fleet; nothing runs yet.</summary>
    /// <exception cref="ArgumentException">It does not tell even digits from odd ones.</exception>
    public WatchedFleet(TauFleetSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Model.Name != TauModel.Svm.Name)
        {
            throw new ArgumentException($"expected a fleet that tells even digits from odd ones, got {settings.Model}", nameof(settings));
        }

        (_settings, _shown) = (settings, ShownDigits.Of(TauParts.Unseen(settings)));
        _fleet = new(settings, this);
    }

    /// <summary>Runs until the budget is spent.</summary>
    public IEnumerable<RoundReport> Run(CancellationToken cancellationToken = default)
    {
        while (!_fleet.HasEnded)
        {
            _fleet.RunFor(Slice, cancellationToken);
            while (_reports.TryDequeue(out var report)) { yield return report; }
        }
    }

    public void Dispose() => _fleet.Dispose();

    /// <summary>A round has ended.</summary>
    internal void Add(Round round)
    {
        var estimates = (Gauge("rho"), Gauge("beta"), Gauge("delta"));
        if (_fleet.Alarms > _alarms) { _old = estimates; }      // those of a round in which the data changed are of the one before
        _alarms = _fleet.Alarms;
        if (_old == estimates) { estimates = default; }
        else { _old = null; }
        _reports.Enqueue(Of(round, estimates));
    }

    /// <summary>The aggregator has sent or got a message.</summary>
    internal void AddAggregatorLine(string text) => Add(_aggregator, text);

    /// <summary>The first node has sent or got a message.</summary>
    internal void AddNodeLine(string text) => Add(_node, text);

    private static ImmutableArray<LogLine> Taken(Queue<LogLine> lines)
    {
        ImmutableArray<LogLine> taken = [.. lines];
        lines.Clear();
        return taken;
    }

    private RoundReport Of(Round round, (double? Rho, double? Beta, double? Delta) apart)
    {
        var (loss, gauges) = (Score.Loss(_settings.Model, round.Made, TauParts.Seen(_settings)), _fleet.Gauges);
        return new()
        {
            Time = _fleet.Elapsed.TotalSeconds,
            Version = round.Made.Version,
            Loss = double.IsFinite(loss) ? loss : null,
            Accuracy = Score.Accuracy(_settings.Model, round.Made, TauParts.Unseen(_settings)),
            Tau = round.Made.Directives[0].StepsPerUpdate ?? 1,
            Rho = apart.Rho,
            Beta = apart.Beta,
            Delta = apart.Delta,
            C = gauges.GetValueOrDefault($"c-{Resource.TimeName}"),
            B = gauges.GetValueOrDefault($"b-{Resource.TimeName}"),
            Used = gauges.GetValueOrDefault($"used-{Resource.TimeName}"),
            Limit = _settings.Budget.TotalSeconds,
            ShareUnderSecond = _fleet.ShareUnderSecond,
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
            Predictions = _shown.Judge(round.Made),
            AggregatorLog = Taken(_aggregator),
            NodeLog = Taken(_node),
        };
    }

    private void Add(Queue<LogLine> lines, string text)
    {
        if (lines.Count == MostLines) { lines.Dequeue(); }
        lines.Enqueue(new(_fleet.Elapsed.TotalSeconds, text));
    }

    private double? Gauge(string name) => _fleet.Gauges.TryGetValue(name, out var value) ? value : null;
}
