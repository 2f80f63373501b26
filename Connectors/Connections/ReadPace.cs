namespace StreamLearn.Connections;

/// <summary>Delays consecutive small reads, as network cards moderate interrupts, so that one wake-up brings many messages. It stops if
/// waiting lowers the rate: a server with a full window sends no more in two milliseconds than in one.</summary>
internal struct ReadPace
{
    private const int QuickReads = 32;              // number of consecutive reads before it tries to wait
    private const int QuickMicroseconds = 250;      // maximum time between two of them
    private const int Tries = 4;                    // number of trials of each wait
    private const int Longest = 3000;               // maximum microseconds of an accurate 1 ms wait
    private const int Few = 4;                      // with fewer messages per read, waiting does not help
    private const long RenewMicroseconds = 1_000_000;
    private Phase _phase;
    private int _reads;
    private int _messages;
    private long _last;
    private long _since;
    private long _lasted;
    private double _rate;

    private enum Phase : byte
    {
        Watch,

        TryShort,

        TryLong,

        Wait,

        /// <summary>It does not wait, because the server stalled during waits.</summary>
        Rest,
    }

    internal readonly int Wait => _phase switch
    {
        Phase.TryShort or Phase.Wait => 1,
        Phase.TryLong => 2,
        _ => 0,
    };

    /// <summary>Records a read. <paramref name="filled"/>: true if it filled its buffer, so more may be available.</summary>
    internal void Read(int messages, bool filled, long microseconds)
    {
        var gap = microseconds - _last;
        _last = microseconds;
        if (filled)
        {
            Go(Phase.Watch, microseconds);
            return;
        }

        _reads++;
        _messages += messages;
        switch (_phase)
        {
            case Phase.Watch when gap > QuickMicroseconds:
                _reads = 0;
                break;
            case Phase.Watch when _reads >= QuickReads:
                Go(Phase.TryShort, microseconds);
                break;
            case Phase.TryShort when _reads >= Tries:
                (_rate, _lasted) = (Rate(microseconds), microseconds - _since);
                Go(_messages < Tries * Few || _lasted > Tries * Longest ? Phase.Rest : Phase.TryLong, microseconds);
                break;
            case Phase.TryLong when _reads >= Tries:
                // without accurate waits, nothing can be learned
                var isLonger = microseconds - _since >= 1.5 * _lasted;
                Go(isLonger && Rate(microseconds) >= 0.75 * _rate ? Phase.Wait : Phase.Rest, microseconds);
                break;
            case Phase.Wait when microseconds - _since >= RenewMicroseconds:
                Go(Phase.TryShort, microseconds);
                break;
            case Phase.Wait when _reads >= QuickReads && _messages < _reads * Few:
                Go(Phase.Watch, microseconds);
                break;
            case Phase.Wait when _reads >= QuickReads:
                (_reads, _messages) = (0, 0);           // old measurements do not apply any more
                break;
            case Phase.Rest when microseconds - _since >= RenewMicroseconds:
                Go(Phase.Watch, microseconds);
                break;
            default:
                break;
        }
    }

    private readonly double Rate(long microseconds) => (double)_messages / Math.Max(microseconds - _since, 1);

    private void Go(Phase phase, long microseconds)
    {
        (_phase, _since) = (phase, microseconds);
        (_reads, _messages) = (0, 0);
    }
}
