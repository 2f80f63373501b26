namespace StreamLearn.Fleets;

/// <summary>Smoothed times: new = old + 0.3 · (measured − old). Measured from the base version, or the previous update if later, to
/// arrival, including a preceding wait for credit.</summary>
internal sealed class DevicePace
{
    private const double Share = 0.3;

    private DateTimeOffset? _arrived;
    private double _latency;

    internal bool Known { get; private set; }

    /// <summary>Seconds per step.</summary>
    internal double Step { get; private set; }

    /// <summary>Seconds per step by the device's own clock; 0: unknown.</summary>
    internal double Computing { get; private set; }

    /// <summary>Seconds per step spent waiting for credit.</summary>
    internal double Waiting { get; private set; }

    /// <summary>Seconds per step spent in links and queues.</summary>
    internal double Rest => Math.Max(0, Step - Computing - Waiting);

    internal TimeSpan? Latency => Known ? TimeSpan.FromSeconds(_latency) : null;

    internal void State(ref StateStream s)
    {
        s.ClockTime(ref _arrived);
        Known = s.Value(Known);
        if (!Known) { return; }
        s.Value(ref _latency);
        Step = s.Value(Step);
        Computing = s.Value(Computing);
        Waiting = s.Value(Waiting);
    }

    internal void Restart() => _arrived = null;

    internal TimeSpan? SpanTo(DateTimeOffset? emitted, DateTimeOffset now) =>
        now - (_arrived is null || emitted > _arrived ? emitted : _arrived);

    internal void Arrive(DateTimeOffset? emitted, DateTimeOffset now, int steps, TimeSpan roundTime, TimeSpan creditWait)
    {
        var (before, began) = (_arrived, _arrived is null || emitted > _arrived ? emitted : _arrived);
        _arrived = now;
        if (steps == 0 || began is not { } start) { return; }
        var span = Math.Max(0, (now - start).TotalSeconds);
        var wait = Math.Clamp(creditWait.TotalSeconds, 0, before is { } last ? Math.Max(0, (now - last).TotalSeconds) : span);
        var own = Math.Clamp(roundTime.TotalSeconds, 0, span);
        var seconds = Math.Max(span, own + wait);
        own = Math.Min(own, seconds - wait);
        var share = Known ? Share : 1;
        Known = true;
        Step += share * ((seconds / steps) - Step);
        Computing += share * ((own / steps) - Computing);
        Waiting += share * ((wait / steps) - Waiting);
        _latency += share * (seconds - _latency);
    }
}
