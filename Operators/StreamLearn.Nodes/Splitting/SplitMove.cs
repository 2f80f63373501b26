using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>A move of the split that is asked for: the request is repeated until it is answered.</summary>
internal sealed class SplitMove(SplitTrainOptions options, OperatorContext context)
{
    private const int MaxDoublings = 5;

    private int _asked;             // how often
    private long _since;            // the first request of the move under way; 0: none
    private DateTimeOffset _deadline;

    internal bool IsUnderWay => _since > 0;

    /// <summary>The number of the first request.</summary>
    internal long Since => _since;

    /// <summary>Where the split is to go.</summary>
    internal int To { get; private set; }

    /// <summary>True if the answer is late.</summary>
    internal bool IsOverdue => IsUnderWay && _deadline <= context.Now;

    internal void State(ref StateStream s, int layers)
    {
        s.Value(ref _since);
        To = s.Value(To, 0, layers);
        s.ClockTime(ref _deadline);
        s.Value(ref _asked, 0, int.MaxValue);
    }

    /// <summary>Begins a move with the request of a number.</summary>
    internal void Begin(int to, long sequence) => (To, _since, _asked) = (to, sequence, 0);

    /// <summary>A request has been made: its answer is awaited for a time.</summary>
    internal void Asked(bool backsOff = false)
    {
        _deadline = context.Now + (options.GradientTimeout * (backsOff ? 1 << Math.Min(_asked, MaxDoublings) : 1));
        _asked++;
        Wake();
    }

    /// <summary>Asks to be woken when the answer is late.</summary>
    internal void Wake()
    {
        if (IsUnderWay) { context.WakeAt(_deadline); }
    }

    /// <summary>True if an answer is one to a request of this move.</summary>
    internal bool IsAnsweredBy(BoundaryGradients message) => IsUnderWay && message.Sequence >= _since;

    internal void End() => _since = 0;
}
