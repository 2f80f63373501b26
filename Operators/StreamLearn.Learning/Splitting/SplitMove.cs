namespace StreamLearn.Learning;

/// <summary>A move of the split that is asked for: the request is repeated until it is answered.</summary>
internal sealed class SplitMove(SplitTrainOptions options, OperatorContext context)
{
    private long _since;            // the first request of the move under way; 0: none
    private DateTimeOffset _deadline;

    internal bool IsUnderWay => _since > 0;

    /// <summary>Where the split is to go.</summary>
    internal int To { get; private set; }

    /// <summary>True if the answer is late.</summary>
    internal bool IsOverdue => IsUnderWay && _deadline <= context.Now;

    internal void State(ref StateStream s, int layers)
    {
        s.Value(ref _since);
        To = s.Value(To, 0, layers);
        s.ClockTime(ref _deadline);
    }

    /// <summary>Begins a move with the request of a number.</summary>
    internal void Begin(int to, long sequence) => (To, _since) = (to, sequence);

    /// <summary>A request has been made: its answer is awaited for a time.</summary>
    internal void Asked()
    {
        _deadline = context.Now + options.GradientTimeout;
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
