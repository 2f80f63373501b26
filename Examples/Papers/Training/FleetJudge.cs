using System.Collections.Concurrent;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace Partition;

/// <summary>Judges versions by people whom no device has seen. Runs that train in the same way give the same bits, which are judged
/// once.</summary>
internal sealed class FleetJudge(Network network, RecordedRows rows)
{
    private readonly ConcurrentDictionary<string, Lazy<double>> _known = new(StringComparer.Ordinal);

    /// <summary>The accuracy of a version, 0 to 1.</summary>
    internal double AccuracyOf(Weights version) => _known.GetOrAdd(version.Sha256(), _ => new(() =>
        Evaluation.Of(network, version, new(rows.Features.Span, rows.Labels.Span)).Accuracy)).Value;
}
