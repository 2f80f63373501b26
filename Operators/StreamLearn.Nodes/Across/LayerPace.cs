namespace StreamLearn.Nodes;

/// <summary>Time that the first layers need per row on a device, measured per cut, because calls have overhead and layers differ.</summary>
/// <remarks>A slowdown at one cut scales all times. A time longer than that of more layers was disturbed and is ignored.</remarks>
internal sealed class LayerPace
{
    private const int WarmUp = 2;               // the first calls at a cut include compilation

    private readonly double[] _works;           // multiply-adds per row, by cut
    private readonly SteadyMean[] _paces;       // seconds per multiply-add by cut

    internal LayerPace(LayerCosts costs)
    {
        _works = [.. Enumerable.Range(0, costs.Count + 1).Select(cut => (double)costs.MultiplyAddsOf(0, cut))];
        _paces = [.. _works.Select(static _ => new SteadyMean(WarmUp))];
    }

    internal bool IsKnown => Array.Exists(_paces, static p => p.Value is not null);

    internal void State(ref StateStream s)
    {
        foreach (var pace in _paces) { pace.State(ref s); }
    }

    internal void Add(int cut, double seconds)
    {
        var before = _paces[cut].Value;
        _paces[cut].Add(seconds);
        if (before is null or 0 || _paces[cut].Value is not { } now || now == before) { return; }
        var took = before.Value * _works[cut];
        for (var i = 0; i < _paces.Length; i++)
        {
            if (i == cut || _paces[i].Value is not { } other) { continue; }
            var share = Math.Min(1, took / (other * _works[i]));        // a short call that took twice as long says little about long ones
            _paces[i].Scale(1 + (share * ((now / before.Value) - 1)));
        }
    }

    internal double SecondsTo(int cut)
    {
        var work = _works[cut];
        var (low, high, pace) = ((Work: 0.0, Seconds: 0.0), (Work: double.PositiveInfinity, Seconds: 0.0), 0.0);
        var least = double.PositiveInfinity;        // over cuts with more work
        for (var i = _paces.Length - 1; i >= 0; i--)
        {
            if (_paces[i].Value is not { } value || value * _works[i] > least) { continue; }
            least = value * _works[i];
            var point = (_works[i], least);
            if (_works[i] <= work && _works[i] > low.Work) { (low, pace) = (point, value); }
            if (_works[i] >= work && _works[i] <= high.Work) { high = point; }
        }

        return double.IsInfinity(high.Work) ? low.Seconds + (pace * (work - low.Work))
            : high.Work <= low.Work ? high.Seconds
            : low.Seconds + ((high.Seconds - low.Seconds) * (work - low.Work) / (high.Work - low.Work));
    }
}
