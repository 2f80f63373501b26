using System.Collections.Immutable;
using StreamLearn.Adaptation;
using StreamLearn.Aggregation;

namespace TauDemo;

/// <summary>A fleet that gives a report of each round.</summary>
public sealed class WatchedFleet : IDisposable
{
    private const int MostLines = 40;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly TauFleet _fleet;
    private readonly TauFleetSettings _settings;
    private readonly ShownDigits _shown;
    private readonly Watcher _watcher;

    /// <summary>Makes the fleet; nothing runs yet.</summary>
    /// <param name="settings">What it learns, and what it may use.</param>
    /// <exception cref="ArgumentException">It does not tell even digits from odd ones.</exception>
    public WatchedFleet(TauFleetSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Model.Name != TauModel.Svm.Name)
        {
            throw new ArgumentException($"expected a fleet that tells even digits from odd ones, got {settings.Model}", nameof(settings));
        }

        _settings = settings;
        _shown = ShownDigits.Of(TauFleet.Unseen(settings));
        _watcher = new(this);
        _fleet = new(settings, _watcher);
    }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed => _fleet.Elapsed;

    /// <summary>True if the budget is spent.</summary>
    public bool HasEnded => _fleet.HasEnded;

    /// <summary>Gives a command to all when the fleet runs on; of several of a kind, the last one counts.</summary>
    /// <param name="command">The command.</param>
    /// <exception cref="ArgumentException">The fleet has not made ready for that case.</exception>
    public void Give(DemoCommand command) => _fleet.Give(command);

    /// <summary>Runs for a length of virtual time.</summary>
    /// <param name="span">How long, 0 or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The rounds that have ended, in order.</returns>
    /// <exception cref="InvalidOperationException">It does not end.</exception>
    public ImmutableArray<RoundReport> RunFor(TimeSpan span, CancellationToken cancellationToken = default)
    {
        _fleet.RunFor(span, cancellationToken);
        return _watcher.Take();
    }

    /// <summary>Runs until the budget is spent.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each round when it has ended.</returns>
    public IEnumerable<RoundReport> Run(CancellationToken cancellationToken = default)
    {
        while (!HasEnded)
        {
            foreach (var report in RunFor(Slice, cancellationToken)) { yield return report; }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _fleet.Dispose();

    private RoundReport Of(Round round, (double? Rho, double? Beta, double? Delta) apart)
    {
        var (gauges, loss) = (_fleet.Gauges, Score.Loss(_settings.Model, round.Made, TauFleet.Seen(_settings)));
        return new()
        {
            Time = Elapsed.TotalSeconds,
            Version = round.Made.Version,
            Loss = double.IsFinite(loss) ? loss : null,
            Accuracy = Score.Accuracy(_settings.Model, round.Made, TauFleet.Unseen(_settings)),
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
            AggregatorLog = _watcher.TakeAggregatorLines(),
            NodeLog = _watcher.TakeNodeLines(),
        };
    }

    /// <summary>What was seen since it was last asked.</summary>
    private sealed class Watcher(WatchedFleet watched) : IFleetWatcher
    {
        private readonly List<RoundReport> _reports = [];
        private readonly Queue<LogLine> _aggregator = new();
        private readonly Queue<LogLine> _node = new();
        private (double?, double?, double?)? _old;      // estimates that no longer count

        private (double? Rho, double? Beta, double? Delta) Estimates => (Gauge("rho"), Gauge("beta"), Gauge("delta"));

        public void Add(Round round)
        {
            var estimates = Estimates;
            if (_old == estimates) { estimates = (null, null, null); }
            else { _old = null; }
            _reports.Add(watched.Of(round, estimates));
        }

        public void Add(DemoCommand command)
        {
            if (command.Case is not null) { _old = Estimates; }
        }

        public void AddAggregatorLine(string text) => Add(_aggregator, text);

        public void AddNodeLine(string text) => Add(_node, text);

        internal ImmutableArray<RoundReport> Take() => Taken(_reports, _reports.Clear);

        internal ImmutableArray<LogLine> TakeAggregatorLines() => Taken(_aggregator, _aggregator.Clear);

        internal ImmutableArray<LogLine> TakeNodeLines() => Taken(_node, _node.Clear);

        private static ImmutableArray<T> Taken<T>(IEnumerable<T> items, Action clear)
        {
            ImmutableArray<T> taken = [.. items];
            clear();
            return taken;
        }

        private void Add(Queue<LogLine> lines, string text)
        {
            if (lines.Count == MostLines) { lines.Dequeue(); }
            lines.Enqueue(new(watched.Elapsed.TotalSeconds, text));
        }

        private double? Gauge(string name) => watched._fleet.Gauges.TryGetValue(name, out var value) ? value : null;
    }
}
