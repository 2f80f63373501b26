using System.Numerics.Tensors;
using StreamLearn.Fleets;

namespace Examples.Tests;

/// <summary>A round that has ended, as it is printed: a line of JSON. What is not known, or not finite, is null. Tau: local steps of the
/// next round. C, B: seconds of a local step, and of an aggregation. Classes: for each node, how many digits it has of each.</summary>
internal sealed record RoundReport(
    double Time, long Version, double? Loss, double Accuracy, int Tau, double? Rho, double? Beta, double? Delta, double C, double B,
    double Used, double Limit, double? ShareUnderSecond, string Stage, int Case, double DelayMs,
    ImmutableArray<ImmutableArray<int>> Classes, ImmutableArray<DigitPrediction> Predictions,
    ImmutableArray<LogLine> AggregatorLog, ImmutableArray<LogLine> NodeLog);

/// <summary>What a version says of a digit.</summary>
internal readonly record struct DigitPrediction(int Index, bool Even, bool Right);

/// <summary>A message that was sent or got.</summary>
internal readonly record struct LogLine(double Time, string Text);

/// <summary>A fleet that tells even digits from odd ones and gives a report of each round.</summary>
internal sealed class WatchedFleet : IDisposable
{
    private const int MaxLines = 40, DigitsOfEachClass = 2;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly TauFleetSettings _settings;
    private readonly TauFleet _fleet;
    private readonly TauRows _unseen;
    private readonly ImmutableArray<int> _shown;
    private readonly Queue<RoundReport> _reports = new();
    private readonly Queue<LogLine> _aggregator = new(), _node = new();
    private (double?, double?, double?)? _old;      // estimates that no longer count
    private long _alarms;

    internal WatchedFleet(TauFleetSettings settings)
    {
        (_settings, _unseen) = (settings, TauFleet.Unseen(settings));
        _shown = [.. Enumerable.Range(0, TauRows.KindCount).SelectMany(d =>
            Enumerable.Range(0, _unseen.Count).Where(i => _unseen.Kinds[i] == d).Take(DigitsOfEachClass))];
        _fleet = new(settings, new(Add, text => Add(_aggregator, text), text => Add(_node, text)));
    }

    /// <summary>Runs until the budget is spent.</summary>
    internal IEnumerable<RoundReport> Run(CancellationToken cancellationToken = default)
    {
        while (!_fleet.HasEnded)
        {
            _fleet.RunFor(Slice, cancellationToken);
            while (_reports.TryDequeue(out var report)) { yield return report; }
        }
    }

    public void Dispose() => _fleet.Dispose();

    private void Add(Round round)
    {
        var estimates = (Gauge("rho"), Gauge("beta"), Gauge("delta"));
        if (_fleet.Alarms > _alarms) { _old = estimates; }      // those of a round in which the data changed are of the one before
        _alarms = _fleet.Alarms;
        if (_old == estimates) { estimates = default; }
        else { _old = null; }
        _reports.Enqueue(Of(round, estimates));
        _aggregator.Clear();
        _node.Clear();
    }

    private RoundReport Of(Round round, (double? Rho, double? Beta, double? Delta) apart)
    {
        var (loss, made) = (_settings.Model.Loss(round.Made, TauFleet.Seen(_settings)), round.Made);
        return new(_fleet.Elapsed.TotalSeconds, made.Version, double.IsFinite(loss) ? loss : null, _settings.Model.Accuracy(made, _unseen),
            made.Directives[0].StepsPerUpdate ?? 1, apart.Rho, apart.Beta, apart.Delta, Gauge($"c-{Resource.TimeName}") ?? 0,
            Gauge($"b-{Resource.TimeName}") ?? 0, Gauge($"used-{Resource.TimeName}") ?? 0, _settings.Budget.TotalSeconds,
            _fleet.ShareUnderSecond, (TauStage)(int)(Gauge("stage") ?? 0) switch
            {
                TauStage.Learning => "learning",
                TauStage.LastLearning => "lastLearning",
                TauStage.Evaluating => "evaluating",
                _ => "ended",
            }, _fleet.CaseOf(0), Math.Round(1000 * _fleet.AddedSeconds, 3),
            [.. Enumerable.Range(0, _settings.Nodes).Select(_fleet.ClassesOf)], [.. _shown.Select(i => Judge(made, i))],
            [.. _aggregator], [.. _node]);
    }

    private DigitPrediction Judge(Weights version, int digit)
    {
        var even = TensorPrimitives.Dot(version.Values.AsSpan(), _unseen.Row(digit)) > 0;
        return new(digit, even, even == (_unseen.Labels[digit] == 1));
    }

    private void Add(Queue<LogLine> lines, string text)
    {
        if (lines.Count == MaxLines) { lines.Dequeue(); }
        lines.Enqueue(new(_fleet.Elapsed.TotalSeconds, text));
    }

    private double? Gauge(string name) => _fleet.Gauges.TryGetValue(name, out var value) ? value : null;
}
