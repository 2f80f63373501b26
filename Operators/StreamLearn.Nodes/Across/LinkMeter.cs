using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>What a device knows of the way to an edge and back, from what it has sent.</summary>
/// <remarks>
/// The round trip without load is the least of the last small probes that had the way for themselves. What is sent follows one after the
/// other: bytes had the link from when they were sent, or the ones before were through, until their answer came, less that round trip and
/// the edge's work. Source: packet pairs, Keshav (1991); the floor of delays as in BBR, Cardwell et al. (2016).
/// </remarks>
internal sealed class LinkMeter
{
    /// <summary>Bytes of which the time is that of the delay, and says nothing of the rate.</summary>
    internal const int SmallBytes = 4096;

    private const int WarmUp = 2;           // the first exchanges pay for what happens once
    private const int FloorProbes = 8;
    private const double LeastSecondsPerByte = 1e-12;

    private readonly SteadyMean _secondsPerByte = new(WarmUp);
    private readonly double[] _trips = new double[FloorProbes];
    private int _count;                     // small probes
    private DateTimeOffset _through;        // when the last bytes had left the link

    /// <summary>Seconds of a round trip of next to nothing; null: not known yet.</summary>
    internal double? RoundTrip => _count <= WarmUp ? null : Least();

    /// <summary>Seconds that a byte takes of the link; null: not known yet.</summary>
    internal double? SecondsPerByte => _secondsPerByte.Value;

    /// <summary>True if another measurement would tell whether the link has changed.</summary>
    internal bool IsDoubtful => _secondsPerByte.IsDoubtful;

    internal void State(ref StateStream s)
    {
        _secondsPerByte.State(ref s);
        s.Value(ref _count, 0, int.MaxValue);
        s.Values<double>(_trips);
        s.ClockTime(ref _through);
    }

    /// <summary>Adds an exchange. <paramref name="edgePace"/>: seconds of a multiply-add there. True if the link is another one altogether,
    /// or known for the first time.</summary>
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
        // whatever pace the edge states, it has not computed since before it was asked
        var held = Math.Min(floor + (edgePace * flight.MultiplyAdds), (answered - sent).TotalSeconds);
        var through = answered - TimeSpan.FromSeconds(held);
        var seconds = (through - (sent > _through ? sent : _through)).TotalSeconds;
        _through = through > _through ? through : _through;
        // answers that a busy device takes at once say that the last one took no time: all before it have taken this long together
        var whole = (answered - sent).TotalSeconds - floor - (edgePace * flight.Before.MultiplyAdds);
        return _secondsPerByte.Add(Math.Max(LeastSecondsPerByte, Math.Max(seconds / bytes, whole / flight.Before.Bytes)));
    }

    /// <summary>An answer has come now, whatever it says of the rate: what was asked had left the link.</summary>
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
