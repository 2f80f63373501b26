using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>
/// Validates the content of updates. The bound on norms stands still within a round, so that the order of arrival does not enter it.
/// </summary>
internal sealed class UpdateCheck(ModelPlan plan, AggregateOptions options)
{
    private const int Recent = 64;
    private const int Enough = 10;
    private const double Tolerance = 10;

    private readonly double[] _norms = new double[Recent];
    private readonly double[] _sorted = new double[Recent];
    private readonly List<double> _round = [];
    private double _bound = options.MaxNorm ?? double.PositiveInfinity;
    private long _known;

    /// <summary>Why an update is none of this model's, or null.</summary>
    internal string? Form(WeightDelta update)
    {
        if (update.SchemaHash != plan.SchemaHash) { return "schema"; }
        if (update.Values.Length != plan.Values) { return "shape"; }
        return update.Moments is null || update.Moments.Channels == plan.Input.Channels ? null : "shape";
    }

    /// <summary>Why an update of the right form is refused at a version, or null.</summary>
    internal string? Content(WeightDelta update, long version, out double norm)
    {
        norm = 0;
        if (update.BaseVersion < 0 || update.BaseVersion > version || version - update.BaseVersion > options.MaxStaleness)
        {
            return "version";
        }
        double squares = 0;
        foreach (var value in update.Values) { squares += (double)value * value; }
        if (!double.IsFinite(squares) || update.Moments is { IsFinite: false }) { return "non-finite"; }
        norm = Math.Sqrt(squares);
        if (norm <= _bound) { return null; }
        Note(norm);         // the bound follows where most updates go
        return "norm";
    }

    /// <summary>Remembers the norm of an update with steps.</summary>
    internal void Note(double norm)
    {
        if (options.MaxNorm is null && _round.Count < options.MaxHeldUpdates) { _round.Add(norm); }
    }

    /// <summary>Makes the norms of the round that ends known.</summary>
    internal void EndRound()
    {
        _round.Sort();
        var taken = Math.Min(_round.Count, Recent);     // spread over the round
        for (var i = 0; i < taken; i++) { _norms[_known++ % Recent] = _round[(int)((long)i * _round.Count / taken)]; }
        _round.Clear();
        var count = (int)Math.Min(_known, Recent);
        if (count < Enough) { return; }
        var sorted = _sorted.AsSpan(0, count);
        _norms.AsSpan(0, count).CopyTo(sorted);
        sorted.Sort();
        _bound = Tolerance * sorted[count / 2];
    }
}
