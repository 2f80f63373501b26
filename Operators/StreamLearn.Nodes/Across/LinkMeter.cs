namespace StreamLearn.Nodes;

/// <summary>Estimates the link to an edge and back.</summary>
/// <remarks>The round-trip time is the minimum over the last small probes without other messages on the link. Bytes occupy the link from
/// the send time, or from the end of the previous bytes, until the answer; round-trip time and work at the edge are subtracted. Source:
/// packet pairs, Keshav (1991); BBR's minimum of delays, Cardwell et al. (2016).</remarks>
internal sealed class LinkMeter
{
    /// <summary>Smaller messages measure only the delay, not the rate.</summary>
    internal const int SmallBytes = 4096;

    private const int WarmUp = 2;           // the first exchanges include one-time costs
    private const int FloorProbes = 8;
    private const double MinSecondsPerByte = 1e-12;

    private readonly SteadyMean _secondsPerByte = new(WarmUp);
    private readonly double[] _trips = new double[FloorProbes];
    private int _count;                     // number of small probes
    private DateTimeOffset _through;        // when the last bytes left the link

    internal double? RoundTrip => _count <= WarmUp ? null : Least();

    internal double? SecondsPerByte => _secondsPerByte.Value;

    internal bool IsDoubtful => _secondsPerByte.IsDoubtful;

    internal void State(ref StateStream s)
    {
        _secondsPerByte.State(ref s);
        s.Value(ref _count, 0, int.MaxValue);
        s.Values<double>(_trips);
        s.ClockTime(ref _through);
    }

    /// <summary>Returns true if the link changed, or is known for the first time.</summary>
    internal bool Add(in RestFlight flight, DateTimeOffset answered, double edgePace)
    {
        var (sent, bytes) = (flight.SentAt, flight.Bytes);
        if (bytes < SmallBytes)
        {
            if (flight.IsAlone && _count < int.MaxValue) { _trips[Place(_count++)] = (answered - sent).TotalSeconds; }
            Restart(answered);
            return false;
        }

        if (RoundTrip is not { } floor) { return false; }
        // whatever time it reports, the edge cannot have computed before the request
        var held = Math.Min(floor + (edgePace * flight.MultiplyAdds), (answered - sent).TotalSeconds);
        var through = answered - TimeSpan.FromSeconds(held);
        var seconds = (through - (sent > _through ? sent : _through)).TotalSeconds;
        _through = through > _through ? through : _through;
        // a busy device receives several answers at once, so the last would seem to need no time: measure them together
        var whole = (answered - sent).TotalSeconds - floor - (edgePace * flight.Before.MultiplyAdds);
        return _secondsPerByte.Add(Math.Max(MinSecondsPerByte, Math.Max(seconds / bytes, whole / flight.Before.Bytes)));
    }

    /// <summary>Records an answer of any kind, which shows that its request has left the link.</summary>
    internal void Restart(DateTimeOffset now)
    {
        var through = now - TimeSpan.FromSeconds(RoundTrip ?? 0);
        if (through > _through) { _through = through; }
    }

    private static int Place(int probe) => probe % FloorProbes;

    private double Least()
    {
        var least = double.PositiveInfinity;
        for (var i = Math.Max(WarmUp, _count - FloorProbes); i < _count; i++) { least = Math.Min(least, _trips[Place(i)]); }
        return least;
    }
}
