namespace StreamLearn.Fleets;

/// <summary>
/// How long a device takes, smoothed: new = old + 0.3 · (measured − old). A time runs from the version that an update was learned from, or
/// from the device's update before where that came later, to its arrival; a wait for credit before it counts too.
/// </summary>
internal sealed class DevicePace
{
    private const double Share = 0.3;

    private DateTimeOffset? _arrived;
    private double _latency;

    /// <summary>True once a time was measured.</summary>
    internal bool Known { get; private set; }

    /// <summary>Seconds a step.</summary>
    internal double Step { get; private set; }

    /// <summary>Seconds a step by the device's own clock; 0 if it does not say.</summary>
    internal double Computing { get; private set; }

    /// <summary>Seconds a step that the device waited for credit.</summary>
    internal double Waiting { get; private set; }

    /// <summary>Seconds a step that are neither: links and queues.</summary>
    internal double Rest => Math.Max(0, Step - Computing - Waiting);

    /// <summary>Time of an update; null while unknown.</summary>
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

    /// <summary>The time that a device has had for an update that arrives now; null if that is not known. <paramref name="emitted"/>: when
    /// its base version was emitted; null if unknown.</summary>
    internal TimeSpan? SpanTo(DateTimeOffset? emitted, DateTimeOffset now) =>
        now - (_arrived is null || emitted > _arrived ? emitted : _arrived);

    /// <summary>Takes in an update that has arrived.</summary>
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
