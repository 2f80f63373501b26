using System.Globalization;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace Aggregator;

/// <summary>What the rounds of a run have come to.</summary>
internal sealed class RoundTally(IModel model, RecordedRows? unseen)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _devices = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _refused = new(StringComparer.Ordinal);
    private Round? _newest;
    private long _applied;
    private (long Version, double Accuracy)? _judged;

    /// <summary>Takes in a round, on the thread of its block.</summary>
    internal void Add(Round round)
    {
        lock (_gate)
        {
            _newest = round;
            _applied += round.Contributions.Length;
            foreach (var contribution in round.Contributions) { _devices.Add(contribution.Device); }
            foreach (var refusal in round.Refusals) { _refused[refusal.Reason] = _refused.GetValueOrDefault(refusal.Reason) + 1; }
        }
    }

    /// <summary>One line; the newest version is judged for it, if that has not been done.</summary>
    internal string Line()
    {
        Round? newest;
        long applied, devices;
        string refused;
        lock (_gate)
        {
            (newest, applied, devices) = (_newest, _applied, _devices.Count);
            refused = string.Concat(_refused.Select(r => FormattableString.Invariant($" refused.{r.Key}={r.Value}")));
        }

        if (newest is null) { return "version=0 updates=0"; }
        if (unseen is not null && _judged?.Version != newest.Version)
        {
            _judged = (newest.Version, Evaluation.Of(model, newest.Averaged, new(unseen.Features.Span, unseen.Labels.Span)).Accuracy);
        }

        var strategy = newest.Strategy.Length > 0 ? $" strategy={newest.Strategy}" : "";
        var accuracy = _judged is { } judged ? string.Create(CultureInfo.InvariantCulture, $" accuracy={judged.Accuracy:0.000}") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"version={newest.Version} updates={applied} devices={devices}{strategy}{accuracy}{refused}");
    }
}
